// How options and their values are spelt, and what they are turned into.
#include "core/option_text.h"

#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>

#include "core/hex.h"
#include "core/option_value.h"
#include "core/text.h"
#include "platform/linux/socket_options.h"
#include "tests/core/fake_sockets.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

// "TCP_NODELAY 6:1 01000000", or the cause of the error.
std::string one(const OptionRequest& request) {
  std::string text = request.option != nullptr   ? std::string(request.option->name)
                     : request.erlang != nullptr ? join("runtime:", request.erlang->name)
                                                 : "raw";
  text += join(" ", std::to_string(request.level), ":", std::to_string(request.number));
  if (request.room != 0) text += join(" room ", std::to_string(request.room));
  if (request.value && request.of_kernel()) text += join(" ", to_hex(*request.value));
  if (request.value && !request.of_kernel()) text += join(" ", *request.value);
  return text;
}
std::string read(std::string_view text, SocketKind kind = SocketKind::tcp) {
  const auto requests = read_options(linux_os::socket_options(), kind, text);
  if (!requests) {
    CHECK(requests.error().kind == Kind::usage);
    REQUIRE(requests.error().place);
    CHECK(requests.error().place->offset <= text.size());
    return requests.error().cause;
  }
  std::string all;
  for (const OptionRequest& request : *requests) all += join(all.empty() ? "" : "; ", one(request));
  return all;
}

const SocketOption& option(std::string_view name) {
  const SocketOption* found = find_option(linux_os::socket_options(), name);
  REQUIRE(found != nullptr);
  return *found;
}
// The value there and back: "30 = 1e000000".
std::string value(std::string_view name, std::string_view text) {
  const auto bytes = read_value(option(name), text);
  if (!bytes) return bytes.error().cause;
  return join(show_value(option(name), *bytes), " = ", to_hex(*bytes));
}

}  // namespace

// Digits below are those of little-endian machines; their values are compared everywhere else.
TEST_CASE("options are named by Erlang, by the kernel and by number") {
  CHECK(read("nodelay") == "TCP_NODELAY 6:1");
  CHECK(read("TCP_NODELAY") == "TCP_NODELAY 6:1");
  CHECK(read("tcp_nodelay") == "TCP_NODELAY 6:1");
  CHECK(read("raw:6:1") == "TCP_NODELAY 6:1");
  CHECK(read("6:1") == "TCP_NODELAY 6:1");
  CHECK(read("raw:6:11:92") == "TCP_INFO 6:11 room 92");
  CHECK(read("raw:99:1") == "raw 99:1");
  CHECK(read("active") == "runtime:active 0:0");
  CHECK(read("active=once") == "runtime:active 0:0 once");
  CHECK(read("multicast_loop") == "IP_MULTICAST_LOOP 0:34");
  CHECK(read("multicast_loop", SocketKind::udp6) == "IPV6_MULTICAST_LOOP 41:19");
  CHECK(read("MCAST_JOIN_GROUP", SocketKind::udp6) == "MCAST_JOIN_GROUP 41:42");
}

TEST_CASE("options: values after the name") {
  if (int_bytes(1)[0] != 1) return;
  CHECK(read("nodelay=true") == "TCP_NODELAY 6:1 01000000");
  CHECK(read("sndbuf=64k") == "SO_SNDBUF 1:7 00000100");
  CHECK(read("linger={true,5}") == "SO_LINGER 1:13 0100000005000000");
  CHECK(read("TCP_CONGESTION=bbr") == "TCP_CONGESTION 6:13 626272");
  CHECK(read("raw:6:8=i32:30") == "TCP_LINGER2 6:8 1e000000");
  CHECK(read("raw:6:8=30") == "TCP_LINGER2 6:8 1e000000");
  CHECK(read("raw:99:8=u8:1") == "raw 99:8 01");
  CHECK(read("raw:99:8=hex:1e000000") == "raw 99:8 1e000000");
  CHECK(read("raw:99:8=str:bbr") == "raw 99:8 626272");
  CHECK(read("raw:99:8=str:") == "raw 99:8 ");
  CHECK(read("bind_to_device=") == "SO_BINDTODEVICE 1:25 ");
}

