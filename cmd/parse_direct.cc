#include "cmd/parse_direct.h"

#include <algorithm>
#include <cstring>

namespace inetctl {

namespace {

// Strict text is at most 45 bytes long, and has kParsePadding readable ones behind it.
constexpr std::size_t kLongestText = 48;
static_assert(kLongestText <= kParsePadding);

template <std::size_t N>
char* put_constant(char* at, const char (&text)[N]) {
  std::memcpy(at, text, N - 1);
  return at + N - 1;
}

bool are(const Columns& columns, std::initializer_list<std::string_view> keys) {
  return std::equal(columns.begin(), columns.end(), keys.begin(), keys.end(),
                    [](const Field* field, std::string_view key) { return field->key == key; });
}

// The same digits with commas between them: an IPv4 address and its tuple.
char* put_v4_tuple(char* at, const char* text, std::size_t size) {
  char copy[16];
  std::memcpy(copy, text, sizeof copy);
  for (char& c : copy) c = c == '.' ? ',' : c;
  std::memcpy(at, copy, sizeof copy);
  return at + size;
}

char* put_v6_tuple(char* at, const Address& address) {
  for (std::size_t i = 0; i < 16; i += 2) {
    at = put_number16(at, static_cast<std::uint16_t>(address.bytes[i] << 8 | address.bytes[i + 1]));
    *at++ = ',';
  }
  return at - 1;
}

}  // namespace

DirectRows::DirectRows(const Document& document, const Format& format, const Surface& surface,
                       const AddressFunction& function) {
  if (function.kind != FunctionKind::parse || document.under) return;
  const bool plain = format.name == "table" && !surface.terminal && !surface.color;
  if (are(document.columns, {"canonical"}) && (plain || format.name == "csv")) kind_ = Kind::canonical;
  if (are(document.columns, {"in", "fn", "ok", "tuple"}) && format.name == "ndjson") kind_ = Kind::objects;
  const std::string middle = join("\",\"fn\":\"", function.erlang, "\",\"ok\":\"");
  middle_size_ = middle.copy(middle_, sizeof middle_);
}

char* DirectRows::put_object(char* at, std::string_view text, const Address& address) const {
  at = put_constant(at, "{\"in\":\"");
  std::memcpy(at, text.data(), kLongestText);
  at += text.size();
  std::memcpy(at, middle_, sizeof middle_);
  at += middle_size_;
  const char* const ok = at;
  at = put_ntoa(at, address);
  const auto size = static_cast<std::size_t>(at - ok);
  at = put_constant(at, "\",\"tuple\":[");
  at = address.family == Family::inet ? put_v4_tuple(at, ok, size) : put_v6_tuple(at, address);
  return put_constant(at, "]}\n");
}

}  // namespace inetctl
