#include "platform/linux/processes.h"

#include <string>

#include <doctest/doctest.h>

#include "core/text.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

const std::string kStat =
    "812 (my (srv) x) S 7 812 812 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 1000 200 "
    "18446744073709551615\n";

FakeKernel kernel_with(ProcessTexts texts) {
  FakeKernel kernel;
  kernel.process_files[812] = std::move(texts);
  kernel.users[33] = "www-data";
  kernel.up_us = 200'000'000;
  return kernel;
}

}  // namespace

TEST_CASE("processes: /proc/PID/stat, whatever the name holds") {
  const auto stat = decode_stat(kStat);
  REQUIRE(stat.has_value());
  CHECK(stat->parent == 7);
  CHECK(stat->started_us == 123'450'000);
  for (std::size_t size = 0; size < kStat.size(); ++size)
    CHECK_FALSE(decode_stat(std::string(kStat.substr(0, size))).has_value());
  CHECK_FALSE(decode_stat("1 (a) S x 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 5 0\n").has_value());
}

TEST_CASE("processes: a command line is its arguments with blanks between") {
  const auto line = [](std::string_view text) { return decode_command_line(text); };
  using namespace std::string_view_literals;
  CHECK(line("/usr/sbin/sshd\0-D\0"sv) == "/usr/sbin/sshd -D");
  CHECK(line("nginx: worker process\0\0\0"sv) == "nginx: worker process");
  CHECK(line("postgres: writer   \0  \0"sv) == "postgres: writer");
  CHECK(line("a\0\0b\0"sv) == "a  b");
  CHECK(line("").empty());
  CHECK(line("\0\0"sv).empty());
}

TEST_CASE("processes: a start is the same whenever it is asked for, however the clocks were read") {
  FakeKernel kernel = kernel_with({kStat, "", "", "", 0});
  const std::string started = ProcessReader(kernel).read(812, kNo64)->started;
  CHECK(started == "2023-11-14T22:12:03.450Z");
  for (const std::int64_t late_us : {-4'000, -300, -1, 1, 300, 4'000}) {
    kernel.wall_us += late_us;
    CHECK(ProcessReader(kernel).read(812, kNo64)->started == started);
    kernel.wall_us -= late_us;
  }
}

TEST_CASE("processes: all that is known, and each by itself absent") {
  FakeKernel kernel = kernel_with(
      {kStat, std::string("nginx\0-g\0", 9), "0::/system.slice/nginx.service\n", "/usr/sbin/nginx", 33});
  ProcessReader reader(kernel);
  const auto facts = reader.read(812, 150'000'000);
  REQUIRE(facts != nullptr);
  CHECK(facts->command_line == "nginx -g");
  CHECK(facts->executable == "/usr/sbin/nginx");
  CHECK(facts->user == "www-data");
  CHECK(facts->uid == 33);
  CHECK(facts->parent == 7);
  CHECK(facts->age_s == 76);
  CHECK(facts->started == time_text(kernel.now_us() - 76'550'000));
  CHECK(facts->unit == "nginx.service");
  static_cast<void>(reader.read(812, 150'000'000));
  CHECK(kernel.users_asked == std::vector<std::uint32_t>{33});

  const auto nothing = reader.read(4711, 150'000'000);
  REQUIRE(nothing != nullptr);
  CHECK(nothing->command_line.empty());
  CHECK(nothing->uid == kNo32);
  CHECK(nothing->parent == kNo32);
  CHECK(nothing->age_s == kNo64);
  CHECK(nothing->started.empty());
}

TEST_CASE("processes: another process that got the number is not taken for the one that was seen") {
  FakeKernel kernel = kernel_with({kStat, "", "", "", 0});
  ProcessReader reader(kernel);
  CHECK(reader.read(812, 123'449'999) == nullptr);
  CHECK(reader.read(812, 123'450'000) != nullptr);
  CHECK(reader.read(812, kNo64) != nullptr);  // a recording of old does not know
  kernel.up_us = kNo64;
  CHECK(reader.read(812, kNo64)->started.empty());
}
