// Sockets of kinds that most machines cannot make: SCTP in all its forms, TLS in the kernel, vsock, TIPC,
// raw, MPTCP.
//
//   open_families KIND... -- COMMAND...
//
// KIND is sctp, tls, vsock, tipc, raw or mptcp. Writes a line of JSON for each association of SCTP, as its
// own process sees it by getsockopt, then runs the command beside the open sockets and answers with its
// status.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sctp.h>
#include <linux/tipc.h>
#include <linux/tls.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers/sockets.h"

namespace {

// Numbers that a header may lack.
constexpr int kSolSctp = 132, kProtocolMptcp = 262, kTcpUlp = 31, kSolTls = 282;

int checked(int result, const char* operation) {
  if (result < 0) fail(operation);
  return result;
}

int open_socket(int family, int type, int protocol) {
  return checked(::socket(family, type, protocol), "socket");
}

void bind_to(int fd, const Endpoint& where) { check(::bind(fd, where.address(), where.size), "bind"); }
int listener(int family, int type, int protocol, const char* address, std::uint16_t port, int backlog) {
  const int fd = open_socket(family, type, protocol);
  bind_to(fd, endpoint(address, port));
  check(::listen(fd, backlog), "listen");
  return fd;
}

int connected(int family, int type, int protocol, const char* address, std::uint16_t port) {
  const int fd = open_socket(family, type, protocol);
  connect_to(fd, endpoint(address, port));
  return fd;
}

// Further addresses of a bound socket, all with its port (sctp_bindx).
void add_addresses(int fd, const std::vector<const char*>& addresses, std::uint16_t port) {
  std::string packed;
  for (const char* address : addresses) {
    const Endpoint one = endpoint(address, port);
    packed.append(reinterpret_cast<const char*>(one.address()), one.size);
  }
  check(::setsockopt(fd, kSolSctp, SCTP_SOCKOPT_BINDX_ADD, packed.data(),
                     static_cast<socklen_t>(packed.size())),
        "bindx");
}

// What the process itself is told of an association (0: of a one-to-one socket).
void tell_association(int fd, sctp_assoc_t association) {
  sctp_status status{};
  status.sstat_assoc_id = association;
  socklen_t size = sizeof status;
  check(::getsockopt(fd, kSolSctp, SCTP_STATUS, &status, &size), "SCTP_STATUS");
  sctp_paddrparams path{};
  path.spp_assoc_id = association;
  std::memcpy(&path.spp_address, &status.sstat_primary.spinfo_address, sizeof path.spp_address);
  size = sizeof path;
  check(::getsockopt(fd, kSolSctp, SCTP_PEER_ADDR_PARAMS, &path, &size), "SCTP_PEER_ADDR_PARAMS");
  sctp_assoc_stats counters{};
  counters.sas_assoc_id = association;
  size = sizeof counters;
  check(::getsockopt(fd, kSolSctp, SCTP_GET_ASSOC_STATS, &counters, &size), "SCTP_GET_ASSOC_STATS");
  char primary[INET6_ADDRSTRLEN] = "";
  sockaddr_storage address;  // in the answer it is not aligned
  std::memcpy(&address, &status.sstat_primary.spinfo_address, sizeof address);
  const void* bytes = address.ss_family == AF_INET
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
                          : &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  ::inet_ntop(address.ss_family, bytes, primary, sizeof primary);
  std::printf(
      "{\"fd\":%d,\"state\":%d,\"rwnd\":%u,\"unackdata\":%u,\"penddata\":%u,\"instrms\":%u,\"outstrms\":%u,"
      "\"maxseg\":%u,",
      fd, status.sstat_state, status.sstat_rwnd, status.sstat_unackdata, status.sstat_penddata,
      status.sstat_instrms, status.sstat_outstrms, status.sstat_fragmentation_point);
  std::printf(
      "\"primary\":\"%s\",\"p_state\":%d,\"p_cwnd\":%u,\"p_srtt\":%u,\"p_rto\":%u,\"p_hbinterval\":%u,"
      "\"p_pathmaxrxt\":%u,\"p_sackdelay\":%u,",
      primary, status.sstat_primary.spinfo_state, status.sstat_primary.spinfo_cwnd,
      status.sstat_primary.spinfo_srtt, status.sstat_primary.spinfo_rto, path.spp_hbinterval,
      path.spp_pathmaxrxt, path.spp_sackdelay);
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "\"isacks\":%llu,\"osacks\":%llu,\"opackets\":%llu,\"ipackets\":%llu,\"rtxchunks\":%llu,"
      "\"outofseqtsns\":%llu,\"idupchunks\":%llu,\"gapcnt\":%llu,\"ouodchunks\":%llu,\"iuodchunks\":%llu,"
      "\"oodchunks\":%llu,\"iodchunks\":%llu,\"octrlchunks\":%llu,\"ictrlchunks\":%llu}\n",
      number(counters.sas_isacks), number(counters.sas_osacks), number(counters.sas_opackets),
      number(counters.sas_ipackets), number(counters.sas_rtxchunks), number(counters.sas_outofseqtsns),
      number(counters.sas_idupchunks), number(counters.sas_gapcnt), number(counters.sas_ouodchunks),
      number(counters.sas_iuodchunks), number(counters.sas_oodchunks), number(counters.sas_iodchunks),
      number(counters.sas_octrlchunks), number(counters.sas_ictrlchunks));
}

