#include "cmd/parse_direct.h"

namespace inetctl {

bool is_canonical_column(const Document& document, const Format& format, const Surface& surface) {
  if (document.columns.size() != 1 || document.columns[0]->key != "canonical") return false;
  return format.name == "csv" || (format.name == "table" && !surface.terminal && !surface.color);
}

std::size_t put_canonical_column(Texts& texts, const AddressReader& reader, const Format& format,
                                 const Surface& surface, Out& out) {
  const bool table = format.name == "table";
  if (surface.header) out.put(table ? "Address\n" : "canonical\n");
  std::size_t refused = 0;
  std::string_view text;
  ParsedAddress row;
  Address address;
  while (out.good() && texts.next(text)) {
    char* at = out.reserve(kMaxAddressText);
    if (reader.reads_fast(text, address)) {
      at = put_address(at, address);
    } else {
      texts.read_row(text, reader, row);
      if (row.ok())
        at = put_address(at, row.address());
      else if (++refused; table)
        *at++ = '-';
    }
    *at++ = '\n';
    out.commit(at);
  }
  return refused;
}

}  // namespace inetctl
