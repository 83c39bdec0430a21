#include "core/fast_parse.h"

namespace inetctl {

bool fast_parse_scalar(std::string_view text, Address& address) {
  if (text.find('%') != std::string_view::npos) return false;
  const auto read = read_address(text);
  if (read) address = *read;
  return read.has_value();
}

FastParse fast_parse() { return fast_parse_scalar; }

}  // namespace inetctl
