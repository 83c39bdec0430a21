#include "core/socket_limit.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "core/wire.h"

namespace inetctl {

namespace {

std::string text(std::uint64_t number) { return std::to_string(number); }

// "12 of 128", "12 bytes".
std::string bytes(std::uint64_t number) { return join(text(number), number == 1 ? " byte" : " bytes"); }
std::string segments(std::uint64_t number) {
  return join(text(number), number == 1 ? " segment" : " segments");
}

// "12.3 s".
std::string seconds(std::uint64_t us) {
  return join(text(us / 1'000'000), ".", text(us / 100'000 % 10), " s");
}

class Figures {
 public:
  Figures(const Socket& socket, std::span<const Field> tcp_info) : socket_(socket), fields_(tcp_info) {}

  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view key) const {
    const auto field =
        std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.key == key; });
    if (field == fields_.end()) return std::nullopt;
    const Cell cell = field->get(&socket_, *field);
    return cell.kind == CellKind::number ? std::optional(cell.number) : std::nullopt;
  }
  // 0 when it is not there.
  [[nodiscard]] std::uint64_t operator[](std::string_view key) const { return find(key).value_or(0); }
  // Memory figures (SK_MEMINFO_*), by their place.
  [[nodiscard]] std::uint64_t memory(unsigned index) const {
    return read_wire(socket_.skmem, wire_at(4 * index, 4, kNo32)).number;
  }

 private:
  const Socket& socket_;
  std::span<const Field> fields_;
};
constexpr unsigned kSendBuffer = 3, kSendQueued = 5;

SocketLimit of_listener(const Socket& socket) {
  const std::string queue = join(text(socket.recv_queue), " of at most ", text(socket.send_queue));
  // The kernel lets one more in than the limit (sk_acceptq_is_full).
  if (socket.recv_queue > 0 && socket.recv_queue >= socket.send_queue)
    return {"listen_queue", join("the accept queue is full, ", queue,
                                 " connections wait: new ones are dropped until the program accepts")};
  return {"nothing", join("the accept queue has room: ", queue, " connections wait")};
}

// How the time with data in flight was spent since the connection began.
std::string history(const Figures& figures) {
  const std::uint64_t busy = figures["busy_time_us"];
  if (busy == 0) return "";
  const auto share = [&](std::string_view key) { return text(figures[key] * 100 / busy); };
  return join("; so far ", seconds(busy), " with data in flight, ", share("rwnd_limited_us"),
              " % of it stopped by the peer's window, ", share("sndbuf_limited_us"), " % by the send buffer");
}

std::optional<SocketLimit> by_loss(const Socket& socket, const Figures& figures) {
  const std::uint64_t lost = figures["lost"], timeouts = figures["retransmits"],
                      ca_state = figures["ca_state"];
  constexpr std::uint64_t kRecovery = 3;
  if (lost == 0 && timeouts == 0 && ca_state < kRecovery) return std::nullopt;
  std::string why = timeouts > 0 ? join(text(timeouts), " timeouts in a row without an acknowledgement")
                                 : join(segments(lost), " of ", text(figures["unacked"]), " in flight lost");
  return SocketLimit{"loss",
                     join("segments are lost or not acknowledged: ", why, ", timeout ",
                          text(figures["rto_us"] / 1000), " ms, ", bytes(socket.send_queue), " wait")};
}

std::optional<SocketLimit> by_peer_window(const Socket& socket, const Figures& figures) {
  const auto window = figures.find("snd_wnd");
  const std::uint64_t mss = figures["snd_mss"],
                      in_flight = socket.send_queue -
                                  std::min<std::uint64_t>(socket.send_queue, figures["notsent_bytes"]);
  const bool probing = socket.has & Socket::kTimer && socket.timer == Timer::persist;
  if (figures["notsent_bytes"] == 0 && !probing) return std::nullopt;
  if (!probing && (!window || in_flight + mss <= *window)) return std::nullopt;
  return SocketLimit{"peer_window",
                     join("the peer's window is full: ", bytes(in_flight), " in flight of a window of ",
                          window ? text(*window) : "unknown size", ", ", bytes(figures["notsent_bytes"]),
                          " wait; the program there does not read fast enough, or its buffer is small")};
}

std::optional<SocketLimit> by_congestion(const Figures& figures) {
  const std::uint64_t in_flight = figures["unacked"], window = figures["snd_cwnd"];
  if (window == 0 || in_flight < window) return std::nullopt;
  return SocketLimit{"congestion",
                     join("the congestion window is full: ", segments(in_flight), " in flight of ",
                          text(window), ", round trip ", text(figures["rtt_us"]), " us")};
}

std::optional<SocketLimit> by_send_buffer(const Socket& socket, const Figures& figures) {
  const std::uint64_t limit = figures.memory(kSendBuffer), queued = figures.memory(kSendQueued);
  if (limit == 0 || queued + figures["snd_mss"] < limit) return std::nullopt;
  return SocketLimit{"send_buffer", join("the send buffer is full: ", bytes(queued), " of memory of at most ",
                                         text(limit), " hold ", bytes(socket.send_queue), " that wait")};
}

SocketLimit of_connection(const Socket& socket, const Figures& figures) {
  // What came fills the window that was announced: the peer has to wait for the program here.
  const auto announced = figures.find("rcv_wnd");
  if (socket.recv_queue > 0 && announced && *announced < figures["rcv_mss"])
    return {"reader", join("the program here does not read: ", bytes(socket.recv_queue),
                           " wait for it, and the peer may send only ", bytes(*announced), " more")};
  if (socket.send_queue == 0)
    return {"application", join("nothing waits to be sent: the program here is the limit", history(figures))};
  SocketLimit limit;
  if (const auto loss = by_loss(socket, figures))
    limit = *loss;
  else if (const auto window = by_peer_window(socket, figures))
    limit = *window;
  else if (const auto congestion = by_congestion(figures))
    limit = *congestion;
  else if (const auto buffer = by_send_buffer(socket, figures))
    limit = *buffer;
  else
    limit = {"application", join("all is sent, ", bytes(socket.send_queue),
                                 " wait for their acknowledgement: the program here is the limit")};
  limit.sentence += history(figures);
  return limit;
}

}  // namespace

SocketLimit find_limit(const Socket& socket, std::span<const Field> tcp_info) {
  if (socket.protocol != Protocol::tcp) return {};
  if (socket.state == State::listen) return of_listener(socket);
  if (socket.state == State::syn_sent) return {"loss", "the peer has not answered yet"};
  constexpr StateSet kSending = bit(State::established) | bit(State::close_wait) | bit(State::fin_wait1) |
                                bit(State::closing) | bit(State::last_ack);
  if (!(kSending & bit(socket.state)) || socket.tcp_info.empty()) return {};
  return of_connection(socket, Figures(socket, tcp_info));
}

}  // namespace inetctl
