// A cell: the small typed value that a field makes of a record. It owns nothing and allocates nothing; text,
// addresses and lists are views into the record and live as long as it. Typed until an output makes text of
// it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/address.h"

namespace inetctl {

struct Field;

// digits: a number that may have more than 64 bits, as its decimal text.
enum class CellKind : std::uint8_t {
  absent,
  boolean,
  number,
  digits,
  text,
  address,
  endpoint,
  list,
  numbers
};

// How a cell wants to be seen on a terminal with colours.
enum class Tone : std::uint8_t { plain, good, notice, warning, faint };

// How the items of a list stand in JSON: {"pid":1,"fd":2}, ["addr","127.0.0.1"], or "up" alone.
enum class Shape : std::uint8_t { objects, arrays, bare };

// Records inside a record: the owners of a socket.
struct List {
  const Field* fields = nullptr;  // the item's field table
  std::size_t field_count = 0;
  const void* items = nullptr;
  std::size_t item_size = 0;
  std::size_t count = 0;
  Shape shape = Shape::objects;  // bare: the items have one field
};

struct Cell {
  CellKind kind = CellKind::absent;
  Tone tone = Tone::plain;
  bool trusted = false;       // text that our own tables hold: needs no escaping
  bool keeps_blanks = false;  // text of several words, which a table shows as they are
  std::uint32_t size = 0;
  union {
    std::uint64_t number;
    const char* text;
    const Address* address;
    const Endpoint* endpoint;
    const List* list;
    const std::uint16_t* numbers;
  };

  constexpr Cell() : number(0) {}

  static constexpr Cell absent() { return {}; }
  static constexpr Cell of(std::uint64_t n) {
    Cell cell;
    cell.kind = CellKind::number;
    cell.number = n;
    return cell;
  }
  static constexpr Cell of_bool(bool value) {
    Cell cell;
    cell.kind = CellKind::boolean;
    cell.number = value ? 1 : 0;
    return cell;
  }
  // A word of our own tables.
  static constexpr Cell word(std::string_view text, Tone tone = Tone::plain) {
    Cell cell = untrusted(text);
    cell.tone = tone;
    cell.trusted = true;
    return cell;
  }
  // Bytes from outside: escaped by every output.
  static constexpr Cell untrusted(std::string_view text) {
    Cell cell;
    cell.kind = CellKind::text;
    cell.text = text.data();
    cell.size = static_cast<std::uint32_t>(text.size());
    return cell;
  }
  // The same, of several words.
  static constexpr Cell untrusted_words(std::string_view text) {
    Cell cell = untrusted(text);
    cell.keeps_blanks = true;
    return cell;
  }
  static constexpr Cell of_digits(std::string_view digits) {
    Cell cell = untrusted(digits);
    cell.kind = CellKind::digits;
    return cell;
  }
  static Cell of(const Address& address) {
    Cell cell;
    if (address.family == Family::none) return cell;
    cell.kind = CellKind::address;
    cell.address = &address;
    return cell;
  }
  static Cell of(const Endpoint& endpoint) {
    Cell cell;
    if (endpoint.address.family == Family::none) return cell;
    cell.kind = CellKind::endpoint;
    cell.endpoint = &endpoint;
    return cell;
  }
  static Cell of(const List& list) {
    Cell cell;
    cell.kind = CellKind::list;
    cell.list = &list;
    return cell;
  }

  // Small numbers in a row: the elements of an Erlang tuple, the bytes of a hardware address.
  static constexpr Cell of_numbers(const std::uint16_t* numbers, std::size_t count) {
    Cell cell;
    cell.kind = CellKind::numbers;
    cell.numbers = numbers;
    cell.size = static_cast<std::uint32_t>(count);
    return cell;
  }

  [[nodiscard]] std::string_view view() const { return {text, size}; }
};

}  // namespace inetctl
