// Whatever stands after --fields, the answer is columns, each of them once, or a usage error.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "platform/linux/tcp_info.h"
#include "tests/fuzz/render.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  using fuzz::expect;
  static const FieldTable table = socket_fields(linux_os::tcp_info_fields("6.18"));
  const std::string text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 500));
  const auto columns = choose_columns(table, table.in_groups(kInTable), text);
  if (!columns) {
    expect(columns.error().kind == Kind::usage, "a wrong word is a usage error");
    expect(!columns.error().message().empty(), "and says what is wrong");
    return 0;
  }
  expect(!columns->empty(), "there are columns");
  Columns sorted = *columns;
  std::sort(sorted.begin(), sorted.end());
  expect(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), "each column comes once");
  // Their own names, in that order, choose the same again.
  std::string keys;
  for (const Field* field : *columns) keys += (keys.empty() ? "" : ",") + std::string(field->key);
  const auto again = choose_columns(table, {}, keys);
  expect(again && *again == *columns, "what was chosen can be named");
  return 0;
}
