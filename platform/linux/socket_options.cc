#include "platform/linux/socket_options.h"

#include "platform/linux/socket_options/rows.h"

namespace inetctl::linux_os {

OptionTables socket_options() {
#if defined(__alpha__) || defined(__hppa__) || defined(__mips__) || defined(__powerpc__) || defined(__sparc__)
  return {};
#else
  static const std::span<const SocketOption> kTables[] = {
      kSocketOptions, kIpOptions,     kIpv6Options,    kTcpOptions,  kMptcpOptions,
      kTlsOptions,    kUdpOptions,    kUdpliteOptions, kIcmpOptions, kIcmpv6Options,
      kSctpOptions,   kPacketOptions, kNetlinkOptions, kVsockOptions};
  return kTables;
#endif
}

}  // namespace inetctl::linux_os
