#include "platform/linux/tcp_info.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/socket.h"

using namespace inetctl;

namespace {

std::vector<std::byte> from_hex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

// One end of a connection on one kernel.
struct Blob {
  std::string release, end;
  std::vector<std::byte> bytes;
};
std::vector<Blob> blobs() {
  std::vector<Blob> all;
  for (const char* release : {"5.10.0", "6.1", "6.12.107", "6.18.12", "7.2.13", "7.3.4"}) {
    std::ifstream file(std::string(TEST_DATA) + "/tcp_info/" + release + ".txt");
    for (std::string end, hex; file >> end >> hex;) all.push_back({release, end, from_hex(hex)});
  }
  REQUIRE(all.size() == 12);
  return all;
}

// The compiler's layout of the header's structure: where each member begins and how long it is, in bits.
struct Member {
  std::size_t bit, bits;
};
std::map<std::string, Member> layout(const std::string& release) {
  std::ifstream file(std::string(TEST_DATA) + "/tcp_info/layout.jsonl");
  std::map<std::string, Member> members;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    if (row["release"] == release) members[row["name"]] = {row["bit"], row["bits"]};
  }
  REQUIRE(members.size() > 60);
  return members;
}

// Bit by bit, as little-endian machines lay them out.
std::uint64_t read_bits(Bytes bytes, const Member& member) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < member.bits; ++i) {
    const std::size_t at = member.bit + i;
    value |= (std::to_integer<std::uint64_t>(bytes[at / 8]) >> at % 8 & 1U) << i;
  }
  return value;
}

// The kernel's name of a member, which our key adds the unit to.
std::string kernel_name(std::string_view key) {
  if (key == "tcpi_state") return "tcpi_state";
  std::string name(key);
  for (const std::string_view unit : {"_us", "_ms", "_Bps"})
    if (key.ends_with(unit)) name.resize(name.size() - unit.size());
  return "tcpi_" + name;
}

// What stands for "not set" in the kernel's answer.
bool means_unset(std::string_view key, std::uint64_t value) {
  if (key == "snd_ssthresh") return value == 0x7fffffff;
  if (key == "pacing_rate_Bps" || key == "max_pacing_rate_Bps") return value == ~std::uint64_t{0};
  if (key == "min_rtt_us") return value == 0xffffffff;
  return (key == "rcv_rtt_us" || key == "last_ack_sent_ms") && value == 0;
}

Cell value_of(const Socket& socket, std::string_view release, std::string_view key) {
  for (const Field& field : linux_os::tcp_info_fields(release))
    if (field.key == key) return field.get(&socket, field);
  FAIL("no such member: " << std::string(key));
  return {};
}

// Without the fields that follow from members.
std::span<const Field> members_of(std::string_view release) {
  return linux_os::tcp_info_fields(release).first(linux_os::tcp_info_layouts()[0].fields.size());
}

}  // namespace

TEST_CASE("tcp_info: every member of six kernels reads as the header lays it out, at every length") {
  if (std::endian::native != std::endian::little) return;
  for (const Blob& blob : blobs()) {
    const auto members = layout(blob.release[0] == '7' ? "7.0" : "6.18");
    for (std::size_t length = 0; length <= blob.bytes.size(); ++length) {
      const std::vector<std::byte> exact(blob.bytes.begin(),
                                         blob.bytes.begin() + static_cast<std::ptrdiff_t>(length));
      Socket socket;
      socket.state = State::established;
      socket.tcp_info = exact;
      for (const Field& field : members_of(blob.release)) {
        const Cell cell = field.get(&socket, field);
        const auto member = members.find(kernel_name(field.key));
        if (member == members.end()) {
          REQUIRE_MESSAGE(cell.kind == CellKind::absent, field.key);
          continue;
        }
        // A bit-field is there when the whole word that it is part of is.
        const std::size_t end = field.wire.bits == 0 ? member->second.bit + member->second.bits
                                                     : 8U * (field.wire.offset + field.wire.width);
        const bool there = end <= 8 * length && !means_unset(field.key, read_bits(exact, member->second));
        CAPTURE(field.key);
        REQUIRE((cell.kind == CellKind::number) == there);
        if (there) REQUIRE(cell.number == read_bits(exact, member->second));
      }
    }
  }
}

TEST_CASE("tcp_info: every member of the header has a row, in both layouts") {
  for (const char* release : {"6.18", "7.0"}) {
    const auto members = layout(release);
    std::size_t known = 0;
    for (const Field& field : members_of(release)) known += members.count(kernel_name(field.key));
    for (const auto& member : members) {
      const auto fields = members_of(release);
      const bool has_row = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
        return kernel_name(field.key) == member.first;
      });
      CHECK_MESSAGE(has_row, member.first);
    }
    CHECK(known == members.size());
  }
}

