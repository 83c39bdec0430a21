// Sockets held by processes whose names were chosen to deceive whoever prints them.
#include <array>
#include <cstdio>

#include "tests/helpers/scenes.h"
#include "tests/helpers/sockets.h"

namespace scenes {
namespace {

constexpr auto kNames = std::to_array<const char*>({
    "my (srv) x",                    // a parenthesis and spaces inside the parentheses of /proc/PID/stat
    ") R 1 1 1 1",                   // continues like a line of /proc/PID/stat
    "two\nlines",                    // a second row of a table
    "tcp LISTEN\n0 0",               // a second row that looks like one of ss
    "\x1b[31mred",                   // a colour
    "\x1b]0;title\x07",              // the terminal's title
    "\r\x1b[2K",                     // erases the row
    "\xff\xfe\x80",                  // not UTF-8
    "cut-off-\xf0\x9f\x92\x80\xc3",  // the last character is incomplete
    "\u009b31m",                     // an escape code made of one C1 control
    "\u202egnp",                     // writes from right to left
    "x\",pid=1,fd=2",                // a second owner for those who parse ss
    "\",\"pid\":1,\"",               // a second member of a JSON object
    "a\tb,c;d\"e\\",                 // separators and escapes of CSV and JSON
    "=cmd|'/c x'!A1",                // a formula, to a spreadsheet
    "%s%n%d",                        // a format
    "$(reboot)`id`",                 // a shell's substitution
    " lead trail ",                  // blanks at both ends
    "-",                             // what a table prints for "absent"
    "\x01\x7f",                      // controls alone
    "",                              // no name at all
});

}  // namespace

std::span<const char* const> hostile_names() { return kNames; }

std::string hostile(const Options&, Workers& workers) {
  std::uint16_t port = 4000;
  for (const char* const name : kNames) {
    workers.start(name, {}, [port] {
      const Endpoint server = endpoint("127.0.0.1", port);
      connection(listener(server, 8), endpoint("127.0.0.2", 0), server);
      bound_socket(endpoint("::1", port), SOCK_DGRAM);
    });
    ++port;
  }
  return "procs=" + std::to_string(kNames.size());
}

}  // namespace scenes
