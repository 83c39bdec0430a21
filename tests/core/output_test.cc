#include "core/output.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/text.h"
#include "tests/core/render.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

constexpr std::uint32_t kAllDetails = kTimers | kExtended | kMemory | kInternals;

// Whether a value that a reader got stands for the cell.
bool says(const nlohmann::json& value, const Cell& cell) {
  switch (cell.kind) {
    case CellKind::absent:
      return value.is_null();
    case CellKind::boolean:
      return value.is_boolean() && value.get<bool>() == (cell.number != 0);
    case CellKind::number:
      return value.is_number_unsigned() && value.get<std::uint64_t>() == cell.number;
    case CellKind::digits:
      return value.dump() == cell.view();
    case CellKind::numbers:
      return value == std::vector<std::uint16_t>(cell.numbers, cell.numbers + cell.size);
    case CellKind::text:
      return value.is_string() && unescaped(value.get<std::string>()) == cell.view();
    case CellKind::address:
      return value.is_string() && unescaped(value.get<std::string>()) == to_text(*cell.address);
    case CellKind::endpoint:
      return value.is_string() && unescaped(value.get<std::string>()) == to_text(*cell.endpoint);
    case CellKind::list:
      break;
  }
  if (!value.is_array() || value.size() != cell.list->count) return false;
  for (std::size_t i = 0; i < cell.list->count; ++i) {
    const void* item = static_cast<const char*>(cell.list->items) + i * cell.list->item_size;
    if (value[i].size() != cell.list->field_count) return false;
    for (std::size_t f = 0; f < cell.list->field_count; ++f) {
      const Field& field = cell.list->fields[f];
      if (!says(value[i][std::string(field.key)], field.get(item, field))) return false;
    }
  }
  return true;
}

void check_row(const nlohmann::json& row, const Socket& socket) {
  REQUIRE(row.size() == core_fields().all().size());
  for (const Field* field : core_fields().all()) {
    CAPTURE(field->key);
    CAPTURE(row[std::string(field->key)].dump());
    CHECK(says(row[std::string(field->key)], field->get(&socket, *field)));
  }
}

// RFC 4180.
std::vector<std::vector<std::string>> read_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& cell = rows.back().back();
    if (quoted && text[i] == '"' && text.substr(i, 2) != "\"\"")
      quoted = false;
    else if (quoted)
      cell += text[i += text[i] == '"' ? 1 : 0];
    else if (text[i] == '"')
      quoted = true;
    else if (text[i] == ',')
      rows.back().emplace_back();
    else if (text[i] == '\n')
      rows.push_back({""});
    else
      cell += text[i];
  }
  REQUIRE_FALSE(quoted);
  REQUIRE(rows.back() == std::vector<std::string>{""});
  rows.pop_back();
  return rows;
}

bool is_calm(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\n') || c == 0x7f) return false;
  return is_utf8(text);
}

// A record whose only field is a number, to make many of.
struct Row {
  std::uint64_t number = 0, size = 0;
};
constexpr Field kRowFields[] = {
    {.key = "number",
     .head = "N",
     .type = Type::number,
     .help = "a number",
     .get = of<Row, [](const Row& r) { return Cell::of(r.number); }>},
    {.key = "size",
     .head = "S",
     .type = Type::number,
     .unit = Unit::bytes,
     .help = "a size",
     .get = of<Row, [](const Row& r) { return Cell::of(r.size); }>},
};

Document row_document() {
  Document document;
  document.noun = "row";
  document.columns = {&kRowFields[0], &kRowFields[1]};
  return document;
}

}  // namespace

TEST_CASE("output: a json document reads back as the records and notes it was made from") {
  const Notes notes = {"plain", "a \"quoted\" \x1b[31m\n note"};
  for (const Scene& scene : all_scenes()) {
    CAPTURE(scene.name);
    const auto document = nlohmann::json::parse(rendered(scene, {.format = "json", .fields = "all"}, notes));
    CHECK(document["schema"] == "inetctl/i/1");
    CHECK(document["time"] == "2023-11-14T22:13:20.123Z");
    CHECK(document["notes"] == nlohmann::json(notes));
    CHECK(document.size() == 4);
    REQUIRE(document["rows"].size() == scene.sockets.size());
    for (std::size_t i = 0; i < scene.sockets.size(); ++i) check_row(document["rows"][i], scene.sockets[i]);
  }
}

