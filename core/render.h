// The formats, one file each: render_table.cc, render_json.cc, render_csv.cc, render_erlang.cc,
// render_openmetrics.cc.
#pragma once

#include <memory>

#include "core/output.h"

namespace inetctl {

[[nodiscard]] std::unique_ptr<Output> make_table(Out& out, const Surface& surface);
[[nodiscard]] std::unique_ptr<Output> make_json(Out& out, const Surface& surface);
[[nodiscard]] std::unique_ptr<Output> make_ndjson(Out& out, const Surface& surface);
[[nodiscard]] std::unique_ptr<Output> make_csv(Out& out, const Surface& surface);
[[nodiscard]] std::unique_ptr<Output> make_erlang(Out& out, const Surface& surface);
[[nodiscard]] std::unique_ptr<Output> make_openmetrics(Out& out, const Surface& surface);

// All columns of a document, details last.
[[nodiscard]] Columns all_columns(const Document& document);

}  // namespace inetctl
