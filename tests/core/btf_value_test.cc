#include "core/btf_value.h"

#include <bit>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/core/btf_blob.h"

namespace inetctl {
namespace {

using namespace std::string_view_literals;
constexpr std::uint32_t kSigned = 1U << 24, kBool = 4U << 24;
constexpr bool kLittle = std::endian::native == std::endian::little;

}  // namespace

TEST_CASE("btf: a structure of each kind") {
  if (!kLittle) return;  // the values below are laid so
  test::BtfBlob blob;
  const auto u32 = blob.type("u32", 1, 0, 4, {32}), number = blob.type("int", 1, 0, 4, {kSigned | 32});
  const auto letter = blob.type("char", 1, 0, 1, {kSigned | 8}),
             truth = blob.type("_Bool", 1, 0, 1, {kBool | 8});
  const auto label = blob.type("", 3, 0, 0, {letter, u32, 4}), pair = blob.type("", 3, 0, 0, {u32, u32, 2});
  const auto state = blob.type("state", 6, 2, 4, {blob.name("IDLE"), 0, blob.name("BUSY"), 1});
  const auto alias = blob.type("count_t", 8, 0, blob.type("", 10, 0, u32));
  const auto wide = blob.type("wide", 19, 1, 8, {blob.name("HUGE"), 0, 1});
  const auto real = blob.type("double", 16, 0, 8), pointer = blob.type("", 2, 0, 0);
  const auto all = blob.type(
      "all", 4, 3, 9, {blob.name("n"), alias, 0, blob.name("s"), label, 32, blob.name("ok"), truth, 64});
  const auto bits =
      blob.type("bits", 4, 2, 4, {blob.name("a"), u32, 3U << 24, blob.name("b"), number, 5U << 24 | 3}, true);
  CHECK(blob.text(all, "\7\0\0\0x\"\0\0\1"sv) == R"({n=7, s="x\"", ok=true})");
  CHECK(blob.text(all, "\7\0\0\0abcd\1"sv) == "{n=7, s=[97, 98, 99, 100], ok=true}");
  CHECK(blob.text(bits, "\xfd\0\0\0"sv) == "{a=5, b=-1}");
  CHECK(blob.text(number, "\xff\xff\xff\xff"sv) == "-1");
  CHECK(blob.text(pair, "\1\0\0\0\2\0\0\0"sv) == "[1, 2]");
  CHECK(blob.text(state, "\1\0\0\0"sv) == "BUSY");
  CHECK(blob.text(state, "\2\0\0\0"sv) == "2");
  CHECK(blob.text(wide, "\0\0\0\0\1\0\0\0"sv) == "HUGE");
  CHECK(blob.text(real, "\0\0\0\0\0\0\xf8\x3f"sv) == "1.5");
  CHECK(blob.text(pointer, "\1\0\0\0\0\0\0\0"sv) == "0x0000000000000001");
  CHECK(blob.text(all, "\7\0\0\0"sv) == "absent");
  CHECK(blob.text(99, "\7"sv) == "absent");
}

TEST_CASE("btf: what leads in a circle, or would be without end") {
  test::BtfBlob blob;
  const auto first = blob.type("a", 8, 0, 2);
  blob.type("b", 8, 0, 1);
  const auto self = blob.type("self", 4, 1, 0, {0, 3, 0});
  const auto many = blob.type("", 3, 0, 0, {blob.type("empty", 4, 0, 0), 1, 0xffffffff});
  CHECK(blob.text(first, "\0\0\0\0"sv) == "absent");
  CHECK(blob.text(self, "\0\0\0\0"sv) == "absent");
  CHECK(blob.text(many, ""sv).size() < 5'000);
}

TEST_CASE("btf: a blob cut anywhere, or of the other byte order") {
  test::BtfBlob blob;
  blob.type("u32", 1, 0, 4, {32});
  std::vector<std::byte> bytes = blob.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(BtfTypes::read(cut).has_value());
  }
  CHECK(BtfTypes::read(bytes).has_value());
  std::swap(bytes[0], bytes[1]);
  CHECK_FALSE(BtfTypes::read(bytes).has_value());
}

}  // namespace inetctl