TEST_CASE("output: ndjson is one record a line, and nothing else") {
  for (const Scene& scene : all_scenes()) {
    CAPTURE(scene.name);
    const auto lines = lines_of(rendered(scene, {.format = "ndjson", .fields = "all"}, {"a note"}));
    REQUIRE(lines.size() == scene.sockets.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
      check_row(nlohmann::json::parse(lines[i]), scene.sockets[i]);
  }
}

TEST_CASE("output: details add the same keys to data") {
  const Scene& scene = all_scenes().front();
  for (const char* format : {"json", "ndjson"}) {
    const std::string text = rendered(scene, {.format = format, .details = kMemory});
    CHECK(text.find("\"skmem_rcvbuf\":131072") != std::string::npos);
  }
  const auto csv = read_csv(rendered(scene, {.format = "csv", .details = kMemory}));
  CHECK(csv[0].back() == "drops");
  CHECK(csv[1].back() == "0");
  CHECK(csv[2].back().empty());
}

TEST_CASE("output: csv reads back as the records, absent empty") {
  for (const Scene& scene : all_scenes()) {
    CAPTURE(scene.name);
    const auto rows = read_csv(rendered(scene, {.format = "csv", .fields = "all"}));
    const auto& fields = core_fields().all();
    REQUIRE(rows.size() == scene.sockets.size() + 1);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      REQUIRE(rows[r].size() == fields.size());
      for (std::size_t f = 0; f < fields.size(); ++f) {
        const std::string& got = rows[r][f];
        CAPTURE(fields[f]->key);
        CAPTURE(got);
        if (r == 0) {
          CHECK(got == fields[f]->key);
          continue;
        }
        const Cell cell = fields[f]->get(&scene.sockets[r - 1], *fields[f]);
        switch (cell.kind) {
          case CellKind::absent:
            CHECK(got.empty());
            break;
          case CellKind::boolean:
            CHECK(got == (cell.number != 0 ? "true" : "false"));
            break;
          case CellKind::number:
            CHECK(got == std::to_string(cell.number));
            break;
          case CellKind::digits:
            CHECK(got == cell.view());
            break;
          case CellKind::numbers:
            CHECK(got.front() == '{');
            break;
          case CellKind::text:
            CHECK(unescaped(got) == cell.view());
            break;
          case CellKind::address:
            CHECK(unescaped(got) == to_text(*cell.address));
            break;
          case CellKind::endpoint:
            CHECK(unescaped(got) == to_text(*cell.endpoint));
            break;
          case CellKind::list:
            CHECK_FALSE(got.empty());
            break;
        }
      }
    }
  }
}

TEST_CASE("output: no format lets a control character or a hidden one through") {
  for (const Scene& scene : all_scenes()) {
    for (const Format& format : formats()) {
      CAPTURE(format.name);
      const std::string text = rendered(scene, {.format = std::string(format.name), .fields = "all"});
      CHECK(is_calm(text));
      for (const std::string_view hidden : {"\u202e", "\u200b"})
        CHECK(text.find(hidden) == std::string::npos);
    }
  }
}

TEST_CASE("output: a row stays a line, whatever a process is called") {
  for (const Scene& scene : all_scenes()) {
    const std::size_t rows = scene.sockets.size();
    CHECK(lines_of(rendered(scene, {.format = "table"})).size() == rows + 1);
    CHECK(lines_of(rendered(scene, {.format = "csv"})).size() == rows + 1);
    CHECK(lines_of(rendered(scene, {.format = "ndjson"})).size() == rows);
    // Words stay words, too: nine columns, nine words.
    for (const std::string& line :
         lines_of(rendered(scene, {.format = "table", .surface = {.header = false}}))) {
      std::size_t words = 1;
      for (std::size_t i = 1; i < line.size(); ++i) words += line[i - 1] == ' ' && line[i] != ' ' ? 1U : 0U;
      CHECK(words == 9);
    }
  }
}

