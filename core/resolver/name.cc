#include "core/resolver/name.h"

#include <algorithm>
#include <array>

namespace inetctl::dns {

namespace {

constexpr std::size_t kMaxJumps = 126;  // a name of 255 bytes has at most 127 labels

// What needs no escape in a zone file; ldns has the same rule.
bool is_plain_byte(std::uint8_t byte) {
  return byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\' && byte != '(' && byte != ')' &&
         byte != ';';
}

// Where the text of a name is made before it is appended at once: 255 bytes, each `\DDD` at worst.
using NameText = std::array<char, 4 * (kMaxName + 1)>;

char* put_decimal_escape(char* to, std::uint8_t byte) {
  *to++ = '\\';
  *to++ = static_cast<char>('0' + byte / 100);
  *to++ = static_cast<char>('0' + byte / 10 % 10);
  *to++ = static_cast<char>('0' + byte % 10);
  return to;
}

char* put_label(char* to, Bytes label) {
  for (const std::uint8_t byte : label) {
    const bool printable = byte > ' ' && byte < 0x7f;
    if (!printable) {
      to = put_decimal_escape(to, byte);
      continue;
    }
    if (!is_plain_byte(byte)) *to++ = '\\';
    *to++ = static_cast<char>(byte);
  }
  return to;
}

// The byte that `text` begins with, after its escape; how many characters it took, 0: a bad escape.
std::size_t unescape(std::string_view text, std::uint8_t& byte) {
  byte = static_cast<std::uint8_t>(text[0]);
  if (byte != '\\') return 1;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() < 2) return 0;
  if (!is_digit(text[1])) {
    byte = static_cast<std::uint8_t>(text[1]);
    return 2;
  }
  if (text.size() < 4 || !is_digit(text[2]) || !is_digit(text[3])) return 0;
  const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  byte = static_cast<std::uint8_t>(value);
  return value > 255 ? 0 : 4;
}

}  // namespace

void append_decimal_escape(std::string& text, std::uint8_t byte) {
  std::array<char, 4> escape;
  put_decimal_escape(escape.data(), byte);
  text.append(escape.data(), escape.size());
}

NameEnd read_name(Bytes message, std::size_t at, std::size_t end, std::string& text) {
  NameText name;
  char* to = name.data();
  std::size_t after = 0;      // what follows the name, once a pointer was met
  std::size_t run = at;       // where the labels that are being read begin
  std::size_t wire_size = 1;  // with the root's label
  for (std::size_t jumps = 0;;) {
    if (at >= end) return {0, "a name ends too early"};
    const std::size_t length = message[at];
    if (length == 0) break;
    if (length <= kMaxLabel) {
      wire_size += length + 1;
      if (end - at <= length) return {0, "a name ends too early"};
      if (wire_size > kMaxName) return {0, "a name is longer than 255 bytes"};
      if (to != name.data()) *to++ = '.';
      to = put_label(to, message.subspan(at + 1, length));
      at += length + 1;
      continue;
    }
    if (length < 0xc0) return {0, "a label of an unknown kind"};
    if (end - at < 2) return {0, "a name ends too early"};
    const std::size_t target = (length & 0x3f) << 8 | message[at + 1];
    if (after == 0) after = at + 2;
    if (target >= run || target < kHeaderSize) return {0, "a compression pointer that does not lead back"};
    if (++jumps > kMaxJumps) return {0, "a name of too many compression pointers"};
    end = at;
    run = at = target;
  }
  if (to == name.data()) *to++ = '.';
  text.append(name.data(), static_cast<std::size_t>(to - name.data()));
  return {after != 0 ? after : at + 1, nullptr};
}

const char* append_wire_name(std::vector<std::uint8_t>& wire, std::string_view name) {
  if (name.empty()) return "the name is empty";
  const std::size_t begin = wire.size();
  if (name != ".") {
    std::size_t label = wire.size();
    wire.push_back(0);
    for (std::size_t i = 0; i < name.size();) {
      std::size_t plain = 0;
      while (i + plain < name.size() && name[i + plain] != '.' && name[i + plain] != '\\') ++plain;
      if (wire[label] + plain > kMaxLabel) return "a label is longer than 63 bytes";
      wire.insert(wire.end(), name.begin() + static_cast<std::ptrdiff_t>(i),
                  name.begin() + static_cast<std::ptrdiff_t>(i + plain));
      wire[label] = static_cast<std::uint8_t>(wire[label] + plain);
      i += plain;
      if (i == name.size()) break;
      if (name[i] == '.') {
        if (wire[label] == 0) return "a label is empty";
        if (++i == name.size()) break;  // the last dot of an absolute name
        label = wire.size();
        wire.push_back(0);
        continue;
      }
      std::uint8_t byte = 0;
      const std::size_t taken = unescape(name.substr(i), byte);
      if (taken == 0) return "a backslash begins no escape";
      if (wire[label] == kMaxLabel) return "a label is longer than 63 bytes";
      wire.push_back(byte);
      ++wire[label];
      i += taken;
    }
  }
  wire.push_back(0);
  return wire.size() - begin > kMaxName ? "the name is longer than 255 bytes" : nullptr;
}

}  // namespace inetctl::dns
