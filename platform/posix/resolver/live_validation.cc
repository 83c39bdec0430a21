#include "platform/posix/resolver/live_validation.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>

#include "core/resolver/types.h"
#include "core/text.h"

#ifdef INETCTL_HAS_UNBOUND
#include <poll.h>
#include <unbound.h>
#include <unistd.h>

#include "platform/posix/lazy_library.h"
#endif

namespace inetctl::posix {

namespace {

Error refused(Kind kind, const dns::Question& question, std::string cause) {
  return {.kind = kind,
          .operation = "validate",
          .object = join(question.name, " ", dns::type_name(question.type)),
          .cause = std::move(cause)};
}

}  // namespace

#ifdef INETCTL_HAS_UNBOUND

namespace {

using Clock = std::chrono::steady_clock;

struct Unbound {
  decltype(&::ub_ctx_create) create;
  decltype(&::ub_ctx_delete) destroy;
  decltype(&::ub_ctx_set_option) set_option;
  decltype(&::ub_ctx_set_fwd) set_forwarder;
  decltype(&::ub_ctx_add_ta_file) add_anchor_file;
  decltype(&::ub_ctx_debugout) log_to;
  decltype(&::ub_ctx_async) use_thread;
  decltype(&::ub_fd) descriptor;
  decltype(&::ub_process) process;
  decltype(&::ub_resolve_async) resolve;
  decltype(&::ub_cancel) cancel;
  decltype(&::ub_resolve_free) free_result;
  decltype(&::ub_strerror) error_text;
};

const Result<Unbound>& unbound() {
  static const Result<Unbound> loaded = [] {
    LazyLibrary library({"libunbound.so.8", "libunbound8"}, "validate");
    Unbound functions{};
    library.bind(functions.create, "ub_ctx_create");
    library.bind(functions.destroy, "ub_ctx_delete");
    library.bind(functions.set_option, "ub_ctx_set_option");
    library.bind(functions.set_forwarder, "ub_ctx_set_fwd");
    library.bind(functions.add_anchor_file, "ub_ctx_add_ta_file");
    library.bind(functions.log_to, "ub_ctx_debugout");
    library.bind(functions.use_thread, "ub_ctx_async");
    library.bind(functions.descriptor, "ub_fd");
    library.bind(functions.process, "ub_process");
    library.bind(functions.resolve, "ub_resolve_async");
    library.bind(functions.cancel, "ub_cancel");
    library.bind(functions.free_result, "ub_resolve_free");
    library.bind(functions.error_text, "ub_strerror");
    return library.loaded(functions);
  }();
  return loaded;
}

// What libunbound calls back with. It is filled on the thread that processes, which is the one that waits.
struct Found {
  bool there = false;
  int error = 0;
  ub_result* result = nullptr;
};

void take_result(void* to, int error, ub_result* result) {
  auto& found = *static_cast<Found*>(to);
  found.there = true;
  found.error = error;
  found.result = result;
}

// Debian's packages dns-root-data and unbound put the root's keys there.
constexpr std::array<const char*, 3> kRootKeys = {"/usr/share/dns/root.key", "/var/lib/unbound/root.key",
                                                  "/etc/unbound/root.key"};

Result<std::string> anchor_file(const dns::Question& question, const std::string& given) {
  if (!given.empty()) {
    if (::access(given.c_str(), R_OK) == 0) return given;
    return refused(Kind::usage, question, join("trust anchor ", given, ": ", std::strerror(errno)));
  }
  const auto* const found =
      std::ranges::find_if(kRootKeys, [](const char* path) { return ::access(path, R_OK) == 0; });
  if (found != kRootKeys.end()) return std::string(*found);
  return refused(Kind::unsupported, question,
                 join("there is no trust anchor ", kRootKeys[0], " (Debian's package dns-root-data)"));
}

// Every name is the servers' to answer, those too that unbound would answer by itself (RFC 6303, 6761) or
// not ask for at a loopback address; and why something is bogus is told.
constexpr std::pair<const char*, const char*> kOptions[] = {
    {"do-not-query-localhost:", "no"},
    {"unblock-lan-zones:", "yes"},
    {"val-log-level:", "2"},
    {"trust-anchor-signaling:", "no"},
    {"local-zone:", "localhost. transparent"},
    {"local-zone:", "test. transparent"},
    {"local-zone:", "invalid. transparent"},
    {"local-zone:", "onion. transparent"},
    {"local-zone:", "home.arpa. transparent"},
    {"local-zone:", "127.in-addr.arpa. transparent"},
    {"local-zone:", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa. transparent"},
};

// Nonzero: why not.
int set_up(const Unbound& functions, ub_ctx* context, std::span<const Endpoint> servers,
           const std::string& anchor) {
  // Before all else, so that no word of the library reaches stderr.
  if (const int error = functions.log_to(context, nullptr)) return error;
  for (const auto& [name, value] : kOptions)
    if (const int error = functions.set_option(context, name, value)) return error;
  for (const Endpoint& server : servers) {
    const std::string text = join(to_text(server.address), "@", std::to_string(server.port));
    if (const int error = functions.set_forwarder(context, text.c_str())) return error;
  }
  if (const int error = functions.add_anchor_file(context, anchor.c_str())) return error;
  return functions.use_thread(context, 1);
}

// Until the answer is there or the time is over; nonzero: why it failed.
int wait_for(const Unbound& functions, ub_ctx* context, const Found& found, Clock::time_point deadline) {
  while (!found.there) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return 0;
    pollfd waiting{.fd = functions.descriptor(context), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min<long>(left, 60'000))) <= 0) continue;
    if (const int error = functions.process(context)) return error;
  }
  return 0;
}

Result<Validation> judge(const dns::Question& question, const ub_result& result) {
  if (result.secure) return Validation{.state = Validation::State::secure, .reason = ""};
  if (result.bogus)
    return Validation{.state = Validation::State::bogus,
                      .reason = result.why_bogus ? result.why_bogus : "it does not validate"};
  constexpr int kNoError = 0, kNxdomain = 3;
  if (result.rcode == kNoError || result.rcode == kNxdomain)
    return Validation{.state = Validation::State::insecure, .reason = ""};
  return refused(Kind::system, question,
                 join("the answer is ", dns::rcode_name(static_cast<std::uint16_t>(result.rcode))));
}

}  // namespace

Result<Validation> validate(const dns::Question& question, std::span<const Endpoint> servers,
                            const std::string& trust_anchor, std::uint32_t timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  const Result<Unbound>& functions = unbound();
  if (!functions) return functions.error();
  const Result<std::string> anchor = anchor_file(question, trust_anchor);
  if (!anchor) return anchor.error();
  const std::unique_ptr<ub_ctx, decltype(functions->destroy)> context(functions->create(),
                                                                      functions->destroy);
  if (!context) return refused(Kind::system, question, "libunbound cannot be started");
  if (const int error = set_up(*functions, context.get(), servers, *anchor))
    return refused(Kind::usage, question, join("libunbound: ", functions->error_text(error)));
  Found found;
  int id = 0;
  int error = functions->resolve(context.get(), question.name.c_str(), question.type, question.klass, &found,
                                 take_result, &id);
  if (error == 0) error = wait_for(*functions, context.get(), found, deadline);
  if (error == 0) error = found.error;
  if (error != 0)
    return refused(Kind::system, question,
                   join("libunbound, trust anchor ", *anchor, ": ", functions->error_text(error)));
  if (!found.there) {
    functions->cancel(context.get(), id);
    return refused(Kind::system, question,
                   join("there is no answer after ", std::to_string(timeout_ms), " ms"));
  }
  const std::unique_ptr<ub_result, decltype(functions->free_result)> result(found.result,
                                                                            functions->free_result);
  return judge(question, *result);
}

#else

Result<Validation> validate(const dns::Question& question, std::span<const Endpoint>, const std::string&,
                            std::uint32_t) {
  return refused(Kind::unsupported, question, "this inetctl was built without libunbound");
}

#endif

}  // namespace inetctl::posix
