// Services of nsswitch.conf asked one by one, in a child process: what is set there for the asking
// (__nss_configure_lookup) never changes this process's own answers, and one that hangs is ended with it.
#pragma once

#include <string>
#include <vector>

#include "core/resolver/native.h"
#include "core/resolver/nsswitch.h"
#include "core/result.h"
#include "platform/linux/live_system.h"

namespace inetctl::posix {

class ServiceChild {
 public:
  // `query` outlives it.
  explicit ServiceChild(const NativeQuery& query);
  // Ends the child if it is still there.
  ~ServiceChild();
  ServiceChild(const ServiceChild&) = delete;
  ServiceChild& operator=(const ServiceChild&) = delete;

  // Reads nsswitch.conf and starts to ask. Only where no other thread of this process may hold a lock.
  [[nodiscard]] Status start();
  // What the services say, in their order; one that says nothing in time has the failure "TIMEOUT", and those
  // behind it are asked by another child. spoke: the name of the one that the C library would have heard.
  [[nodiscard]] std::vector<NativeService> collect(std::string& spoke);

 private:
  [[nodiscard]] Status start_from(std::size_t first);
  void end();

  const NativeQuery& query_;
  std::vector<NssService> services_;
  std::vector<NativeService> answers_;
  int pid_ = -1;
  linux_os::Descriptor pipe_;
};

}  // namespace inetctl::posix
