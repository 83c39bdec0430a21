// The described populations of sockets that make_sockets can open.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tests/helpers/workers.h"

namespace scenes {

// What the command line said; a scene reads what concerns it.
struct Options {
  long number = 0;  // how many sockets, or the seed
  long v6_percent = 0;
  long procs = 0;
  long udp = 0;
  long listeners = 0;
  long unread_every = 0;
};

// Opens the sockets, here or in workers, and answers with a summary for the READY line.
using Open = std::string (*)(const Options&, Workers&);

struct Scene {
  const char* name;
  const char* argument;
  const char* help;
  Open open;
};

std::string load(const Options&, Workers&);
std::string mixed(const Options&, Workers&);
std::string families(const Options&, Workers&);
std::string hostile(const Options&, Workers&);

// Command names that try to forge rows, command terminals or break parsers; at most 15 bytes, the kernel's
// limit.
std::span<const char* const> hostile_names();

}  // namespace scenes