TEST_CASE("tcp_info: a live connection's figures") {
  for (const Blob& blob : blobs()) {
    CAPTURE(blob.release);
    Socket socket;
    socket.state = State::established;
    socket.tcp_info = blob.bytes;
    const bool client = blob.end == "client";
    // The client has sent 550 bytes; its SYN counts as one more when it is acknowledged.
    CHECK(value_of(socket, blob.release, "bytes_received").number == (client ? 0 : 550));
    CHECK(value_of(socket, blob.release, "bytes_sent").number == (client ? 550 : 0));
    CHECK(value_of(socket, blob.release, "bytes_acked").number == (client ? 551 : 0));
    CHECK(value_of(socket, blob.release, "snd_wscale").number == 7);
    CHECK(value_of(socket, blob.release, "snd_ssthresh").kind == CellKind::absent);
    CHECK(value_of(socket, blob.release, "tcpi_state").number == 1);
    const bool has_rcv_wnd = blob.bytes.size() >= 236;
    CHECK((value_of(socket, blob.release, "rcv_wnd").kind == CellKind::number) == has_rcv_wnd);
  }
}

TEST_CASE("tcp_info: the last four bytes are laid out by release") {
  std::vector<std::byte> bytes(280);
  // 6.18: fail mode 0x0005, option seen 0x0002; 7.0: the same bits read as one word.
  bytes[276] = std::byte{0x05};
  bytes[278] = std::byte{0x02};
  Socket socket;
  socket.state = State::established;
  socket.tcp_info = bytes;
  if (std::endian::native != std::endian::little) return;
  for (const char* old : {"6.18.12", "6.19", "6.18.44-amd64", "5.10", "", "strange"}) {
    CHECK(value_of(socket, old, "accecn_fail_mode").number == 5);
    CHECK(value_of(socket, old, "accecn_opt_seen").number == 2);
    CHECK(value_of(socket, old, "ecn_mode").kind == CellKind::absent);
    CHECK(value_of(socket, old, "options2").kind == CellKind::absent);
  }
  for (const char* recent : {"7.0", "7.2.13-1-amd64", "10.1"}) {
    CHECK(value_of(socket, recent, "ecn_mode").number == 1);
    CHECK(value_of(socket, recent, "accecn_opt_seen").number == 1);
    CHECK(value_of(socket, recent, "accecn_fail_mode").number == 0);
    CHECK(value_of(socket, recent, "options2").number == 0x200);
  }
}

TEST_CASE("tcp_info: a listener has only what the kernel fills in for it") {
  const Blob blob = blobs().back();
  Socket socket;
  socket.state = State::listen;
  socket.tcp_info = blob.bytes;
  std::vector<std::string_view> there;
  for (const Field& field : members_of(blob.release))
    if (field.get(&socket, field).kind != CellKind::absent) there.push_back(field.key);
  // max_pacing_rate is one of them, but unlimited here.
  CHECK(there == std::vector<std::string_view>{"tcpi_state", "snd_cwnd", "reordering", "pacing_rate_Bps"});
}

TEST_CASE("tcp_info: both layouts have the same keys, in one order") {
  const auto old = linux_os::tcp_info_fields("6.18"), recent = linux_os::tcp_info_fields("7.0");
  REQUIRE(old.size() == recent.size());
  for (std::size_t i = 0; i < old.size(); ++i) CHECK(old[i].key == recent[i].key);
}

TEST_CASE("tcp_info: the bits of its options, and the rate that follows from window and time") {
  constexpr const char* kKeys[] = {"opt_timestamps",    "opt_sack",          "opt_wscale",
                                   "opt_ecn",           "opt_ecn_seen",      "opt_syn_data",
                                   "opt_us_timestamps", "opt_fastopen_child"};
  std::vector<std::byte> bytes(104);
  Socket socket;
  socket.state = State::established;
  socket.tcp_info = bytes;
  for (std::size_t bit = 0; bit < std::size(kKeys); ++bit) {
    bytes[5] = static_cast<std::byte>(1U << bit);
    for (std::size_t i = 0; i < std::size(kKeys); ++i) {
      const Cell cell = value_of(socket, "6.1", kKeys[i]);
      CHECK(cell.kind == CellKind::boolean);
      CHECK((cell.number != 0) == (i == bit));
    }
  }
  const auto put = [&](std::size_t at, std::uint32_t number) { std::memcpy(&bytes[at], &number, 4); };
  put(16, 1448), put(80, 10);
  CHECK(value_of(socket, "6.1", "cwnd_rate_Bps").kind == CellKind::absent);  // no round trip was measured
  put(68, 20'000);
  CHECK(value_of(socket, "6.1", "cwnd_rate_Bps").number == 724'000);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    socket.tcp_info = Bytes(bytes).first(size);
    CHECK((value_of(socket, "6.1", "cwnd_rate_Bps").kind == CellKind::number) == (size >= 84));
    CHECK((value_of(socket, "6.1", "opt_sack").kind == CellKind::boolean) == (size >= 6));
  }
  socket.tcp_info = bytes;
  socket.state = State::listen;
  CHECK(value_of(socket, "6.1", "cwnd_rate_Bps").kind == CellKind::absent);
  CHECK(value_of(socket, "6.1", "opt_sack").kind == CellKind::absent);
}
