// What only some sockets tell. No kernel of the test machines has TLS, SCTP, vegas or dctcp: their attributes
// are put together as net/tls, net/sctp and net/ipv4 lay them out.
#include <doctest/doctest.h>

#include "core/cell_text.h"
#include "core/socket_details.h"
#include "core/socket_store.h"
#include "platform/linux/inet_diag.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

Datagram numbers(std::initializer_list<std::uint32_t> values) {
  Datagram bytes;
  for (const std::uint32_t value : values) put(bytes, value);
  return bytes;
}

struct Decoded {
  Datagram payload;
  SocketDetails details;
  Socket socket;

  explicit Decoded(const Datagram& attributes, std::uint32_t needs = kNeedDetails) {
    Diag diag;
    diag.attributes = attributes;
    payload = payload_of(diag);
    REQUIRE(decode(payload, Protocol::tcp, needs, socket, &details));
  }
  [[nodiscard]] std::string operator[](std::string_view key) const { return text_of(socket, key); }

  static std::string text_of(const Socket& socket, std::string_view key) {
    static const FieldTable table = socket_fields({});
    const Field* field = table.find(key);
    REQUIRE((field != nullptr));
    std::string text;
    append_cell(text, field->get(&socket, *field), Spaces::keep);
    return text;
  }
};

Datagram nest(std::uint16_t type, const Datagram& attributes) {
  return attribute(static_cast<std::uint16_t>(type | 0x8000), attributes);  // NLA_F_NESTED
}

Datagram socket_address(std::uint8_t family, std::uint16_t port,
                        std::initializer_list<std::uint8_t> address) {
  Datagram bytes;
  put(bytes, std::uint16_t{family});
  put(bytes, static_cast<std::uint8_t>(port >> 8));
  put(bytes, static_cast<std::uint8_t>(port));
  if (family == 10) put(bytes, std::uint32_t{0});
  for (const std::uint8_t byte : address) put(bytes, byte);
  bytes.resize(128);
  return bytes;
}

constexpr std::uint16_t kVegas = 3, kDctcp = 9, kLocals = 12, kPeers = 13, kBbr = 16, kClass = 17, kMd5 = 18,
                        kUlp = 19, kSockopt = 22;

}  // namespace

TEST_CASE("details: the figures of congestion controls") {
  const Decoded vegas(attribute(kVegas, numbers({1, 3, 250, 0x7fffffff})));
  CHECK(vegas["vegas_enabled"] == "1");
  CHECK(vegas["vegas_rttcnt"] == "3");
  CHECK(vegas["vegas_rtt_us"] == "250");
  CHECK(vegas["vegas_minrtt_us"] == "-");
  CHECK(vegas["bbr_bw_Bps"] == "-");
  CHECK(congestion_info(vegas.socket).size() == 16);

  const Decoded dctcp(attribute(kDctcp, numbers({0x00010001, 512, 100, 4000})));
  CHECK(dctcp["dctcp_enabled"] == "1");
  CHECK(dctcp["dctcp_ce_state"] == "1");
  CHECK(dctcp["dctcp_alpha"] == "512");
  CHECK(dctcp["dctcp_ab_ecn"] == "100");
  CHECK(dctcp["dctcp_ab_tot"] == "4000");

  const Decoded bbr(attribute(kBbr, numbers({5, 1, 42, 739, 512})));
  CHECK(bbr["bbr_bw_Bps"] == std::to_string((std::uint64_t{1} << 32) + 5));
  CHECK(bbr["bbr_min_rtt_us"] == "42");
  CHECK(bbr["bbr_pacing_gain"] == "739");
  CHECK(bbr["bbr_cwnd_gain"] == "512");
  const Decoded fresh(attribute(kBbr, numbers({0, 0, 0xffffffff, 0, 0})));
  CHECK(fresh["bbr_min_rtt_us"] == "-");
  CHECK(fresh["bbr_pacing_gain"] == "-");
  const Decoded cut(attribute(kBbr, numbers({5, 1})));
  CHECK(cut["bbr_min_rtt_us"] == "-");
  const Decoded shorter(attribute(kBbr, numbers({5})));
  CHECK(shorter["bbr_bw_Bps"] == "-");
}

