// OpenMetrics 1.0 text (https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md), kept to
// what the older text format of Prometheus reads as well: node_exporter and promtool know no other. Hence no
// TYPE where the kind is not known, and no quote in a HELP, which the two escape in different ways.
//
// The samples of a family stand together, so the last row has to come before the first line is written: a row
// is kept as its labels and its numbers.
#include <algorithm>
#include <unordered_map>

#include "core/cell_text.h"
#include "core/metric.h"
#include "core/render.h"

namespace inetctl {

namespace {

// Base units, as the specification wants them: what has another is divided by 10^decimals.
struct BaseUnit {
  std::string_view name;
  unsigned decimals = 0;
};
BaseUnit base_of(Unit unit) {
  switch (unit) {
    case Unit::microseconds:
      return {"seconds", 6};
    case Unit::milliseconds:
      return {"seconds", 3};
    case Unit::seconds:
      return {"seconds"};
    case Unit::bytes_per_second:
      return {"bytes_per_second"};
    case Unit::none:
    case Unit::bytes:
    case Unit::segments:
    case Unit::bits:
      break;
  }
  return {unit_name(unit)};
}

// 1500 with 3 decimals is 1.5.
std::string decimal(std::uint64_t n, unsigned decimals) {
  std::string digits = std::to_string(n);
  if (decimals == 0 || n == 0) return digits;
  const std::string padded =
      join(std::string(decimals - std::min<std::size_t>(decimals, digits.size() - 1), '0'), digits);
  std::string fraction = padded.substr(padded.size() - decimals);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return join(padded.substr(0, padded.size() - decimals), fraction.empty() ? "" : ".", fraction);
}

// "recv_rate_Bps" of bytes a second is inetctl_socket_recv_rate_bytes_per_second.
std::string family_name(std::string_view name, Unit unit) {
  const std::string_view short_form = key_suffix(unit), base = base_of(unit).name;
  if (!short_form.empty() && name.ends_with(short_form)) name.remove_suffix(short_form.size());
  std::string whole = join("inetctl_", name);
  if (const std::string suffix = join("_", base); !base.empty() && !whole.ends_with(suffix)) whole += suffix;
  for (char& c : whole)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '_';
  return whole;
}

class OpenMetricsOutput final : public Output {
 public:
  explicit OpenMetricsOutput(Out& out) : out_(out) {}

  void begin(const Document& document) override {
    metric_ = document.metric;
    for (const Field* field : all_columns(document)) {
      if (metric_ || !is_measure(*field)) {
        if (field->type != Type::list && field->type != Type::pairs) labels_.push_back(field);
        continue;
      }
      const MetricKind kind = field->role & kGrows ? MetricKind::counter : MetricKind::gauge;
      family({.name = join(document.noun, "_", field->key),
              .kind = kind,
              .unit = field->unit,
              .help = field->help});
      measures_.push_back(field);
    }
  }

  void row(const void* record) override {
    if (metric_) {
      const Metric metric = metric_(record);
      if (!metric.value) return;
      Family& of = family(metric);
      of.samples.push_back({told_apart(of.name, labels_of(record)), *metric.value});
      return;
    }
    const std::string_view labels = told_apart("", labels_of(record));
    for (std::size_t i = 0; i < measures_.size(); ++i)
      if (const Cell cell = measures_[i]->get(record, *measures_[i]); cell.kind == CellKind::number)
        families_[i].samples.push_back({labels, cell.number});
  }

  void end(const Notes&) override {
    for (const Family& family : families_)
      if (!family.samples.empty()) put(family);
    out_.put("# EOF\n");
  }
  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  struct Sample {
    std::string_view labels;
    std::uint64_t value;
  };
  struct Family {
    std::string name;
    MetricKind kind;
    Unit unit;
    std::string_view help;
    std::vector<Sample> samples{};
  };

  Family& family(const Metric& metric) {
    std::string name = family_name(metric.name, metric.unit);
    const auto [entry, added] = by_name_.try_emplace(name, families_.size());
    if (added) families_.push_back({std::move(name), metric.kind, metric.unit, metric.help});
    return families_[entry->second];
  }

  std::string labels_of(const void* record) {
    std::string labels;
    for (const Field* field : labels_) {
      const Cell cell = field->get(record, *field);
      // To every reader an empty label is one that is not there.
      if (cell.kind == CellKind::absent || (cell.kind == CellKind::text && cell.size == 0)) continue;
      labels += join(labels.empty() ? "" : ",", field->key, "=\"");
      text_.clear();
      append_cell(text_, cell, Spaces::keep, '0');
      for (const char c : text_) {
        if (c == '"' || c == '\\') labels += '\\';
        labels += c;
      }
      labels += '"';
    }
    return labels;
  }

  // No two samples of a family may have the same labels: the second row with the same ones says so.
  std::string_view told_apart(std::string_view family, const std::string& labels) {
    const auto [entry, added] = seen_.try_emplace(join(family, labels), 1);
    if (added) return std::string_view(entry->first).substr(family.size());
    const std::string number = std::to_string(++entry->second);
    return told_apart(family, join(labels, labels.empty() ? "" : ",", "duplicate=\"", number, "\""));
  }

  void put(const Family& family) {
    const BaseUnit base = base_of(family.unit);
    const bool counter = family.kind == MetricKind::counter;
    if (family.kind != MetricKind::unknown)
      out_.put(join("# TYPE ", family.name, counter ? " counter\n" : " gauge\n"));
    if (!base.name.empty()) out_.put(join("# UNIT ", family.name, " ", base.name, "\n"));
    if (!family.help.empty()) {
      std::string help(family.help);
      std::replace_if(
          help.begin(), help.end(), [](char c) { return c == '"' || c == '\\' || c == '\n'; }, '\'');
      out_.put(join("# HELP ", family.name, " ", help, "\n"));
    }
    for (const Sample& sample : family.samples) {
      out_.put(family.name);
      if (counter) out_.put("_total");
      if (!sample.labels.empty()) {
        out_.put('{');
        out_.put(sample.labels);
        out_.put('}');
      }
      out_.put(join(" ", decimal(sample.value, base.decimals), "\n"));
    }
  }

  Out& out_;
  std::function<Metric(const void*)> metric_;
  Columns labels_, measures_;
  std::vector<Family> families_;  // the measures' first, in their order
  std::unordered_map<std::string, std::size_t> by_name_;
  std::unordered_map<std::string, std::size_t>
      seen_;  // labels, which the samples view: how many rows had them
  std::string text_;
};

}  // namespace

std::unique_ptr<Output> make_openmetrics(Out& out, const Surface&) {
  return std::make_unique<OpenMetricsOutput>(out);
}

}  // namespace inetctl
