// Which process holds which socket, by one of the two roads to the answer, for comparing them: a line for
// each descriptor, "PID FD INODE NAME", in the order of the answer, the name's bytes in hexadecimal.
//
//   list_holders proc|bpf
//
// Exits 77 when this system does not offer that road, or not to this user.
#include <cstdio>
#include <string>

#include "platform/linux/live_kernel.h"

using inetctl::linux_os::Kernel;

namespace {

void print(const Kernel::SocketDescriptor& held) {
  std::printf("%u %u %llu ", held.pid, held.fd, static_cast<unsigned long long>(held.inode));
  for (const char c : held.command_name) std::printf("%02x", static_cast<unsigned char>(c));
  std::puts("");
}

inetctl::Status list_one_by_one(Kernel& kernel) {
  const auto pids = kernel.processes();
  if (!pids) return pids.error();
  for (const std::uint32_t pid : *pids) {
    const std::string name = kernel.command_name(pid);
    inetctl::Status status = kernel.socket_descriptors(pid, [&](std::uint32_t fd, std::uint64_t inode) {
      print({pid, fd, inode, name});
    });
    if (!status) return status;
  }
  return {};
}

}  // namespace

int main(int count, char** words) {
  const std::string road = count == 2 ? words[1] : "";
  if (road != "proc" && road != "bpf") {
    std::fputs("usage: list_holders proc|bpf\n", stderr);
    return 2;
  }
  const auto kernel = inetctl::linux_os::live_kernel();
  const inetctl::Status status =
      road == "proc" ? list_one_by_one(*kernel) : kernel->all_socket_descriptors(print);
  if (status) return 0;
  std::fprintf(stderr, "list_holders: %s\n", status.error().message().c_str());
  return status.error().kind == inetctl::Kind::system ? 1 : 77;
}