TEST_CASE("options: Erlang's terms as they are") {
  if (int_bytes(1)[0] != 1) return;
  CHECK(read("[{nodelay,true},{raw,6,8,<<30:32/native>>}]") ==
        "TCP_NODELAY 6:1 01000000; TCP_LINGER2 6:8 1e000000");
  CHECK(read(" {linger,{true,5}} .") == "SO_LINGER 1:13 0100000005000000");
  CHECK(read("{raw,6,11,92}") == "TCP_INFO 6:11 room 92");
  CHECK(read("[binary,{active,once},inet6,{packet,4}]") ==
        "runtime:binary 0:0; runtime:active 0:0 once; runtime:inet6 0:0; runtime:packet 0:0 4");
  CHECK(read("{bind_to_device,<<\"lo\">>}") == "SO_BINDTODEVICE 1:25 6c6f");
  CHECK(read("{add_membership,{{224,0,0,251},{127,0,0,1}}}", SocketKind::udp) ==
        "IP_ADD_MEMBERSHIP 0:35 e00000fb7f00000100000000");
  CHECK(read("{add_membership,{{224,0,0,251},any,2}}", SocketKind::udp) ==
        "IP_ADD_MEMBERSHIP 0:35 e00000fb0000000002000000");
  CHECK(read("{add_membership,{{65282,0,0,0,0,0,0,251},2}}", SocketKind::udp6) ==
        "IPV6_ADD_MEMBERSHIP 41:20 ff0200000000000000000000000000fb02000000");
  CHECK(read("[]").empty());
}

TEST_CASE("options: mistakes are named") {
  CHECK(read("nodely") == "unknown option 'nodely'; did you mean 'nodelay'?");
  CHECK(read("qqqqqqqq") == "unknown option 'qqqqqqqq'; --list shows all, raw:LEVEL:NUMBER takes any");
  CHECK(read("nodelay=maybe") == "'maybe' is no true or false");
  CHECK(read("raw:6") == "a raw option is raw:LEVEL:NUMBER or raw:LEVEL:NUMBER:LENGTH");
  CHECK(read("raw:6:x") == "a raw option is raw:LEVEL:NUMBER or raw:LEVEL:NUMBER:LENGTH");
  CHECK(read("raw:6:11:0") == "a raw option is raw:LEVEL:NUMBER or raw:LEVEL:NUMBER:LENGTH");
  CHECK(read("raw:6:11:99999999") == "a raw option is raw:LEVEL:NUMBER or raw:LEVEL:NUMBER:LENGTH");
  CHECK(read("raw:-1:1") == "a raw option is raw:LEVEL:NUMBER or raw:LEVEL:NUMBER:LENGTH");
  CHECK(read("raw:99:1=30") ==
        "a raw option's value says its form: =i32:30, =u8:1, =hex:1e000000 or =str:bbr");
  CHECK(read("raw:99:1=u8:256") == "'256' is no number that fits u8");
  CHECK(read("raw:99:1=hex:123") == "'123' is no even number of hexadecimal digits");
  CHECK(read("{raw,6,8,foo}") == "'{raw,6,8,foo}': a raw value is a binary, or a size to read");
  CHECK(read("{raw,6,8}") == "'{raw,6,8}' is not {raw,Level,Number,Binary}");
  CHECK(read("{nodelay,{1,2}}") == "'1,2' is no true or false");
  CHECK(read("[5]") == "'5' is no option: {Name,Value}, {raw,…} or a name");
  CHECK(read("") == "unknown option ''; --list shows all, raw:LEVEL:NUMBER takes any");
  CHECK(read("IPV6_HOPLIMIT") == "IPV6_HOPLIMIT is no option: type of the message with a hop limit");
}

TEST_CASE("values: numbers") {
  if (int_bytes(1)[0] != 1) return;
  CHECK(value("TCP_KEEPIDLE", "30") == "30 = 1e000000");
  CHECK(value("TCP_KEEPIDLE", "0x1e") == "30 = 1e000000");
  CHECK(value("TCP_KEEPIDLE", "2min") == "120 = 78000000");
  CHECK(value("TCP_KEEPIDLE", "-1") == "-1 = ffffffff");
  CHECK(value("TCP_KEEPIDLE", "500ms") ==
        "'500ms' is no time in whole units of the option, as 30, 30s or 500ms");
  CHECK(value("TCP_USER_TIMEOUT", "30s") == "30000 = 30750000");
  CHECK(value("TCP_USER_TIMEOUT", "4294967295") == "4294967295 = ffffffff");
  CHECK(value("TCP_USER_TIMEOUT", "4294967296") == "'4294967296' is no number that fits uint");
  CHECK(value("SO_PRIORITY", "2147483648") == "'2147483648' is no number that fits int");
  CHECK(value("SO_PRIORITY", "9999999999999999999999") ==
        "'9999999999999999999999' is no number, as 30, 0x1e or 64k");
  CHECK(value("SO_SNDBUF", "1M") == "1048576 = 00001000");
  CHECK(value("SO_SNDBUF", "1MiB") == "1048576 = 00001000");
  CHECK(value("SO_SNDBUF", "9999999999999g") == "'9999999999999g' is no number, as 30, 0x1e or 64k");
  CHECK(value("SO_MAX_PACING_RATE", "unlimited") == "unlimited = ffffffffffffffff");
  CHECK(value("SO_MAX_PACING_RATE", "-1") == "unlimited = ffffffffffffffff");
  CHECK(value("SO_TIMESTAMPING", "0x51") == "0x51 = 51000000");
  CHECK(value("SO_REUSEADDR", "on") == "true = 01000000");
  CHECK(value("SO_REUSEADDR", "7") == "7 = 07000000");
  CHECK(value("IP_MTU_DISCOVER", "do") == "do = 02000000");
  CHECK(value("IP_MTU_DISCOVER", "9") == "9 = 09000000");
  CHECK(value("IP_TTL", "u8:5") == "5 = 05");
}

