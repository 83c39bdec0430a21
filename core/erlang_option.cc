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
    {"reuseaddr", kKernel, "SO_REUSEADDR", "", kHides, "bind although old connections linger"},
    {"reuseport", kKernel, "SO_REUSEPORT", "", kHides, "several sockets share an address (OTP 26)"},
    {"reuseport_lb", kKernel, "SO_REUSEPORT", "", kHides, "the same kernel bit as reuseport (OTP 26)"},
    {"keepalive", kKernel, "SO_KEEPALIVE", "", kHides, "probe an idle connection"},
    {"keepidle", kKernel, "TCP_KEEPIDLE", "", kHides, "idle seconds before the first probe (OTP 28)"},
    {"keepintvl", kKernel, "TCP_KEEPINTVL", "", kHides, "seconds between probes (OTP 28)"},
    {"keepcnt", kKernel, "TCP_KEEPCNT", "", kHides, "probes before the connection is dead (OTP 28)"},
    {"user_timeout", kKernel, "TCP_USER_TIMEOUT", "", kHides, "patience with unacknowledged data (OTP 28)"},
    {"dontroute", kKernel, "SO_DONTROUTE", "", kHides, "send without a gateway"},
    {"linger", kKernel, "SO_LINGER", "", kHides, "what close does with unsent data"},
    {"broadcast", kKernel, "SO_BROADCAST", "", kHides, "allow broadcasts"},
    {"sndbuf", kKernel, "SO_SNDBUF", "", kHides, "size of the kernel's send buffer"},
    {"recbuf", kKernel, "SO_RCVBUF", "", kHides, "size of the kernel's receive buffer"},
    {"priority", kKernel, "SO_PRIORITY", "", kTells, "priority of what is sent"},
    {"tos", kKernel, "IP_TOS", "", kTells, "type of service"},
    {"ttl", kKernel, "IP_TTL", "", kTells, "hops that packets may take"},
    {"tclass", kKernel, "IPV6_TCLASS", "", kTells, "traffic class"},
    {"recvtos", kKernel, "IP_RECVTOS", "", kTells, "receive the type of service"},
    {"recvttl", kKernel, "IP_RECVTTL", "", kTells, "receive the TTL"},
    {"recvtclass", kKernel, "IPV6_RECVTCLASS", "", kTells, "receive the traffic class"},
    {"pktoptions", kKernel, "IP_PKTOPTIONS", "IPV6_2292PKTOPTIONS", kTells, "options of the last packet"},
    {"nodelay", kKernel, "TCP_NODELAY", "", kHides, "send small segments at once"},
    {"nopush", kKernel, "TCP_CORK", "", kHides, "send full segments only"},
    {"ipv6_v6only", kKernel, "IPV6_V6ONLY", "", kTells, "no IPv4 by mapped addresses"},
    {"multicast_if", kKernel, "IP_MULTICAST_IF", "IPV6_MULTICAST_IF", kHides,
     "interface that multicast is sent on"},
    {"multicast_ttl", kKernel, "IP_MULTICAST_TTL", "IPV6_MULTICAST_HOPS", kHides,
     "hops that multicast may take"},
    {"multicast_loop", kKernel, "IP_MULTICAST_LOOP", "IPV6_MULTICAST_LOOP", kHides,
     "hand multicast to members on this machine"},
    {"add_membership", kKernel, "IP_ADD_MEMBERSHIP", "IPV6_ADD_MEMBERSHIP", kHides, "join a group"},
    {"drop_membership", kKernel, "IP_DROP_MEMBERSHIP", "IPV6_DROP_MEMBERSHIP", kHides, "leave a group"},
    {"bind_to_device", kKernel, "SO_BINDTODEVICE", "", kTells, "interface that packets must come from"},
    {"sctp_rtoinfo", kKernel, "SCTP_RTOINFO", "", kTells, "retransmission timeouts"},
    {"sctp_associnfo", kKernel, "SCTP_ASSOCINFO", "", kTells, "parameters of an association"},
    {"sctp_initmsg", kKernel, "SCTP_INITMSG", "", kTells, "parameters of an association's start"},
    {"sctp_autoclose", kKernel, "SCTP_AUTOCLOSE", "", kTells, "idle time before an association is closed"},
    {"sctp_nodelay", kKernel, "SCTP_NODELAY", "", kTells, "send small chunks at once"},
    {"sctp_disable_fragments", kKernel, "SCTP_DISABLE_FRAGMENTS", "", kTells, "never cut messages"},
    {"sctp_i_want_mapped_v4_addr", kKernel, "SCTP_I_WANT_MAPPED_V4_ADDR", "", kTells,
     "IPv4 addresses as mapped ones"},
    {"sctp_maxseg", kKernel, "SCTP_MAXSEG", "", kTells, "largest piece of a message"},
    {"sctp_primary_addr", kKernel, "SCTP_PRIMARY_ADDR", "", kTells, "the peer's address used first"},
    {"sctp_set_peer_primary_addr", kKernel, "SCTP_SET_PEER_PRIMARY_ADDR", "", kTells,
     "our address that the peer shall use first"},
    {"sctp_adaptation_layer", kKernel, "SCTP_ADAPTATION_LAYER", "", kTells, "adaptation indication"},
    {"sctp_peer_addr_params", kKernel, "SCTP_PEER_ADDR_PARAMS", "", kTells, "parameters of a peer's address"},
    {"sctp_default_send_param", kKernel, "SCTP_DEFAULT_SEND_PARAM", "", kTells, "defaults of messages"},
    {"sctp_events", kKernel, "SCTP_EVENTS", "", kTells, "notifications that are received"},
    {"sctp_delayed_ack_time", kKernel, "SCTP_DELAYED_ACK_TIME", "", kTells, "delay of acknowledgements"},
    {"sctp_status", kKernel, "SCTP_STATUS", "", kTells, "state of an association"},
    {"sctp_get_peer_addr_info", kKernel, "SCTP_GET_PEER_ADDR_INFO", "", kTells, "state of a peer's address"},

    {"active", kRuntime, "", "", kHides, "how data comes to the owner"},
    {"buffer", kRuntime, "SO_RCVBUF", "", kHides, "the runtime's receive buffer"},
    {"delay_send", kRuntime, "TCP_CORK TCP_NODELAY", "", kHides, "the runtime collects small writes"},
    {"deliver", kRuntime, "", "", kHides, "the form of messages to the owner"},
    {"exit_on_close", kRuntime, "", "", kHides, "whether the peer's close ends the socket; state CLOSE_WAIT"},
    {"header", kRuntime, "", "", kHides, "bytes delivered as a list before the binary"},
    {"high_watermark", kRuntime, "TCP_NOTSENT_LOWAT SO_SNDBUF", "", kHides,
     "bytes in the runtime's queue that make send wait"},
    {"low_watermark", kRuntime, "TCP_NOTSENT_LOWAT SO_SNDBUF", "", kHides,
     "bytes in the runtime's queue that wake it"},
    {"high_msgq_watermark", kRuntime, "", "", kHides, "bytes in the message queue that make senders wait"},
    {"low_msgq_watermark", kRuntime, "", "", kHides, "bytes in the message queue that wake them"},
    {"mode", kRuntime, "", "", kHides, "whether data comes as a list or a binary"},
    {"list", kRuntime, "", "", kHides, "data comes as a list"},
    {"binary", kRuntime, "", "", kHides, "data comes as a binary"},
    {"packet", kRuntime, "", "", kHides, "how the stream is cut into packets"},
    {"packet_size", kRuntime, "", "", kHides, "largest packet that is taken"},
    {"line_delimiter", kRuntime, "", "", kHides, "the byte that ends a line"},
    {"read_packets", kRuntime, "", "", kHides, "datagrams that are read at once"},
    {"send_timeout", kRuntime, "SO_SNDTIMEO TCP_USER_TIMEOUT", "", kHides, "how long send may wait"},
    {"send_timeout_close", kRuntime, "TCP_USER_TIMEOUT", "", kHides, "close when send has waited too long"},
    {"show_econnreset", kRuntime, "SO_ERROR", "", kHides, "tell a reset from a close"},
    {"read_ahead", kRuntime, "SO_RCVBUF", "", kHides, "read more than was asked for (OTP 27.1)"},
    {"debug", kRuntime, "SO_DEBUG", "", kHides, "the runtime's own, not the kernel's"},
    {"non_block_send", kRuntime, "", "", kHides, "internal (OTP 27)"},
    {"exclusiveaddruse", kRuntime, "SO_REUSEADDR", "", kHides, "Windows only; kept by the runtime elsewhere"},

    {"backlog", kOpening, "TCP_INFO", "", kHides, "length of the accept queue; ss and i show it"},
    {"ip", kOpening, "", "", kHides, "local address"},
    {"ifaddr", kOpening, "", "", kHides, "local address"},
    {"port", kOpening, "", "", kHides, "local port"},
    {"fd", kOpening, "", "", kHides, "a descriptor to take over"},
    {"inet", kOpening, "SO_DOMAIN", "", kHides, "address family"},
    {"inet6", kOpening, "SO_DOMAIN", "", kHides, "address family"},
    {"local", kOpening, "SO_DOMAIN", "", kHides, "address family"},
    {"netns", kOpening, "SO_NETNS_COOKIE", "", kHides, "network namespace"},
    {"inet_backend", kOpening, "", "", kHides, "implementation of the socket"},
    {"tcp_module", kOpening, "", "", kHides, "callback module"},
    {"udp_module", kOpening, "", "", kHides, "callback module"},
    {"sctp_module", kOpening, "", "", kHides, "callback module"},
    {"type", kOpening, "SO_TYPE", "", kHides, "kind of an SCTP socket"},
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
