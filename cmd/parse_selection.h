// Which addresses `inetctl parse` keeps: --in, --not-in, --contains.
#pragma once

#include <optional>
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
    return (!in_ || in_->contains(address)) && (!not_in_ || !not_in_->contains(address)) &&
           contained_.empty();
  }
  // A block is in a set when all of it is, and not in it when no part is in question: it is not all inside.
  [[nodiscard]] bool keeps(const ParsedAddress& row) const {
    if (!row.is_block && contained_.empty()) return keeps(row.address());
    return keeps_block(row.is_block ? row.range : AddressRange{row.address(), row.address()});
  }
  // The smallest block of --in that holds it.
  [[nodiscard]] std::optional<AddressRange> match(const ParsedAddress& row) const;

 private:
  [[nodiscard]] bool keeps_block(const AddressRange& range) const;

  std::optional<AddressSet> in_, not_in_;
  std::vector<Address> contained_;
};

}  // namespace inetctl
