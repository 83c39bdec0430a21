// Every scene in every format, against the texts in tests/golden.
//
//   INETCTL_UPDATE_GOLDEN=1 build/dev/tests/unit_tests -tc='golden*'
//
// writes the texts anew; read the difference before committing it. ESC stands as ␛ in the files, so that
// looking at them commands no terminal.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "core/text.h"
#include "tests/core/render.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

constexpr std::string_view kNamed =
    "protocol,family,type,module,port,state,inet_state,local,foreign,local_address,local_port,foreign_"
    "address,"
    "foreign_port,recv_queue,send_queue,accept_queue,accept_limit,recv,sent,owner,owners,uid,user,inode,"
    "cookie,netns,"
    "interface,timer,timer_expires_ms,tos,v6only,congestion,skmem_rcvbuf,drops";
constexpr std::uint32_t kAllDetails = kTimers | kExtended | kMemory;

std::string with_visible_escapes(std::string text) {
  for (std::size_t at = 0; (at = text.find('\x1b', at)) != std::string::npos;) text.replace(at, 1, "␛");
  return text;
}

std::string first_difference(const std::string& expected, const std::string& got) {
  const auto a = lines_of(expected), b = lines_of(got);
  std::size_t line = 0;
  while (line < a.size() && line < b.size() && a[line] == b[line]) ++line;
  const auto at = [line](const auto& lines) { return line < lines.size() ? lines[line] : "(no such line)"; };
  return join("line ", std::to_string(line + 1), "\n- ", at(a), "\n+ ", at(b), "\nall of it:\n", got,
              "if that is right: INETCTL_UPDATE_GOLDEN=1 unit_tests -tc='golden*'");
}

void check_golden(const std::string& name, const std::string& text) {
  const std::string path = join(TEST_DATA, "/../golden/", name, ".txt");
  const std::string got = with_visible_escapes(text);
  const char* update = std::getenv("INETCTL_UPDATE_GOLDEN");
  if (update != nullptr && *update != '\0') {
    REQUIRE(static_cast<bool>(std::ofstream(path, std::ios::binary | std::ios::trunc) << got << std::flush));
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream expected;
  expected << file.rdbuf();
  REQUIRE_MESSAGE(file.is_open(), "no ", path);
  if (expected.str() != got) FAIL_CHECK(name << ": " << first_difference(expected.str(), got));
}

void check_scenes(const std::string& suffix, const Look& look, const Notes& notes = {}) {
  for (const Scene& scene : all_scenes())
    check_golden(join(scene.name, ".", suffix), rendered(scene, look, notes));
}

}  // namespace

TEST_CASE("golden: tables, piped") { check_scenes("table", {.format = "table"}); }

TEST_CASE("golden: tables on terminals") {
  for (const unsigned width : {40U, 80U, 120U, 200U})
    check_scenes(join("table.", std::to_string(width)),
                 {.format = "table", .surface = {.terminal = true, .width = width}});
}

TEST_CASE("golden: tables with colours, with details, with all columns") {
  check_scenes("table.80.color",
               {.format = "table", .surface = {.terminal = true, .width = 80, .color = true}});
  check_scenes("table.80.details",
               {.format = "table", .details = kAllDetails, .surface = {.terminal = true, .width = 80}});
  check_scenes("table.details", {.format = "table", .details = kAllDetails});
  check_scenes("table.40.wide",
               {.format = "table", .surface = {.terminal = true, .width = 40, .wide = true}});
}

TEST_CASE("golden: data formats") {
  const Notes notes = {"owner unknown for 2 of 4 sockets: not root", "a \"hostile\"\n\x1b[31mnote"};
  check_scenes("json", {.format = "json", .fields = kNamed}, notes);
  check_scenes("ndjson", {.format = "ndjson", .fields = kNamed}, notes);
  check_scenes("csv", {.format = "csv", .fields = kNamed}, notes);
}

TEST_CASE("golden: openmetrics") { check_scenes("openmetrics", {.format = "openmetrics", .fields = kNamed}); }

TEST_CASE("golden: erlang") { check_scenes("erlang", {.format = "erlang"}); }
