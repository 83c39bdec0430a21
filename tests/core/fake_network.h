// Name servers without a network: what they answer is data, the clock is simulated, and every query is noted
// as the servers of tests/data/resolver note it. Messages are written here anew, so that core's own writer is
// not its own judge.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/address.h"
#include "core/resolver/transport.h"

namespace inetctl::test {

using WireBytes = std::vector<std::uint8_t>;

inline void put_u16(WireBytes& to, std::uint32_t n) {
  to.push_back(static_cast<std::uint8_t>(n >> 8));
  to.push_back(static_cast<std::uint8_t>(n));
}

// Plain names only: labels and dots.
inline WireBytes wire_name(std::string_view name) {
  WireBytes wire;
  while (!name.empty() && name != ".") {
    const std::string_view label = name.substr(0, name.find('.'));
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    wire.insert(wire.end(), label.begin(), label.end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  wire.push_back(0);
  return wire;
}

inline std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return text;
}

struct FakeQuery {
  std::string name;
  std::uint16_t type = 0;
  bool recurse = false, edns = false, tcp = false;
  WireBytes wire;
  std::size_t question_end = 0;
};

inline FakeQuery read_query(std::span<const std::uint8_t> wire, bool tcp) {
  FakeQuery query{.name = {}, .tcp = tcp, .wire = {wire.begin(), wire.end()}};
  std::size_t at = 12;
  for (; at < wire.size() && wire[at] != 0; at += wire[at] + 1U) {
    if (!query.name.empty()) query.name += '.';
    query.name.append(reinterpret_cast<const char*>(&wire[at + 1]), wire[at]);
  }
  query.type = static_cast<std::uint16_t>(wire[at + 1] << 8 | wire[at + 2]);
  query.question_end = at + 5;
  query.recurse = (wire[2] & 1) != 0;
  query.edns = wire[11] != 0;
  return query;
}

struct FakeRecord {
  std::string name;
  std::uint16_t type = 0;
  WireBytes rdata;
  std::uint32_t ttl = 60;
};

inline FakeRecord fake_address(const std::string& name, const std::string& text, std::uint32_t ttl = 60) {
  const Address address = read_address(text).value();
  const bool inet = address.family == Family::inet;
  return {name, static_cast<std::uint16_t>(inet ? 1 : 28),
          WireBytes(address.bytes.begin(), address.bytes.begin() + (inet ? 4 : 16)), ttl};
}

inline FakeRecord fake_link(const std::string& name, std::uint16_t type, const std::string& target) {
  return {name, type, wire_name(target)};
}

// What a server makes of a query: an answer, silence, the end of the connection, or a port that is not open.
struct FakeReply {
  enum class Does : std::uint8_t { answer, silence, close, refuse } does = Does::answer;
  WireBytes bytes{};
};

struct FakeHeader {
  std::uint16_t flags = 0x8400;  // a reply, authoritative
  std::uint16_t rcode = 0;
  std::uint16_t id_off_by = 0;
};

inline FakeReply fake_reply(const FakeQuery& query, const FakeHeader& header,
                            const std::vector<FakeRecord>& records = {}) {
  WireBytes bytes;
  put_u16(bytes, (std::uint32_t{query.wire[0]} << 8 | query.wire[1]) + header.id_off_by);
  put_u16(bytes, header.flags | header.rcode | (query.recurse ? 0x0100U : 0U));
  put_u16(bytes, 1);
  put_u16(bytes, static_cast<std::uint32_t>(records.size()));
  put_u16(bytes, 0);
  put_u16(bytes, 0);
  bytes.insert(bytes.end(), query.wire.begin() + 12,
               query.wire.begin() + static_cast<std::ptrdiff_t>(query.question_end));
  for (const FakeRecord& record : records) {
    const WireBytes name = wire_name(record.name);
    bytes.insert(bytes.end(), name.begin(), name.end());
    put_u16(bytes, record.type);
    put_u16(bytes, 1);
    put_u16(bytes, record.ttl >> 16);
    put_u16(bytes, record.ttl & 0xffff);
    put_u16(bytes, static_cast<std::uint32_t>(record.rdata.size()));
    bytes.insert(bytes.end(), record.rdata.begin(), record.rdata.end());
  }
  return {.bytes = std::move(bytes)};
}

// A zone with CNAMEs followed inside the answer, and what its server does wrong to names of some prefixes.
struct FakeZone {
  struct Misbehaviour {
    std::string prefix, does;  // silence, rcode, rcode_to_edns, truncate_udp, wrong_id
    std::uint16_t rcode = 0;
    std::string address{};  // of the right answer after all
  };
  std::multimap<std::pair<std::string, std::uint16_t>, FakeRecord> records;  // by lower-case name and type
  std::vector<Misbehaviour> misbehaviours;

  void add(const FakeRecord& record) {
    records.emplace(std::pair(lower_case(record.name), record.type), record);
  }
  [[nodiscard]] FakeReply answer(const FakeQuery& query) const {
    const std::string name = lower_case(query.name);
    for (const Misbehaviour& each : misbehaviours)
      if (name.starts_with(each.prefix)) return misbehave(each, query);
    std::vector<FakeRecord> found;
    std::string at = name;
    for (int links = 0; links <= 4; ++links) {
      const auto of_type = records.equal_range({at, query.type});
      for (auto i = of_type.first; i != of_type.second; ++i) found.push_back(i->second);
      if (of_type.first != of_type.second) break;
      const auto alias = records.find({at, 5});
      if (alias == records.end() || links == 4) break;
      found.push_back(alias->second);
      at = target_of(alias->second);
    }
    const bool known = records.lower_bound({name, 0}) != records.end() &&
                       records.lower_bound({name, 0})->first.first == name;
    return fake_reply(query, {.rcode = static_cast<std::uint16_t>(found.empty() && !known ? 3 : 0)}, found);
  }

 private:
  static std::string target_of(const FakeRecord& alias) {
    std::string name;
    for (std::size_t at = 0; alias.rdata[at] != 0; at += alias.rdata[at] + 1U)
      name.append(name.empty() ? "" : ".")
          .append(reinterpret_cast<const char*>(&alias.rdata[at + 1]), alias.rdata[at]);
    return lower_case(name);
  }
  static FakeReply misbehave(const Misbehaviour& how, const FakeQuery& query) {
    std::vector<FakeRecord> right;
    if (query.type == 1 && !how.address.empty()) right.push_back(fake_address(query.name, how.address));
    if (how.does == "silence") return {.does = query.tcp ? FakeReply::Does::close : FakeReply::Does::silence};
    if (how.does == "rcode") return fake_reply(query, {.rcode = how.rcode});
    if (how.does == "rcode_to_edns" && query.edns) return fake_reply(query, {.rcode = how.rcode});
    if (how.does == "truncate_udp" && !query.tcp) return fake_reply(query, {.flags = 0x8600});
    if (how.does == "wrong_id") return fake_reply(query, {.id_off_by = 1}, right);
    return fake_reply(query, {}, right);
  }
};

class FakeNetwork : public dns::Network {
 public:
  using Server = std::function<FakeReply(const FakeQuery&)>;
  static constexpr std::int64_t kRttUs = 20;

  // Ports where nobody serves refuse.
  void serve(const Endpoint& at, Server server) { servers_[to_text(at)] = std::move(server); }

  // "udp NAME type=1 rd=1 edns=0" for each query that a server got, with the time of its sending and where
  // to.
  struct Noted {
    std::int64_t at_us = 0;
    Endpoint server;
    std::string text;
  };
  std::vector<Noted> log;

  [[nodiscard]] std::uint32_t capacity() const override { return 1000; }
  void send(std::uint32_t slot, const dns::Ask& ask) override {
    forget(slot);
    ++counts_.sent;
    const bool tcp = ask.transport != dns::Transport::udp;
    const auto server = servers_.find(to_text(ask.server));
    FakeReply reply{.does = FakeReply::Does::refuse};
    const FakeQuery query = read_query(ask.query, tcp);
    if (server != servers_.end()) reply = server->second(query);
    if (reply.does != FakeReply::Does::refuse)
      log.push_back({now_, ask.server,
                     (tcp ? "tcp " : "udp ") + query.name + " type=" + std::to_string(query.type) +
                         " rd=" + std::to_string(query.recurse) + " edns=" + std::to_string(query.edns)});
    Waiting waiting{.due_us = now_ + kRttUs, .sent_us = now_};
    if (reply.does == FakeReply::Does::refuse)
      waiting.failure = dns::Failure::unreachable;
    else if (reply.does == FakeReply::Does::close)
      waiting.failure = dns::Failure::closed;
    else if (reply.does == FakeReply::Does::silence || !is_reply(reply.bytes, ask.query)) {
      waiting.failure = dns::Failure::timeout;
      waiting.due_us = now_ + ask.wait_us;
    } else {
      waiting.bytes = std::move(reply.bytes);
    }
    waiting_[slot] = std::move(waiting);
  }
  void pause(std::uint32_t slot, std::int64_t wait_us) override {
    waiting_[slot] = {.due_us = now_ + wait_us, .sent_us = now_, .failure = dns::Failure::timeout};
  }
  void forget(std::uint32_t slot) override { waiting_.erase(slot); }
  std::optional<Arrival> next(std::int64_t deadline_us) override {
    const auto first =
        std::ranges::min_element(waiting_, {}, [](const auto& each) { return each.second.due_us; });
    if (first == waiting_.end()) return std::nullopt;
    if (first->second.due_us > deadline_us) {
      now_ = std::max(now_, deadline_us);
      return std::nullopt;
    }
    const std::uint32_t slot = first->first;
    now_ = std::max(now_, first->second.due_us);
    arrived_ = std::move(first->second);
    waiting_.erase(first);
    counts_.received += arrived_.failure == dns::Failure::none ? 1 : 0;
    return Arrival{slot, {arrived_.failure, arrived_.bytes, now_ - arrived_.sent_us, {}}};
  }
  [[nodiscard]] std::int64_t now_us() override { return now_; }
  [[nodiscard]] Counts counts() const override { return counts_; }

  void pass(std::int64_t us) { now_ += us; }

 private:
  struct Waiting {
    std::int64_t due_us = 0, sent_us = 0;
    dns::Failure failure = dns::Failure::none;
    WireBytes bytes{};
  };
  bool is_reply(const WireBytes& reply, dns::Bytes query) {
    const bool is = dns::answers(reply, query);
    if (!is) ++counts_.strange;
    return is;
  }

  std::int64_t now_ = 1'000'000;
  std::map<std::string, Server> servers_;
  std::map<std::uint32_t, Waiting> waiting_;
  Waiting arrived_;
  Counts counts_;
};

}  // namespace inetctl::test
