#include "platform/linux/owners.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/process_facts.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

// "12/nginx:4 13/nginx:4"
std::string text_of(std::span<const Owner> owners) {
  std::string text;
  for (const Owner& owner : owners)
    text += (text.empty() ? "" : " ") + std::string(owner.process->label) + ":" + std::to_string(owner.fd);
  return text;
}

FakeKernel some_kernel() {
  FakeKernel kernel;
  kernel.holders[12] = {"nginx", {{4, 100}, {5, 101}, {9, 100}}};
  kernel.holders[13] = {"nginx", {{4, 100}}};
  kernel.holders[20] = {"other", {{3, 102}}};
  kernel.holders[30] = {"root's", {{3, 100}}, true};
  kernel.vanished = {25};
  return kernel;
}

std::unique_ptr<OwnerIndex> find(FakeKernel& kernel, std::vector<std::uint64_t> inodes,
                                 std::uint32_t pid = 0) {
  auto found = linux_os::find_owners(kernel, {.inodes = inodes, .only_pid = pid});
  REQUIRE(found.has_value());
  return std::move(*found);
}

}  // namespace

TEST_CASE("owners: every process and descriptor of a socket, by pid and then by descriptor") {
  FakeKernel kernel = some_kernel();
  const auto index = find(kernel, {});
  CHECK(text_of(index->owners_of(100)) == "12/nginx:4 12/nginx:9 13/nginx:4");
  CHECK(text_of(index->owners_of(101)) == "12/nginx:5");
  CHECK(text_of(index->owners_of(102)) == "20/other:3");
  for (const std::uint64_t inode : {std::uint64_t{0}, std::uint64_t{103}, ~std::uint64_t{0}})
    CHECK(index->owners_of(inode).empty());
  CHECK(index->denied() == 1);
}

TEST_CASE("owners: restricted to some sockets, only their processes are asked for a name") {
  FakeKernel kernel = some_kernel();
  const auto index = find(kernel, {0, 101, 102, 999});
  CHECK(text_of(index->owners_of(101)) == "12/nginx:5");
  CHECK(text_of(index->owners_of(102)) == "20/other:3");
  CHECK(index->owners_of(100).empty());
  CHECK(index->owners_of(999).empty());
  CHECK(kernel.names_asked == std::vector<std::uint32_t>{12, 20});
}

TEST_CASE("owners: of one process") {
  FakeKernel kernel = some_kernel();
  CHECK(text_of(find(kernel, {}, 12)->owners_of(100)) == "12/nginx:4 12/nginx:9");
  CHECK(find(kernel, {}, 20)->owners_of(100).empty());
  CHECK(find(kernel, {}, 30)->denied() == 1);
  CHECK(find(kernel, {}, 4711)->denied() == 0);  // no such process
}

TEST_CASE("owners: where processes cannot be listed, that is the answer") {
  FakeKernel kernel;
  kernel.no_proc = true;
  const auto found = linux_os::find_owners(kernel, {});
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().message() == "list /proc: none here");
}

TEST_CASE("owners: nobody holds anything") {
  FakeKernel kernel;
  CHECK(find(kernel, {})->owners_of(1).empty());
  CHECK(find(kernel, {1, 2})->owners_of(1).empty());
}

TEST_CASE("owners: of few descriptors no list is asked for") {
  FakeKernel kernel = some_kernel();
  kernel.everything.emplace();
  CHECK(text_of(find(kernel, {})->owners_of(101)) == "12/nginx:5");
  CHECK(kernel.lists_asked == 0);
  for (std::uint32_t pid = 1000; pid < 1500; ++pid) kernel.vanished.push_back(pid);
  CHECK(find(kernel, {})->owners_of(101).empty());  // many processes are reason enough
  CHECK(kernel.lists_asked == 1);
}

TEST_CASE("owners: a list of all descriptors gives what a look at each process gives") {
  FakeKernel kernel = some_kernel();
  kernel.descriptors = 10'000;
  kernel.everything = {{12, 4, 100, "nginx"}, {12, 5, 101, "nginx"}, {12, 7, 0, "nginx"},
                       {12, 9, 100, "nginx"}, {13, 4, 100, "nginx"}, {20, 3, 102, "other"},
                       {30, 3, 100, "root's"}};
  const auto index = find(kernel, {});
  CHECK(text_of(index->owners_of(100)) == "12/nginx:4 12/nginx:9 13/nginx:4 30/root's:3");
  CHECK(text_of(index->owners_of(101)) == "12/nginx:5");
  CHECK(text_of(index->owners_of(102)) == "20/other:3");
  CHECK(index->owners_of(0).empty());
  CHECK(index->denied() == 0);  // it asks for no one's leave
  const auto some = find(kernel, {102, 999});
  CHECK(text_of(some->owners_of(102)) == "20/other:3");
  CHECK(some->owners_of(100).empty());
  CHECK(some->owners_of(999).empty());
  CHECK(kernel.names_asked.empty());
  // One process is looked at by itself.
  CHECK(text_of(find(kernel, {}, 12)->owners_of(100)) == "12/nginx:4 12/nginx:9");
  CHECK(kernel.lists_asked == 2);
}

TEST_CASE("owners: processes that /proc hides are not in the answer") {
  FakeKernel kernel = some_kernel();
  kernel.descriptors = 10'000;
  kernel.everything = {
      {11, 3, 100, "hidden"}, {12, 4, 100, "nginx"}, {14, 3, 101, "hidden"}, {99, 3, 102, "hidden"}};
  const auto index = find(kernel, {});
  CHECK(text_of(index->owners_of(100)) == "12/nginx:4");
  CHECK(index->owners_of(101).empty());
  CHECK(index->owners_of(102).empty());
}

