// Many sockets of few kinds, for measurements: exactly so many TCP sockets, and what the options add.
#include <algorithm>
#include <cstdio>

#include <netinet/in.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/helpers/namespace.h"
#include "tests/helpers/scenes.h"
#include "tests/helpers/sockets.h"

namespace scenes {
namespace {

constexpr long kConnectionsPerListener = 5000;  // few enough for its client ports never to run out
constexpr std::size_t kBytesSent = 100;

// What one worker opens.
struct Share {
  long worker;
  long procs;
  long pairs4;
  long pairs6;
  long udp;
  long listeners;
  long unread_every;
};

constexpr std::uint32_t loopback(long b, long c, long d) {
  return static_cast<std::uint32_t>((127L << 24) | (b << 16) | (c << 8) | d);
}

std::uint32_t worker_address(long worker) { return loopback(10 + worker / 250, worker % 250 + 1, 1); }

std::uint16_t port(long number) { return static_cast<std::uint16_t>(number); }

// Clients at many addresses: one text of the same width in every row would flatter a formatter.
Endpoint client_source(int family, long worker, long index) {
  if (family == AF_INET6) return endpoint("::1", 0);
  return ipv4(loopback(100 + index % 7, index / 7 % 200, worker % 250 + 1), 0);
}

// IPv4 workers have an address each; IPv6 has one address, so the ports have to differ.
Endpoint pair_listener(int family, const Share& share, long batch) {
  if (family == AF_INET6) return endpoint("::1", port(2000 + batch * share.procs + share.worker));
  return ipv4(worker_address(share.worker), port(5000 + batch));
}

void exchange(const Connection& made, bool leave_unread) {
  send_bytes(made.client, kBytesSent);
  receive_bytes(made.server, kBytesSent);
  send_bytes(made.server, kBytesSent);
  if (!leave_unread) receive_bytes(made.client, kBytesSent);
}

void open_pairs(int family, long count, const Share& share) {
  for (long batch = 0; batch * kConnectionsPerListener < count; ++batch) {
    const Endpoint server = pair_listener(family, share, batch);
    const int listening = listener(server, 16);
    const long first = batch * kConnectionsPerListener;
    for (long i = first; i < std::min(first + kConnectionsPerListener, count); ++i) {
      const Connection made = connection(listening, client_source(family, share.worker, i), server);
      exchange(made, share.unread_every > 0 && i % share.unread_every == 0);
    }
    close(listening);  // it is no part of the number asked for
  }
}

// Every other one is connected.
void open_udp(const Share& share) {
  for (long i = 0; i < share.udp; ++i) {
    const std::uint32_t address = loopback(200 + i % 5, share.worker % 250, i / 5 % 250 + 1);
    const int made = bound_socket(ipv4(address, port(1024 + i)), SOCK_DGRAM);
    if (i % 2 == 1) connect_to(made, ipv4(INADDR_LOOPBACK, 9));
  }
}

void open_share(const Share& share) {
  open_pairs(AF_INET, share.pairs4, share);
  open_pairs(AF_INET6, share.pairs6, share);
  open_udp(share);
  for (long i = 0; i < share.listeners; ++i) {
    listener(ipv4(worker_address(share.worker), port(10000 + i)), 128);
  }
}

long raise_descriptor_limit() {
  rlimit limit{};
  check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  return static_cast<long>(std::min<rlim_t>(limit.rlim_max, 1 << 20));
}

// The part of `total` that falls to one of `parts`, the first ones taking the remainder.
long part(long total, long parts, long index) { return total / parts + (index < total % parts ? 1 : 0); }

}  // namespace

std::string load(const Options& options, Workers& workers) {
  const long pairs = options.number / 2;
  const long pairs6 = pairs * options.v6_percent / 100;
  const long listeners = options.listeners + options.number % 2;
  const long descriptors = 2 * pairs + options.udp + listeners;
  const long per_process = raise_descriptor_limit() - 50;
  const long procs = std::max({options.procs, (descriptors + per_process - 1) / per_process, 1L});

  // Many ports for the clients, and none that a listener of open_pairs will want.
  set_sysctl("net/ipv4/ip_local_port_range", "10000 65501");
  for (long i = 0; i < procs; ++i) {
    const Share share{i,
                      procs,
                      part(pairs - pairs6, procs, i),
                      part(pairs6, procs, i),
                      part(options.udp, procs, i),
                      part(listeners, procs, i),
                      options.unread_every};
    workers.start("load" + std::to_string(i), {}, [share] { open_share(share); });
  }

  char summary[128];
  std::snprintf(summary, sizeof summary, "tcp=%ld udp=%ld procs=%ld", 2 * pairs + listeners, options.udp,
                procs);
  return summary;
}

}  // namespace scenes
