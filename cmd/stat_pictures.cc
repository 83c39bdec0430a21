#include "cmd/stat_pictures.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace inetctl {

namespace {

constexpr std::size_t kMostValues = 4096;  // of one socket: what is older is forgotten
constexpr std::size_t kSparkWidth = 16;
constexpr std::size_t kMostSeries = 6;              // that a person can tell apart
constexpr std::string_view kHome = "\x1b[H\x1b[J";  // to the upper left corner, and clear what is below

Glyphs glyphs_of(const Context& context) { return context.surface.unicode ? Glyphs::unicode : Glyphs::ascii; }

std::string name_of_row(const SocketStat& row) {
  return join(to_text(row.local), " > ", to_text(row.foreign), row.owner.empty() ? "" : " ",
              escaped(row.owner));
}

Error cannot_write(const std::string& path) {
  return {Kind::system, "write", path, std::generic_category().message(errno)};
}

}  // namespace

std::optional<double> Histories::value_of(const SocketStat& row) const {
  if (field_ != nullptr) {
    const Cell cell = field_->get(static_cast<const Socket*>(&row), *field_);
    return cell.kind == CellKind::number ? std::optional(static_cast<double>(cell.number)) : std::nullopt;
  }
  if (!row.rates || row.rates->elapsed_us == 0) return std::nullopt;
  const std::uint64_t bytes = row.rates->recv_bytes.value_or(0) + row.rates->send_bytes.value_or(0);
  return static_cast<double>(bytes) * 1e6 / static_cast<double>(row.rates->elapsed_us);
}

void Histories::add(const std::vector<SocketStat*>& rows) {
  for (auto& [cookie, series] : by_cookie_) series.values.emplace_back();
  for (const SocketStat* row : rows) {
    const auto [entry, added] = by_cookie_.try_emplace(row->cookie);
    Series& series = entry->second;
    if (added) {
      series.name = name_of_row(*row);
      series.values.emplace_back();
    }
    series.values.back() = value_of(*row);
  }
  // A socket that has been gone for as long as anything is remembered is forgotten.
  std::erase_if(by_cookie_, [](const auto& entry) {
    const auto& values = entry.second.values;
    return values.size() >= kSparkWidth * 4 &&
           std::none_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
  });
  for (auto& [cookie, series] : by_cookie_)
    if (series.values.size() > kMostValues) series.values.erase(series.values.begin());
}

std::string Histories::spark_of(const SocketStat& row, Glyphs glyphs) const {
  const auto found = by_cookie_.find(row.cookie);
  return found == by_cookie_.end() ? "" : sparkline(found->second.values, kSparkWidth, glyphs);
}

std::vector<Series> Histories::series(std::size_t most) const {
  std::vector<const Series*> sorted;
  for (const auto& [cookie, series] : by_cookie_) sorted.push_back(&series);
  const auto last = [](const Series* s) { return s->values.back().value_or(0); };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Series* a, const Series* b) { return last(a) > last(b); });
  if (sorted.size() > most) sorted.resize(most);
  std::vector<Series> copies;
  for (const Series* series : sorted) copies.push_back(*series);
  return copies;
}

Plotter::Plotter(Context& context, const StatRequest& request, const Field* field)
    : context_(context), request_(request), field_(field), histories_(field) {
  if (field == nullptr) return;
  frame_.title = std::string(field->key);
  frame_.unit = field->unit == Unit::none ? "" : std::string(unit_name(field->unit));
  frame_.interval_s = request.interval_s;
  frame_.width = context.surface.width;
  frame_.height = std::max(context.surface.height, 2U) - 1;  // the last line is the cursor's
  frame_.glyphs = glyphs_of(context);
}

Result<Plotter> Plotter::of(Context& context, const StatRequest& request) {
  const std::string& key = request.plot;
  if (key.empty()) return Plotter(context, request, nullptr);
  const FieldTable table = stat_fields(context.backend);
  const Field* field = table.find(key);
  if (field == nullptr || field->type != Type::number) {
    const std::string near = field == nullptr ? table.nearest(key) : "";
    return Error{Kind::usage, "--plot", "",
                 join("'", key, "' is no field that is a number",
                      near.empty() ? "" : join("; did you mean '", near, "'?"))};
  }
  // Somebody may look on for hours: what would fail at the end fails now.
  errno = 0;
  if (!request.svg.empty() && !std::ofstream(request.svg, std::ios::app)) return cannot_write(request.svg);
  return Plotter(context, request, field);
}

void Plotter::add(const std::vector<SocketStat*>& rows) {
  histories_.add(rows);
  if (!context_.surface.terminal) return;
  context_.out.put(kHome);
  draw();
}

void Plotter::draw() {
  // On a low terminal the picture comes before the names.
  const std::size_t most = std::min(kMostSeries, std::max<std::size_t>(frame_.height, 6) - 5);
  for (const std::string& line : draw_plot(histories_.series(most), frame_)) context_.out.put(line + "\n");
  context_.out.flush();
}

Status Plotter::end() {
  if (!context_.surface.terminal) draw();
  if (request_.svg.empty()) return {};
  errno = 0;
  std::ofstream file(request_.svg, std::ios::binary | std::ios::trunc);
  if (file << draw_svg(histories_.series(kMostSeries), frame_) && file.flush()) return {};
  return cannot_write(request_.svg);
}

}  // namespace inetctl
