// Sockets as the texts of /proc/net have them (proc(5)), for kernels without the sock_diag module of a
// protocol. They say less: no cookie, no peer, few figures. Pure: text and records only.
#pragma once

#include <array>
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

// A socket out of a line, and what it points to. Of the memory figures (SK_MEMINFO_*) a text has some; the
// others are kNo32.
struct TextSocket {
  Socket socket;
  FamilyFacts facts;
  std::array<std::uint32_t, 9> memory;

  TextSocket() = default;
  TextSocket(const TextSocket&) = delete;
  TextSocket& operator=(const TextSocket&) = delete;
};

// Reads one line. False when it is no socket's: a heading, or something that does not fit.
[[nodiscard]] bool decode_line(std::string_view line, const SocketFile& file, TextSocket& told);

}  // namespace inetctl::linux_os
