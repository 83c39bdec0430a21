#include "core/interface.h"

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "core/interface_lines.h"
#include "core/output.h"
#include "platform/linux/backend.h"
#include "platform/replay/recording.h"
#include "tests/core/support.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

constexpr std::uint32_t kEthernet = kLinkUp | kLinkBroadcast | kLinkMulticast;

Address read(const std::string& text) { return text.empty() ? Address() : read_address(text).value(); }

InterfaceAddress address(const std::string& text, unsigned length, const std::string& other = "",
                         const std::string& label = "", std::uint32_t flags = kEthernet) {
  InterfaceAddress address;
  address.address = read(text);
  address.prefix_length = length;
  address.other = read(other);
  address.label = label;
  address.link_flags = flags;
  return address;
}

Interface made(const std::string& name, std::uint32_t flags = kEthernet) {
  Interface link;
  link.name = name;
  link.index = 4;
  link.flags = flags;
  link.link_type = 1;
  return link;
}

std::string erlang(const Interface& interface) {
  std::string text;
  append_erlang_interface(text, interface);
  return text;
}

void count(Interface& link, std::vector<std::uint64_t> counters) {
  link.counters.resize(8 * counters.size());
  std::memcpy(link.counters.data(), counters.data(), link.counters.size());
}

std::string text_of(const std::vector<UnderLine>& lines) {
  std::string text;
  for (const UnderLine& line : lines) text += line.text + "\n";
  return text;
}

nlohmann::json json_of(const InterfaceRow& row) {
  std::string text;
  Out out(sink_to(text));
  const FieldTable table = interface_fields();
  Document document;
  document.columns = table.all();
  const auto output = find_format("ndjson")->make(out, {});
  output->begin(document);
  output->row(&row);
  output->end({});
  out.flush();
  return nlohmann::json::parse(text);
}

std::string file_text(const std::string& name) {
  std::ifstream file(std::string(TEST_DATA) + "/recordings/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Names as lists of numbers, as ~w writes them.
std::string with_plain_lists(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"') {
      plain += text[i];
      continue;
    }
    plain += '[';
    for (++i; text[i] != '"'; ++i) {
      if (text[i] == '\\') ++i;
      plain += (plain.back() == '[' ? "" : ",") + std::to_string(static_cast<unsigned char>(text[i]));
    }
    plain += ']';
  }
  return plain;
}

}  // namespace

TEST_CASE("interface: inet's flags, in its order, and running of all that is up") {
  CHECK(erlang(made("a", 0)) == R"({"a",[{flags,[]}]})");
  CHECK(erlang(made("a", kLinkRunning)) == R"({"a",[{flags,[]}]})");
  CHECK(erlang(made("a", kLinkUp)) == R"({"a",[{flags,[up,running]}]})");
  CHECK(erlang(made("a", 0xffffffffU)) ==
        R"({"a",[{flags,[up,broadcast,loopback,pointtopoint,running,multicast]}]})");
}

TEST_CASE("interface: what is in the union is called by the link's flags") {
  Interface one = made("a");
  one.addresses = {address("10.0.0.1", 8, "10.0.0.9")};
  CHECK(erlang(one) ==
        "{\"a\",[{flags,[up,broadcast,running,multicast]},{addr,{10,0,0,1}},{netmask,{255,0,0,0}},"
        "{broadaddr,{10,0,0,9}}]}");
  one.flags = one.addresses[0].link_flags = kLinkUp | kLinkPointToPoint | kLinkBroadcast;
  CHECK(erlang(one).find("{dstaddr,{10,0,0,9}}") != std::string::npos);
  CHECK(erlang(one).find("broadaddr") == std::string::npos);
  one.flags = one.addresses[0].link_flags = kLinkUp | kLinkLoopback;
  CHECK(erlang(one).find("{10,0,0,9}") == std::string::npos);
  one.addresses = {address("fe80::77", 64)};
  CHECK(erlang(one).find("{addr,{65152,0,0,0,0,0,0,119}},{netmask,{65535,65535,65535,65535,0,0,0,0}}]") !=
        std::string::npos);
}

