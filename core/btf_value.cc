#include "core/btf_value.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <utility>

#include "core/hex.h"

namespace inetctl {
namespace {

constexpr unsigned kMostDepth = 32;       // typedefs of a hostile blob may lead in a circle
constexpr std::size_t kMostText = 4'096;  // each step writes something, so this bounds the time too
constexpr std::uint16_t kMagic = 0xeb9f;
constexpr std::size_t kHeader = 24, kType = 12, kMember = 12;

enum class BtfKind : std::uint8_t {  // BTF_KIND_*
  none,
  integer,
  pointer,
  array,
  structure,
  union_of,
  enumeration,
  forward,
  alias,
  is_volatile,
  is_const,
  is_restrict,
  function,
  prototype,
  variable,
  section,
  floating,
  declaration_tag,
  type_tag,
  enumeration64
};

template <typename T>
T word_at(Bytes bytes, std::size_t offset) {  // the caller has checked the size
  T word;
  std::memcpy(&word, bytes.data() + offset, sizeof word);
  return word;
}

struct TypeRow {
  BtfKind kind{};
  bool flag = false;
  std::uint32_t name = 0, count = 0, size = 0;  // size: or the number of another type
  Bytes rest;
};

TypeRow row_at(Bytes bytes) {
  const auto info = word_at<std::uint32_t>(bytes, 4);
  return {.kind = static_cast<BtfKind>(info >> 24 & 0x1f),
          .flag = (info >> 31) != 0,
          .name = word_at<std::uint32_t>(bytes, 0),
          .count = info & 0xffff,
          .size = word_at<std::uint32_t>(bytes, 8),
          .rest = bytes.subspan(kType)};
}

// How many bytes follow the head of a type; nothing for a kind that this text does not know.
std::optional<std::size_t> rest_size(const TypeRow& row) {
  switch (row.kind) {
    case BtfKind::integer:
    case BtfKind::variable:
    case BtfKind::declaration_tag:
      return 4;
    case BtfKind::array:
      return 12;
    case BtfKind::structure:
    case BtfKind::union_of:
    case BtfKind::section:
    case BtfKind::enumeration64:
      return std::size_t{12} * row.count;
    case BtfKind::enumeration:
    case BtfKind::prototype:
      return std::size_t{8} * row.count;
    case BtfKind::none:
      return std::nullopt;
    default:
      return row.kind <= BtfKind::enumeration64 ? std::optional<std::size_t>(0) : std::nullopt;
  }
}

bool is_transparent(BtfKind kind) {
  return (kind >= BtfKind::alias && kind <= BtfKind::is_restrict) || kind == BtfKind::type_tag;
}

// `bits` bits, at most 64, from bit `from` on, as compilers of this byte order lay them.
std::optional<std::uint64_t> bits_of(Bytes value, std::uint64_t from, unsigned bits) {
  if (bits == 0 || bits > 64 || from + bits > std::uint64_t{8} * value.size()) return std::nullopt;
  std::uint64_t number = 0;
  for (unsigned i = 0; i < bits; ++i) {
    const std::uint64_t at = from + i;
    const auto byte = std::to_integer<unsigned>(value[at / 8]);
    constexpr bool kLittle = std::endian::native == std::endian::little;
    const std::uint64_t bit = byte >> (kLittle ? at % 8 : 7 - at % 8) & 1;
    number = kLittle ? number | bit << i : number << 1 | bit;
  }
  return number;
}

std::int64_t with_sign(std::uint64_t number, unsigned bits) {
  return static_cast<std::int64_t>(number << (64 - bits)) >> (64 - bits);
}

}  // namespace

std::optional<BtfTypes> BtfTypes::read(Bytes blob) {
  if (blob.size() < kHeader || word_at<std::uint16_t>(blob, 0) != kMagic) return std::nullopt;
  if (std::to_integer<unsigned>(blob[2]) != 1) return std::nullopt;  // the version
  const auto header = word_at<std::uint32_t>(blob, 4);
  if (header < kHeader || header > blob.size()) return std::nullopt;
  const Bytes body = blob.subspan(header);
  const auto part = [&](std::size_t at) -> std::optional<Bytes> {
    const auto offset = word_at<std::uint32_t>(blob, at), size = word_at<std::uint32_t>(blob, at + 4);
    if (offset > body.size() || size > body.size() - offset) return std::nullopt;
    return body.subspan(offset, size);
  };
  const auto types = part(8), strings = part(16);
  if (!types || !strings) return std::nullopt;
  BtfTypes made;
  made.types_ = *types;
  made.strings_ = *strings;
  if (!made.index_types()) return std::nullopt;
  return made;
}

bool BtfTypes::index_types() {
  for (std::size_t at = 0; at < types_.size();) {
    if (types_.size() - at < kType) return false;
    const TypeRow row = row_at(types_.subspan(at));
    const auto rest = rest_size(row);
    if (!rest || *rest > row.rest.size()) return false;
    places_.push_back(static_cast<std::uint32_t>(at));
    at += kType + *rest;
  }
  return true;
}

std::string_view BtfTypes::name(std::uint32_t offset) const {
  if (offset >= strings_.size()) return {};
  const std::string_view text(reinterpret_cast<const char*>(strings_.data()) + offset,
                              strings_.size() - offset);
  const std::size_t end = text.find('\0');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

// Each writer is false where the value does not fit its type.
class BtfWriter {
 public:
  explicit BtfWriter(const BtfTypes& types) : types_(types) {}

  bool write(std::uint32_t type, Bytes value, unsigned depth);
  std::string text;

 private:
  // Behind typedefs and the like.
  [[nodiscard]] std::optional<TypeRow> resolve(std::uint32_t type) const;
  [[nodiscard]] std::optional<std::uint64_t> size_of(std::uint32_t type, unsigned depth) const;
  bool write_bits(const TypeRow& row, Bytes value, std::uint64_t from, unsigned bits);
  bool write_enumerator(const TypeRow& row, std::uint64_t number, unsigned bits);
  bool write_integer(const TypeRow& row, Bytes value);
  bool write_float(Bytes value);
  void write_hex(Bytes value);
  bool write_array(const TypeRow& row, Bytes value, unsigned depth);
  bool write_string(std::uint32_t element, Bytes value);
  bool write_members(const TypeRow& row, Bytes value, unsigned depth);
  bool write_member(const TypeRow& row, Bytes member, Bytes value, unsigned depth);
  bool is_full();

  const BtfTypes& types_;
};

bool BtfWriter::is_full() { return text.size() >= kMostText; }

std::optional<TypeRow> BtfWriter::resolve(std::uint32_t type) const {
  for (unsigned step = 0; step < kMostDepth; ++step) {
    if (type == 0 || type > types_.places_.size()) return std::nullopt;
    const TypeRow row = row_at(types_.types_.subspan(types_.places_[type - 1]));
    if (!is_transparent(row.kind)) return row;
    type = row.size;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> BtfWriter::size_of(std::uint32_t type, unsigned depth) const {
  const auto row = resolve(type);
  if (!row || depth > kMostDepth) return std::nullopt;
  switch (row->kind) {
    case BtfKind::integer:
    case BtfKind::structure:
    case BtfKind::union_of:
    case BtfKind::enumeration:
    case BtfKind::enumeration64:
    case BtfKind::floating:
      return row->size;
    case BtfKind::pointer:
      return 8;  // the kernel's
    case BtfKind::array: {
      const auto one = size_of(word_at<std::uint32_t>(row->rest, 0), depth + 1);
      const auto count = word_at<std::uint32_t>(row->rest, 8);
      if (!one || *one > UINT32_MAX) return std::nullopt;
      return *one * count;
    }
    default:
      return std::nullopt;
  }
}

bool BtfWriter::write(std::uint32_t type, Bytes value, unsigned depth) {
  const auto row = resolve(type);
  const auto size = size_of(type, 0);
  if (!row || !size || *size > value.size() || depth > kMostDepth) return false;
  value = value.first(*size);
  switch (row->kind) {
    case BtfKind::integer:
      return write_integer(*row, value);
    case BtfKind::pointer:
      write_hex(value);
      return true;
    case BtfKind::array:
      return write_array(*row, value, depth);
    case BtfKind::structure:
    case BtfKind::union_of:
      return write_members(*row, value, depth);
    case BtfKind::enumeration:
    case BtfKind::enumeration64:
      return row->size <= 8 && write_bits(*row, value, 0, row->size * 8);
    case BtfKind::floating:
      return write_float(value);
    default:
      return false;
  }
}

bool BtfWriter::write_bits(const TypeRow& row, Bytes value, std::uint64_t from, unsigned bits) {
  const auto number = bits_of(value, from, bits);
  if (!number) return false;
  if (row.kind != BtfKind::integer) return write_enumerator(row, *number, bits);
  const std::uint32_t encoding = word_at<std::uint32_t>(row.rest, 0) >> 24 & 0xf;
  constexpr std::uint32_t kSigned = 1, kBool = 4;  // BTF_INT_*
  if ((encoding & kBool) != 0 && *number <= 1)
    text += *number == 1 ? "true" : "false";
  else
    text += (encoding & kSigned) != 0 ? std::to_string(with_sign(*number, bits)) : std::to_string(*number);
  return true;
}

bool BtfWriter::write_enumerator(const TypeRow& row, std::uint64_t number, unsigned bits) {
  const bool wide = row.kind == BtfKind::enumeration64;
  if (!wide && row.kind != BtfKind::enumeration) return false;
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const std::size_t width = wide ? 12 : 8;
  for (std::size_t i = 0; i < row.count; ++i) {
    std::uint64_t one = word_at<std::uint32_t>(row.rest, i * width + 4);
    if (wide) one |= std::uint64_t{word_at<std::uint32_t>(row.rest, i * width + 8)} << 32;
    if (!wide && row.flag) one = static_cast<std::uint64_t>(with_sign(one, 32));
    const std::string_view name = types_.name(word_at<std::uint32_t>(row.rest, i * width));
    if ((one & mask) == number && !name.empty()) return text += name.substr(0, kMostText), true;
  }
  text += row.flag ? std::to_string(with_sign(number, bits)) : std::to_string(number);
  return true;
}

bool BtfWriter::write_integer(const TypeRow& row, Bytes value) {
  const auto data = word_at<std::uint32_t>(row.rest, 0);
  const unsigned bits = data & 0xff, from = data >> 16 & 0xff;
  if (bits == 0 || bits > 128 || from + bits > 8 * value.size()) return false;
  if (bits <= 64) return write_bits(row, value, from, bits);
  if (from != 0 || value.size() > 16) return false;
  write_hex(value);
  return true;
}

void BtfWriter::write_hex(Bytes value) {
  std::vector<std::byte> from_the_highest(value.begin(), value.end());
  if constexpr (std::endian::native == std::endian::little) std::ranges::reverse(from_the_highest);
  text += "0x";
  text += to_hex(Bytes(from_the_highest));
}

bool BtfWriter::write_float(Bytes value) {
  if (value.size() > 16) return false;
  const bool single = value.size() == sizeof(float);
  if (value.size() != sizeof(double) && !single) return write_hex(value), true;
  // Not std::to_chars, which for floating point brings tables of 100 KB and libm into every start.
  char digits[32];
  const double number = single ? static_cast<double>(word_at<float>(value, 0)) : word_at<double>(value, 0);
  std::snprintf(digits, sizeof digits, "%.*g", single ? 9 : 17, number);
  text += digits;
  return true;
}

bool BtfWriter::write_string(std::uint32_t element, Bytes value) {
  const auto row = resolve(element);
  if (!row || row->kind != BtfKind::integer || row->size != 1 || types_.name(row->name) != "char")
    return false;
  const std::string_view all(reinterpret_cast<const char*>(value.data()), value.size());
  const std::size_t end = all.find('\0');
  if (end == std::string_view::npos) return false;
  const std::string_view shown = all.substr(0, end);
  if (!std::ranges::all_of(shown, [](char c) { return c >= ' ' && c < 0x7f; })) return false;
  text += '"';
  for (const char c : shown.substr(0, kMostText)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
  return true;
}

bool BtfWriter::write_array(const TypeRow& row, Bytes value, unsigned depth) {
  const auto element = word_at<std::uint32_t>(row.rest, 0), count = word_at<std::uint32_t>(row.rest, 8);
  if (write_string(element, value)) return true;
  const auto size = size_of(element, 0);
  if (!size) return false;
  text += '[';
  for (std::uint64_t i = 0; i < count && !is_full(); ++i) {
    if (i != 0) text += ", ";
    if (!write(element, value.subspan(i * *size, *size), depth + 1)) return false;
  }
  text += ']';
  return true;
}

bool BtfWriter::write_members(const TypeRow& row, Bytes value, unsigned depth) {
  text += '{';
  for (std::size_t i = 0; i < row.count && !is_full(); ++i) {
    if (i != 0) text += ", ";
    if (!write_member(row, row.rest.subspan(i * kMember, kMember), value, depth)) return false;
  }
  text += '}';
  return true;
}

bool BtfWriter::write_member(const TypeRow& row, Bytes member, Bytes value, unsigned depth) {
  const std::string_view name = types_.name(word_at<std::uint32_t>(member, 0)).substr(0, kMostText);
  if (!name.empty()) (text += name) += '=';
  const auto type = word_at<std::uint32_t>(member, 4), place = word_at<std::uint32_t>(member, 8);
  const std::uint32_t from = row.flag ? place & 0xffffff : place, bits = row.flag ? place >> 24 : 0;
  if (bits != 0) {
    const auto of = resolve(type);
    return of && write_bits(*of, value, from, bits);
  }
  if (from / 8 > value.size()) return false;
  if (from % 8 == 0) return write(type, value.subspan(from / 8), depth + 1);
  const auto of = resolve(type);  // a bit field of the older kind, whose size is its integer's
  if (!of || of->kind != BtfKind::integer) return false;
  const auto data = word_at<std::uint32_t>(of->rest, 0);
  return write_bits(*of, value, std::uint64_t{from} + (data >> 16 & 0xff), data & 0xff);
}

std::optional<std::string> BtfTypes::value_text(std::uint32_t type, Bytes value) const {
  BtfWriter writer(*this);
  if (!writer.write(type, value, 0)) return std::nullopt;
  if (writer.text.size() > kMostText) writer.text.replace(kMostText, std::string::npos, "...");
  return std::move(writer.text);
}

}  // namespace inetctl
