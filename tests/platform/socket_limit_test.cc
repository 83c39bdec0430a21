#include "core/socket_limit.h"

#include <bit>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

#include "core/wire.h"
#include "platform/linux/tcp_info.h"

using namespace inetctl;

namespace {

// A connection in good order, whose figures a test changes by their names.
struct Connection {
  std::vector<std::byte> info = std::vector<std::byte>(280), skmem = std::vector<std::byte>(36);
  Socket socket;

  Connection() {
    socket.protocol = Protocol::tcp;
    socket.state = State::established;
    put("snd_mss", 1000);
    put("rcv_mss", 1000);
    put("snd_cwnd", 10);
    put("snd_wnd", 65536);
    put("rcv_wnd", 65536);
    put("rto_us", 204000);
    put("rtt_us", 500);
    put_memory(3, 1000000);
  }
  void put(std::string_view key, std::uint64_t value) {
    const Wire& wire = linux_os::tcp_info_field(key).wire;
    if (wire.width == 8) {
      std::memcpy(info.data() + wire.offset, &value, 8);
    } else if (wire.width == 4) {
      const auto four = static_cast<std::uint32_t>(value);
      std::memcpy(info.data() + wire.offset, &four, 4);
    } else {
      info[wire.offset] = static_cast<std::byte>(value);
    }
  }
  void put_memory(std::size_t index, std::uint32_t value) {
    std::memcpy(skmem.data() + 4 * index, &value, 4);
  }
  SocketLimit limit() {
    socket.tcp_info = info;
    socket.skmem = skmem;
    return find_limit(socket, linux_os::tcp_info_fields("6.18"));
  }
};

bool has(const std::string& sentence, std::string_view words) {
  return sentence.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("limit: a listener by its queue") {
  Connection c;
  c.socket.state = State::listen;
  c.socket.send_queue = 128;
  CHECK(c.limit().word == "nothing");
  c.socket.recv_queue = 127;
  CHECK(c.limit().word == "nothing");
  c.socket.recv_queue = 129;
  CHECK(c.limit().word == "listen_queue");
  CHECK(has(c.limit().sentence, "129 of at most 128 connections wait"));
  c.socket.recv_queue = c.socket.send_queue = 0;
  CHECK(c.limit().word == "nothing");
}

TEST_CASE("limit: with nothing to send, the program is it") {
  Connection c;
  CHECK(c.limit().word == "application");
  c.put("busy_time_us", 12'345'678);
  c.put("rwnd_limited_us", 6'200'000);
  c.put("sndbuf_limited_us", 123'457);
  CHECK(has(c.limit().sentence,
            "so far 12.3 s with data in flight, 50 % of it stopped by the peer's window, 1 %"));
  c.socket.send_queue = 3000;  // all of it in flight, with room in every window
  c.put("unacked", 3);
  CHECK(c.limit().word == "application");
  CHECK(has(c.limit().sentence, "3000 bytes wait for their acknowledgement"));
}

TEST_CASE("limit: the peer's window, full or shut") {
  Connection c;
  c.socket.send_queue = 100'000;
  c.put("notsent_bytes", 34'500);
  c.put("unacked", 66);
  c.put("snd_cwnd", 100);
  CHECK(c.limit().word == "peer_window");
  CHECK(has(c.limit().sentence, "65500 bytes in flight of a window of 65536, 34500 bytes wait"));
  Connection shut;
  shut.socket.send_queue = 10;
  shut.put("notsent_bytes", 10);
  shut.put("snd_wnd", 0);
  shut.socket.has = Socket::kTimer;
  shut.socket.timer = Timer::persist;
  CHECK(shut.limit().word == "peer_window");
}

TEST_CASE("limit: the congestion window") {
  Connection c;
  c.socket.send_queue = 50'000;
  c.put("notsent_bytes", 40'000);
  c.put("unacked", 10);
  CHECK(c.limit().word == "congestion");
  CHECK(has(c.limit().sentence, "10 segments in flight of 10, round trip 500 us"));
}

TEST_CASE("limit: loss comes before the windows that it closes") {
  Connection c;
  c.socket.send_queue = 50'000;
  c.put("notsent_bytes", 40'000);
  c.put("unacked", 10);
  c.put("lost", 2);
  CHECK(c.limit().word == "loss");
  CHECK(has(c.limit().sentence, "2 segments of 10 in flight lost"));
  c.put("retransmits", 3);
  CHECK(has(c.limit().sentence, "3 timeouts in a row"));
  Connection opening;
  opening.socket.state = State::syn_sent;
  CHECK(opening.limit().word == "loss");
}

TEST_CASE("limit: the send buffer") {
  Connection c;
  c.socket.send_queue = 8000;
  c.put("unacked", 8);
  c.put_memory(3, 20'000);
  c.put_memory(5, 19'500);
  CHECK(c.limit().word == "send_buffer");
  CHECK(has(c.limit().sentence, "19500 bytes of memory of at most 20000 hold 8000 bytes"));
}

TEST_CASE("limit: the program here does not read") {
  Connection c;
  c.socket.recv_queue = 60'000;
  CHECK(c.limit().word == "application");  // bytes wait, but the peer may go on
  c.put("rcv_wnd", 0);
  CHECK(c.limit().word == "reader");
}

TEST_CASE("limit: nothing is said of what has no limit, nor from figures that are not there") {
  Connection c;
  c.socket.protocol = Protocol::udp;
  CHECK(c.limit().word.empty());
  c.socket.protocol = Protocol::tcp;
  c.socket.state = State::time_wait;
  CHECK(c.limit().word.empty());
  c.socket.state = State::established;
  c.socket.send_queue = 5000;
  for (std::size_t size = 0; size <= 280; ++size) {
    Connection cut;
    cut.socket.send_queue = 5000;
    cut.info.resize(size);
    cut.put_memory(3, 0);
    const SocketLimit limit = cut.limit();
    CHECK(limit.word.empty() == (size == 0));
    CHECK((size == 0 || limit.word == "application"));
  }
}
