#include "platform/platform.h"

#include "platform/linux/backend.h"
#include "platform/replay/recording_file.h"
#ifdef __linux__
#include "platform/linux/live_kernel.h"
#include "platform/linux/socket_access.h"
#include "platform/posix/resolver/live_system.h"
#else
#include "platform/nosupport/backend.h"
#endif

namespace inetctl {

Result<std::unique_ptr<Backend>> open_backend(const std::string& from) {
  if (!from.empty()) {
    auto recording = replay::load(from);
    if (!recording) return recording.error();
    auto kernel = replay::recorded_kernel(std::move(*recording));
    if (!kernel) return kernel.error();
    return linux_os::make_backend(std::move(*kernel));
  }
#ifdef __linux__
  return linux_os::make_backend(linux_os::live_kernel(), linux_os::live_socket_access(),
                                posix::make_resolver_system());
#else
  return nosupport::make_backend();
#endif
}

}  // namespace inetctl