TEST_CASE("details: what numbers stand for") {
  const FieldTable table = socket_fields({});
  CHECK(detail_text(*table.find("bbr_pacing_gain"), 739) == "2.89");
  CHECK(detail_text(*table.find("bbr_cwnd_gain"), 512) == "2.00");
  CHECK(detail_text(*table.find("dctcp_alpha"), 512) == "0.50");
  CHECK(detail_text(*table.find("mptcp_flags"), 0b11000010) == "capable_local established connected");
  CHECK(detail_text(*table.find("class_id"), 5).empty());
}

TEST_CASE("details: the bits of options") {
  const char* const keys[] = {"recverr",         "is_icsk",      "freebind",
                              "hdrincl",         "mc_loop",      "transparent",
                              "mc_all",          "nodefrag",     "bind_address_no_port",
                              "recverr_rfc4884", "defer_connect"};
  for (std::size_t set = 0; set < std::size(keys); ++set) {
    Datagram bits;
    put(bits, static_cast<std::uint8_t>(1U << set));
    put(bits, static_cast<std::uint8_t>((1U << set) >> 8));
    const Decoded decoded(attribute(kSockopt, bits));
    for (std::size_t i = 0; i < std::size(keys); ++i) {
      CAPTURE(keys[i]);
      CHECK(decoded[keys[i]] == (i == set ? "true" : "false"));
      CHECK(option_bit(decoded.socket, static_cast<OptionBit>(i)) == (i == set));
    }
  }
  CHECK_FALSE(option_bit(Decoded({}).socket, OptionBit::recverr).has_value());
  CHECK(Decoded(attribute(kSockopt, {std::byte{1}}))["defer_connect"] == "-");
}

TEST_CASE("details: TLS and MPTCP on top of TCP") {
  const Decoded tls(
      nest(kUlp, text_attribute(1, "tls") +
                     nest(2, attribute_of<std::uint16_t>(1, 0x0304) + attribute_of<std::uint16_t>(2, 54) +
                                 attribute_of<std::uint16_t>(3, 2) + attribute_of<std::uint16_t>(4, 1) +
                                 attribute(5, {}) + attribute_of<std::uint16_t>(7, 16384))));
  CHECK(tls["ulp"] == "tls");
  CHECK(tls["tls_version"] == "1.3");
  CHECK(tls["tls_cipher"] == "CHACHA20-POLY1305");
  CHECK(tls["tls_txconf"] == "sw");
  CHECK(tls["tls_rxconf"] == "none");
  CHECK(tls["tls_zc_ro_tx"] == "1");
  CHECK(tls["tls_rx_no_pad"] == "-");
  CHECK(tls["tls_tx_max_payload_len"] == "16384");
  CHECK(tls["mptcp_flags"] == "-");
  CHECK(Decoded(nest(kUlp, nest(2, attribute_of<std::uint16_t>(2, 4000))))["tls_cipher"] == "-");

  const Decoded mptcp(
      nest(kUlp, text_attribute(1, "mptcp") +
                     nest(3, attribute_of<std::uint32_t>(1, 11) + attribute_of<std::uint32_t>(2, 22) +
                                 attribute_of<std::uint32_t>(3, 33) +
                                 attribute_of<std::uint64_t>(4, std::uint64_t{1} << 40) +
                                 attribute_of<std::uint32_t>(5, 55) + attribute_of<std::uint32_t>(6, 66) +
                                 attribute_of<std::uint16_t>(7, 77) + attribute_of<std::uint32_t>(8, 0xc3) +
                                 attribute_of<std::uint8_t>(9, 1) + attribute_of<std::uint8_t>(10, 2))));
  CHECK(mptcp["ulp"] == "mptcp");
  CHECK(mptcp["mptcp_token_remote"] == "11");
  CHECK(mptcp["mptcp_token_local"] == "22");
  CHECK(mptcp["mptcp_relwrite_seq"] == "33");
  CHECK(mptcp["mptcp_map_seq"] == "1099511627776");
  CHECK(mptcp["mptcp_map_sfseq"] == "55");
  CHECK(mptcp["mptcp_ssn_offset"] == "66");
  CHECK(mptcp["mptcp_map_datalen"] == "77");
  CHECK(mptcp["mptcp_flags"] == "195");
  CHECK(mptcp["mptcp_id_remote"] == "1");
  CHECK(mptcp["mptcp_id_local"] == "2");
}

