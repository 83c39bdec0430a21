// The views of `inetctl getifaddrs` that go on: changes as they come, rates round after round.
#include <algorithm>
#include <chrono>
#include <map>

#include "cmd/getifaddrs.h"
#include "cmd/rounds.h"
#include "core/interface_lines.h"

namespace inetctl {

namespace {

// Prints each change and counts; a table would wait for the last row to find its widths.
class Printer {
 public:
  Printer(Context& context, const InterfacesRequest& request, Document document)
      : context_(context), request_(request) {
    if (context.format->name == "table") return;
    document.erlang_term = [](std::string& to, const void* record) {
      const auto& row = *static_cast<const InterfaceRow*>(record);
      to += join("{", kInterfaceChanges[static_cast<std::size_t>(*row.event)].word, ",");
      append_erlang_interface(to, row.interface);
      to += "}.\n";
    };
    document.erlang_between = document.erlang_close = "";
    output_ = context.format->make(context.out, context.surface);
    output_->begin(document);
    context.out.flush();
  }

  // False when enough has been seen.
  bool take(const InterfaceEvent& event) {
    if (!is_wanted(request_, *event.now) && !(event.before && is_wanted(request_, *event.before)))
      return true;
    if (event.address != nullptr && !is_wanted_family(event.address->address.family)) return true;
    const InterfaceRow row(event);
    if (output_)
      output_->row(&row);
    else
      context_.out.put(event_line(row) + "\n");
    return context_.out.flush() && ++seen_ != request_.count;
  }

  void end() {
    if (output_) output_->end(context_.notes);
  }

 private:
  [[nodiscard]] bool is_wanted_family(Family family) const {
    return request_.inet == request_.inet6 || (family == Family::inet) == request_.inet;
  }

  Context& context_;
  const InterfacesRequest& request_;
  std::unique_ptr<Output> output_;
  std::uint64_t seen_ = 0;
};

// The links at one moment.
struct Look {
  std::vector<Interface> links;
  Clock::time_point when;
};

Result<Look> look(Context& context, const InterfacesRequest& request, std::uint32_t needs) {
  auto links = read_links(context, request, needs);
  if (!links) return links.error();
  for (const std::string& note : context.notes) context.say(note);
  context.notes.clear();
  return Look{std::move(*links), Clock::now()};
}

InterfaceRows rates_since(const Look& before, const Look& now, const InterfacesRequest& request,
                          std::int64_t time_us) {
  const double seconds = std::chrono::duration<double>(now.when - before.when).count();
  InterfaceRows rows;
  for (const Interface& link : now.links) {
    if (!is_wanted(request, link)) continue;
    auto& row = rows.emplace_back(std::make_unique<InterfaceRow>(link));
    row->event_time = time_text(time_us);
    const auto was = std::find_if(before.links.begin(), before.links.end(),
                                  [&](const Interface& old) { return old.index == link.index; });
    if (was != before.links.end()) row->rates = rates_between(*was, link, seconds);
  }
  return rows;
}

}  // namespace

Result<Exit> watch_interfaces(Context& context, const InterfacesRequest& request) {
  auto document = interface_document(context, kLinkEvents);
  if (!document) return document.error();
  Printer printer(context, request, std::move(*document));
  const Status watched = context.backend.watch_interfaces(
      {.take = [&](const InterfaceEvent& event) { return printer.take(event); },
       .say = context.say,
       .stop = context.stop});
  printer.end();
  if (!watched) return watched.error();
  return Exit::done;
}

Result<Exit> show_rates(Context& context, const InterfacesRequest& request) {
  const bool table = context.format->name == "table";
  auto document = interface_document(context, table ? std::uint32_t{kLinkRates} : kLinkRates | kLinkTime);
  if (!document) return document.error();
  const std::uint32_t needs = needs_of(document->columns);
  auto before = look(context, request, needs | kNeedLinkCounters);
  if (!before) return before.error();
  Rounds rounds(context, *document, request.rate_s, request.count);
  while (rounds.next()) {
    auto now = look(context, request, needs | kNeedLinkCounters);
    if (!now) return now.error();
    Output& output = rounds.begin();
    for (const auto& row : rates_since(*before, *now, request, context.backend.now_us()))
      output.row(row.get());
    rounds.shown();
    before = std::move(now);
  }
  rounds.end();
  return Exit::done;
}

}  // namespace inetctl