TEST_CASE("interface: the hardware address is last, and need not be six bytes") {
  Interface one = made("a");
  one.hwaddr = {2, 252, 0, 0, 0, 1};
  one.addresses = {address("10.0.0.1", 32)};
  CHECK(erlang(one).ends_with("{netmask,{255,255,255,255}},{hwaddr,[2,252,0,0,0,1]}]}"));
  one.hwaddr = {10, 0, 0, 1};
  CHECK(hardware_text(one.hwaddr) == "0a:00:00:01");
  CHECK(hardware_text({}).empty());
}

TEST_CASE("interface: labels are interfaces after all links, in the order of their addresses") {
  Interface first = made("v0"), second = made("v1");
  first.hwaddr = second.hwaddr = {1, 2, 3, 4, 5, 6};
  first.addresses = {address("10.0.0.1", 8, "", "v0"), address("10.0.0.2", 8, "", "v0:b")};
  second.addresses = {address("10.0.0.3", 8, "", "v1:a"), address("10.0.0.4", 8, "", "v0:b"),
                      address("10.0.0.5", 8, "", "v1")};
  first.addresses[0].position = 4;
  first.addresses[1].position = 3;
  second.addresses[0].position = 0;
  second.addresses[1].position = 2;
  second.addresses[2].position = 1;
  const auto all = inet_interfaces({first, second});
  REQUIRE(all.size() == 4);
  CHECK(all[0].addresses.size() == 1);
  CHECK(to_text(all[1].addresses.at(0).address) == "10.0.0.5");
  CHECK(all[2].name == "v1:a");
  CHECK(all[2].lower == "v1");
  CHECK_FALSE(all[2].is_link);
  CHECK(all[3].name == "v0:b");
  CHECK(to_text(all[3].addresses.at(0).address) == "10.0.0.4");
  CHECK(to_text(all[3].addresses.at(1).address) == "10.0.0.2");
  CHECK(erlang(all[3]).find("hwaddr") == std::string::npos);
  CHECK(about(all[2]) == "label@v1");
  CHECK(state_of(all[2]).empty());
}

TEST_CASE("interface: a label that is another link's name makes a second set of flags") {
  Interface down = made("v10", kLinkBroadcast), up = made("v1");
  down.hwaddr = {1};
  up.addresses = {address("10.0.0.1", 8, "", "v10")};
  const auto all = inet_interfaces({down, up});
  REQUIRE(all.size() == 2);
  CHECK(erlang(all[0]) ==
        "{\"v10\",[{flags,[broadcast]},{hwaddr,[1]},{flags,[up,broadcast,running,multicast]},"
        "{addr,{10,0,0,1}},{netmask,{255,0,0,0}}]}");
}

TEST_CASE("interface: names in Erlang are text only where all of it is printable ASCII") {
  CHECK(erlang(made("eth0", 0)).starts_with("{\"eth0\","));
  CHECK(erlang(made("q\"\\z", 0)).starts_with("{\"q\\\"\\\\z\","));
  CHECK(erlang(made("\xc3\xa9"
                    "0",
                    0))
            .starts_with("{[195,169,48],"));
  CHECK(erlang(made("a\nb", 0)).starts_with("{[97,10,98],"));
  CHECK(erlang(made("a\x7f", 0)).starts_with("{[97,127],"));
}

TEST_CASE("interface: the term of a recorded scene is the one that Erlang returned") {
  auto recording = replay::read_recording(file_text("interfaces.rec"));
  REQUIRE(recording.has_value());
  auto kernel = replay::recorded_kernel(std::move(*recording));
  REQUIRE(kernel.has_value());
  const auto backend = linux_os::make_backend(std::move(*kernel));
  Notes notes;
  auto links = backend->interfaces(kNeedLinkCounters | kNeedLinkSpeed, notes);
  REQUIRE(links.has_value());
  CHECK(notes.empty());
  std::string text = "{ok,[";
  for (const Interface& interface : inet_interfaces(std::move(*links))) {
    if (text.back() != '[') text += ',';
    append_erlang_interface(text, interface);
  }
  CHECK(with_plain_lists(text) + "]}\n" == file_text("interfaces.term"));
}

