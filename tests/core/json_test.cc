// JSON from outside: what it says, where it is wrong, how deep it may go.
#include "core/json.h"

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

std::string written(std::string_view text) {
  const auto value = read_json(text);
  REQUIRE(value.has_value());
  std::string again;
  append_json(again, *value);
  return again;
}

}  // namespace

TEST_CASE("json: what is read is written again") {
  for (const std::string_view text : {"null", "true", "-12", "18446744073709551615", "1.50e3",
                                      R"("a\u000a\"é")", "[]", "{}", R"({"a":[1,{"b":null}],"c":"x","a":2})"})
    CHECK(written(text) == text);
  CHECK(written(" [ 1 ,\n2 ] ") == "[1,2]");
}

TEST_CASE("json: a member is found by its key") {
  const auto value = read_json(R"({"a":1,"b":"two"})");
  REQUIRE(value.has_value());
  REQUIRE((value->find("b") != nullptr));
  CHECK(value->find("b")->text == "two");
  CHECK((value->find("c") == nullptr));
  CHECK((read_json("[1]")->find("a") == nullptr));
}

TEST_CASE("json: an error names its place") {
  const auto cause = [](std::string_view text) {
    const auto value = read_json(text);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().kind == Kind::malformed);
    return value.error().cause;
  };
  CHECK(cause("{\"a\":1,\n \"b\":}") == "line 2, column 6: this is no JSON");
  CHECK(cause("[1] 2") == "line 1, column 5: this is no JSON");
  CHECK(cause("") == "line 1, column 1: this is no JSON");
  CHECK(cause("\"\xff\"") == "line 1, column 2: this is no JSON");
  CHECK(cause(std::string(kDeepestJson + 1, '[')) == "it is nested more than 32 deep");
  CHECK(cause(std::string(1'000'000, '[')) == "it is nested more than 32 deep");
  const std::string deep = std::string(kDeepestJson, '[') + std::string(kDeepestJson, ']');
  CHECK(read_json(deep).has_value());
}

TEST_CASE("json: rows are handed on one by one, and may end the reading") {
  std::vector<std::string> taken;
  const JsonStream stream{
      "rows", [&](Json&& row) {
        taken.push_back(row.find("rows") != nullptr ? "inner" : row.text);
        return taken.size() < 4 ? Status() : Status(Error{Kind::system, "", "", "enough"});
      }};
  const auto value = read_json(R"({"a":{"rows":[9]},"rows":[1,2,{"rows":[8]}],"b":[7]})", &stream);
  REQUIRE(value.has_value());
  CHECK(taken == std::vector<std::string>{"1", "2", "inner"});
  CHECK(value->find("rows")->items.empty());
  CHECK(value->find("a")->find("rows")->items.size() == 1);
  CHECK(value->find("b")->items.size() == 1);
  const auto stopped = read_json(R"({"rows":[1,2,3]})", &stream);
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().cause == "enough");
}
