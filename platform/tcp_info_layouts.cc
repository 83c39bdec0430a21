#include "platform/tcp_info_layouts.h"

#include <vector>

#include "platform/freebsd/tcp_info.h"
#include "platform/linux/tcp_info.h"
#include "platform/macos/tcp_info.h"
#include "platform/openbsd/tcp_info.h"
#include "platform/windows/tcp_info.h"

namespace inetctl {

std::span<const TcpInfoLayout> known_tcp_info_layouts() {
  static const std::vector<TcpInfoLayout> kAll = [] {
    std::vector<TcpInfoLayout> all;
    for (const auto layouts :
         {linux_os::tcp_info_layouts(), freebsd::tcp_info_layouts(), openbsd::tcp_info_layouts(),
          macos::tcp_info_layouts(), windows::tcp_info_layouts()})
      all.insert(all.end(), layouts.begin(), layouts.end());
    return all;
  }();
  return kAll;
}

}  // namespace inetctl
