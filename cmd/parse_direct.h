// The two answers of `inetctl parse` that are asked for by the million - `--fields canonical` and `--ndjson
// --fields in,fn,ok,tuple` - written for strict addresses without a record in between. Nothing but time
// depends on it: the output would write the same bytes, and writes all other rows.
#pragma once

#include <string>
#include <string_view>

#include "core/output.h"
#include "core/parsed_address.h"

namespace inetctl {

class DirectRows {
 public:
  // What can be written for this document through this format.
  DirectRows(const Document& document, const Format& format, const Surface& surface,
             const AddressFunction& function);
  explicit operator bool() const { return kind_ != Kind::none; }

  // Writes the row of a text that AddressReader::reads_fast has read.
  void put(Out& out, std::string_view text, const Address& address) const {
    char* const at = out.reserve(kRoom);
    out.commit(kind_ == Kind::canonical ? put_line(at, address) : put_object(at, text, address));
  }

 private:
  enum class Kind { none, canonical, objects };
  static constexpr std::size_t kRoom = 512;

  static char* put_line(char* at, const Address& address) {
    at = put_address(at, address);
    *at = '\n';
    return at + 1;
  }
  char* put_object(char* at, std::string_view text, const Address& address) const;

  Kind kind_ = Kind::none;
  char middle_[64] = {};  // what stands between the texts of `in` and `ok`
  std::size_t middle_size_ = 0;
};

}  // namespace inetctl