TEST_CASE("details: class, keys, and all addresses of SCTP") {
  const Decoded decoded(
      attribute_of<std::uint32_t>(kClass, 0x10002) + attribute(kMd5, Datagram(200)) +
      attribute(kLocals,
                socket_address(2, 5000, {10, 0, 0, 1}) + socket_address(1, 1, {}) +
                    socket_address(10, 5000, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})) +
      attribute(kPeers, socket_address(2, 7, {10, 0, 0, 2})));
  CHECK(decoded["class_id"] == "65538");
  CHECK(decoded["md5_keys"] == "2");
  CHECK(decoded.details.local_addresses.size() == 2);  // one was of no family that has addresses here
  CHECK(to_text(decoded.details.local_addresses[0]) == "10.0.0.1:5000");
  CHECK(to_text(decoded.details.local_addresses[1]) == "[2001:db8::1]:5000");
  CHECK(to_text(decoded.details.foreign_addresses.at(0)) == "10.0.0.2:7");
  CHECK(decoded["local_addresses"] != "-");
  CHECK(Decoded({})["local_addresses"] == "-");
  CHECK(Decoded(attribute(kLocals, Datagram(127)))["local_addresses"] == "-");
}

TEST_CASE("details: without being asked for there are none, and one socket's are not the next one's") {
  const Datagram attributes = attribute(kBbr, numbers({5, 1, 42, 739, 512}));
  const Decoded unasked(attributes, ~static_cast<std::uint32_t>(kNeedDetails));
  CHECK((unasked.socket.details == nullptr));
  CHECK(unasked["bbr_min_rtt_us"] == "-");
  Decoded again(attributes);
  REQUIRE(decode(payload_of({}), Protocol::tcp, kNeedDetails, again.socket, &again.details));
  CHECK(again["bbr_min_rtt_us"] == "-");
}

TEST_CASE("details: what is kept outlives the message") {
  SocketStore store;
  {
    Decoded decoded(attribute(kBbr, numbers({5, 1, 42, 739, 512})) +
                    nest(kUlp, text_attribute(1, "mptcp") + nest(3, attribute_of<std::uint32_t>(2, 22))) +
                    attribute(kLocals, socket_address(2, 5000, {10, 0, 0, 1})));
    store.add(decoded.socket);
    decoded.payload.assign(decoded.payload.size(), std::byte{0xee});
    decoded.details = SocketDetails();
  }
  const Socket& kept = *store.sockets()[0];
  CHECK(Decoded::text_of(kept, "bbr_min_rtt_us") == "42");
  CHECK(Decoded::text_of(kept, "ulp") == "mptcp");
  CHECK(Decoded::text_of(kept, "mptcp_token_local") == "22");
  CHECK(Decoded::text_of(kept, "local_addresses").find("10.0.0.1:5000") != std::string::npos);
}

TEST_CASE("details: no cut and no changed byte misleads the decoder") {
  const Datagram whole = attribute(kBbr, numbers({5, 1, 42, 739, 512})) +
                         nest(kUlp, text_attribute(1, "mptcp") + nest(3, attribute_of<std::uint64_t>(4, 7))) +
                         attribute(kLocals, socket_address(2, 5000, {10, 0, 0, 1})) +
                         attribute(kSockopt, Datagram(2));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Decoded cut(Datagram(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    for (const Field& field : kSocketDetailFields) CHECK_FALSE(cut[field.key].empty());
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned value : {0x00U, 0x7fU, 0xffU}) {
      Datagram changed = whole;
      changed[at] = static_cast<std::byte>(value);
      const Decoded decoded(changed);
      for (const Field& field : kSocketDetailFields) CHECK_FALSE(decoded[field.key].empty());
    }
}
