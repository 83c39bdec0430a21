#include "tests/helpers/namespace.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/helpers/sockets.h"

namespace {

bool write_text(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool done = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return done;
}

// In a user namespace of its own an ordinary user may make a network namespace too.
void enter_as_user() {
  const std::string uid = std::to_string(geteuid());
  const std::string gid = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    skip(std::string("no network namespace without privilege, and no user namespace: ") +
         std::strerror(errno));
  }
  write_text("/proc/self/setgroups", "deny");
  if (!write_text("/proc/self/uid_map", "0 " + uid + " 1") ||
      !write_text("/proc/self/gid_map", "0 " + gid + " 1")) {
    skip("the user namespace takes no mapping");
  }
}

void bring_up(const char* interface) {
  const int control = open_socket(AF_INET, SOCK_DGRAM);
  ifreq request{};
  std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
  check(ioctl(control, SIOCGIFFLAGS, &request), "read the flags of lo");
  request.ifr_flags |= IFF_UP;
  check(ioctl(control, SIOCSIFFLAGS, &request), "bring lo up");
  close(control);
}

// A line of /proc/net/ipv6_route begins with the destination's 32 digits and its length, 80 for a single
// address.
bool has_route_to(const char* address) {
  in6_addr wanted{};
  inet_pton(AF_INET6, address, &wanted);
  std::string start;
  for (const unsigned char byte : wanted.s6_addr) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    start += digits;
  }
  start += " 80 ";
  std::ifstream routes("/proc/net/ipv6_route");
  for (std::string line; std::getline(routes, line);) {
    if (line.starts_with(start)) return true;
  }
  return false;
}

// The kernel makes the route to an IPv6 address of its own some time after the address was added; a packet
// sent before then looks for the address on the wire.
void wait_for_route_to(const char* address) {
  for (int tries = 0; !has_route_to(address); ++tries) {
    if (tries == 1000) skip(std::string("the kernel makes no route to ") + address);
    usleep(5000);
  }
}

}  // namespace

void enter_network_namespace() {
  if (unshare(CLONE_NEWNET) != 0) enter_as_user();
  bring_up("lo");
}

void set_sysctl(const std::string& name, const std::string& value) { write_text("/proc/sys/" + name, value); }

void add_interface_pair() {
  std::FILE* const ip = popen("ip -batch -", "w");
  if (ip == nullptr) fail("start ip");
  // Duplicate address detection would keep the addresses unusable for a second or two.
  std::fprintf(ip,
               "link add veth0 type veth peer name veth1\n"
               "link set veth0 addrgenmode none\n"
               "link set veth1 addrgenmode none\n"
               "link set veth0 up\n"
               "link set veth1 up\n"
               "addr add %s/24 dev veth0\n"
               "addr add %s/64 dev veth0 nodad\n"
               "addr add %s/64 dev veth0 nodad\n"
               "addr add %s/64 dev veth1 nodad\n"
               "neigh add %s lladdr 02:00:00:00:00:99 dev veth0 nud permanent\n"
               "neigh add %s lladdr 02:00:00:00:00:99 dev veth0 nud permanent\n",
               addresses::kVeth0, addresses::kVeth0Six, addresses::kLinkLocal0, addresses::kLinkLocal1,
               addresses::kSilent, addresses::kSilentSix);
  if (pclose(ip) != 0) skip("ip(8) could not add a pair of veth interfaces");
  for (const char* const address : {addresses::kVeth0Six, addresses::kLinkLocal0, addresses::kLinkLocal1}) {
    wait_for_route_to(address);
  }
}
