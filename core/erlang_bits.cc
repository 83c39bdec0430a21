#include "core/erlang_bits.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "core/text.h"

namespace inetctl {

namespace {

using Type = SegmentSpec::Type;
using Order = SegmentSpec::Order;

constexpr std::pair<std::string_view, Type> kTypes[] = {
    {"integer", Type::integer}, {"float", Type::real},  {"binary", Type::binary},
    {"bytes", Type::binary},    {"bits", Type::bits},   {"bitstring", Type::bits},
    {"utf8", Type::utf8},       {"utf16", Type::utf16}, {"utf32", Type::utf32}};
constexpr std::pair<std::string_view, Order> kOrders[] = {
    {"big", Order::big}, {"little", Order::little}, {"native", Order::native}};
constexpr std::pair<std::string_view, bool> kSigns[] = {{"signed", true}, {"unsigned", false}};

// 1 when the word is of the table and nothing else of it was named before, -1 when something was, else 0.
template <class Value, std::size_t N>
int take_from(const std::pair<std::string_view, Value> (&table)[N], std::string_view word,
              std::optional<Value>& to) {
  for (const auto& [name, value] : table) {
    if (name != word) continue;
    if (to && *to != value) return -1;
    to = value;
    return 1;
  }
  return 0;
}

bool is_little(const SegmentSpec& spec) {
  const Order order = spec.order.value_or(Order::big);
  return order == Order::little || (order == Order::native && std::endian::native == std::endian::little);
}

Type type_of(const SegmentSpec& spec) { return spec.type.value_or(Type::integer); }

constexpr std::string_view kUnitAlone = "a unit needs a size";
constexpr std::string_view kTooLong = "the binary is too long";

}  // namespace

bool SegmentSpec::take_word(std::string_view word) {
  if (const int taken = take_from(kTypes, word, type)) return taken > 0;
  if (const int taken = take_from(kOrders, word, order)) return taken > 0;
  return take_from(kSigns, word, with_sign) > 0;
}

std::string_view BitWriter::put(const Term& value, const SegmentSpec& spec) {
  const Type type = type_of(spec);
  switch (value.kind) {
    case Term::Kind::integer:
      if (type == Type::integer) return put_integer(value.integer, spec);
      if (type == Type::real) return put_real(static_cast<double>(value.integer), spec);
      if (type == Type::binary || type == Type::bits) break;
      return put_character(value.integer, spec);
    case Term::Kind::real:
      if (type == Type::real) return put_real(value.real, spec);
      break;
    case Term::Kind::binary:
      if (type == Type::binary || type == Type::bits) return put_bytes(value.text, spec);
      break;
    default:
      return "a segment is an integer, a float, a string or a binary";
  }
  return "the segment's type does not fit its value";
}

std::string_view BitWriter::put(const std::u32string& characters, const SegmentSpec& spec) {
  for (const char32_t c : characters)
    if (const auto wrong = put(Term::of(c), spec); !wrong.empty()) return wrong;
  return "";
}

std::optional<std::string> BitWriter::take() {
  if (pending_bits_ != 0) return std::nullopt;
  return std::exchange(bytes_, {});
}

std::string_view BitWriter::put_integer(std::int64_t value, const SegmentSpec& spec) {
  if (spec.unit && !spec.size) return kUnitAlone;
  const std::uint64_t size = spec.size.value_or(8), unit = spec.unit.value_or(1);
  return size > kMostBits ? kTooLong : put_number(value, size * unit, is_little(spec));
}

std::string_view BitWriter::put_real(double value, const SegmentSpec& spec) {
  if (spec.unit && !spec.size) return kUnitAlone;
  const std::uint64_t size = spec.size.value_or(64), unit = spec.unit.value_or(1);
  if (size <= 64 && size * unit == 64)
    return put_number(std::bit_cast<std::int64_t>(value), 64, is_little(spec));
  if (size > 32 || size * unit != 32) return "floats of 64 and of 32 bits are read";
  const auto narrow = static_cast<float>(value);
  if (!std::isfinite(narrow)) return "the float is too large";
  return put_number(std::bit_cast<std::int32_t>(narrow), 32, is_little(spec));
}

std::string_view BitWriter::put_bytes(std::string_view bytes, const SegmentSpec& spec) {
  const std::uint64_t there = std::uint64_t{8} * bytes.size();
  const std::uint64_t unit = spec.unit.value_or(type_of(spec) == Type::binary ? 8 : 1);
  if (!spec.size && there % unit != 0) return "the binary is no multiple of its unit";
  if (spec.size && (*spec.size > there || *spec.size * unit > there))
    return "the binary is shorter than its size";
  const std::uint64_t bits = spec.size ? *spec.size * unit : there;
  if (bits > room_) return kTooLong;
  room_ -= bits;
  for (std::uint64_t i = 0; i < bits / 8; ++i) put_bits(static_cast<unsigned char>(bytes[i]), 8);
  const auto rest = static_cast<unsigned>(bits % 8);
  if (rest != 0) put_bits(static_cast<unsigned char>(bytes[bits / 8]) >> (8 - rest), rest);
  return "";
}

std::string_view BitWriter::put_character(std::int64_t value, const SegmentSpec& spec) {
  if (spec.size || spec.unit) return "a character has no size";
  if (value < 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return "this is no character";
  if (type_of(spec) == Type::utf32) return put_number(value, 32, is_little(spec));
  if (type_of(spec) == Type::utf16) {
    if (value < 0x10000) return put_number(value, 16, is_little(spec));
    const std::int64_t above = value - 0x10000;
    const auto wrong = put_number(0xd800 + (above >> 10), 16, is_little(spec));
    return wrong.empty() ? put_number(0xdc00 + (above & 0x3ff), 16, is_little(spec)) : wrong;
  }
  std::string utf8;
  append_utf8(utf8, static_cast<char32_t>(value));
  return put_bytes(utf8, SegmentSpec{});
}

// The lowest `bits` of the number, the sign repeated above it; a little one by bytes from the lowest.
std::string_view BitWriter::put_number(std::int64_t value, std::uint64_t bits, bool little) {
  if (bits > room_) return kTooLong;
  room_ -= bits;
  const auto piece = [value](std::uint64_t from, unsigned count) {
    const std::int64_t shifted = value >> std::min<std::uint64_t>(from, 63);
    return static_cast<unsigned>(shifted) & ((1U << count) - 1);
  };
  for (std::uint64_t done = 0; done < bits;) {
    const std::uint64_t left = bits - done;
    const auto count = static_cast<unsigned>(little ? std::min<std::uint64_t>(left, 8) : (left - 1) % 8 + 1);
    put_bits(piece(little ? done : left - count, count), count);
    done += count;
  }
  return "";
}

void BitWriter::put_bits(unsigned value, unsigned bits) {
  pending_ = pending_ << bits | value;
  pending_bits_ += bits;
  if (pending_bits_ < 8) return;
  pending_bits_ -= 8;
  bytes_ += static_cast<char>(pending_ >> pending_bits_);
  pending_ &= (1U << pending_bits_) - 1;
}

}  // namespace inetctl