// All associations of a one-to-many socket.
void tell_associations(int fd) {
  std::uint32_t list[17] = {};  // how many, then their numbers
  socklen_t size = sizeof list;
  check(::getsockopt(fd, kSolSctp, SCTP_GET_ASSOC_ID_LIST, list, &size), "SCTP_GET_ASSOC_ID_LIST");
  for (std::uint32_t i = 1; i <= list[0] && i < std::size(list); ++i)
    tell_association(fd, static_cast<sctp_assoc_t>(list[i]));
}

void send_text(int fd, std::string_view text) {
  checked(static_cast<int>(::send(fd, text.data(), text.size(), 0)), "send");
}

int sender = -1;

void open_sctp() {
  // One to one; what was sent is not read.
  const int one = listener(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", 7001, 7);
  const int client = connected(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", 7001);
  const int served = checked(::accept(one, nullptr, nullptr), "accept");
  check(set_option(client, kSolSctp, SCTP_NODELAY, 1), "SCTP_NODELAY");
  send_text(client, "hello");
  const int waiting = connected(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", 7001);

  // One to many, at home at three addresses; its peers at one, two and six.
  const int many = open_socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP);
  bind_to(many, endpoint("127.0.0.1", 7002));
  add_addresses(many, {"127.0.0.2", "127.0.0.3"}, 7002);
  check(set_option(many, kSolSctp, SCTP_AUTOCLOSE, 600), "SCTP_AUTOCLOSE");
  check(::listen(many, 5), "listen");
  const int near = connected(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.2", 7002);
  const int far = open_socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP);
  bind_to(far, endpoint("127.0.0.4", 7102));
  add_addresses(far, {"127.0.0.5"}, 7102);
  connect_to(far, endpoint("127.0.0.1", 7002));
  connect_to(far, endpoint("127.0.0.1", 7001));  // a second association of it

  // IPv6, with a peer of IPv6 and one of IPv4.
  listener(AF_INET6, SOCK_STREAM, IPPROTO_SCTP, "::1", 7003, 3);
  const int six = connected(AF_INET6, SOCK_STREAM, IPPROTO_SCTP, "::1", 7003);
  const int both = listener(AF_INET6, SOCK_STREAM, IPPROTO_SCTP, "::", 7004, 3);
  const int four = connected(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", 7004);
  const int mapped = checked(::accept(both, nullptr, nullptr), "accept");

  // Who sends when told to, for then the peer may be out of reach.
  const int quiet = listener(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", 7005, 1);
  sender = connected(AF_INET, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", 7005);
  checked(::accept(quiet, nullptr, nullptr), "accept");
  std::signal(SIGUSR1, [](int) { static_cast<void>(::send(sender, "late", 4, 0)); });

  // Nobody answers there (a route to nowhere that the guest has).
  const int lonely = open_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
  check(::fcntl(lonely, F_SETFL, O_NONBLOCK), "fcntl");
  const Endpoint nowhere = endpoint("192.0.2.1", 7006);
  if (::connect(lonely, nowhere.address(), nowhere.size) == 0 || errno != EINPROGRESS)
    fail("connect to nobody");

  ::usleep(600'000);  // until acknowledgements that were put off have been sent
  for (const int fd : {client, served, waiting, near, six, four, mapped}) tell_association(fd, 0);
  for (const int fd : {many, far}) tell_associations(fd);
}

void open_tls() {
  const int server = listener(AF_INET, SOCK_STREAM, 0, "127.0.0.1", 7010, 2);
  const int client = connected(AF_INET, SOCK_STREAM, 0, "127.0.0.1", 7010);
  checked(::accept(server, nullptr, nullptr), "accept");
  check(::setsockopt(client, IPPROTO_TCP, kTcpUlp, "tls", 4), "TCP_ULP");
  tls12_crypto_info_aes_gcm_256 sending{};
  sending.info.version = TLS_1_3_VERSION;
  sending.info.cipher_type = TLS_CIPHER_AES_GCM_256;
  check(::setsockopt(client, kSolTls, TLS_TX, &sending, sizeof sending), "TLS_TX");
}

void open_vsock() {
  sockaddr_vm where{};
  where.svm_family = AF_VSOCK;
  where.svm_cid = VMADDR_CID_ANY;
  where.svm_port = 7020;
  const int server = open_socket(AF_VSOCK, SOCK_STREAM, 0);
  check(::bind(server, reinterpret_cast<sockaddr*>(&where), sizeof where), "bind vsock");
  check(::listen(server, 2), "listen");
  const int client = open_socket(AF_VSOCK, SOCK_STREAM, 0);
  where.svm_cid = VMADDR_CID_LOCAL;
  check(::connect(client, reinterpret_cast<sockaddr*>(&where), sizeof where), "connect vsock");
  checked(::accept(server, nullptr, nullptr), "accept");
}

void open_tipc() {
  sockaddr_tipc service{};
  service.family = AF_TIPC;
  service.addrtype = TIPC_ADDR_NAMESEQ;
  service.scope = TIPC_NODE_SCOPE;
  service.addr.nameseq = {1000, 5, 5};
  const int server = open_socket(AF_TIPC, SOCK_STREAM, 0);
  check(::bind(server, reinterpret_cast<sockaddr*>(&service), sizeof service), "bind tipc");
  check(::listen(server, 2), "listen");
  const int client = open_socket(AF_TIPC, SOCK_STREAM, 0);
  service.addrtype = TIPC_ADDR_NAME;
  service.addr.name.name = {1000, 5};
  service.addr.name.domain = 0;
  // It is connected when the other end has accepted.
  check(::fcntl(client, F_SETFL, O_NONBLOCK), "fcntl");
  if (::connect(client, reinterpret_cast<sockaddr*>(&service), sizeof service) != 0 && errno != EINPROGRESS)
    fail("connect tipc");
  const int served = checked(::accept(server, nullptr, nullptr), "accept");
  send_text(served, "hello");
}

void open_raw() {
  open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  const int six = open_socket(AF_INET6, SOCK_RAW, 99);
  bind_to(six, endpoint("::1", 0));
}

void open_mptcp() {
  const int server = listener(AF_INET, SOCK_STREAM, kProtocolMptcp, "127.0.0.1", 7030, 4);
  const int client = connected(AF_INET, SOCK_STREAM, kProtocolMptcp, "127.0.0.1", 7030);
  checked(::accept(server, nullptr, nullptr), "accept");
  send_text(client, "hello");
}

struct Kind {
  std::string_view name;
  void (*open)();
};
constexpr Kind kKinds[] = {{"sctp", open_sctp}, {"tls", open_tls}, {"vsock", open_vsock},
                           {"tipc", open_tipc}, {"raw", open_raw}, {"mptcp", open_mptcp}};

}  // namespace

int main(int count, char** words) {
  int at = 1;
  for (; at < count && std::strcmp(words[at], "--") != 0; ++at) {
    bool known = false;
    for (const Kind& kind : kKinds) {
      if (kind.name != words[at]) continue;
      kind.open();
      known = true;
    }
    if (!known) return 2;
  }
  if (at + 1 >= count) return 2;
  std::fflush(stdout);
  const pid_t child = checked(::fork(), "fork");
  if (child == 0) {
    for (int fd = 3; fd < 256; ++fd) ::close(fd);
    ::execvp(words[at + 1], words + at + 1);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
