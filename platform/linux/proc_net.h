// Sockets as the texts of /proc/net have them (proc(5)), for kernels without the sock_diag module of a
// protocol. They say less: no cookie, no peer, no attributes. Pure: text and records only.
#pragma once

#include <span>
#include <string_view>

#include "core/family_facts.h"

namespace inetctl::linux_os {

// A file below /proc/net with sockets of a protocol.
struct SocketFile {
  Protocol protocol;
  Family family;  // none: of no IP family
  std::string_view name;
};
// All of them. Ping sockets have no module in any kernel.
extern const std::span<const SocketFile> kSocketFiles;

// Reads one line into `socket`; for what is no IP, `facts` are its facts. False when it is no socket's: a
// heading, or something that does not fit.
[[nodiscard]] bool decode_line(std::string_view line, const SocketFile& file, Socket& socket,
                               FamilyFacts& facts);

}  // namespace inetctl::linux_os
