// The hosts line of nsswitch.conf(5): which services the C library asks for names, and when it stops.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/resolver/native.h"

namespace inetctl {

enum class NssStatus : std::uint8_t { success, notfound, unavail, tryagain };

struct NssService {
  std::string name;
  // By NssStatus: true ends the search. `merge` and `continue` both go on.
  std::array<bool, 4> ends{true, false, false, false};
};

// The services of the last hosts line, as glibc reads it; those that it uses without such a line are
// `dns [!UNAVAIL=return] files`. A line that glibc could not read counts as far as it could.
[[nodiscard]] std::vector<NssService> read_nss_hosts(std::string_view nsswitch_conf);

// What a failure of gethostbyname2(3) (h_errno's name) says of the service; empty: it answered.
[[nodiscard]] NssStatus nss_status(std::string_view failure);

// Says of each answer whether the C library would have come to that service, and which of them spoke last.
// `answers` are of the first of `services`, in their order.
[[nodiscard]] std::string judge_services(std::span<const NssService> services,
                                         std::span<NativeService> answers);

}  // namespace inetctl
