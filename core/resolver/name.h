// Domain names between their wire form (RFC 1035 section 3.1, compressed by section 4.1.4) and their text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/resolver/message.h"

namespace inetctl::dns {

inline constexpr std::size_t kHeaderSize = 12, kMaxLabel = 63, kMaxName = 255;

// The text of one name: 255 bytes, each `\DDD` at worst.
class NameText {
 public:
  [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }
  [[nodiscard]] char* begin() { return text_.data(); }
  void end_at(const char* end) { size_ = static_cast<std::size_t>(end - text_.data()); }

 private:
  std::array<char, 4 * (kMaxName + 1)> text_;  // set as far as size_
  std::size_t size_ = 0;
};

// Where the bytes after a name begin, or why it is none.
struct NameEnd {
  std::size_t at = 0;
  const char* fault = nullptr;
};
// Reads the name at `at`, whose own bytes end before `end`. A pointer leads to a lower place
// than all that was read, behind the header, and there are no more of them than a name has labels: time is
// bounded for any message.
[[nodiscard]] NameEnd read_name(Bytes message, std::size_t at, std::size_t end, NameText& text);
// Appends its text.
[[nodiscard]] NameEnd read_name(Bytes message, std::size_t at, std::size_t end, std::string& text);
// The same without a text.
[[nodiscard]] NameEnd skip_name(Bytes message, std::size_t at, std::size_t end);

// Appends `\DDD`: how presentation text has a byte that is no printable ASCII.
void append_decimal_escape(std::string& text, std::uint8_t byte);

// Appends the wire form; why not, or null. What was appended before the fault stays.
[[nodiscard]] const char* append_wire_name(std::vector<std::uint8_t>& wire, std::string_view name);

}  // namespace inetctl::dns
