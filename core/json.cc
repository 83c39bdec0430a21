// The only file that knows nlohmann/json.
#include "core/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text.h"

namespace inetctl {

namespace {

using JsonKind = Json::Kind;

std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return join("line ", std::to_string(lines + 1), ", column ",
              std::to_string(before.size() - line_start + 1));
}

// Builds values from the parser's events: no recursion, whatever the text.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, const JsonStream* stream) : text_(text), stream_(stream) {}

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add(scalar(JsonKind::boolean, value ? "true" : "false")); }
  bool number_integer(number_integer_t value) override {
    return add(scalar(JsonKind::number, std::to_string(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(scalar(JsonKind::number, std::to_string(value)));
  }
  bool number_float(number_float_t, const string_t& written) override {
    return add(scalar(JsonKind::number, written));
  }
  bool string(string_t& value) override { return add(scalar(JsonKind::text, std::move(value))); }
  bool binary(binary_t&) override { return false; }  // JSON has none
  bool start_object(std::size_t) override { return open(JsonKind::object); }
  bool start_array(std::size_t) override { return open(JsonKind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    open_.back().keys.push_back(std::move(name));
    return true;
  }
  bool parse_error(std::size_t read, const std::string&, const nlohmann::detail::exception&) override {
    fail(join(place_of(text_, read - std::min<std::size_t>(read, 1)), ": this is no JSON"));
    return false;
  }

  Result<Json> finish() {
    if (error_) return *error_;
    return std::move(root_);
  }

 private:
  static Json scalar(JsonKind kind, std::string text) {
    Json value;
    value.kind = kind;
    value.text = std::move(text);
    return value;
  }

  void fail(std::string cause) {
    if (!error_) error_ = Error{Kind::malformed, "read", "JSON", std::move(cause)};
  }

  [[nodiscard]] bool streams() const {
    return stream_ != nullptr && open_.size() == 2 && open_[1].kind == JsonKind::array &&
           open_[0].kind == JsonKind::object && open_[0].keys.back() == stream_->key;
  }

  bool open(JsonKind kind) {
    if (open_.size() == kDeepestJson) {
      fail(join("it is nested more than ", std::to_string(kDeepestJson), " deep"));
      return false;
    }
    open_.emplace_back().kind = kind;
    return true;
  }

  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    return add(std::move(value));
  }

  bool add(Json value) {
    if (streams()) {
      const Status taken = stream_->take(std::move(value));
      if (!taken) error_ = taken.error();
      return taken.has_value();
    }
    if (open_.empty())
      root_ = std::move(value);
    else
      open_.back().items.push_back(std::move(value));
    return true;
  }

  std::string_view text_;
  const JsonStream* stream_;
  std::vector<Json> open_;
  Json root_;
  std::optional<Error> error_;
};

}  // namespace

const Json* Json::find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  const auto index = static_cast<std::size_t>(found - keys.begin());
  return index < keys.size() ? &items[index] : nullptr;
}

Result<Json> read_json(std::string_view text, const JsonStream* stream) {
  Builder builder(text, stream);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.finish();
}

void append_json(std::string& to, const Json& value) {
  switch (value.kind) {
    case JsonKind::null:
      to += "null";
      return;
    case JsonKind::boolean:
    case JsonKind::number:
      to += value.text;
      return;
    case JsonKind::text:
      to += '"';
      append_json_escaped(to, value.text);
      to += '"';
      return;
    case JsonKind::array:
    case JsonKind::object:
      break;
  }
  const bool object = value.kind == JsonKind::object;
  to += object ? '{' : '[';
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i != 0) to += ',';
    if (object) {
      to += '"';
      append_json_escaped(to, value.keys[i]);
      to += "\":";
    }
    append_json(to, value.items[i]);
  }
  to += object ? '}' : ']';
}

}  // namespace inetctl
