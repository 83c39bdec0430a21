// A cell as text, for the outputs that are not in a hurry and for messages.
#pragma once

#include <array>
#include <cstring>
#include <string>

#include "core/cell.h"
#include "core/text.h"

namespace inetctl {

// What a cell is to a person: absent is "-", untrusted text is escaped, an empty one is two quotes. Port 0 is
// written as `any_port`: "*" for people, "0" in data.
void append_cell(std::string& to, const Cell& cell, Spaces spaces, char any_port = '*');
// Copies a word of at most kLongestWord bytes without a call: overlapping moves.
inline constexpr std::uint32_t kLongestWord = 64;
inline char* put_word(char* at, const char* text, std::size_t size) {
  const auto put_ends = [&](auto move) {
    std::memcpy(&move, text, sizeof move);
    std::memcpy(at, &move, sizeof move);
    std::memcpy(&move, text + size - sizeof move, sizeof move);
    std::memcpy(at + size - sizeof move, &move, sizeof move);
  };
  if (size > 32)
    put_ends(std::array<std::uint64_t, 4>{});
  else if (size > 16)
    put_ends(std::array<std::uint64_t, 2>{});
  else if (size >= 8)
    put_ends(std::uint64_t{});
  else if (size >= 4)
    put_ends(std::uint32_t{});
  else if (size >= 2)
    put_ends(std::uint16_t{});
  else if (size == 1)
    *at = *text;
  return at + size;
}

// How put_cell writes: for people's tables, or as JSON.
struct PlainStyle {
  static constexpr bool kQuotes = false;
  static constexpr char kAnyPort = '*';
  static constexpr std::string_view kAbsent = "-";
  static constexpr char kOpen = '{', kClose = '}';
};
struct JsonStyle {
  static constexpr bool kQuotes = true;
  static constexpr char kAnyPort = '0';
  static constexpr std::string_view kAbsent = "null";
  static constexpr char kOpen = '[', kClose = ']';
};

// A few small numbers: an Erlang tuple.
inline constexpr std::size_t kMostNumbers = 16;
template <class Style>
inline char* put_numbers(char* at, const Cell& cell) {
  *at++ = Style::kOpen;
  for (std::uint32_t i = 0; i < cell.size; ++i) {
    if (i > 0) *at++ = ',';
    at = put_number16(at, cell.numbers[i]);
  }
  *at++ = Style::kClose;
  return at;
}

// The cells of bounded length, without a buffer between: numbers, absence, short words that need no escape,
// addresses without a zone. Returns the end, at most kRoomForCell further on; null for the others.
inline constexpr std::size_t kRoomForCell = 128;
static_assert(kRoomForCell >= kMostNumbers * 6 + 2);
template <class Style>
[[gnu::always_inline]] inline char* put_cell(char* at, const Cell& cell) {
  constexpr std::size_t kQuote = Style::kQuotes ? 1 : 0;
  char* end = nullptr;
  switch (cell.kind) {
    case CellKind::number:
      return put_number(at, cell.number);
    case CellKind::absent:
      std::memcpy(at, Style::kAbsent.data(), Style::kAbsent.size());
      return at + Style::kAbsent.size();
    case CellKind::text:
      if (cell.size > kLongestWord || cell.size == 0) return nullptr;
      if (!cell.trusted && !is_plain(cell.view())) return nullptr;
      end = put_word(at + kQuote, cell.text, cell.size);
      break;
    case CellKind::endpoint:
      if (cell.endpoint->address.zone) return nullptr;
      end = put_endpoint(at + kQuote, *cell.endpoint, Style::kAnyPort);
      break;
    case CellKind::address:
      if (cell.address->zone) return nullptr;
      end = put_address(at + kQuote, *cell.address);
      break;
    case CellKind::numbers:
      return cell.size <= kMostNumbers ? put_numbers<Style>(at, cell) : nullptr;
    default:
      return nullptr;
  }
  if constexpr (Style::kQuotes) *at = *end++ = '"';
  return end;
}

// A JSON array of short words that need no escape, as put_cell; null for any other cell.
[[nodiscard]] char* put_json_words(char* at, const Cell& cell);

// The value of a JSON member, always valid UTF-8; lists become arrays, as their shape says.
void append_json(std::string& to, const Cell& cell);

}  // namespace inetctl
