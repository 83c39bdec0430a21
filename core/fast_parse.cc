#include "core/fast_parse.h"

#include <cstring>

#include "core/digits.h"
#include "core/fast_parse_shape.h"

namespace inetctl {
namespace {

constexpr std::uint64_t each(std::uint8_t byte) { return std::uint64_t{0x0101010101010101} * byte; }

// Bit n is set when the nth of eight bytes is `c`.
std::uint64_t places_of(char c, std::uint64_t word) {
  const std::uint64_t differ = word ^ each(static_cast<std::uint8_t>(c));
  const std::uint64_t equal = ~(((differ & each(0x7f)) + each(0x7f)) | differ | each(0x7f));
  return equal * 0x0002040810204081 >> 56;
}

template <std::size_t Words>
std::uint64_t places_of(char c, const char* text) {
  std::uint64_t places = 0;
  for (std::size_t i = 0; i < Words; ++i) places |= places_of(c, load64(text + 8 * i)) << (8 * i);
  return places;
}

constexpr std::uint64_t below(std::size_t bit) { return (std::uint64_t{1} << bit) - 1; }

// Sets bits in `wrong` where there is no decimal number up to 255.
std::uint32_t octet_of(std::uint32_t digits, std::uint32_t& wrong) {
  const std::uint32_t value = (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 + (digits >> 24);
  wrong |= (digits | (digits + 0x76767676)) & 0x80808080;  // a byte above nine
  wrong |= value & ~0xffU;
  return value;
}

bool read_v4(const char* text, std::size_t size, std::uint64_t dots, std::uint8_t* bytes) {
  if (!shape::is_quad(dots, size)) return false;
  shape::Fields fields(text, size, dots);
  std::uint32_t wrong = 0;
  std::size_t needed = 3;  // characters; there are more when one begins with a zero that says nothing
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t value = octet_of(fields.next(), wrong);
    needed += 1 + std::size_t{value > 9} + std::size_t{value > 99};
    bytes[i] = static_cast<std::uint8_t>(value);
  }
  return wrong == 0 && needed == size;
}

// Two groups of hexadecimal digits, from next_two, as four bytes in network order, the first one lowest. Sets
// bits in `wrong` where there is no digit. A letter is 0x51 to 0x56 here, or a capital one 0x71 to 0x76.
std::uint32_t two_groups(std::uint64_t text, std::uint64_t& wrong) {
  const std::uint64_t letters = text >> 6 & each(1);
  const std::uint64_t values = (text & each(0x0f)) + letters * 9;
  wrong |= (text & ~(letters << 5)) ^ (values + letters * (0x51 - 10));  // neither kind of character
  wrong |=
      ((values + each(0x80 - 10)) ^ letters << 7) & each(0x80);  // ten or more is a letter, and only that
  wrong |= values & each(0x10);                                  // g to o
  const std::uint64_t bytes = (values << 4 | values >> 8) & 0x00ff00ff00ff00ff;
  const std::uint64_t pairs = (bytes | bytes >> 8) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(pairs | pairs >> 16);
}

bool read_v6(const char* text, std::size_t size, std::uint64_t colons, std::uint8_t* bytes) {
  shape::Groups groups;
  if (!shape::find_groups(colons, size, groups)) return false;
  shape::Fields fields(text + groups.start, groups.size, groups.colons);
  std::uint64_t wrong = 0;
  std::uint8_t spread[32] = {};  // twice the address: fields of nothing may go past its end
  for (unsigned field = 0; field < 8; field += 2) {
    const std::uint32_t two = two_groups(fields.next_two(), wrong);
    std::uint8_t* first = spread + 2 * (field + (field > groups.gap ? groups.shift : 0));
    std::uint8_t* second = spread + 2 * (field + 1 + (field + 1 > groups.gap ? groups.shift : 0));
    first[0] = static_cast<std::uint8_t>(two);
    first[1] = static_cast<std::uint8_t>(two >> 8);
    second[0] = static_cast<std::uint8_t>(two >> 16);
    second[1] = static_cast<std::uint8_t>(two >> 24);
  }
  std::memcpy(bytes, spread, 16);
  return wrong == 0;
}

bool read_quad(const char* text, std::size_t size, std::uint8_t* bytes) {
  if (size > shape::kLongestV4) return false;
  return read_v4(text, size, places_of<2>('.', text) & below(size), bytes);
}

// ::ffff:192.0.2.1
bool read_mapped(const char* text, std::size_t size, std::uint8_t* bytes) {
  if (size <= shape::kMapped || !read_quad(text + shape::kMapped, size - shape::kMapped, bytes + 12))
    return false;
  std::memset(bytes, 0, 10);
  bytes[10] = bytes[11] = 0xff;
  return true;
}

}  // namespace

bool fast_parse_scalar(std::string_view text, Address& address) {
  const char* at = text.data();
  const std::size_t size = text.size();
  if (size < 2 || size > shape::kLongestV6) return false;
  address.zone = {};
  std::uint8_t* bytes = address.bytes.data();
  if (read_quad(at, size, bytes)) {
    address.family = Family::inet;
    std::memset(bytes + 4, 0, 12);
    return true;
  }
  address.family = Family::inet6;
  if (shape::is_mapped(at) && read_mapped(at, size, bytes)) return true;
  return read_v6(at, size, places_of<5>(':', at) & below(size), bytes);
}

FastParse fast_parse() {
  static const FastParse chosen = fast_parse_simd() != nullptr ? fast_parse_simd() : fast_parse_scalar;
  return chosen;
}

}  // namespace inetctl
