#include "core/resolver/name.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace inetctl::dns {

namespace {

constexpr std::size_t kMaxJumps = 126;  // a name of 255 bytes has at most 127 labels

// What needs no escape in a zone file; ldns has the same rule.
constexpr bool is_plain_byte(std::uint8_t byte) {
  return byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\' && byte != '(' && byte != ')' &&
         byte != ';';
}
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0; byte < plain.size(); ++byte)
    plain[byte] = is_plain_byte(static_cast<std::uint8_t>(byte));
  return plain;
}();

char* put_decimal_escape(char* to, std::uint8_t byte) {
  *to++ = '\\';
  *to++ = static_cast<char>('0' + byte / 100);
  *to++ = static_cast<char>('0' + byte / 10 % 10);
  *to++ = static_cast<char>('0' + byte % 10);
  return to;
}

char* put_escaped_label(char* to, Bytes label) {
  for (const std::uint8_t byte : label) {
    const bool printable = byte > ' ' && byte < 0x7f;
    if (!printable) {
      to = put_decimal_escape(to, byte);
      continue;
    }
    if (!kPlain[byte]) *to++ = '\\';
    *to++ = static_cast<char>(byte);
  }
  return to;
}

char* put_label(char* to, Bytes label) {
  bool plain = true;
  for (std::size_t i = 0; i < label.size(); ++i) {
    to[i] = static_cast<char>(label[i]);
    plain &= kPlain[label[i]];
  }
  return plain ? to + label.size() : put_escaped_label(to, label);
}

// Hands on each label of the name at `at`.
template <class Take>
NameEnd walk_name(Bytes message, std::size_t at, std::size_t end, const Take& take) {
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
      take(message.subspan(at + 1, length));
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
  return {after != 0 ? after : at + 1, nullptr};
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

NameEnd read_name(Bytes message, std::size_t at, std::size_t end, NameText& text) {
  char* to = text.begin();
  const NameEnd read = walk_name(message, at, end, [&](Bytes label) {
    if (to != text.begin()) *to++ = '.';
    to = put_label(to, label);
  });
  if (to == text.begin()) *to++ = '.';
  text.end_at(to);
  return read;
}

NameEnd read_name(Bytes message, std::size_t at, std::size_t end, std::string& text) {
  NameText name;
  const NameEnd read = read_name(message, at, end, name);
  if (!read.fault) text.append(name.view());
  return read;
}

NameEnd skip_name(Bytes message, std::size_t at, std::size_t end) {
  return walk_name(message, at, end, [](Bytes) {});
}

namespace {

// A name without escapes: its text with lengths where the dots are.
const char* append_plain_name(std::vector<std::uint8_t>& wire, std::string_view name) {
  const std::size_t begin = wire.size();
  wire.resize(begin + name.size() + (name.ends_with('.') ? 1 : 2));
  std::uint8_t* const labels = wire.data() + begin;
  std::memcpy(labels + 1, name.data(), name.size());
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t size = std::min(name.find('.', at), name.size()) - at;
    if (size > kMaxLabel) return "a label is longer than 63 bytes";
    if (size == 0) return "a label is empty";
    labels[at] = static_cast<std::uint8_t>(size);
    at += size + 1;
  }
  wire.back() = 0;
  return wire.size() - begin > kMaxName ? "the name is longer than 255 bytes" : nullptr;
}

}  // namespace

const char* append_wire_name(std::vector<std::uint8_t>& wire, std::string_view name) {
  if (name.empty()) return "the name is empty";
  const std::size_t begin = wire.size();
  if (name != "." && name.find('\\') == std::string_view::npos) return append_plain_name(wire, name);
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
