// What happens to sockets: the record of `inetctl monitor`, and how a platform is asked for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "core/backend.h"

namespace inetctl {

// present: it was there when the watch began. closed: its state is CLOSE, or it is no longer listed; a
// connection that ends in TIME_WAIT is closed when that begins, for then no process has it any more.
enum class SocketChange : std::uint8_t { present, opened, changed, closed, kCount };

// The socket as it is after the change, as far as the source of the event knows it.
struct SocketEvent : Socket {
  SocketEvent() = default;
  explicit SocketEvent(const Socket& socket) : Socket(socket) {}
  SocketChange change = SocketChange::present;
  State from = State::none;  // before the change; none where it is not known
  std::int64_t time_us = 0;  // since 1970
  std::string time{};        // the same as text, for the fields `time` and `clock`
  // Which 32-bit words of tcp_info the source told, a bit each; all of them where this is empty.
  std::span<const std::uint64_t> tcp_info_told{};
};

// Where events come from. best: what this user and this kernel have.
enum class SocketSource : std::uint8_t { best, states, ends, polling, kCount };

// What a watcher of sockets wants, and does with what comes. No function is empty.
struct SocketWatch {
  SocketQuery query;  // protocols, families, needs; nothing else of it counts
  SocketSource source = SocketSource::best;
  // How often sockets are listed to find what no source tells; also how soon an end is noticed.
  std::chrono::milliseconds interval{1000};
  // false: sockets are never listed. Then none is `present`, only what a source tells by itself is told, and
  // without what was known before.
  bool lists = true;
  bool tells_present = false;
  std::optional<std::chrono::steady_clock::time_point> end{};  // the watch is over then
  // Each event once, those of one socket in their order; false ends the watch.
  std::function<bool(SocketEvent& event)> take;
  // Nothing more is to be told for now: first when all that are present were told, then after each batch of
  // events and at least once an interval. False ends the watch.
  std::function<bool()> idle;
  std::function<void(const std::string& note)> say;  // where events come from; what was lost
  std::function<bool()> stop;                        // asked again and again: true ends the watch
};

// What an event has beside the fields of a socket.
inline constexpr std::uint32_t kInEvents = 64;
extern const std::span<const Field> kSocketEventFields;
extern const std::span<const Choice> kSocketSourceChoices;

// All fields of a SocketEvent on this platform.
[[nodiscard]] FieldTable socket_event_fields(const Backend& backend);

}  // namespace inetctl
