#include "platform/linux/interfaces.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <unordered_map>

#include "core/text.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

constexpr int kAttempts = 5;

// How a dump went.
struct DumpEnd {
  int error = 0;
  bool interrupted = false;
  std::size_t malformed = 0;
};

// Hands on the messages of a dump, up to the one that ends it.
template <class Take>
Result<DumpEnd> each_message(Kernel& kernel, const RouteRequest& request, Take take) {
  DumpEnd end;
  const auto datagram = [&](Bytes bytes) {
    Messages messages(bytes);
    for (Message message; messages.next(message);) {
      if (message.flags & kFlagDumpInterrupted) end.interrupted = true;
      if (message.type == kMessageDone || message.type == kMessageError) {
        std::int32_t status = 0;
        if (message.payload.size() >= sizeof status)
          std::memcpy(&status, message.payload.data(), sizeof status);
        end.error = status < 0 ? -status : 0;
        return false;
      }
      take(message);
    }
    if (messages.malformed()) ++end.malformed;
    return true;
  };
  const Status asked = kernel.route_dump(request, datagram);
  if (!asked) return asked.error();
  return end;
}

Error refusal(std::string_view what, int number) {
  const char* name = strerrorname_np(number);
  return {number == EPERM        ? Kind::denied
          : number == EOPNOTSUPP ? Kind::unsupported
                                 : Kind::system,
          "list", std::string(what), join("the kernel answers ", name ? name : "an error")};
}

// One try at both dumps.
class Snapshot {
 public:
  explicit Snapshot(Kernel& kernel) : kernel_(kernel) {}

  Status take(bool counters) {
    const auto links = each_message(kernel_, {.what = RouteDump::links, .counters = counters},
                                    [&](const Message& message) { add_link(message); });
    if (!links) return links.error();
    if (links->error != 0) return refusal("interfaces", links->error);
    const auto addresses = each_message(kernel_, {.what = RouteDump::addresses},
                                        [&](const Message& message) { add_address(message); });
    if (!addresses) return addresses.error();
    if (addresses->error != 0) return refusal("addresses", addresses->error);
    interrupted_ = links->interrupted || addresses->interrupted || strangers_;
    malformed_ = links->malformed + addresses->malformed;
    return {};
  }

  // True when links or addresses changed between the parts of the answer.
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  [[nodiscard]] std::size_t malformed() const { return malformed_; }
  [[nodiscard]] std::vector<Interface> links() { return std::move(links_); }

 private:
  void add_link(const Message& message) {
    Interface link;
    if (message.type != kNewLink || !decode_link(message.payload, link)) return;
    if (!places_.try_emplace(link.index, links_.size()).second) return;  // told twice
    links_.push_back(std::move(link));
  }

  void add_address(const Message& message) {
    std::uint32_t index = 0;
    InterfaceAddress address;
    if (message.type != kNewAddress || !decode_address(message.payload, index, address)) return;
    const auto place = places_.find(index);
    if (place == places_.end()) {
      strangers_ = true;
      return;
    }
    Interface& link = links_[place->second];
    address.position = next_position_++;
    address.link_flags = link.flags;
    link.addresses.push_back(std::move(address));
  }

  Kernel& kernel_;
  std::vector<Interface> links_;
  std::unordered_map<std::uint32_t, std::size_t> places_;  // of links, by index
  std::uint32_t next_position_ = 0;
  bool interrupted_ = false;
  bool strangers_ = false;  // addresses of links that the first dump did not have
  std::size_t malformed_ = 0;
};

// The names of what a link is joined to, by `name_of` an index in the same namespace.
template <class NameOf>
void name_joined(Interface& link, NameOf name_of) {
  if (link.master_index) link.master = name_of(*link.master_index);
  if (link.lower_index && !link.lower_netnsid) link.lower = name_of(*link.lower_index);
}

void name_all_joined(std::vector<Interface>& links) {
  std::unordered_map<std::uint32_t, std::string> names;
  for (const Interface& link : links) names.emplace(link.index, link.name);
  for (Interface& link : links)
    name_joined(link, [&](std::uint32_t index) {
      const auto found = names.find(index);
      return found == names.end() ? std::string() : found->second;
    });
}

bool same_address(const InterfaceAddress& a, const InterfaceAddress& b) {
  return a.address == b.address && a.prefix_length == b.prefix_length && a.peer == b.peer;
}

// Lifetimes run down and are renewed all the time: that is no change.
bool same_facts(const InterfaceAddress& a, const InterfaceAddress& b) {
  return a.flags == b.flags && a.label == b.label && a.broadcast == b.broadcast && a.scope == b.scope &&
         a.metric == b.metric;
}

// The links as they were told last, and what a message makes of them. Each step is false when the reader
// wants no more.
class Watcher {
 public:
  Watcher(Kernel& kernel, const InterfaceWatch& watch) : kernel_(kernel), watch_(watch) {}

  Status run() {
    // Before the first look, so that nothing falls between.
    auto events = kernel_.route_events();
    if (!events) return events.error();
    auto links = look();
    if (!links) return links.error();
    for (Interface& link : *links) links_.emplace(link.index, std::move(link));
    std::vector<std::byte> datagram;
    while (!watch_.stop()) {
      const auto outcome = (*events)->next(datagram);
      if (!outcome) return outcome.error();
      if (*outcome == RouteEvents::Outcome::datagram && !messages(datagram)) return {};
      if (*outcome != RouteEvents::Outcome::lost) continue;
      watch_.say("changes came faster than they could be told: some are left out (ENOBUFS)");
      links = look();
      if (!links) return links.error();
      if (!catch_up(*links)) return {};
    }
    return {};
  }

