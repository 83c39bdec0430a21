// Pictures of how sockets' figures move: a sparkline in each row, a plot on the terminal, an SVG file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cmd/stat.h"
#include "core/plot.h"

namespace inetctl {

// What one field of each socket was, round by round; sockets are known by their cookies.
class Histories {
 public:
  // field: a number; null: bytes a second in both directions.
  explicit Histories(const Field* field) : field_(field) {}

  // A round: sockets that are not among the rows have no value in it.
  void add(const std::vector<SocketStat*>& rows);
  [[nodiscard]] std::string spark_of(const SocketStat& row, Glyphs glyphs) const;
  // Those with the largest last values, `most` of them.
  [[nodiscard]] std::vector<Series> series(std::size_t most) const;

 private:
  [[nodiscard]] std::optional<double> value_of(const SocketStat& row) const;

  const Field* field_;
  std::map<std::uint64_t, Series> by_cookie_;
};

// Draws the same plot again and again: in place on a terminal, once at the end elsewhere.
class Plotter {
 public:
  // Kind::usage where the field is no number.
  static Result<Plotter> of(Context& context, const StatRequest& request);

  [[nodiscard]] bool wanted() const { return field_ != nullptr; }
  [[nodiscard]] const Field* field() const { return field_; }
  void add(const std::vector<SocketStat*>& rows);
  // Writes what is to be seen at the end, and the file.
  Status end();

 private:
  Plotter(Context& context, const StatRequest& request, const Field* field);
  void draw();

  Context& context_;
  const StatRequest& request_;
  const Field* field_;
  Frame frame_;
  Histories histories_;
};

}  // namespace inetctl
