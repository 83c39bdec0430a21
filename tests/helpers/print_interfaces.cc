// Prints inet:getifaddrs/0's list out of getifaddrs(3), as the platform of a system without a room of its own
// has it: to lay beside what `inetctl getifaddrs --format erlang` says.
#include <cstdio>

#include "platform/nosupport/backend.h"

int main() {
  using namespace inetctl;
  const auto backend = nosupport::make_backend();
  Notes notes;
  const auto interfaces = backend->interfaces(0, notes);
  if (!interfaces) {
    std::fprintf(stderr, "print_interfaces: %s\n", interfaces.error().message().c_str());
    return 1;
  }
  std::string text = "{ok,[";
  for (const Interface& interface : *interfaces) {
    if (text.back() != '[') text += ",\n     ";
    append_erlang_interface(text, interface);
  }
  std::puts((text + "]}").c_str());
  return 0;
}
