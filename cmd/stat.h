// What the views of `inetctl stat` share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/socket_operands.h"
#include "core/socket_stat.h"

namespace inetctl {

struct StatRequest {
  bool counters = false, zeros = false, changed = false;  // --proto and what goes with it
  std::optional<std::string> netns;
  std::string sizes;         // --sizes: numbers by commas, or "-" for standard input
  std::string since;         // a recording: how figures have moved since then
  double interval_s = 0;     // 0: one look
  std::uint64_t rounds = 0;  // with interval_s: end after so many; 0 = without end
  std::uint64_t top = 0;     // rows at most; 0 = all
  double count_s = 0;        // --count: so long; 0 = nothing is counted
  bool packets = false;      // with count_s: packets are counted, not calls
  bool spark = false;
  std::string plot, svg;  // a field, and a file
};

// The document of a view whose fields of `groups` are shown by default, with the socket's own that are named.
[[nodiscard]] Result<Document> stat_document(const Context& context, std::string_view socket_keys,
                                             std::uint32_t groups);
// The same with figures of sockets, and Erlang's term for them.
[[nodiscard]] Result<Document> figures_document(const Context& context, std::uint32_t groups);
// All fields of the command.
[[nodiscard]] FieldTable stat_fields(const Backend& backend);

// Which fields of the socket itself are shown unasked.
inline constexpr std::string_view kSocketKeysInTable = "protocol local foreign owner";
inline constexpr std::string_view kSocketKeysInData = "protocol local foreign state owner inode cookie";
inline constexpr std::string_view kSocketKeysInMetrics = "protocol local foreign comm cookie";
[[nodiscard]] std::string_view socket_keys(const Format& format);

// The first `top` rows in this order; 0 means all.
[[nodiscard]] std::vector<SocketStat*> first_rows(std::vector<SocketStat>& rows, const Order& order,
                                                  std::uint64_t top);
void put_stat_rows(Output& output, const std::vector<SocketStat*>& rows);

// The counters of protocols; operands are their words ("tcp"), none are all.
[[nodiscard]] Result<Exit> show_counters(Context& context, const StatRequest& request,
                                         const std::vector<std::string>& operands);

// The recording that --since names; a note where it is of another network namespace.
[[nodiscard]] Result<std::unique_ptr<Backend>> open_since(Context& context, const StatRequest& request);

// How figures of sockets have moved since a recording.
[[nodiscard]] Result<Exit> show_stat_since(Context& context, const StatRequest& request,
                                           const std::vector<std::string>& operands);

// The figures as the kernel keeps them, once.
[[nodiscard]] Result<Exit> list_stats(Context& context, const StatRequest& request,
                                      const std::vector<std::string>& operands);
// What is counted from now on, once at the end or round after round.
[[nodiscard]] Result<Exit> show_counted(Context& context, const StatRequest& request,
                                        const std::vector<std::string>& operands);

// How figures move, round after round.
[[nodiscard]] Result<Exit> show_stat_rates(Context& context, const StatRequest& request,
                                           const std::vector<std::string>& operands);

}  // namespace inetctl
