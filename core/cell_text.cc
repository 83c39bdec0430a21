#include "core/cell_text.h"

#include "core/field.h"

namespace inetctl {

namespace {

template <class Put>
void append_written(std::string& to, std::size_t most, Put put) {
  const std::size_t before = to.size();
  to.resize(before + most);
  char* const start = to.data() + before;
  to.resize(before + static_cast<std::size_t>(put(start) - start));
}

std::size_t most_of(const Address& address) { return kMaxAddressText + address.zone.name().size(); }

// Zones come from the system as interface names, which may hold any byte but '/' and blanks.
std::string address_text(const Cell& cell, char any_port) {
  std::string text;
  if (cell.kind == CellKind::address)
    append_written(text, most_of(*cell.address), [&](char* at) { return put_address(at, *cell.address); });
  else
    append_written(text, most_of(cell.endpoint->address),
                   [&](char* at) { return put_endpoint(at, *cell.endpoint, any_port); });
  return text;
}

template <class Each>
void each_item(const List& list, Each each) {
  for (std::size_t i = 0; i < list.count; ++i)
    each(static_cast<const char*>(list.items) + i * list.item_size);
}

// "12/4/nginx;13/4/nginx": the fields of an item side by side; bare words "up,running".
void append_list(std::string& to, const List& list, Spaces spaces) {
  bool first = true;
  each_item(list, [&](const void* item) {
    if (!first) to += list.shape == Shape::bare ? ',' : ';';
    first = false;
    for (std::size_t f = 0; f < list.field_count; ++f) {
      if (f > 0) to += '/';
      append_cell(to, list.fields[f].get(item, list.fields[f]), spaces);
    }
  });
  if (first) to += '-';
}

void append_numbers(std::string& to, const Cell& cell, char open, char close) {
  to += open;
  for (std::uint32_t i = 0; i < cell.size; ++i) {
    if (i > 0) to += ',';
    append_written(to, 20, [&](char* at) { return put_number(at, cell.numbers[i]); });
  }
  to += close;
}

void append_json_list(std::string& to, const List& list) {
  to += '[';
  bool first = true;
  each_item(list, [&](const void* item) {
    if (!first) to += ',';
    first = false;
    if (list.shape == Shape::bare) {
      append_json(to, list.fields[0].get(item, list.fields[0]));
      return;
    }
    const bool keyed = list.shape == Shape::objects;
    to += keyed ? '{' : '[';
    for (std::size_t f = 0; f < list.field_count; ++f) {
      const Field& field = list.fields[f];
      if (f > 0) to += ',';
      if (keyed) to += join("\"", field.key, "\":");
      append_json(to, field.get(item, field));
    }
    to += keyed ? '}' : ']';
  });
  to += ']';
}

}  // namespace

void append_cell(std::string& to, const Cell& cell, Spaces spaces, char any_port) {
  switch (cell.kind) {
    case CellKind::absent:
      to += '-';
      return;
    case CellKind::boolean:
      to += cell.number != 0 ? "true" : "false";
      return;
    case CellKind::number:
      append_written(to, 20, [&](char* at) { return put_number(at, cell.number); });
      return;
    case CellKind::digits:
      to += cell.view();
      return;
    case CellKind::text:
      if (cell.size == 0)
        to += "\"\"";
      else
        append_escaped(to, cell.view(), cell.trusted || cell.keeps_blanks ? Spaces::keep : spaces);
      return;
    case CellKind::address:
    case CellKind::endpoint:
      append_escaped(to, address_text(cell, any_port), spaces);
      return;
    case CellKind::list:
      append_list(to, *cell.list, spaces);
      return;
    case CellKind::numbers:
      append_numbers(to, cell, '{', '}');
      return;
  }
}

char* put_json_words(char* at, const Cell& cell) {
  if (cell.kind != CellKind::list || cell.list->shape != Shape::bare) return nullptr;
  const List& list = *cell.list;
  std::size_t room = kRoomForCell - 1;
  *at++ = '[';
  for (std::size_t i = 0; i < list.count; ++i) {
    const Cell word =
        list.fields[0].get(static_cast<const char*>(list.items) + i * list.item_size, list.fields[0]);
    if (word.kind != CellKind::text || word.size == 0 || word.size > kLongestWord || word.size + 4 > room ||
        (!word.trusted && !is_plain(word.view())))
      return nullptr;
    room -= word.size + 3;
    if (i > 0) *at++ = ',';
    *at++ = '"';
    at = put_word(at, word.text, word.size);
    *at++ = '"';
  }
  *at++ = ']';
  return at;
}

void append_json(std::string& to, const Cell& cell) {
  switch (cell.kind) {
    case CellKind::absent:
      to += "null";
      return;
    case CellKind::boolean:
    case CellKind::number:
    case CellKind::digits:
      append_cell(to, cell, Spaces::keep);
      return;
    case CellKind::text:
      to += '"';
      append_json_escaped(to, cell.view());
      to += '"';
      return;
    case CellKind::address:
    case CellKind::endpoint:
      to += '"';
      append_json_escaped(to, address_text(cell, '0'));
      to += '"';
      return;
    case CellKind::list:
      append_json_list(to, *cell.list);
      return;
    case CellKind::numbers:
      append_numbers(to, cell, '[', ']');
      return;
  }
}

}  // namespace inetctl