TEST_CASE("interface: the state is what a person would say") {
  Interface one = made("a");
  CHECK(state_of(one) == "up");
  one.operstate = 0;  // unknown, as tun and loopback say
  CHECK(state_of(one) == "up");
  one.carrier = 0;
  CHECK(state_of(one) == "no-carrier");
  one.carrier = 1;
  one.operstate = 2;
  CHECK(state_of(one) == "no-carrier");
  one.operstate = 3;
  CHECK(state_of(one) == "lower-down");
  one.operstate = 5;
  CHECK(state_of(one) == "dormant");
  one.operstate = 1;
  CHECK(state_of(one) == "absent");
  one.operstate = 6;
  CHECK(state_of(one) == "up");
  one.flags = 0;
  CHECK(state_of(one) == "down");
}

TEST_CASE("interface: kinds in a word") {
  Interface one = made("a");
  CHECK(about(one) == "ethernet");
  one.link_type = 772;
  CHECK(about(one) == "loopback");
  one.link_type = 4242;
  CHECK(about(one) == "link");
  one.kind = "vlan";
  one.vlan_id = 5;
  one.lower = "eth0";
  CHECK(about(one) == "vlan:5@eth0");
  one.lower.clear();
  one.lower_index = 7;
  CHECK(about(one) == "vlan:5@if7");
}

TEST_CASE("interface: a row as JSON has Erlang's words and the truth") {
  Interface one = made("a");
  one.hwaddr = {1, 2};
  one.addresses = {address("10.0.0.1", 24, "10.0.0.2")};
  one.addresses[0].peer = one.addresses[0].other;
  one.addresses[0].flags = 0x81;
  one.addresses[0].scope = 7;
  one.altnames = {"b", "c\x1b"};
  count(one, {1, 2, 3, 0xffffffffffffffffULL});
  const auto row = json_of(InterfaceRow(one));
  CHECK(
      row["opts"].dump() ==
      R"([["flags",["up","broadcast","running","multicast"]],["addr","10.0.0.1"],["netmask","255.255.255.0"],)"
      R"(["broadaddr","10.0.0.2"],["hwaddr",[1,2]]])");
  CHECK(row["flags"].size() == 4);
  CHECK(row["hwaddr"] == "01:02");
  CHECK(row["altnames"] == nlohmann::json({"b", "c\x1b"}));
  const auto& of = row["addresses"][0];
  CHECK(of["broadcast"].is_null());
  CHECK(of["peer"] == "10.0.0.2");
  CHECK(of["broadaddr"] == "10.0.0.2");
  CHECK(of["dstaddr"].is_null());
  CHECK(of["flags"] == nlohmann::json({"secondary", "permanent"}));
  CHECK(of["scope"] == "7");
  CHECK(of["valid_lft_s"].is_null());
  CHECK(row["rx_packets"] == 1);
  CHECK(row["tx_bytes"] == 0xffffffffffffffffULL);
  CHECK(row["rx_errors"].is_null());  // the kernel did not send so much
  CHECK(row["event"].is_null());
  CHECK(row["netns"].is_null());
}

TEST_CASE("interface: what is absent of a label") {
  Interface label = made("a:1");
  label.is_link = false;
  const auto row = json_of(InterfaceRow(label));
  for (const char* key : {"index", "state", "operstate", "carrier", "mtu", "kind", "link_type", "hwaddr",
                          "altnames", "kernel_flags", "rx_bytes", "speed_mbps"})
    CHECK_MESSAGE(row[key].is_null(), key);
  CHECK(row["flags"].size() == 4);
}

TEST_CASE("interface: every key is there once") {
  const FieldTable table = interface_fields();
  std::set<std::string_view> keys;
  for (const Field* field : table.all()) CHECK_MESSAGE(keys.insert(field->key).second, field->key);
}

TEST_CASE("interface: changes are facts, not counts and clocks") {
  Interface before = made("a"), after = before;
  count(before, {1});
  count(after, {2});
  after.carrier_changes = 3;
  after.addresses = {address("10.0.0.1", 8)};
  CHECK(link_changes(before, after).empty());
  after.mtu = 1400;
  after.altnames = {"b"};
  const auto changes = link_changes(before, after);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].key == "mtu");
  CHECK(changes[0].before == "-");
  CHECK(changes[0].after == "1400");
  CHECK(changes[1].key == "altnames");
}

