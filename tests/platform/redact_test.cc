#include "platform/replay/redact.h"

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/text.h"
#include "platform/linux/backend.h"
#include "platform/linux/inet_diag.h"
#include "platform/linux/interfaces.h"
#include "platform/linux/netlink.h"
#include "tests/core/support.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::test;
using replay::Recording;
using replay::Redaction;

namespace {

std::string text_of(const Datagram& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A socket of sock_diag's answer between two addresses, with one more attribute.
Datagram diag(bool inet6, const std::string& source, const std::string& foreign, std::uint16_t type = 0,
              const std::string& value = "") {
  Datagram payload(72);
  payload[0] = std::byte{static_cast<unsigned char>(inet6 ? 10 : 2)};
  std::memcpy(payload.data() + 8, source.data(), source.size());
  std::memcpy(payload.data() + 24, foreign.data(), foreign.size());
  payload[4] = std::byte{0x1f}, payload[5] = std::byte{0x90};  // port 8080
  if (type != 0) {
    put(payload, static_cast<std::uint16_t>(4 + value.size()));
    put(payload, type);
    for (const char c : value) payload.push_back(static_cast<std::byte>(c));
    align(payload);
  }
  return message(20, payload);
}

std::string v4(int a, int b, int c, int d) {
  return {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
}
std::string v6(std::string_view text) {
  std::string bytes(16, '\0');
  bytes.replace(0, std::min<std::size_t>(text.size(), 16), text.substr(0, 16));
  return bytes;
}

// "LOCAL FOREIGN" of each socket that a datagram tells of.
std::vector<std::string> ends_of(const std::string& datagram) {
  std::vector<std::string> ends;
  linux_os::Messages messages({reinterpret_cast<const std::byte*>(datagram.data()), datagram.size()});
  for (linux_os::Message message; messages.next(message);) {
    Socket socket;
    REQUIRE(linux_os::decode(message.payload, Protocol::tcp, 0, socket));
    ends.push_back(join(to_text(socket.local), " ", to_text(socket.foreign)));
  }
  return ends;
}

Recording of_sockets(const Datagram& datagram) {
  Recording recording;
  recording.chunks["diag/tcp/both"] = {text_of(datagram)};
  return recording;
}

}  // namespace

TEST_CASE("redact: the address in SCTP's structure is replaced too") {
  const std::string secret = v4(192, 0, 2, 77);
  std::string info(368, 'n');
  info.replace(168, 128, std::string(128, '\0'));
  info[168] = 2;
  info.replace(172, 4, secret);
  const std::string told = text_of(diag(false, secret, secret, 2, info));
  const auto redacted = [&](const char* name) {
    Recording recording;
    recording.chunks[name] = {told};
    Notes notes;
    return Redaction().redact(recording, notes).chunks.at(name).at(0);
  };
  const std::string sctp = redacted("diag/sctp/inet");
  CHECK(sctp.size() == told.size());
  CHECK(sctp.find(secret) == std::string::npos);
  CHECK(sctp.find(v4(10, 0, 0, 1), 16 + 72) != std::string::npos);  // the same as in the message
  CHECK(sctp.ends_with(std::string(72, 'n')));
  // TCP's structure has numbers in that place.
  CHECK(redacted("diag/tcp/inet").find(secret) != std::string::npos);
  Recording shorter;
  shorter.chunks["diag/sctp/inet"] = {text_of(diag(false, secret, secret, 2, info.substr(0, 295)))};
  Notes notes;
  CHECK(Redaction().redact(shorter, notes).chunks.at("diag/sctp/inet").at(0).find(secret) ==
        std::string::npos);
}

TEST_CASE("redact: addresses are replaced, the same by the same, and keep their kind") {
  const std::string secret = v4(192, 0, 2, 77), peer = v6("\x20\x01\x0d\xb9-a-secret-one");
  const std::string local = v6(std::string("\xfe\x80\0\0\0\0\0\0abcdefgh", 16));
  const std::string mapped = v6(std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) + secret);
  const std::string any4(4, '\0'), any6(16, '\0');
  const Datagram told = diag(false, secret, v4(198, 51, 100, 1)) + diag(false, v4(127, 0, 0, 53), any4) +
                        diag(true, peer, local) + diag(true, mapped, any6) +
                        diag(false, v4(224, 0, 0, 251), secret);
  Notes notes;
  Redaction redaction;
  const Recording redacted = redaction.redact(of_sockets(told), notes);
  CHECK(notes.empty());
  const std::string& text = redacted.chunks.at("diag/tcp/both").front();
  CHECK(ends_of(text) == std::vector<std::string>{"10.0.0.1:8080 10.0.0.2:0", "127.0.0.53:8080 0.0.0.0:0",
                                                  "[2001:db8::1]:8080 [fe80::1]:0",
                                                  "[::ffff:10.0.0.1]:8080 [::]:0",
                                                  "224.0.0.251:8080 10.0.0.1:0"});
  for (const std::string& bytes : {secret, peer, local}) CHECK(text.find(bytes) == std::string::npos);
  // The next round knows them.
  const Recording again = redaction.redact(of_sockets(diag(false, v4(198, 51, 100, 1), secret)), notes);
  CHECK(ends_of(again.chunks.at("diag/tcp/both").front()) ==
        std::vector<std::string>{"10.0.0.2:8080 10.0.0.1:0"});
}

TEST_CASE("redact: attributes that are not known to be harmless are left out") {
  const std::string value = "a secret of 100 bytes";
  for (std::uint16_t type = 1; type < 64; ++type) {
    CAPTURE(type);
    const bool harmless = type < 12 || (type >= 15 && type <= 17) || type == 19 || type == 21 || type == 22;
    Notes notes;
    Redaction redaction;
    const Recording redacted =
        redaction.redact(of_sockets(diag(false, v4(10, 9, 8, 7), v4(10, 9, 8, 6), type, value)), notes);
    CHECK((redacted.chunks.at("diag/tcp/both").front().find(value) != std::string::npos) == harmless);
  }
}

TEST_CASE("redact: keys are blanked in place, addresses and what follows stay") {
  std::string signature(100, 'k');
  signature.replace(0, 20, "...an address.......");
  const Datagram before = diag(false, v4(10, 9, 8, 7), v4(10, 9, 8, 6), 18, signature + signature);
  std::string told = text_of(before + diag(false, v4(10, 9, 8, 5), v4(10, 9, 8, 4), 17, "kkkk"));
  const std::size_t size = told.size();
  replay::blank_secrets(told);
  CHECK(told.size() == size);
  CHECK(std::count(told.begin(), told.end(), 'k') == 4);
  CHECK(told.find("...an address.......") != std::string::npos);
  CHECK(ends_of(told).size() == 2);
  // What is cut short is left as it is.
  for (std::size_t cut = 0; cut < size; ++cut) {
    std::string part = text_of(before).substr(0, cut);
    replay::blank_secrets(part);
    CHECK(part.size() == std::min(cut, before.size()));
  }
}

TEST_CASE("redact: names of programs, users, interfaces and the machine") {
  Recording recording;
  recording.chunks = {{"proc/1/comm", {"systemd"}},
                      {"proc/2/comm", {"secretd"}},
                      {"proc/3/comm", {"systemd"}},
                      {"proc/2/fd", {"3 socket:[9]\n"}},
                      {"proc/2/threads", {"socket:[10]\n"}},
                      {"proc/1/stat", {"alice"}},
                      {"proc/2/stat", {"2 (secretd) S 1 5\n"}},
                      {"proc/2/uid", {"33"}},
                      {"proc/1/cmdline", {"alice"}},
                      {"proc/2/cmdline", {"secretd --password alice"}},
                      {"proc/2/exe", {"/home/alice/secretd"}},
                      {"proc/2/cgroup", {"0::/alice.service\n"}},
                      {"users", {"0 root\n33 alice\n34 bob jr\n"}},
                      {"interfaces", {"1 lo\n2 tun-alice\n"}},
                      {"nodename", {"alices-box"}},
                      {"meta", {"{}"}},
                      {"diag/unix", {std::string(200, 'a') + "alice"}},
                      {"diag/future", {"alice"}},
                      {"net/snmp", {"Tcp: 1\n"}},
                      {"net/future", {"alice"}}};
  const auto link = [](std::uint32_t index, const std::string& name) {
    return message(16, link_payload({.index = index, .name = name}));
  };
  recording.chunks["route/links"] = {text_of(link(1, "lo") + link(2, "tun-alice") + link(3, "another"))};
  Notes notes;
  const Recording redacted = Redaction().redact(recording, notes);
  const auto chunk = [&](const char* name) { return redacted.chunks.at(name).front(); };
  CHECK(chunk("proc/1/comm") == chunk("proc/3/comm"));
  CHECK(chunk("proc/1/comm") == "program-1");
  CHECK(chunk("proc/2/comm") == "program-2");
  CHECK(chunk("proc/2/fd") == "3 socket:[9]\n");
  CHECK(chunk("users") == "0 root\n33 user-1\n34 user-2\n");
  CHECK(chunk("interfaces") == "1 lo\n2 if1\n");
  CHECK(chunk("nodename") == "host");
  CHECK(chunk("net/snmp") == "Tcp: 1\n");
  CHECK(redacted.chunks.count("net/future") == 0);
  CHECK(chunk("diag/unix").empty());  // no messages
  CHECK(chunk("proc/2/stat") == "2 (program-2) S 1 5\n");
  CHECK(chunk("proc/2/uid") == "33");
  CHECK(chunk("proc/2/threads") == "socket:[10]\n");
  CHECK(redacted.chunks.at("proc/1/stat").front().empty());  // is none
  for (const char* secret : {"proc/2/cmdline", "proc/1/cmdline", "proc/2/exe", "proc/2/cgroup"})
    CHECK(redacted.chunks.count(secret) == 0);
  CHECK(notes == Notes{"left out, for what they hold cannot be redacted: diag/future, net/future, "
                       "proc/PID/cmdline, proc/PID/cgroup, proc/PID/exe"});
  const std::string links = chunk("route/links");
  CHECK(links.find("tun-alice") == std::string::npos);
  CHECK(links.find("if1") != std::string::npos);  // as the sockets' interfaces are called
  CHECK(links.find("if2") != std::string::npos);
  for (const auto& [name, bodies] : redacted.chunks)
    for (const std::string& body : bodies) CHECK(body.find("alice") == std::string::npos);
}

TEST_CASE("redact: bytes that are no messages do no harm") {
  const std::string told =
      text_of(diag(true, v6("0123456789abcdef"), v6("fedcba9876543210"), 12, std::string(300, 'x')));
  for (std::size_t cut = 0; cut <= told.size(); ++cut)
    for (const char* const name : {"diag/tcp/both", "route/links", "route/addresses"}) {
      Recording recording;
      recording.chunks[name] = {told.substr(0, cut)};
      Notes notes;
      const Recording redacted = Redaction().redact(recording, notes);
      CHECK(redacted.chunks.at(name).front().find("0123456789") == std::string::npos);
    }
}
