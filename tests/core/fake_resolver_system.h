// A machine for the resolver to run on: files as texts, a FakeNetwork, and a libc that knows a few names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/inet_parse.h"
#include "core/resolver/system.h"
#include "tests/core/fake_network.h"

namespace inetctl::test {

// Hands every call on to a network that outlives it.
class BorrowedNetwork : public dns::Network {
 public:
  explicit BorrowedNetwork(dns::Network& network) : network_(network) {}
  [[nodiscard]] std::uint32_t capacity() const override { return network_.capacity(); }
  void send(std::uint32_t slot, const dns::Ask& ask) override { network_.send(slot, ask); }
  void pause(std::uint32_t slot, std::int64_t wait_us) override { network_.pause(slot, wait_us); }
  void forget(std::uint32_t slot) override { network_.forget(slot); }
  std::optional<Arrival> next(std::int64_t deadline_us) override { return network_.next(deadline_us); }
  [[nodiscard]] std::int64_t now_us() override { return network_.now_us(); }
  [[nodiscard]] Counts counts() const override { return network_.counts(); }

 private:
  dns::Network& network_;
};

class FakeResolverSystem : public ResolverSystem {
 public:
  FakeNetwork fake;
  bool has_network = true;
  std::map<std::string, std::string> files;
  // What the libc's own hosts file says, IPv4; and its interfaces, for zones.
  std::vector<std::pair<std::string, std::string>> libc_hosts;
  std::vector<std::string> zones;
  std::vector<NativeQuery> asked;

  Result<NativeAnswer> native(const NativeQuery& query) override {
    asked.push_back(query);
    NativeAnswer answer;
    const std::optional<Address> literal = query.address ? std::nullopt : literal_of(query);
    if (literal) answer.addresses.push_back({*literal, {}}), answer.canonical = query.name;
    for (const auto& [name, text] : libc_hosts) {
      const Address address = read_address(text).value();
      if (query.address && *query.address == address && answer.canonical.empty()) answer.canonical = name;
      if (query.address || query.name != name) continue;
      if (!(address.family == Family::inet ? query.inet : query.inet6)) continue;
      answer.addresses.push_back({address, {}});
      answer.canonical = name;
    }
    if (answer.canonical.empty()) answer.failure = "HOST_NOT_FOUND", answer.negative = true;
    return answer;
  }
  Status native_bulk(unsigned, const NativeBulk&) override {
    return Error{.kind = Kind::unsupported, .operation = "look up", .object = {}, .cause = "no threads"};
  }
  Result<std::unique_ptr<dns::Network>> network(const NetworkNeeds&) override {
    if (!has_network)
      return Error{.kind = Kind::system, .operation = "open", .object = "socket", .cause = "EMFILE"};
    return std::unique_ptr<dns::Network>(std::make_unique<BorrowedNetwork>(fake));
  }
  Result<dns::RecordData> record_data(dns::Bytes message, const dns::Record& record) override {
    return dns::read_rdata(message, record);
  }
  Result<Validation> validate(const dns::Question&, std::span<const Endpoint>, const std::string&,
                              std::uint32_t) override {
    return Validation{};
  }
  Result<std::string> to_ascii(std::string_view name) override { return std::string(name); }
  std::string to_unicode(std::string_view name) override { return std::string(name); }
  std::uint16_t random_id() override { return id_ = static_cast<std::uint16_t>(id_ * 25173 + 13849); }
  Result<std::string> read_file(const std::string& path) override {
    const auto file = files.find(path);
    if (file != files.end()) return file->second;
    return Error{.kind = Kind::system, .operation = "read", .object = path, .cause = "ENOENT"};
  }
  std::string environment(const std::string&) override { return ""; }

 private:
  // glibc takes digits and dots alone for an IPv4 address, and zones of interfaces that are there.
  [[nodiscard]] std::optional<Address> literal_of(const NativeQuery& query) const {
    if (query.inet) {
      if (query.name.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
      return other_readings(query.name).inet_aton;
    }
    const std::size_t percent = query.name.find('%');
    const auto address = read_address(query.name.substr(0, percent));
    if (!address || address->family != Family::inet6) return std::nullopt;
    if (percent != std::string::npos &&
        std::ranges::find(zones, query.name.substr(percent + 1)) == zones.end())
      return std::nullopt;
    return address;
  }

  std::uint16_t id_ = 1;
};

}  // namespace inetctl::test
