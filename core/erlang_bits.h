// The segments of Erlang's binaries, Value:Size/Type-Sign-Endianness-unit:N, as bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/erlang_term.h"

namespace inetctl {

// What stands behind a segment's value. Each member is absent until it is named.
struct SegmentSpec {
  enum class Type : std::uint8_t { integer, real, binary, bits, utf8, utf16, utf32 };
  enum class Order : std::uint8_t { big, little, native };
  std::optional<Type> type;
  std::optional<Order> order;
  std::optional<bool> with_sign;  // says something only where segments are matched
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> unit;

  // Takes one word of the list behind the slash, all but `unit`. False: unknown, or another of its sort was
  // there before.
  bool take_word(std::string_view word);
};

// Gathers the bits of a binary. Its functions return "" or why a segment makes no bits.
class BitWriter {
 public:
  // All segments of a reading together have at most this many bits, lest a short text fill the memory.
  static constexpr std::uint64_t kMostBits = std::uint64_t{8} << 24U;

  std::string_view put(const Term& value, const SegmentSpec& spec);
  // Each character is a segment of its own.
  std::string_view put(const std::u32string& characters, const SegmentSpec& spec);
  // Empties it; absent when the last byte is not full.
  std::optional<std::string> take();

 private:
  std::string_view put_integer(std::int64_t value, const SegmentSpec& spec);
  std::string_view put_real(double value, const SegmentSpec& spec);
  std::string_view put_bytes(std::string_view bytes, const SegmentSpec& spec);
  std::string_view put_character(std::int64_t value, const SegmentSpec& spec);
  std::string_view put_number(std::int64_t value, std::uint64_t bits, bool little);
  void put_bits(unsigned value, unsigned bits);

  std::string bytes_;
  unsigned pending_ = 0, pending_bits_ = 0;  // of the byte that is not full
  std::uint64_t room_ = kMostBits;
};

}  // namespace inetctl
