// What the flags of `resolve` say, and the parts of its run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "core/resolver/answer.h"
#include "core/resolver/bulk.h"

namespace inetctl {

struct ResolveRequest {
  bool inet = false, inet6 = false;  // neither: both
  bool one = false, hostent = false, compare = false, reverse = false, forward = false, every_service = false;
  bool null = false, ordered = false, summary = false, trace = false, search_trace = false;
  std::optional<std::string> inetrc{}, hosts{}, resolv_conf{};
  std::vector<inet::Method> lookup;
  std::vector<std::uint16_t> types;
  std::vector<Endpoint> servers, alternates;
  std::vector<std::string> search;
  std::optional<std::uint32_t> timeout_ms{}, retry{}, deadline_ms{};
  bool tcp = false, dnssec = false, cookie = false, nsid = false, no_recursion = false;
  std::optional<std::uint32_t> edns{};  // the size; 0: none
  std::optional<Prefix> subnet{};
  std::string trust_anchor;
  bool tls = false, tls_unverified = false;
  std::string tls_name;
  std::uint32_t window = 0, rate = 0, threads = 0;

  [[nodiscard]] bool wants(Family family) const {
    return family == Family::inet ? inet || !inet6 : inet6 || !inet;
  }
  // Something that only a query to a name server can have.
  [[nodiscard]] bool names_dns() const {
    return !types.empty() || !servers.empty() || !alternates.empty() || !search.empty() || resolv_conf ||
           tcp || dnssec || cookie || nsid || no_recursion || edns || subnet || tls || !tls_name.empty() ||
           tls_unverified || timeout_ms || retry || deadline_ms || trace || search_trace;
  }
};

// Who is asked: the system's resolver; inet's methods; name servers by type; the first and the third.
enum class ResolveMode : std::uint8_t { native, methods, dns, compare };
[[nodiscard]] Result<ResolveMode> mode_of(const ResolveRequest& request, bool reads_input);

// The settings that a run has: inetrc and files, then the flags. Notes: what was skipped in files.
[[nodiscard]] Result<std::unique_ptr<inet::LookupContext>> resolver_settings(Context& context,
                                                                             const ResolveRequest& request,
                                                                             ResolveMode mode);

[[nodiscard]] Result<Exit> run_resolve(Context& context, const ResolveRequest& request,
                                       const std::vector<std::string>& operands);

}  // namespace inetctl
