// TCP_INFO of the other platforms, against members and offsets of their headers (tests/data/README.md).
#include "platform/tcp_info_layouts.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/hex.h"

using namespace inetctl;

namespace {

struct Member {
  std::size_t bit, bits;
};
struct Structure {
  std::size_t size = 0;
  std::map<std::string, Member> members;
};

std::map<std::string, Structure> structures() {
  std::ifstream file(std::string(TEST_DATA) + "/tcp_info/platforms.jsonl");
  std::map<std::string, Structure> all;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    Structure& structure = all[row["layout"]];
    structure.size = row["size"];
    structure.members[row["name"]] = {row["bit"], row["bits"]};
  }
  REQUIRE(all.size() == 8);
  return all;
}

std::string layout_name(const TcpInfoLayout& layout) {
  return std::string(layout.platform) + (layout.version.empty() ? "" : ":") + std::string(layout.version);
}

// Our key without unit and underscores, as the header's name without prefix and capitals: "rttus", "cwnd".
std::string bare(std::string name) {
  for (const std::string_view prefix : {"tcpi_"})
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  std::string letters;
  for (const char c : name)
    if (c != '_') letters += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return letters;
}
bool same_member(std::string_view key, const std::string& name) {
  std::string shorter(key);
  for (const std::string_view unit : {"_us", "_ms"})
    if (shorter.ends_with(unit)) shorter.resize(shorter.size() - unit.size());
  return bare(std::string(key)) == bare(name) || bare(shorter) == bare(name);
}

std::uint64_t read_bits(Bytes bytes, const Member& member) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < member.bits; ++i) {
    const std::size_t at = member.bit + i;
    value |= (std::to_integer<std::uint64_t>(bytes[at / 8]) >> at % 8 & 1U) << i;
  }
  return value;
}

// Bytes that differ from each other, so that a wrong offset shows.
std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint32_t state = 12345;
  for (std::byte& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 24);
  }
  return bytes;
}

const TcpInfoLayout& layout_of(std::string_view name, std::size_t size = 0) {
  const auto found = find_layout(known_tcp_info_layouts(), name, size, {});
  REQUIRE(found);
  return **found;
}

const Fact* fact(const std::vector<Fact>& facts, std::string_view name) {
  const auto found = std::find_if(facts.begin(), facts.end(), [&](const Fact& f) { return f.name == name; });
  return found == facts.end() ? nullptr : &*found;
}

void put32(std::vector<std::byte>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::byte>(value >> 8 * i);
}

}  // namespace

TEST_CASE("tcp_info layouts: every member reads as its header lays it out, at every length") {
  if (std::endian::native != std::endian::little) return;
  for (const auto& entry : structures()) {
    const std::string& name = entry.first;
    const auto& structure = entry.second;
    CAPTURE(name);
    const TcpInfoLayout& layout = layout_of(name);
    REQUIRE(layout_name(layout) == name);
    CHECK(layout.size == structure.size);
    CHECK(layout.fields.size() == structure.members.size());
    const std::vector<std::byte> whole = pattern(structure.size);
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const std::vector<std::byte> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      Socket socket;
      socket.tcp_info = exact;
      for (const Field& field : layout.fields) {
        CAPTURE(field.key);
        const auto member = std::find_if(structure.members.begin(), structure.members.end(),
                                         [&](const auto& m) { return same_member(field.key, m.first); });
        REQUIRE(member != structure.members.end());
        const std::size_t end = 8U * (field.wire.offset + field.wire.width);
        const Cell cell = field.get(&socket, field);
        REQUIRE((cell.kind == CellKind::number) == (end <= 8 * length));
        if (cell.kind == CellKind::number) REQUIRE(cell.number == read_bits(exact, member->second));
      }
    }
  }
}

TEST_CASE("tcp_info layouts: facts of any length of any platform, from buffers of their exact size") {
  for (const TcpInfoLayout& layout : known_tcp_info_layouts()) {
    const std::vector<std::byte> whole = pattern(layout.size + 9);
    std::size_t last = 0;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const std::vector<std::byte> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const Socket socket = socket_of(layout, exact);
      const std::size_t count = tcp_info_facts(layout, socket).size();
      CHECK(count >= last);
      last = count;
      if (length == layout.size + 9) CHECK(future_bytes(layout, exact).size() >= 9);
    }
    CHECK(last >= 19);
  }
}

TEST_CASE("tcp_info layouts: one number is four different states; all are told in the same words") {
  const std::vector<std::pair<std::string_view, State>> four = {{"linux", State::fin_wait1},
                                                                {"freebsd", State::established},
                                                                {"openbsd", State::established},
                                                                {"macos", State::established},
                                                                {"windows", State::established}};
  for (const auto& [name, state] : four) {
    std::vector<std::byte> bytes(32);
    bytes[0] = std::byte{4};
    CHECK(socket_of(layout_of(name), bytes).state == state);
  }
  for (const auto& [name, number] : {std::pair{"linux", 10}, {"freebsd", 1}, {"macos", 1}, {"windows", 1}}) {
    std::vector<std::byte> bytes(32);
    bytes[0] = static_cast<std::byte>(number);
    const Socket socket = socket_of(layout_of(name), bytes);
    CHECK(socket.state == State::listen);
    CHECK(fact(tcp_info_facts(layout_of(name), socket), "tcpi_state")->text == "LISTEN");
  }
  std::vector<std::byte> strange(4, std::byte{0xff});
  for (const TcpInfoLayout& layout : known_tcp_info_layouts())
    CHECK(socket_of(layout, strange).state == State::none);
}

