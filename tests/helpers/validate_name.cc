// validate_name NAME TYPE SERVER PORT ANCHOR MILLISECONDS: prints what libunbound finds, "secure",
// "insecure", "bogus REASON" or "error KIND CAUSE", for tests/netns/resolver_validation.py.
#include <array>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string_view>

#include "core/resolver/types.h"
#include "platform/posix/resolver/live_validation.h"

int main(int argc, char** argv) {
  using namespace inetctl;
  if (argc != 7) {
    std::cerr << "usage: validate_name NAME TYPE SERVER PORT ANCHOR MILLISECONDS\n";
    return 2;
  }
  const std::span<char*> words(argv, 7);
  const auto type = dns::type_number(words[2]);
  const auto address = read_address(words[3]);
  if (!type || !address) return 2;
  const Endpoint server{*address, static_cast<std::uint16_t>(std::strtoul(words[4], nullptr, 10))};
  const auto found = posix::validate({.name = words[1], .type = *type}, std::span(&server, 1), words[5],
                                     static_cast<std::uint32_t>(std::strtoul(words[6], nullptr, 10)));
  if (!found) {
    static constexpr std::array<std::string_view, 5> kKinds = {"usage", "unsupported", "denied", "malformed",
                                                               "system"};
    std::cout << "error " << kKinds[static_cast<std::size_t>(found.error().kind)] << ' '
              << found.error().message() << '\n';
    return 0;
  }
  static constexpr std::array<std::string_view, 3> kStates = {"insecure", "secure", "bogus"};
  std::cout << kStates[static_cast<std::size_t>(found->state)];
  if (!found->reason.empty()) std::cout << ' ' << found->reason;
  std::cout << '\n';
}
