#include "platform/posix/resolver/live_records.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/resolver/types.h"
#include "core/resolver/wire.h"
#include "core/text.h"

#ifdef INETCTL_HAS_LDNS
#include <ldns/ldns.h>

#include "platform/posix/lazy_library.h"
#endif

namespace inetctl::posix {

namespace {

// Short types are bulk, not worth a library of its size, and have one form only. ldns 1.8 escapes lists of
// protocols once where RFC 9460 wants it twice.
bool is_ours(const dns::RecordType* row, std::string_view our_text) {
  using enum dns::Part;
  if (!row || row->parts[0] == none) return true;
  if (row->parts[0] == opaque) return false;
  const bool plain = row->parts[1] == none && (row->parts[0] == inet || row->parts[0] == inet6 ||
                                               row->parts[0] == name || row->parts[0] == strings);
  return plain || our_text.starts_with("\\#") ||
         std::ranges::find(row->parts, parameters) != row->parts.end();
}

}  // namespace

Result<dns::RecordData> record_data(dns::Bytes message, const dns::Record& record) {
  std::vector<std::uint8_t> plain;
  Result<dns::RecordData> data = dns::read_rdata(message, record, &plain);
  if (!data || is_ours(dns::find_record_type(record.type), data->text)) return data;
  if (Result<std::string> text = ldns_text(record.type, record.klass, plain)) data->text = std::move(*text);
  return data;
}

#ifdef INETCTL_HAS_LDNS

namespace {

struct Ldns {
  decltype(&::ldns_wire2rr) wire2rr;
  decltype(&::ldns_rr_rd_count) rd_count;
  decltype(&::ldns_rr_rdf) rdf;
  decltype(&::ldns_rdf2str) rdf2str;
  decltype(&::ldns_rr_free) rr_free;
  decltype(&::ldns_get_errorstr_by_id) error_text;
};

const Result<Ldns>& ldns() {
  static const Result<Ldns> loaded = [] {
    LazyLibrary library({"libldns.so.3", "libldns3"}, "print records");
    Ldns functions{};
    library.bind(functions.wire2rr, "ldns_wire2rr");
    library.bind(functions.rd_count, "ldns_rr_rd_count");
    library.bind(functions.rdf, "ldns_rr_rdf");
    library.bind(functions.rdf2str, "ldns_rdf2str");
    library.bind(functions.rr_free, "ldns_rr_free");
    library.bind(functions.error_text, "ldns_get_errorstr_by_id");
    return library.loaded(functions);
  }();
  return loaded;
}

Error refused(std::uint16_t type, std::string cause) {
  return {.kind = Kind::malformed,
          .operation = "print",
          .object = dns::type_name(type),
          .cause = std::move(cause)};
}

// The record by itself: the root as its owner, and no message around it that pointers could lead into.
std::vector<std::uint8_t> lone_record(std::uint16_t type, std::uint16_t klass, dns::Bytes rdata) {
  std::vector<std::uint8_t> wire{0};
  dns::append_u16(wire, type);
  dns::append_u16(wire, klass);
  dns::append_u16(wire, 0);
  dns::append_u16(wire, 0);
  dns::append_u16(wire, static_cast<std::uint32_t>(rdata.size()));
  wire.insert(wire.end(), rdata.begin(), rdata.end());
  return wire;
}

}  // namespace

Result<std::string> ldns_text(std::uint16_t type, std::uint16_t klass, dns::Bytes plain_rdata) {
  const Result<Ldns>& functions = ldns();
  if (!functions) return functions.error();
  const std::vector<std::uint8_t> wire = lone_record(type, klass, plain_rdata);
  ldns_rr* rr = nullptr;
  std::size_t at = 0;
  const ldns_status status = functions->wire2rr(&rr, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER);
  if (status != LDNS_STATUS_OK) return refused(type, functions->error_text(status));
  const std::unique_ptr<ldns_rr, decltype(functions->rr_free)> owner(rr, functions->rr_free);
  std::string text;
  for (std::size_t i = 0; i < functions->rd_count(rr); ++i) {
    const std::unique_ptr<char, decltype(&std::free)> part(functions->rdf2str(functions->rdf(rr, i)),
                                                           &std::free);
    if (!part) return refused(type, "ldns has no text for it");
    std::string_view piece = part.get();
    while (piece.ends_with(' ')) piece.remove_suffix(1);  // after lists and salts
    if (!text.empty() && !piece.empty()) text += ' ';
    for (const char c : piece) {
      if (c == '\t')
        text += "\\009";  // ldns leaves this one control character as it is
      else
        text += c;
    }
  }
  if (text.empty()) return refused(type, "ldns has no text for it");
  return text;
}

#else

Result<std::string> ldns_text(std::uint16_t type, std::uint16_t, dns::Bytes) {
  return Error{.kind = Kind::unsupported,
               .operation = "print",
               .object = dns::type_name(type),
               .cause = "this inetctl was built without ldns"};
}

#endif

}  // namespace inetctl::posix
