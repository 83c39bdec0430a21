#include "core/erlang_option.h"

#include <algorithm>

#include "core/text.h"

namespace inetctl {

namespace {

constexpr ErlangReach kRuntime = ErlangReach::runtime;
constexpr ErlangReach kOpening = ErlangReach::opening;
constexpr ErlangReach kKernel = ErlangReach::kernel;
constexpr bool kTells = true;
constexpr bool kHides = false;

constexpr ErlangOption kOptions[] = {
    {"reuseaddr", kKernel, "SO_REUSEADDR", "", kHides, kBothCalls, "bind although old connections linger"},
    {"reuseport", kKernel, "SO_REUSEPORT", "", kHides, kBothCalls,
     "several sockets share an address (OTP 26)"},
    {"reuseport_lb", kKernel, "SO_REUSEPORT", "", kHides, kBothCalls,
     "the same kernel bit as reuseport (OTP 26)"},
    {"keepalive", kKernel, "SO_KEEPALIVE", "", kHides, kBothCalls, "probe an idle connection"},
    {"keepidle", kKernel, "TCP_KEEPIDLE", "", kHides, kBothCalls,
     "idle seconds before the first probe (OTP 28)"},
    {"keepintvl", kKernel, "TCP_KEEPINTVL", "", kHides, kBothCalls, "seconds between probes (OTP 28)"},
    {"keepcnt", kKernel, "TCP_KEEPCNT", "", kHides, kBothCalls,
     "probes before the connection is dead (OTP 28)"},
    {"user_timeout", kKernel, "TCP_USER_TIMEOUT", "", kHides, kBothCalls,
     "patience with unacknowledged data (OTP 28)"},
    {"dontroute", kKernel, "SO_DONTROUTE", "", kHides, kNoCall, "send without a gateway"},
    {"linger", kKernel, "SO_LINGER", "", kHides, kBothCalls, "what close does with unsent data"},
    {"broadcast", kKernel, "SO_BROADCAST", "", kHides, kNoCall, "allow broadcasts"},
    {"sndbuf", kKernel, "SO_SNDBUF", "", kHides, kBothCalls, "size of the kernel's send buffer"},
    {"recbuf", kKernel, "SO_RCVBUF", "", kHides, kBothCalls, "size of the kernel's receive buffer"},
    {"priority", kKernel, "SO_PRIORITY", "", kTells, kBothCalls, "priority of what is sent"},
    {"tos", kKernel, "IP_TOS", "", kTells, kBothCalls, "type of service"},
    {"ttl", kKernel, "IP_TTL", "", kTells, kBothCalls, "hops that packets may take"},
    {"tclass", kKernel, "IPV6_TCLASS", "", kTells, kBothCalls, "traffic class"},
    {"recvtos", kKernel, "IP_RECVTOS", "", kTells, kBothCalls, "receive the type of service"},
    {"recvttl", kKernel, "IP_RECVTTL", "", kTells, kBothCalls, "receive the TTL"},
    {"recvtclass", kKernel, "IPV6_RECVTCLASS", "", kTells, kBothCalls, "receive the traffic class"},
    {"pktoptions", kKernel, "IP_PKTOPTIONS", "IPV6_2292PKTOPTIONS", kTells, kNoCall,
     "options of the last packet"},
    {"nodelay", kKernel, "TCP_NODELAY", "", kHides, kBothCalls, "send small segments at once"},
    {"nopush", kKernel, "TCP_CORK", "", kHides, kNoCall, "send full segments only"},
    {"ipv6_v6only", kKernel, "IPV6_V6ONLY", "", kTells, kListenCall, "no IPv4 by mapped addresses"},
    {"multicast_if", kKernel, "IP_MULTICAST_IF", "IPV6_MULTICAST_IF", kHides, kNoCall,
     "interface that multicast is sent on"},
    {"multicast_ttl", kKernel, "IP_MULTICAST_TTL", "IPV6_MULTICAST_HOPS", kHides, kNoCall,
     "hops that multicast may take"},
    {"multicast_loop", kKernel, "IP_MULTICAST_LOOP", "IPV6_MULTICAST_LOOP", kHides, kNoCall,
     "hand multicast to members on this machine"},
    {"add_membership", kKernel, "IP_ADD_MEMBERSHIP", "IPV6_ADD_MEMBERSHIP", kHides, kNoCall, "join a group"},
    {"drop_membership", kKernel, "IP_DROP_MEMBERSHIP", "IPV6_DROP_MEMBERSHIP", kHides, kNoCall,
     "leave a group"},
    {"bind_to_device", kKernel, "SO_BINDTODEVICE", "", kTells, kBothCalls,
     "interface that packets must come from"},
    {"sctp_rtoinfo", kKernel, "SCTP_RTOINFO", "", kTells, kNoCall, "retransmission timeouts"},
    {"sctp_associnfo", kKernel, "SCTP_ASSOCINFO", "", kTells, kNoCall, "parameters of an association"},
    {"sctp_initmsg", kKernel, "SCTP_INITMSG", "", kTells, kNoCall, "parameters of an association's start"},
    {"sctp_autoclose", kKernel, "SCTP_AUTOCLOSE", "", kTells, kNoCall,
     "idle time before an association is closed"},
    {"sctp_nodelay", kKernel, "SCTP_NODELAY", "", kTells, kNoCall, "send small chunks at once"},
    {"sctp_disable_fragments", kKernel, "SCTP_DISABLE_FRAGMENTS", "", kTells, kNoCall, "never cut messages"},
    {"sctp_i_want_mapped_v4_addr", kKernel, "SCTP_I_WANT_MAPPED_V4_ADDR", "", kTells, kNoCall,
     "IPv4 addresses as mapped ones"},
    {"sctp_maxseg", kKernel, "SCTP_MAXSEG", "", kTells, kNoCall, "largest piece of a message"},
    {"sctp_primary_addr", kKernel, "SCTP_PRIMARY_ADDR", "", kTells, kNoCall, "the peer's address used first"},
    {"sctp_set_peer_primary_addr", kKernel, "SCTP_SET_PEER_PRIMARY_ADDR", "", kTells, kNoCall,
     "our address that the peer shall use first"},
    {"sctp_adaptation_layer", kKernel, "SCTP_ADAPTATION_LAYER", "", kTells, kNoCall, "adaptation indication"},
    {"sctp_peer_addr_params", kKernel, "SCTP_PEER_ADDR_PARAMS", "", kTells, kNoCall,
     "parameters of a peer's address"},
    {"sctp_default_send_param", kKernel, "SCTP_DEFAULT_SEND_PARAM", "", kTells, kNoCall,
     "defaults of messages"},
    {"sctp_events", kKernel, "SCTP_EVENTS", "", kTells, kNoCall, "notifications that are received"},
    {"sctp_delayed_ack_time", kKernel, "SCTP_DELAYED_ACK_TIME", "", kTells, kNoCall,
     "delay of acknowledgements"},
    {"sctp_status", kKernel, "SCTP_STATUS", "", kTells, kNoCall, "state of an association"},
    {"sctp_get_peer_addr_info", kKernel, "SCTP_GET_PEER_ADDR_INFO", "", kTells, kNoCall,
     "state of a peer's address"},

    {"active", kRuntime, "", "", kHides, kBothCalls, "how data comes to the owner"},
    {"buffer", kRuntime, "SO_RCVBUF", "", kHides, kBothCalls, "the runtime's receive buffer"},
    {"delay_send", kRuntime, "TCP_CORK TCP_NODELAY", "", kHides, kBothCalls,
     "the runtime collects small writes"},
    {"deliver", kRuntime, "", "", kHides, kBothCalls, "the form of messages to the owner"},
    {"exit_on_close", kRuntime, "", "", kHides, kBothCalls,
     "whether the peer's close ends the socket; state CLOSE_WAIT"},
    {"header", kRuntime, "", "", kHides, kBothCalls, "bytes delivered as a list before the binary"},
    {"high_watermark", kRuntime, "TCP_NOTSENT_LOWAT SO_SNDBUF", "", kHides, kBothCalls,
     "bytes in the runtime's queue that make send wait"},
    {"low_watermark", kRuntime, "TCP_NOTSENT_LOWAT SO_SNDBUF", "", kHides, kBothCalls,
     "bytes in the runtime's queue that wake it"},
    {"high_msgq_watermark", kRuntime, "", "", kHides, kBothCalls,
     "bytes in the message queue that make senders wait"},
    {"low_msgq_watermark", kRuntime, "", "", kHides, kBothCalls, "bytes in the message queue that wake them"},
    {"mode", kRuntime, "", "", kHides, kBothCalls, "whether data comes as a list or a binary"},
    {"list", kRuntime, "", "", kHides, kBothCalls, "data comes as a list"},
    {"binary", kRuntime, "", "", kHides, kBothCalls, "data comes as a binary"},
    {"packet", kRuntime, "", "", kHides, kBothCalls, "how the stream is cut into packets"},
    {"packet_size", kRuntime, "", "", kHides, kBothCalls, "largest packet that is taken"},
    {"line_delimiter", kRuntime, "", "", kHides, kConnectCall, "the byte that ends a line"},
    {"read_packets", kRuntime, "", "", kHides, kNoCall, "datagrams that are read at once"},
    {"send_timeout", kRuntime, "SO_SNDTIMEO TCP_USER_TIMEOUT", "", kHides, kBothCalls,
     "how long send may wait"},
    {"send_timeout_close", kRuntime, "TCP_USER_TIMEOUT", "", kHides, kBothCalls,
     "close when send has waited too long"},
    {"show_econnreset", kRuntime, "SO_ERROR", "", kHides, kBothCalls, "tell a reset from a close"},
    {"read_ahead", kRuntime, "SO_RCVBUF", "", kHides, kBothCalls, "read more than was asked for (OTP 27.1)"},
    {"debug", kRuntime, "SO_DEBUG", "", kHides, kBothCalls, "the runtime's own, not the kernel's"},
    {"non_block_send", kRuntime, "", "", kHides, kNoCall, "internal (OTP 27)"},
    {"exclusiveaddruse", kRuntime, "SO_REUSEADDR", "", kHides, kBothCalls,
     "Windows only; kept by the runtime elsewhere"},

    {"backlog", kOpening, "TCP_INFO", "", kHides, kListenCall,
     "length of the accept queue; ss and i show it"},
    {"ip", kOpening, "", "", kHides, kBothCalls, "local address"},
    {"ifaddr", kOpening, "", "", kHides, kBothCalls, "local address"},
    {"port", kOpening, "", "", kHides, kBothCalls, "local port"},
    {"fd", kOpening, "", "", kHides, kBothCalls, "a descriptor to take over"},
    {"inet", kOpening, "SO_DOMAIN", "", kHides, kBothCalls, "address family"},
    {"inet6", kOpening, "SO_DOMAIN", "", kHides, kBothCalls, "address family"},
    {"local", kOpening, "SO_DOMAIN", "", kHides, kBothCalls, "address family"},
    {"netns", kOpening, "SO_NETNS_COOKIE", "", kHides, kBothCalls, "network namespace"},
    {"inet_backend", kOpening, "", "", kHides, kBothCalls, "implementation of the socket"},
    {"tcp_module", kOpening, "", "", kHides, kBothCalls, "callback module"},
    {"udp_module", kOpening, "", "", kHides, kNoCall, "callback module"},
    {"sctp_module", kOpening, "", "", kHides, kNoCall, "callback module"},
    {"type", kOpening, "SO_TYPE", "", kHides, kNoCall, "kind of an SCTP socket"},
};

}  // namespace

std::span<const ErlangOption> erlang_options() { return kOptions; }

const ErlangOption* find_erlang_option(std::string_view name) {
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions), [name](const ErlangOption& o) {
    return equals_ignoring_case(o.name, name);
  });
  return found == std::end(kOptions) ? nullptr : found;
}

std::string_view erlang_name_of(std::string_view kernel_name) {
  for (const ErlangOption& option : kOptions)
    if (option.reach == ErlangReach::kernel &&
        (option.kernel == kernel_name || option.kernel6 == kernel_name))
      return option.name;
  return "";
}

}  // namespace inetctl