TEST_CASE("tcp_info layouts: the congestion window is told in segments and in bytes") {
  const auto window = [](std::string_view name, std::size_t mss_at, std::size_t window_at, std::uint32_t mss,
                         std::uint32_t value, std::string_view other) -> std::uint64_t {
    std::vector<std::byte> bytes(128);
    put32(bytes, mss_at, mss);
    put32(bytes, window_at, value);
    const Socket socket = socket_of(layout_of(name), bytes);
    const auto facts = tcp_info_facts(layout_of(name), socket);
    const Fact* found = fact(facts, other);
    return found == nullptr ? 0 : *found->value;
  };
  if (std::endian::native != std::endian::little) return;
  CHECK(window("linux", 16, 80, 1448, 10, "snd_cwnd_bytes") == 14480);
  CHECK(window("freebsd", 16, 80, 1448, 14480, "snd_cwnd_segments") == 10);
  CHECK(window("openbsd", 16, 80, 1448, 14479, "snd_cwnd_segments") == 9);
  CHECK(window("macos", 16, 24, 1000, 5000, "snd_cwnd_segments") == 5);
  CHECK(window("windows", 4, 32, 1000, 5000, "cwnd_segments") == 5);
  CHECK(window("windows", 4, 32, 0, 5000, "cwnd_segments") == 0);  // without a segment size, no division
}

TEST_CASE("tcp_info layouts: a Linux listener has a queue and its limit in place of segments") {
  if (std::endian::native != std::endian::little) return;
  std::vector<std::byte> bytes(280);
  bytes[0] = std::byte{10};
  put32(bytes, 24, 3);
  put32(bytes, 28, 128);
  const auto facts = tcp_info_facts(layout_of("linux"), socket_of(layout_of("linux"), bytes));
  CHECK(fact(facts, "unacked") == nullptr);
  CHECK(fact(facts, "sacked") == nullptr);
  CHECK(*fact(facts, "accept_queue")->value == 3);
  CHECK(*fact(facts, "accept_limit")->value == 128);
  CHECK(fact(facts, "snd_cwnd_bytes") == nullptr);
}

TEST_CASE("tcp_info layouts: numbers have words, bits each their own") {
  std::vector<std::byte> bytes(16);
  bytes[0] = std::byte{1};
  bytes[1] = std::byte{3};
  bytes[5] = std::byte{0x15};
  const auto facts = tcp_info_facts(layout_of("linux"), socket_of(layout_of("linux"), bytes));
  CHECK(fact(facts, "ca_state")->text == "Recovery");
  CHECK(fact(facts, "options")->text == "timestamps wscale ecn_seen");
  bytes[1] = std::byte{77};  // a state of some later kernel
  CHECK(fact(tcp_info_facts(layout_of("linux"), socket_of(layout_of("linux"), bytes)), "ca_state")->text ==
        "");
}

TEST_CASE("tcp_info layouts: names, versions and lengths choose") {
  const auto chosen = [](std::string_view name, std::size_t size) {
    return layout_name(layout_of(name, size));
  };
  CHECK(chosen("freebsd:13.2", 0) == "FreeBSD:13");
  CHECK(chosen("FreeBSD:9", 0) == "FreeBSD:13");
  CHECK(chosen("freebsd:14", 0) == "FreeBSD:14");
  CHECK(chosen("freebsd:16.0-CURRENT", 0) == "FreeBSD:15");
  CHECK(chosen("freebsd", 236) == "FreeBSD:13");
  CHECK(chosen("freebsd", 240) == "FreeBSD:14");
  CHECK(chosen("freebsd", 256) == "FreeBSD:15");
  CHECK(chosen("freebsd", 300) == "FreeBSD:15");
  CHECK(chosen("windows", 88) == "Windows:v0");
  CHECK(chosen("windows", 136) == "Windows:v1");
  CHECK(chosen("windows", 152) == "Windows:v2");
  CHECK(chosen("windows:v1", 152) == "Windows:v1");
  CHECK(chosen("windows:0", 152) == "Windows:v0");
  CHECK(chosen("linux:6.1.0-amd64", 0) == "Linux:6.18");
  CHECK(chosen("linux:7.3", 0) == "Linux:7.0");
  CHECK(chosen("macos", 112) == "macOS");
  const auto own = layout_of("linux:7").fields;
  CHECK(layout_name(**find_layout(known_tcp_info_layouts(), "linux", 280, own)) == "Linux:7.0");
  for (const char* wrong : {"", "netbsd", "linux ", "lin", ":7", "freebsd:", "freebsd:x", "windows:v",
                            "linux:7x", "linux:-1", "linux:99999999999"})
    CHECK_MESSAGE(!find_layout(known_tcp_info_layouts(), wrong, 0, {}), wrong);
}

TEST_CASE("tcp_info layouts: bytes of a later release are kept, padding is none") {
  std::vector<std::byte> bytes(236);
  CHECK(future_bytes(layout_of("freebsd:13"), bytes).empty());
  bytes[232] = std::byte{1};
  CHECK(future_bytes(layout_of("freebsd:13"), bytes).size() == 104);
  std::vector<std::byte> longer(288);
  CHECK(to_hex(future_bytes(layout_of("linux"), longer)) == "0000000000000000");
  CHECK(future_bytes(layout_of("linux"), Bytes(longer).first(280)).empty());
  CHECK(future_bytes(layout_of("linux"), {}).empty());
}
