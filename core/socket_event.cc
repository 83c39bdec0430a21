#include "core/socket_event.h"

#include <algorithm>

namespace inetctl {

namespace {

constexpr Choice kChanges[] = {{"present"}, {"opened"}, {"changed"}, {"closed"}};
static_assert(std::size(kChanges) == static_cast<std::size_t>(SocketChange::kCount));

constexpr Choice kSources[] = {{"best"}, {"bpf"}, {"diag"}, {"polling"}};
static_assert(std::size(kSources) == static_cast<std::size_t>(SocketSource::kCount));

constexpr Tone tone_of(SocketChange change) {
  switch (change) {
    case SocketChange::opened:
      return Tone::good;
    case SocketChange::closed:
      return Tone::notice;
    default:
      return Tone::plain;
  }
}

// "01:10:29.123Z" in "2026-11-23T01:10:29.123Z".
constexpr std::size_t kClockStart = 11;

Cell text_or_absent(std::string_view text) { return text.empty() ? Cell::absent() : Cell::word(text); }

constexpr Field kFields[] = {
    {.key = "clock",
     .head = "Time",
     .help = "time of day in UTC",
     .get = of_more<SocketEvent,
                    [](const SocketEvent& e) {
                      return text_or_absent(
                          std::string_view(e.time).substr(std::min(kClockStart, e.time.size())));
                    }>},
    {.key = "time",
     .head = "Time",
     .groups = kInEvents,
     .help = "when it happened, or was noticed where the source is polling: RFC 3339, in UTC",
     .get = of_more<SocketEvent, [](const SocketEvent& e) { return text_or_absent(e.time); }>},
    {.key = "event",
     .head = "Event",
     .groups = kInEvents,
     .choices = kChanges,
     .help = "opened, changed (its state), closed; present: it was there when the watch began",
     .get = of_more<SocketEvent,
                    [](const SocketEvent& e) {
                      return Cell::word(kChanges[static_cast<std::size_t>(e.change)].word, tone_of(e.change));
                    }>},
    {.key = "from",
     .head = "From",
     .groups = kInEvents,
     .choices = kStateWords,
     .help = "state before; absent where it is not known",
     .get = of_more<SocketEvent,
                    [](const SocketEvent& e) {
                      return e.from == State::none ? Cell::absent() : Cell::word(name_of(e.from));
                    }>,
     .gives_way = 1},
};
static_assert(sound(kFields));

}  // namespace

const std::span<const Field> kSocketEventFields = kFields;
const std::span<const Choice> kSocketSourceChoices = kSources;

FieldTable socket_event_fields(const Backend& backend) {
  return {kSocketEventFields, kSocketFields, kFirstOwnerFields, kSocketMemoryFields,
          backend.tcp_info_event_fields()};
}

}  // namespace inetctl
