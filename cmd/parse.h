// What the flags of `inetctl parse` ask for, and the run that answers it.
#pragma once

#include <string>
#include <vector>

#include "cmd/command.h"
#include "core/parsed_address.h"

namespace inetctl {

struct ParseRequest {
  const AddressFunction* function = &kAddressFunctions[0];
  bool quirks = true;
  bool null = false;  // texts are separated by NUL, not by line ends
  bool count = false, network = false, aggregate = false, grep = false;
  std::vector<std::string> in, not_in, contains;

  // Blocks and ranges are read where they make sense, and nowhere else: to inet they are no addresses.
  [[nodiscard]] bool reads_blocks() const {
    return network || aggregate || !in.empty() || !not_in.empty() || !contains.empty();
  }
};

[[nodiscard]] Result<Exit> run_parse(Context& context, const ParseRequest& request,
                                     const std::vector<std::string>& operands);

}  // namespace inetctl
