// What the resolver asks of a platform; its live implementation is platform/posix/resolver.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/resolver/intake.h"
#include "core/resolver/message.h"
#include "core/resolver/native.h"
#include "core/resolver/rdata.h"
#include "core/resolver/transport.h"
#include "core/result.h"

namespace inetctl {

struct NetworkNeeds {
  std::uint32_t slots = 1;    // at once
  std::uint32_t sockets = 1;  // UDP source ports to spread over
  std::string tls_name;       // the name that a TLS server must prove; empty: its address
  bool tls_verify = true;
};

// What a validating resolver found (libunbound).
struct Validation {
  enum class State : std::uint8_t { insecure, secure, bogus } state = State::insecure;
  std::string reason;  // why it is bogus
};

struct NativeBulk {
  std::function<dns::Intake(NativeQuery& query)> next;
  std::function<bool(std::uint64_t index, const NativeQuery& query, const NativeAnswer& answer)> take;
  std::function<bool()> stop{};
};

class ResolverSystem {
 public:
  virtual ~ResolverSystem() = default;
  virtual Result<NativeAnswer> native(const NativeQuery& query) = 0;
  // Many at once, on threads of its own: next() gives the questions and take() gets each with its answer, as
  // they come and by its number, both called by the caller's thread alone. It ends when next() says so and
  // all are answered, or at once when take() or stop() says so.
  virtual Status native_bulk(unsigned threads, const NativeBulk& bulk) = 0;
  virtual Result<std::unique_ptr<dns::Network>> network(const NetworkNeeds& needs) = 0;
  virtual Result<dns::RecordData> record_data(dns::Bytes message, const dns::Record& record) = 0;
  virtual Result<Validation> validate(const dns::Question& question, std::span<const Endpoint> servers,
                                      const std::string& trust_anchor, std::uint32_t timeout_ms) = 0;
  // IDNA 2008 (RFC 5891): the name in ASCII, and back for people.
  virtual Result<std::string> to_ascii(std::string_view name) = 0;
  virtual std::string to_unicode(std::string_view name) = 0;
  virtual std::uint16_t random_id() = 0;  // unpredictable: getrandom(2)
  virtual Result<std::string> read_file(const std::string& path) = 0;
  virtual std::string environment(const std::string& name) = 0;
};

}  // namespace inetctl
