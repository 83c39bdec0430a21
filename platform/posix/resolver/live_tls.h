// TLS to name servers (RFC 7858, RFC 8310's strict profile) by OpenSSL, which is loaded when the first such
// server is asked. A certificate must lead to the system's store (SSL_CERT_FILE and SSL_CERT_DIR count, as
// for other programs) and be that name's, or without a name that address's.
#pragma once

#include <memory>
#include <string>

#include "core/address.h"
#include "core/result.h"
#include "platform/posix/resolver/live_stream.h"

namespace inetctl::posix {

class TlsContext {
 public:
  TlsContext(std::string name, bool verify);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Stream::MakeChannel; `context` is a TlsContext. Errors are Kind::unsupported where there is no OpenSSL.
  static Result<std::unique_ptr<Channel>> channel(void* context, int fd, const Endpoint& server);

 private:
  struct Shared;
  std::string name_;
  bool verify_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace inetctl::posix