TEST_CASE("interface: rates are rounded, and absent where counters went back") {
  Interface before = made("a"), after = before;
  CHECK_FALSE(rates_between(before, after, 1).has_value());
  count(before, {10, 20, 1000, 2000});
  count(after, {15, 20, 1001, 5000});
  const auto rates = rates_between(before, after, 2);
  REQUIRE(rates.has_value());
  CHECK(rates->rx_packets == 3);
  CHECK(rates->tx_packets == 0);
  CHECK(rates->rx_bytes == 1);
  CHECK(rates->tx_bytes == 1500);
  CHECK_FALSE(rates_between(after, before, 2).has_value());
  CHECK_FALSE(rates_between(before, after, 0).has_value());
}

TEST_CASE("interface: addresses under a row") {
  Interface one = made("a");
  one.addresses = {address("10.0.0.1", 8, "", "a"), address("2001:db8::1", 64),
                   address("10.0.0.2", 8, "", "a:\x1b")};
  one.addresses[0].broadcast = read("10.255.255.255");
  one.addresses[1].flags = 0x40;
  one.addresses[1].valid_s = 90061;
  one.addresses[1].scope = 253;
  one.addresses[2].flags = 0x20;
  const InterfaceRow row(one);
  std::vector<UnderLine> lines;
  append_address_lines(lines, row, 0);
  CHECK(text_of(lines) ==
        "    10.0.0.1/8      broadcast 10.255.255.255\n"
        "    2001:db8::1/64  link  tentative  valid 1d 1h\n"
        "    10.0.0.2/8      deprecated  label a:\\x1b\n");
  CHECK((lines[0].tone == Tone::plain));
  CHECK((lines[1].tone == Tone::warning));
  CHECK((lines[2].tone == Tone::faint));
  lines.clear();
  append_address_lines(lines, row, 30);
  CHECK(text_of(lines) ==
        "    10.0.0.1/8\n        broadcast 10.255.255.255\n"
        "    2001:db8::1/64  link\n        tentative  valid 1d 1h\n"
        "    10.0.0.2/8      deprecated\n        label a:\\x1b\n");
  for (std::size_t width = 1; width < 20; ++width) append_address_lines(lines, row, width);
}

TEST_CASE("interface: counters under a row") {
  Interface one = made("a");
  std::vector<UnderLine> lines;
  append_counter_lines(lines, InterfaceRow(one), true, 0);
  CHECK(lines.empty());
  count(one, {5, 12345, 999, 2048, 0, 0, 3, 0, 4, 6});
  const InterfaceRow row(one);
  append_counter_lines(lines, row, false, 0);
  CHECK(text_of(lines) ==
        "    rx  999 bytes          5 packets  3 dropped  4 multicast\n"
        "    tx  2048 bytes (2.0K)  12345 packets  6 collisions\n");
  lines.clear();
  append_counter_lines(lines, row, true, 0);
  CHECK(lines[0].text.find("0 errors  3 dropped") != std::string::npos);
}

TEST_CASE("interface: a line for an event") {
  Interface before = made("a"), after = before;
  after.mtu = 1400;
  after.flags = kLinkUp | kLinkLowerUp;
  InterfaceEvent event{
      .change = InterfaceChange::changed, .time_us = 1'700'000'000'123'456, .now = &after, .before = &before};
  CHECK(event_line(InterfaceRow(event)) ==
        "22:13:20.123Z  changed          a  mtu - -> 1400  flags +lower_up -broadcast -multicast");
  const InterfaceAddress one = address("10.0.0.1", 8);
  event = {.change = InterfaceChange::address_added,
           .time_us = 0,
           .now = &after,
           .before = nullptr,
           .address = &one};
  CHECK(event_line(InterfaceRow(event)) == "00:00:00.000Z  address_added    a  10.0.0.1/8");
  event = {
      .change = InterfaceChange::removed, .time_us = 0, .now = &after, .before = nullptr, .address = nullptr};
  CHECK(event_line(InterfaceRow(event)) == "00:00:00.000Z  deleted          a  up  ethernet");
}
