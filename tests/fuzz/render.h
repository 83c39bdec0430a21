// Lists all that a backend has in a format of the input's choice and judges the text.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/output.h"
#include "core/socket_listing.h"
#include "platform/linux/backend.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/openmetrics.h"

namespace inetctl::fuzz {

inline bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

// A text that commands no terminal: UTF-8, and no control but the line's end.
inline void expect_calm(const std::string& text) {
  expect(is_utf8(text), "output is UTF-8");
  for (const char c : text)
    expect((static_cast<unsigned char>(c) >= ' ' && c != 0x7f) || c == '\n', "no control characters");
}

inline void expect_json_lines(std::string_view text, std::size_t rows) {
  for (; !text.empty(); --rows) {
    expect(rows > 0, "one line a row");
    const std::string_view line = text.substr(0, text.find('\n'));
    expect(line.size() < text.size(), "the last line is whole");
    expect(nlohmann::json::parse(line, nullptr, false).is_object(), "every line is a JSON object");
    text.remove_prefix(line.size() + 1);
  }
  expect(rows == 0, "one row a line");
}

inline void render(Backend& backend, std::size_t choice) {
  constexpr const char* kFormats[] = {"ndjson", "table", "csv", "json", "openmetrics"};
  const char* const format = kFormats[choice % std::size(kFormats)];
  const FieldTable table = socket_fields(backend.tcp_info_fields());
  std::string text;
  const auto append = [&](std::string_view part) {
    text += part;
    return true;
  };
  Out out(append, 16 * 1024);
  const bool terminal = *format == 't';
  const auto output = find_format(format)->make(out, {.terminal = terminal, .width = 60});
  Document document;
  document.command = "i";
  document.noun = "socket";
  document.time_us = backend.now_us();
  document.columns = terminal ? table.in_groups(kInTable) : Columns(table.all());
  if (terminal) document.details = table.in_groups(kTimers | kExtended | kMemory | kInternals);
  output->begin(document);
  SocketSelection selection;
  selection.query.protocols = (1U << static_cast<unsigned>(Protocol::kCount)) - 1;
  selection.query.needs = needs_of(document.columns) | needs_of(document.details);
  Notes notes;
  std::size_t rows = 0;
  const auto count = list_sockets(
      backend, std::move(selection),
      [&](const Socket& socket) {
        output->row(&socket);
        return ++rows < 2000;
      },
      notes);
  output->end(notes);
  out.flush();
  expect_calm(text);
  if (count) expect(*count == rows, "the count is that of the rows");
  if (*format == 'n') expect_json_lines(text, rows);
  if (*format == 'o') expect_openmetrics(text);
  if (*format == 'j')
    expect(!nlohmann::json::parse(text, nullptr, false).is_discarded(), "the document is JSON");
}

}  // namespace inetctl::fuzz
