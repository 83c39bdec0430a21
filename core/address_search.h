// Addresses inside free text, as in a log: strict ones that stand as words of their own, perhaps in brackets,
// behind "name:", before a port or a prefix length, or at the end of a sentence.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/address.h"
#include "core/fast_parse.h"

namespace inetctl {

struct LocatedAddress {
  Address address;
  std::size_t place = 0, size = 0;        // in the text, with the prefix length
  std::optional<unsigned> prefix_length;  // where one follows: 10.0.0.0/8
};

class AddressSearch {
 public:
  // `text` has kParsePadding readable bytes behind it.
  explicit AddressSearch(std::string_view text) : text_(text), fast_parse_(fast_parse()) {}
  // The next address, left to right; false when there is none. Linear in the text.
  bool next(LocatedAddress& found);

 private:
  bool read_at(std::size_t start, LocatedAddress& found) const;
  bool read(std::string_view word, Address& address) const;
  bool accept(std::size_t start, std::size_t end, LocatedAddress& found) const;

  std::string_view text_;
  FastParse fast_parse_;
  std::size_t at_ = 0;   // where the search goes on
  bool inside_ = false;  // and whether that is inside a word
};

}  // namespace inetctl
