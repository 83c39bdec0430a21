// The rows of one command as they were at some moment: what two listings are compared by. Rows come as JSON
// objects, whatever wrote them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/field.h"
#include "core/json.h"

namespace inetctl {

class Snapshot {
 public:
  struct Row {
    std::string identity;  // "cookie=4711"
    std::string name;      // "tcp,10.0.0.1:80,10.0.0.2:4711", for people
    // A value for each column, as text: lists as JSON; none where absent.
    std::vector<std::optional<std::string>> values;
  };

  explicit Snapshot(FieldTable fields) : fields_(std::move(fields)) {}

  // Kind::malformed when it is no object.
  Status add(const Json& row);

  // By which columns a row is recognised: all of `exact` where it has them, otherwise `names` too.
  struct Keys {
    std::vector<std::string> exact, names;
  };
  // Tells each row who it is. Rows that nothing tells apart are told by their order.
  void identify(const Keys& keys);

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  // The keys that rows have, in the order of their coming.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] const FieldTable& fields() const { return fields_; }
  // A row's value of a column, by its place; null when it is absent.
  [[nodiscard]] static const std::string* value(const Row& row, std::size_t column) {
    return column < row.values.size() && row.values[column] ? &*row.values[column] : nullptr;
  }

 private:
  [[nodiscard]] std::size_t column_of(const std::string& key);
  [[nodiscard]] std::string identity_of(const Row& row, const Keys& keys) const;
  [[nodiscard]] std::string name_of(const Row& row) const;
  [[nodiscard]] const std::string* find(const Row& row, std::string_view key) const;

  FieldTable fields_;
  std::vector<std::string> columns_;
  std::unordered_map<std::string, std::size_t> places_;  // of the columns
  std::vector<Row> rows_;
};

// The columns that both have, by what the table says of them (FieldRole); one without rows has any.
[[nodiscard]] Snapshot::Keys common_keys(const Snapshot& a, const Snapshot& b);

// A value of a row as a person reads it: a text bare, all else as JSON.
[[nodiscard]] std::string text_of(const Json& value);

}  // namespace inetctl