TEST_CASE("output: piped tables have no trailing blanks and no count") {
  for (const Scene& scene : all_scenes()) {
    for (const std::string_view fields :
         {kNineColumns, std::string_view("state,owner"), std::string_view("all")}) {
      for (const std::uint32_t details : {0U, kAllDetails}) {
        const std::string text = rendered(scene, {.format = "table", .fields = fields, .details = details});
        for (const std::string& line : lines_of(text)) CHECK_FALSE(line.ends_with(' '));
        CHECK(text.find("socket") == std::string::npos);
      }
    }
  }
}

TEST_CASE("output: no line of a terminal's table is wider than the terminal") {
  for (const Scene& scene : all_scenes()) {
    for (unsigned width = 1; width <= 200; ++width) {
      for (const bool chosen : {false, true}) {
        for (const std::uint32_t details : {0U, kAllDetails}) {
          const Look look{.format = "table",
                          .details = details,
                          .surface = {.terminal = true, .width = width, .color = width % 2 == 0},
                          .chosen = chosen};
          const std::string text = without_colour(rendered(scene, look));
          REQUIRE(is_calm(text));
          for (const std::string& line : lines_of(text)) {
            CAPTURE(scene.name);
            CAPTURE(width);
            CAPTURE(line);
            REQUIRE(display_width(line) <= width);
          }
        }
      }
    }
  }
}

TEST_CASE("output: colours change nothing but colours") {
  for (const Scene& scene : all_scenes()) {
    const Look plain{.format = "table", .details = kAllDetails, .surface = {.terminal = true, .width = 100}};
    Look coloured = plain;
    coloured.surface.color = true;
    CHECK(without_colour(rendered(scene, coloured)) == rendered(scene, plain));
  }
}

TEST_CASE("output: a narrow terminal says what it left out, and --wide leaves out nothing") {
  const Scene& scene = all_scenes().front();
  const std::string narrow = rendered(scene, {.format = "table", .surface = {.terminal = true, .width = 79}});
  CHECK(lines_of(narrow).back() == "4 sockets; Port, Module, Type left out to fit: --wide keeps all");
  CHECK(lines_of(narrow)[0].find("Type") == std::string::npos);
  const std::string wide =
      rendered(scene, {.format = "table", .surface = {.terminal = true, .width = 79, .wide = true}});
  CHECK(lines_of(wide)[0].find("Type") != std::string::npos);
  CHECK(wide.find("9876543211") != std::string::npos);  // exact
  CHECK(wide.find("left out") == std::string::npos);
  CHECK(lines_of(wide).back() == "4 sockets");
}

TEST_CASE("output: columns that the user named never give way") {
  const Scene& scene = all_scenes().front();
  for (const unsigned width : {200U, 100U, 79U}) {
    const std::string text =
        rendered(scene, {.format = "table", .surface = {.terminal = true, .width = width}, .chosen = true});
    CHECK(text.find("left out") == std::string::npos);
    CHECK(lines_of(text)[0].find("Mod") != std::string::npos);
  }
}

TEST_CASE("output: without a header, rows are all there is") {
  const Scene& scene = all_scenes().front();
  for (const char* format : {"table", "csv"})
    CHECK(lines_of(rendered(scene, {.format = format, .surface = {.header = false}})).size() ==
          scene.sockets.size());
}

TEST_CASE("output: streaming formats hand on each row before the next is asked for") {
  for (const Format& format : formats()) {
    if (!format.streams) continue;
    CAPTURE(format.name);
    std::string text;
    Out out(sink_to(text));
    const auto output = format.make(out, {});
    output->begin(row_document());
    std::size_t lines = 0;
    for (std::uint64_t i = 1; i <= 3; ++i) {
      const Row row{i, i};
      output->row(&row);
      out.flush();
      const std::size_t now = lines_of(text).size();
      CHECK(now > lines);
      CHECK(text.ends_with('\n'));
      lines = now;
    }
  }
}

