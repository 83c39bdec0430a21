#include <cerrno>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/text.h"
#include "platform/linux/backend.h"
#include "platform/linux/described_sockets.h"
#include "platform/linux/netlink.h"
#include "platform/replay/redact.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::test;
using replay::Recording;
using replay::Redaction;

namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

template <class... Numbers>
Datagram numbers(Numbers... each) {
  Datagram bytes;
  (put(bytes, each), ...);
  return bytes;
}
Datagram text_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}
std::string text_of(const Datagram& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Datagram local_socket(u32 inode, std::string_view name) {
  Datagram bytes = numbers(u8{1}, u8{1}, u8{10}, u8{0}, inode, u32{7}, u32{0});
  if (!name.empty()) bytes = bytes + attribute(0, text_bytes(name));
  return message(20, bytes + attribute_of(7, u32{1000}));
}

// "LOCAL > FOREIGN" of each socket that a recording shows of a protocol.
std::vector<std::string> names_in(Recording recording, Protocol protocol) {
  auto kernel = replay::recorded_kernel(std::move(recording));
  REQUIRE(kernel);
  const auto backend = linux_os::make_backend(std::move(*kernel));
  SocketQuery query;
  query.protocols = bit(protocol);
  Notes notes;
  std::vector<std::string> names;
  REQUIRE(backend->sockets(
      query,
      [&](const Socket& socket) {
        names.push_back(socket.facts == nullptr ? join(to_text(socket.local), " > ", to_text(socket.foreign))
                                                : join(socket.facts->local, " > ", socket.facts->foreign));
        return true;
      },
      notes));
  return names;
}

Recording redacted(Redaction& redaction, const char* chunk, std::string body) {
  Recording recording;
  recording.chunks[chunk] = {std::move(body)};
  Notes notes;
  Recording other = redaction.redact(recording, notes);
  CHECK(notes.empty());
  return other;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("redact families: names of unix sockets keep their kind, the same by the same") {
  Redaction redaction;
  const auto told = [&](const Datagram& bytes) {
    return redacted(redaction, "diag/unix", text_of(bytes + message(3, numbers(u32{0}))));
  };
  const Recording first =
      told(local_socket(1, std::string_view("/run/secret\0", 12)) +
           local_socket(2, std::string_view("\0secret\0x", 9)) + local_socket(3, "secret") +
           local_socket(4, "") + local_socket(5, "/run/secret"));
  CHECK(names_in(first, Protocol::local) ==
        Lines{"/socket-1 > ", "@socket-2 > ", "socket-3 > ", " > ", "/socket-1 > "});
  CHECK(first.chunks.at("diag/unix").front().find("secret") == std::string::npos);
  // The next round knows them, and so does a text.
  CHECK(names_in(told(local_socket(2, std::string_view("\0secret\0x", 9))), Protocol::local) ==
        Lines{"@socket-2 > "});
  const Recording text = redacted(redaction, "net/unix",
                                  "Num       RefCount Protocol Flags    Type St Inode Path\n"
                                  "00000000ded57f84: 00000002 00000000 00010000 0001 01 7 /run/secret\n"
                                  "00000000ded57f84: 00000002 00000000 00010000 0001 01 8 @a secret\n"
                                  "secret rest of a name 1 2 3 4 secret\n"
                                  "00000000ded57f84: 00000002 00000000 00010000 0001 01 9\n");
  CHECK(names_in(text, Protocol::local) == Lines{"/socket-1 > ", "@socket-4 > ", " > "});
  CHECK(text.chunks.at("net/unix").front().find("secret") == std::string::npos);
}

TEST_CASE("redact families: addresses in texts are those of the messages") {
  Redaction redaction;
  const Recording text = redacted(
      redaction, "net/raw",
      "  sl  local_address rem_address   st\n"
      " 1: 4D0200C0:0001 0100007F:0000 07 00000000:00000000 00:00000000 00000000 0 0 6 2 (____ptrval____) 4\n"
      " 1: 016433C6:0001 4D0200C0:0000 01 00000000:00000000 00:00000000 00000000 0 0 7 2 0 4\n");
  CHECK(names_in(text, Protocol::raw) == Lines{"10.0.0.1:1 > 127.0.0.1:0", "10.0.0.2:1 > 10.0.0.1:0"});
  const Recording six = redacted(redaction, "net/raw6",
                                 "sl\n 1: B80D01200000000000000000EFBEADDE:003A "
                                 "00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 8 2 0 0\n"
                                 "not an address at all\n");
  CHECK(names_in(six, Protocol::raw) == Lines{"[2001:db8::1]:58 > [::]:0"});
  CHECK(six.chunks.at("net/raw6").front().find("address") == std::string::npos);
}

TEST_CASE("redact families: filters, groups of interfaces, contexts and nodes") {
  Redaction redaction;
  const std::string secret = "\xde\xad\xbe\xef_secret";
  const Datagram packet = numbers(u8{17}, u8{3}, u16{3}, u32{11}, u32{5}, u32{6}) +
                          attribute(0, numbers(u32{2}, u32{1}, u32{99}, u32{1500}, u32{0}, u32{1})) +
                          attribute(1, text_bytes(secret)) + attribute(7, text_bytes(secret + "12345"));
  const Recording frames =
      redacted(redaction, "diag/packet", text_of(message(20, packet) + message(3, numbers(u32{0}))));
  CHECK(names_in(frames, Protocol::packet) == Lines{"*: > "});
  CHECK(frames.chunks.at("diag/packet").front().find("secret") == std::string::npos);

  const auto vsock = [](u32 local, u32 foreign) {
    return message(20, numbers(u8{40}, u8{1}, u8{1}, u8{0}, local, u32{1024}, foreign, u32{99}, u32{13},
                               u32{1}, u32{0}));
  };
  const Recording contexts =
      redacted(redaction, "diag/vsock",
               text_of(vsock(4711, 2) + vsock(2, 4711) + vsock(~0U, 99) + message(3, numbers(u32{0}))));
  CHECK(names_in(contexts, Protocol::vsock) == Lines{"3:1024 > 2:99", "2:1024 > 3:99", "*:1024 > 4:99"});

  const Datagram peer =
      attribute_of(2, u32{4712}) + attribute_of(3, u32{98}) + attribute(9, text_bytes(secret));
  const Datagram tipc =
      attribute(2, attribute_of(1, u32{4711}) + attribute(3, peer) + attribute(5, text_bytes(secret)) +
                       attribute_of(2, u32{99}) + attribute_of(9, u32{10}));
  const Recording nodes =
      redacted(redaction, "diag/tipc", text_of(message(20, tipc) + message(3, numbers(u32{0}))));
  CHECK(names_in(nodes, Protocol::tipc) == Lines{"1:99 > 2:98"});
  CHECK(nodes.chunks.at("diag/tipc").front().find("secret") == std::string::npos);
}

TEST_CASE("redact families: what sockets said of themselves") {
  Redaction redaction;
  linux_os::DescribedSocket told;
  told.inode = 5;
  told.cookie = 6;
  told.type = 1;
  told.local = text_of(numbers(u16{40}, u16{0}, u32{1024}, u32{4711}, u32{0}));
  told.foreign = "secret of another family";
  const Recording lines =
      redacted(redaction, "described/vsock",
               join("unseen 1 2\nunseen secret\nsecret\n", linux_os::described_line(told), "\n"));
  CHECK(names_in(lines, Protocol::vsock) == Lines{"3:1024 > "});
  const std::string& text = lines.chunks.at("described/vsock").front();
  CHECK(text.starts_with("unseen 1 2\n5 0 6 1 - 28"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("redact families: bytes that are no messages do no harm") {
  const std::string told = text_of(local_socket(1, "/run/0123456789"));
  for (std::size_t cut = 0; cut <= told.size(); ++cut)
    for (const char* const name : {"diag/unix", "diag/netlink", "diag/packet", "diag/vsock", "diag/xdp",
                                   "diag/tipc", "net/unix", "net/raw", "net/netlink", "described/vsock"}) {
      Redaction redaction;
      const Recording other =
          redacted(redaction, name, "\n" + told.substr(0, cut) + "\n" + told.substr(0, cut));
      CHECK(other.chunks.at(name).front().find("0123456789") == std::string::npos);
    }
}
