#include "platform/linux/namespaces.h"

#include <doctest/doctest.h>

using namespace inetctl;
using namespace inetctl::linux_os;

TEST_CASE("namespaces: words and their paths") {
  const auto path = [](std::string_view word) {
    const auto found = namespace_path(word);
    return found ? *found : found.error().message();
  };
  CHECK(path("blue") == "/run/netns/blue");
  CHECK(path("pid") == "/run/netns/pid");
  CHECK(path("./blue") == "./blue");
  CHECK(path("/proc/1/ns/net") == "/proc/1/ns/net");
  CHECK(path("pid:17") == "/proc/17/ns/net");
  CHECK(path("pid:") == "--netns: '' is no process id");
  CHECK(path("pid:0") == "--netns: '0' is no process id");
  CHECK(path("pid:-1") == "--netns: '-1' is no process id");
  CHECK(path("pid:1/../2") == "--netns: '1/../2' is no process id");
  CHECK(path("pid:99999999999") == "--netns: '99999999999' is no process id");
  CHECK(path("tid:17") == "/proc/17/ns/net");
  CHECK(path("tid:x") == "--netns: 'x' is no thread id");
  CHECK(path("fd:17/3") == "/proc/17/fd/3");
  for (const char* word : {"fd:", "fd:17", "fd:/3", "fd:17/", "fd:0/3", "fd:17/3/4", "fd:-1/3", "fd:17/-3"})
    CHECK_MESSAGE(path(word).find("is no descriptor of a process") != std::string::npos, word);
  for (const char* word : {"", ".", ".."}) CHECK(namespace_path(word).error().kind == Kind::usage);
}

TEST_CASE("namespaces: numbers in place of names") {
  CHECK(namespace_number("4026531840") == 4026531840U);
  CHECK(namespace_number("net:[4026531840]") == 4026531840U);
  for (const char* word : {"", "blue", "1a", "-1", "pid:7", "net:[]"})
    CHECK_MESSAGE(!namespace_number(word).has_value(), word);
}

TEST_CASE("namespaces: which descriptor a path is") {
  const auto held = held_descriptor("/proc/17/fd/3");
  REQUIRE(held.has_value());
  CHECK(held->pid == 17);
  CHECK(held->fd == 3);
  for (const char* path : {"", "/proc/", "/proc/17/ns/net", "/proc/self/fd/3", "/proc/17/fd/",
                           "/proc/17/fd/3/x", "/proc/0/fd/3", "17/fd/3"})
    CHECK_MESSAGE(!held_descriptor(path).has_value(), path);
}

TEST_CASE("namespaces: inodes in links") {
  CHECK(namespace_inode("net:[4026531840]") == 4026531840U);
  for (const char* link :
       {"", "net:[]", "net:[1", "net:[1]x", "mnt:[1]", "net:[-1]", "net:[99999999999999999999]"})
    CHECK_FALSE(namespace_inode(link).has_value());
}

TEST_CASE("namespaces: lines of mountinfo") {
  const auto found =
      mounted_namespace("45 23 0:4 net:[4026532177] /run/my\\040place\\134x rw shared:5 - nsfs nsfs rw");
  REQUIRE(found.has_value());
  CHECK(found->inode == 4026532177U);
  CHECK(found->path == "/run/my place\\x");
  for (const char* line : {"", "45", " - nsfs ", "45 23 0:4 / / rw - ext4 /dev/sda rw",
                           "45 23 0:4 uts:[4026532177] /x rw - nsfs nsfs rw",
                           "45 23 0:4 net:[4026532177] - nsfs nsfs", "45 23 0:4 net:[12"})
    CHECK_MESSAGE((!mounted_namespace(line).has_value() || !mounted_namespace(line)->path.empty()), line);
}

TEST_CASE("namespaces: each has its best name, whatever came first") {
  FoundNamespaces found;
  found.add_process(3, 100);
  found.add_process(3, 200);
  found.add_process(2, 50);
  found.add_mounted({2, "/somewhere"});
  found.add_named(1, "blue");
  found.add_mounted({1, "/run/netns/blue"});
  found.add_process(1, 7);
  found.add_mounted({4, "/a"});
  found.add_named(4, "green");
  const auto all = found.by_inode();
  REQUIRE(all.size() == 4);
  CHECK(all[0].name == "blue");
  CHECK(all[0].path == "/run/netns/blue");
  CHECK(all[1].name == "/somewhere");
  CHECK(all[2].name == "pid:100");
  CHECK(all[2].path == "/proc/100/ns/net");
  CHECK(all[3].name == "green");
}

TEST_CASE("namespaces: what keeps a namespace is its name where it has no better one") {
  FoundNamespaces found;
  found.add_descriptor(1, {.pid = 17, .fd = 3});
  found.add_descriptor(2, {.pid = 17, .fd = 4});
  found.add_mounted_elsewhere({2, "/run/place"}, 30);
  found.add_descriptor(3, {.pid = 17, .fd = 5});
  found.add_mounted_elsewhere({3, "/run/place"}, 30);
  found.add_thread(3, 44);
  found.add_thread(4, 45);
  found.add_process(4, 40);
  CHECK(found.has(4));
  CHECK_FALSE(found.has(5));
  const auto all = found.by_inode();
  REQUIRE(all.size() == 4);
  CHECK(all[0].name == "fd:17/3");
  CHECK(all[0].path == "/proc/17/fd/3");
  CHECK(all[1].name == "/proc/30/root/run/place");
  CHECK(all[1].path == all[1].name);
  CHECK(all[2].name == "tid:44");
  CHECK(all[2].path == "/proc/44/ns/net");
  CHECK(all[3].name == "pid:40");
  for (const NetworkNamespace& one : all) CHECK(*namespace_path(one.name) == one.path);  // each can be typed
}