TEST_CASE("values: structures") {
  if (int_bytes(1)[0] != 1 || sizeof(long) != 8) return;
  CHECK(value("SO_LINGER", "{true,5}") == "{true,5} = 0100000005000000");
  CHECK(value("SO_LINGER", "on,5") == "{true,5} = 0100000005000000");
  CHECK(value("SO_LINGER", "5") == "{true,5} = 0100000005000000");
  CHECK(value("SO_LINGER", "off") == "{false,0} = 0000000000000000");
  CHECK(value("SO_LINGER", "{true,-1}") == "{true,-1} = 01000000ffffffff");
  CHECK(value("SO_LINGER", "{true,5,5}") == "'{true,5,5}' is no linger, as {true,5} or off");
  CHECK(value("SO_RCVTIMEO", "1.5s") == "1.5s = 010000000000000020a1070000000000");
  CHECK(value("SO_RCVTIMEO", "200ms") == "0.2s = 0000000000000000400d030000000000");
  CHECK(value("SO_RCVTIMEO", "{1,1000000}") == "{1,1000000} = 010000000000000040420f0000000000");
  CHECK(value("SO_RCVTIMEO", "infinity") == join("0s = ", std::string(32, '0')));
  CHECK(value("SO_RCVTIMEO", "soon") == "'soon' is no time, as 30s, 1.5s, 200ms or {1,500000}");
  CHECK(value("IP_LOCAL_PORT_RANGE", "40000-40999") == "40000-40999 = 409c27a0");
  CHECK(value("IP_LOCAL_PORT_RANGE", "0") == "0 = 00000000");
  CHECK(value("IP_LOCAL_PORT_RANGE", "1-65536") == "'1-65536' is no range of ports, as 40000-40999, or 0");
  CHECK(value("IP_UNICAST_IF", "2") == "2 = 00000002");
  CHECK(value("IP_ADD_SOURCE_MEMBERSHIP", "232.1.1.1,any,10.0.0.1") ==
        "232.1.1.1,0.0.0.0,10.0.0.1 = e8010101000000000a000001");
  CHECK(value("IPV6_ADD_MEMBERSHIP", "ff02::fb,2") ==
        "ff02::fb,2 = ff0200000000000000000000000000fb02000000");
  CHECK(value("TCP_CONGESTION", "i32:5") == "i32:5 = 6933323a35");
  CHECK(value("TCP_CONGESTION", "hex:6263") == "bc = 6263");
}

TEST_CASE("values: any bytes are shown, and what has a text reads back as the same") {
  for (const auto& table : linux_os::socket_options())
    for (const SocketOption& row : table) {
      CAPTURE(row.name);
      for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 8U, 12U, 16U, 20U, 37U}) {
        std::string bytes(size, '\0');
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 37 + 1);
        const std::string text = show_value(row, bytes);
        if (size != room_for(row) || row.type == ValueType::credentials) continue;
        const auto again = read_value(row, text);
        REQUIRE(again);
        CHECK(to_hex(*again) == to_hex(bytes));
      }
    }
}

TEST_CASE("extracts") {
  const auto extract = read_extract("28:u32");
  REQUIRE(extract);
  CHECK(extract->wire.offset == 28);
  CHECK(extract->wire.width == 4);
  for (const char* wrong :
       {"", "28", "28:", ":u32", "28:u33", "x:u8", "28:i32", "-1:u8", "99999:u8", "1:u8:"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_extract(wrong));
  }
}

TEST_CASE("options as Erlang's terms") {
  const auto spelt = [](std::string_view text) {
    const auto requests = read_options(linux_os::socket_options(), SocketKind::tcp, text);
    REQUIRE(requests);
    return erlang_spelling(requests->front());
  };
  CHECK(spelt("TCP_NODELAY=1") == "{nodelay,true}");
  CHECK(spelt("TCP_NODELAY") == "nodelay");
  CHECK(spelt("SO_LINGER=5") == "{linger,{true,5}}");
  CHECK(spelt("raw:6:11:92") == "{raw,6,11,92}");
  CHECK(spelt("TCP_LINGER2") == "{raw,6,8,4}");
  CHECK(spelt("raw:99:1=u8:7") == "{raw,99,1,<<7>>}");
  CHECK(spelt("active=once") == "active");
  CHECK(spelt("tos=16") == "{tos,16}");
}