 private:
  using Change = InterfaceChange;

  Result<std::vector<Interface>> look() {
    Notes notes;
    auto links = read_interfaces(kernel_, 0, notes);
    for (const std::string& note : notes) watch_.say(note);
    return links;
  }

  bool messages(Bytes datagram) {
    Messages all(datagram);
    for (Message message; all.next(message);) {
      Interface link;
      InterfaceAddress address;
      std::uint32_t index = 0;
      bool more = true;
      if (message.type == kNewLink && decode_link(message.payload, link))
        more = new_link(std::move(link));
      else if (message.type == kDelLink && decode_link(message.payload, link))
        more = delete_link(link.index);
      else if (message.type == kNewAddress && decode_address(message.payload, index, address))
        more = new_address(index, std::move(address));
      else if (message.type == kDelAddress && decode_address(message.payload, index, address))
        more = delete_address(index, address);
      if (!more) return false;
    }
    return true;
  }

  // What is true now, told as the changes that led there.
  bool catch_up(const std::vector<Interface>& now) {
    const std::map<std::uint32_t, Interface> before = links_;
    const auto still_there = [&](std::uint32_t index) {
      return std::any_of(now.begin(), now.end(), [&](const Interface& link) { return link.index == index; });
    };
    for (const auto& [index, link] : before)
      if (!still_there(index) && !delete_link(index)) return false;
    for (const Interface& link : now) {
      if (!new_link(link)) return false;
      const auto was = before.find(link.index);
      if (was != before.end())
        for (const InterfaceAddress& address : was->second.addresses)
          if (!find_address(link, address) && !delete_address(link.index, address)) return false;
      for (const InterfaceAddress& address : link.addresses)
        if (!new_address(link.index, address)) return false;
    }
    return true;
  }

  bool new_link(Interface link) {
    name_joined(link, [&](std::uint32_t index) {
      const auto found = links_.find(index);
      return found == links_.end() ? std::string() : found->second.name;
    });
    const auto [entry, added] = links_.try_emplace(link.index);
    if (!added) link.addresses = entry->second.addresses;
    if (added) link.addresses.clear();
    for (InterfaceAddress& address : link.addresses) address.link_flags = link.flags;
    const Interface before = std::move(entry->second);
    entry->second = std::move(link);
    if (added) return tell(Change::added, entry->second);
    return link_changes(before, entry->second).empty() || tell(Change::changed, entry->second, &before);
  }

  bool delete_link(std::uint32_t index) {
    const auto found = links_.find(index);
    if (found == links_.end()) return true;
    const Interface last = std::move(found->second);
    links_.erase(found);
    return tell(Change::removed, last);
  }

  bool new_address(std::uint32_t index, InterfaceAddress address) {
    const auto found = links_.find(index);
    if (found == links_.end()) return true;
    Interface& link = found->second;
    address.link_flags = link.flags;
    InterfaceAddress* known = find_address(link, address);
    if (known == nullptr) {
      link.addresses.push_back(address);
      return tell(Change::address_added, link, nullptr, &address);
    }
    const bool same = same_facts(*known, address);
    *known = address;
    return same || tell(Change::address_changed, link, nullptr, &address);
  }

  bool delete_address(std::uint32_t index, const InterfaceAddress& address) {
    const auto found = links_.find(index);
    if (found == links_.end()) return true;
    Interface& link = found->second;
    InterfaceAddress* known = find_address(link, address);
    if (known == nullptr) return true;
    const InterfaceAddress last = std::move(*known);
    link.addresses.erase(link.addresses.begin() + (known - link.addresses.data()));
    return tell(Change::address_removed, link, nullptr, &last);
  }

  template <class Link>
  static auto find_address(Link& link, const InterfaceAddress& address) -> decltype(link.addresses.data()) {
    for (auto& one : link.addresses)
      if (same_address(one, address)) return &one;
    return nullptr;
  }

  bool tell(Change change, const Interface& now, const Interface* before = nullptr,
            const InterfaceAddress* address = nullptr) {
    return watch_.take(
        {.change = change, .time_us = kernel_.now_us(), .now = &now, .before = before, .address = address});
  }

  Kernel& kernel_;
  const InterfaceWatch& watch_;
  std::map<std::uint32_t, Interface> links_;  // by index
};

}  // namespace

Result<std::vector<Interface>> read_interfaces(Kernel& kernel, std::uint32_t needs, Notes& notes) {
  for (int attempt = 1;; ++attempt) {
    Snapshot snapshot(kernel);
    if (const Status taken = snapshot.take(needs & kNeedLinkCounters); !taken) return taken.error();
    if (snapshot.interrupted() && attempt < kAttempts) continue;
    if (snapshot.interrupted())
      notes.emplace_back("interfaces changed while they were listed: some may be missing or out of date");
    if (snapshot.malformed() > 0)
      notes.push_back(
          join(std::to_string(snapshot.malformed()), " messages about interfaces could not be understood"));
    std::vector<Interface> links = snapshot.links();
    name_all_joined(links);
    for (Interface& link : links) {
      if (needs & kNeedLinkSpeed) {
        LinkSpeed speed = kernel.link_speed(link);
        link.speed_mbps = speed.mbps;
        link.duplex = std::move(speed.duplex);
      }
      if (needs & kNeedLinkNetns && kernel.network_namespace() != kNo64)
        link.netns = kernel.network_namespace();
    }
    return links;
  }
}

Status watch_interfaces(Kernel& kernel, const InterfaceWatch& watch) { return Watcher(kernel, watch).run(); }

}  // namespace inetctl::linux_os
