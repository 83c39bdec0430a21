#include "core/resolver/nsswitch.h"

#include <algorithm>
#include <optional>

#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

constexpr std::array<std::string_view, 4> kStatusNames = {"SUCCESS", "NOTFOUND", "UNAVAIL", "TRYAGAIN"};

std::optional<std::size_t> status_index(std::string_view name) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i)
    if (equals_ignoring_case(kStatusNames[i], name)) return i;
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// One "STATUS=action" of a bracket, perhaps with a `!` for all other statuses.
bool apply_action(NssService& service, std::string_view word) {
  const bool negated = word.starts_with('!');
  if (negated) word.remove_prefix(1);
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return false;
  const auto status = status_index(trimmed(word.substr(0, equals)));
  const std::string_view action = trimmed(word.substr(equals + 1));
  const bool ends = equals_ignoring_case(action, "return");
  if (!status || !(ends || equals_ignoring_case(action, "continue") || equals_ignoring_case(action, "merge")))
    return false;
  for (std::size_t i = 0; i < service.ends.size(); ++i)
    if ((i == *status) != negated) service.ends[i] = ends;
  return true;
}

// What stands between brackets; false where glibc would read no further.
bool apply_actions(NssService& service, std::string_view text) {
  while (!(text = trimmed(text)).empty()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return false;
    std::size_t end = text.find_first_not_of(kBlanks, equals + 1);
    end =
        end == std::string_view::npos ? text.size() : std::min(text.find_first_of(kBlanks, end), text.size());
    if (!apply_action(service, text.substr(0, end))) return false;
    text.remove_prefix(end);
  }
  return true;
}

std::vector<NssService> read_services(std::string_view text) {
  std::vector<NssService> services;
  while (!(text = trimmed(text)).empty()) {
    if (text.front() == '[') {
      const std::size_t close = text.find(']');
      if (close == std::string_view::npos || services.empty() ||
          !apply_actions(services.back(), text.substr(1, close - 1)))
        return services;
      text.remove_prefix(close + 1);
    } else {
      const std::size_t end = std::min(text.find_first_of(" \t\r\f\v["), text.size());
      services.push_back({.name = std::string(text.substr(0, end))});
      text.remove_prefix(end);
    }
  }
  return services;
}

}  // namespace

std::vector<NssService> read_nss_hosts(std::string_view nsswitch_conf) {
  std::string_view services = "dns [!UNAVAIL=return] files";
  while (!nsswitch_conf.empty()) {
    const std::size_t end = std::min(nsswitch_conf.find('\n'), nsswitch_conf.size());
    std::string_view line = nsswitch_conf.substr(0, end);
    nsswitch_conf.remove_prefix(std::min(nsswitch_conf.size(), end + 1));
    line = trimmed(line.substr(0, line.find('#')));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == "hosts")
      services = line.substr(colon + 1);
  }
  return read_services(services);
}

NssStatus nss_status(std::string_view failure) {
  if (failure.empty()) return NssStatus::success;
  if (failure == "HOST_NOT_FOUND" || failure == "NO_DATA") return NssStatus::notfound;
  return failure == "TRY_AGAIN" ? NssStatus::tryagain : NssStatus::unavail;
}

std::string judge_services(std::span<const NssService> services, std::span<NativeService> answers) {
  std::string spoke;
  bool over = false;
  for (std::size_t i = 0; i < answers.size() && i < services.size(); ++i) {
    answers[i].consulted = !over;
    if (over) continue;
    const NssStatus status = nss_status(answers[i].failure);
    // A service that is not there says nothing.
    if (status != NssStatus::unavail) spoke = answers[i].name;
    over = services[i].ends[static_cast<std::size_t>(status)];
  }
  return spoke;
}

}  // namespace inetctl