TEST_CASE("output: a table longer than the first block keeps its columns where they are") {
  constexpr std::uint64_t kRows = 65536 + 5000;
  std::string text;
  std::size_t largest = 0;
  Out out([&](std::string_view part) {
    text += part;
    largest = std::max(largest, part.size());
    return true;
  });
  const auto output = find_format("table")->make(out, {});
  output->begin(row_document());
  for (std::uint64_t i = 0; i < kRows; ++i) {
    const Row row{i, i % 1000};
    output->row(&row);
  }
  CHECK(text.size() > 100'000);  // the first block is out long before the end
  output->end({});
  out.flush();
  const auto lines = lines_of(text);
  REQUIRE(lines.size() == kRows + 1);
  std::uint64_t i = 0;
  for (const std::string& line : lines) {
    if (&line == &lines[0]) continue;
    REQUIRE(line.size() > 6);
    REQUIRE(line.find(' ') <= 5);
    REQUIRE(line.substr(6) == std::to_string(i % 1000));
    ++i;
  }
}

TEST_CASE("output: cells wider than the first block's move their own line alone") {
  std::string text;
  Out out(sink_to(text));
  const auto output = find_format("table")->make(out, {});
  output->begin(row_document());
  for (std::uint64_t i = 0; i < 65536; ++i) {
    const Row row{1, 2};
    output->row(&row);
  }
  for (const Row row : {Row{123456, 789}, Row{1, 2}}) output->row(&row);
  output->end({});
  out.flush();
  const auto lines = lines_of(text);
  CHECK(lines[65537] == "123456 789");
  CHECK(lines[65538] == "1 2");
}

TEST_CASE("output: a reader that is gone is noticed in every format") {
  for (const Format& format : formats()) {
    CAPTURE(format.name);
    Out out([](std::string_view) { return false; }, 64);
    const auto output = format.make(out, {});
    output->begin(row_document());
    CHECK(output->good() == out.good());
    for (std::uint64_t i = 0; i < 100; ++i) {
      const Row row{i, i};
      output->row(&row);
    }
    output->end({});
    out.flush();
    CHECK_FALSE(output->good());
  }
}

TEST_CASE("output: a cell of any length stays text, in every format") {
  Scene scene("crowd");
  Socket& socket = scene.add(Protocol::tcp, Family::inet, State::listen, 1);
  std::vector<Owner> owners;
  const Process process{12, "\u4e2d\u6587\u5b57", "12/\u4e2d\u6587\u5b57"};
  for (std::uint32_t fd = 0; fd < 3000; ++fd) owners.push_back({&process, fd});
  socket.owners = owners;
  socket.owner = process.label;
  socket.owner_list = list_of(owners);
  socket.has |= Socket::kOwners;
  for (const Format& format : formats()) {
    if (format.metrics) continue;  // neither of them is a figure
    CAPTURE(format.name);
    const std::string text = rendered(scene, {.format = std::string(format.name), .fields = "owners,state"});
    CHECK(is_utf8(text));
    CHECK(text.find("LISTEN") != std::string::npos);
    // A table may cut it, but must say so; data never.
    const bool whole = text.find("2999") != std::string::npos;
    CHECK((whole || (!format.data && text.find("…") != std::string::npos)));
  }
}

TEST_CASE(
    "output: erlang's tables pad every column, end every line with a blank, and are one for each section") {
  const Scene& listeners = all_scenes()[1];
  const auto lines = lines_of(rendered(listeners, {.format = "erlang"}));
  std::size_t tables = 0, width = 0;
  for (const std::string& line : lines) {
    CHECK(line.ends_with(' '));
    if (line.starts_with("Port ")) {
      ++tables;
      width = line.size();
    }
    CHECK(line.size() == width);
  }
  CHECK(tables == 3);
  CHECK(rendered(all_scenes().back(), {.format = "erlang"}).empty());
}

TEST_CASE("output: formats are found by their names alone") {
  for (const Format& format : formats()) CHECK(find_format(format.name) == &format);
  CHECK(find_format("") == nullptr);
  CHECK(find_format("JSON") == nullptr);
}
