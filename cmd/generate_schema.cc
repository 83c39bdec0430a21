// JSON Schema, draft 2020-12, from a field table.
#include "cmd/generate.h"

namespace inetctl {

namespace {

// Writes indented JSON: a member after the other, commas and nesting kept right.
class Writer {
 public:
  Writer& open(std::string_view key, char bracket) {
    put_key(key);
    text_ += bracket;
    closers_ += bracket == '{' ? '}' : ']';
    first_ = true;
    return *this;
  }
  Writer& close() {
    const char closer = closers_.back();
    closers_.pop_back();
    if (!first_) new_line();
    text_ += closer;
    first_ = false;
    return *this;
  }
  Writer& string(std::string_view key, std::string_view value) {
    put_key(key);
    put_quoted(value);
    return *this;
  }
  Writer& raw(std::string_view key, std::string_view value) {
    put_key(key);
    text_ += value;
    return *this;
  }
  [[nodiscard]] std::string finish() { return std::move(text_) + "\n"; }

 private:
  void new_line() { text_.append(1, '\n').append(2 * closers_.size(), ' '); }
  void put_quoted(std::string_view value) {
    text_ += '"';
    append_json_escaped(text_, value);
    text_ += '"';
  }
  // "" for an array's elements and for the whole.
  void put_key(std::string_view key) {
    if (!first_) text_ += ',';
    if (!closers_.empty()) new_line();
    first_ = false;
    if (key.empty()) return;
    put_quoted(key);
    text_ += ": ";
  }

  std::string text_;
  std::string closers_;
  bool first_ = true;
};

// What is absent is null, in every field.
std::string_view json_type(Type type) {
  switch (type) {
    case Type::boolean:
      return R"(["boolean", "null"])";
    case Type::number:
      return R"(["integer", "null"])";
    case Type::list:
    case Type::pairs:
    case Type::words:
    case Type::numbers:
      return R"(["array", "null"])";
    case Type::text:
    case Type::address:
    case Type::endpoint:
      return R"(["string", "null"])";
    case Type::any:
      return R"(["boolean", "integer", "string", "array", "null"])";
  }
  return "true";
}

std::string description_of(const Field& field) {
  std::string text(field.help);
  if (field.unit != Unit::none) text += join(" [", unit_name(field.unit), "]");
  if (!field.since.empty()) text += join(" (since kernel ", field.since, ")");
  return text;
}

template <class Fields>
void put_row(Writer& writer, const Fields& fields);

void put_field(Writer& writer, const Field& field) {
  writer.open(field.key, '{').raw("type", json_type(field.type));
  if (!field.choices.empty()) {
    writer.open("enum", '[');
    for (const Choice& choice : field.choices) writer.string("", choice.word);
    writer.raw("", "null").close();
  }
  if (field.type == Type::number) writer.raw("minimum", "0");
  if (field.type == Type::list) {
    writer.open("items", '{');
    put_row(writer, field.items);
    writer.close();
  }
  if (field.type == Type::pairs) writer.raw("items", R"({"type": "array", "minItems": 2, "maxItems": 2})");
  if (field.type == Type::words) writer.raw("items", R"({"type": "string"})");
  if (field.type == Type::numbers) writer.raw("items", R"({"type": "integer", "minimum": 0})");
  writer.string("description", description_of(field)).close();
}

const Field& deref(const Field& field) { return field; }
const Field& deref(const Field* field) { return *field; }

// No key is required: --fields chooses them.
template <class Fields>
void put_row(Writer& writer, const Fields& fields) {
  writer.string("type", "object").raw("additionalProperties", "false").open("properties", '{');
  for (const auto& field : fields) put_field(writer, deref(field));
  writer.close();
}

}  // namespace

std::string json_schema(std::string_view command, const FieldTable& fields) {
  Writer writer;
  writer.open("", '{')
      .string("$schema", "https://json-schema.org/draft/2020-12/schema")
      .string("$id", join("urn:inetctl:schema:", command, ":1"))
      .string("title", join("What `inetctl ", command == "fields" ? "COMMAND --fields help" : command,
                            " --json` prints"))
      .string("type", "object")
      .raw("additionalProperties", "false")
      .raw("required", R"(["schema", "time", "rows", "notes"])")
      .open("properties", '{');
  writer.open("schema", '{').string("const", join("inetctl/", command, "/1")).close();
  writer.open("time", '{').string("type", "string").string("format", "date-time");
  writer.string("description", "the moment that the answer is about").close();
  writer.open("rows", '{').string("type", "array").open("items", '{');
  put_row(writer, fields.all());
  writer.close().string("description", "one object a row; a line of --ndjson is one of them").close();
  writer.open("notes", '{').string("type", "array").raw("items", R"({"type": "string"})");
  writer.string("description", "what could not be seen, and why").close();
  return writer.close().close().finish();
}

}  // namespace inetctl