TEST_CASE("owners: what a list that breaks off has said counts for nothing") {
  FakeKernel kernel = some_kernel();
  kernel.descriptors = 10'000;
  kernel.everything = {{12, 4, 100, "nginx"}, {12, 70, 103, "nginx"}};
  kernel.breaks_off = true;
  const auto index = find(kernel, {});
  CHECK(text_of(index->owners_of(100)) == "12/nginx:4 12/nginx:9 13/nginx:4");
  CHECK(index->owners_of(103).empty());
  CHECK(index->denied() == 1);
}

TEST_CASE("owners: a thousand sockets of fifty processes each") {
  FakeKernel kernel;
  for (std::uint32_t pid = 1; pid <= 50; ++pid)
    for (std::uint32_t i = 0; i < 1000; ++i) kernel.holders[pid].descriptors.emplace_back(i, 5000 - i);
  const auto index = find(kernel, {});
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto owners = index->owners_of(5000 - i);
    REQUIRE(owners.size() == 50);
    for (std::uint32_t pid = 1; pid <= 50; ++pid) {
      REQUIRE(owners[pid - 1].process->pid == pid);
      REQUIRE(owners[pid - 1].fd == i);
    }
  }
}

TEST_CASE("owners: fifty thousand sockets are told apart, whatever their inodes") {
  FakeKernel kernel;
  constexpr std::uint64_t kSockets = 50'000;
  const std::uint64_t strides[] = {1, 4096, 0x100000001, 0x9e3779b97f4a7c15};
  for (const std::uint64_t stride : strides) {
    std::vector<std::uint64_t> inodes;
    kernel.holders.clear();
    for (std::uint64_t i = 1; i <= kSockets; ++i) {
      kernel.holders[static_cast<std::uint32_t>(i % 100 + 1)].descriptors.emplace_back(i, i * stride);
      inodes.push_back(i * stride);
    }
    std::sort(inodes.begin(), inodes.end());
    for (const auto& wanted : {std::vector<std::uint64_t>(), inodes}) {
      const auto index = find(kernel, wanted);
      for (std::uint64_t i = 1; i <= kSockets; ++i) {
        const auto owners = index->owners_of(i * stride);
        REQUIRE(owners.size() == 1);
        REQUIRE(owners[0].fd == i);
        REQUIRE(owners[0].process->pid == i % 100 + 1);
      }
    }
  }
}

TEST_CASE("owners: what is known of the processes comes on request, and only of those that matter") {
  FakeKernel kernel = some_kernel();
  kernel.process_files[12] = {"", std::string("nginx\0-g\0", 9), "0::/system.slice/nginx.service\n", "", 33};
  kernel.process_files[13] = {"13 (x) S 12 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 500 0 0\n", "", "", "", 0};
  kernel.up_us = 5'000'000;
  const std::vector<std::uint64_t> inodes = {100, 101};
  const auto found = linux_os::find_owners(kernel, {.inodes = inodes, .facts = true});
  REQUIRE(found.has_value());
  const auto owners = (*found)->owners_of(100);
  REQUIRE(owners.size() == 3);
  REQUIRE(owners[0].process->facts != nullptr);
  CHECK(owners[0].process->facts->unit == "nginx.service");
  CHECK(owners[0].process->facts->command_line == "nginx -g");
  REQUIRE(owners[2].process->facts != nullptr);
  CHECK(owners[2].process->facts->parent == 12);
  CHECK(find(kernel, {100})->owners_of(100)[0].process->facts == nullptr);

  kernel.up_us = 4'999'999;  // 13 was started after that: it is another process now
  const auto later = linux_os::find_owners(kernel, {.inodes = inodes, .facts = true});
  REQUIRE(later.has_value());
  CHECK((*later)->owners_of(100)[2].process->facts == nullptr);
}

TEST_CASE("owners: threads with a table of their own are looked at where a socket has no owner, once") {
  FakeKernel kernel = some_kernel();
  kernel.thread_inodes[12] = {200, 200, 201};
  kernel.thread_inodes[13] = {200};
  kernel.thread_inodes[30] = {202};  // whose descriptors may not be read
  const auto index = find(kernel, {});
  CHECK(text_of(index->owners_of(101)) == "12/nginx:5");
  CHECK(kernel.threads_asked.empty());
  const std::string nowhere = std::to_string(kNo32);
  CHECK(text_of(index->owners_of(200)) == "12/nginx:" + nowhere + " 13/nginx:" + nowhere);
  CHECK(text_of(index->owners_of(201)) == "12/nginx:" + nowhere);
  CHECK(index->owners_of(202).empty());
  CHECK(index->owners_of(0).empty());
  CHECK(kernel.threads_asked == std::vector<std::uint32_t>{12, 13, 20, 25});
  // The same where the kernel listed all descriptors, and of one process.
  kernel.descriptors = 10'000;
  kernel.everything = {{12, 4, 100, "nginx"}};
  CHECK(text_of(find(kernel, {200})->owners_of(200)) == "12/nginx:" + nowhere + " 13/nginx:" + nowhere);
  CHECK(text_of(find(kernel, {}, 13)->owners_of(200)) == "13/nginx:" + nowhere);
}
