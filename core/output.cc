#include "core/output.h"

#include "core/render.h"

namespace inetctl {

namespace {

constexpr Format kFormats[] = {
    {.name = "table", .help = "for people: columns that fit the terminal", .make = make_table},
    {.name = "json",
     .help = "one JSON document with schema, time, rows and notes",
     .make = make_json,
     .data = true},
    {.name = "ndjson",
     .help = "one JSON object a line, written as it comes",
     .make = make_ndjson,
     .data = true,
     .streams = true},
    {.name = "csv",
     .help = "comma-separated values with a header line (RFC 4180)",
     .make = make_csv,
     .data = true,
     .streams = true},
    {.name = "erlang", .help = "what Erlang's inet module would print", .make = make_erlang},
    {.name = "openmetrics",
     .help = "figures for Prometheus, of stat, stat --proto and i --count-by",
     .make = make_openmetrics,
     .data = true,
     .metrics = true},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  for (const Format& format : kFormats)
    if (format.name == name) return &format;
  return nullptr;
}

Columns all_columns(const Document& document) {
  Columns columns = document.columns;
  columns.insert(columns.end(), document.details.begin(), document.details.end());
  return columns;
}

}  // namespace inetctl
