// Which addresses `inetctl parse` keeps: --in, --not-in, --contains.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address_set.h"
#include "core/parsed_address.h"

namespace inetctl {

// Reads `ADDR`, `ADDR/LEN`, `A-B`, or `@FILE` with one of those a line; blank lines and what follows a `#` do
// not count. `flag` names the operation in errors.
Status read_set(AddressSet& set, std::string_view flag, std::string_view value);

class AddressSelection {
 public:
  // Values of the flags, as read_set takes them; of --contains, addresses.
  static Result<AddressSelection> read(const std::vector<std::string>& in,
                                       const std::vector<std::string>& not_in,
                                       const std::vector<std::string>& contains);

  // Nothing was asked for: all are kept.
  [[nodiscard]] bool empty() const { return !in_ && !not_in_ && contained_.empty(); }
  [[nodiscard]] bool keeps(const Address& address) const {
    if (!contained_.empty()) return keeps_block({address, address});
    return (!in_ || in_->contains(address)) && (!not_in_ || !not_in_->contains(address));
  }
  // How many of these are kept.
  [[nodiscard]] std::size_t count(std::span<const Address> addresses) const {
    if (in_) in_->fetch(addresses);
    if (not_in_) not_in_->fetch(addresses);
    return static_cast<std::size_t>(
        std::count_if(addresses.begin(), addresses.end(), [this](const Address& a) { return keeps(a); }));
  }
  // A block is in a set when all of it is.
  [[nodiscard]] bool keeps(const ParsedAddress& row) const {
    return row.is_block ? keeps_block(row.range) : keeps(row.address());
  }
  // The smallest block of --in that holds it.
  [[nodiscard]] std::optional<AddressRange> match(const ParsedAddress& row) const;

 private:
  [[nodiscard]] bool keeps_block(const AddressRange& range) const;

  std::optional<AddressSet> in_, not_in_;
  std::vector<Address> contained_;
};

}  // namespace inetctl
