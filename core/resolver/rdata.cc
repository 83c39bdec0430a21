#include "core/resolver/rdata.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/resolver/name.h"
#include "core/resolver/rdata_text.h"
#include "core/resolver/types.h"
#include "core/resolver/wire.h"
#include "core/text.h"

namespace inetctl::dns {

namespace {

// A part as a program reads it, and as a zone file has it.
struct Piece {
  std::string member, text;
  explicit Piece(std::string both) : member(both), text(std::move(both)) {}
  Piece(std::string of_member, std::string of_text)
      : member(std::move(of_member)), text(std::move(of_text)) {}
};
using MaybePiece = std::optional<Piece>;

std::string raw(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

MaybePiece address(WireReader& reader, Family family) {
  Address address;
  address.family = family;
  std::ranges::copy(reader.take(family == Family::inet ? 4 : 16), address.bytes.begin());
  return Piece(to_text(address));
}

MaybePiece strings(WireReader& reader) {
  Piece piece("");
  if (reader.left() == 0) return std::nullopt;
  while (reader.left() != 0) {
    const Bytes one = reader.counted();
    piece.member += raw(one);
    piece.text += join(piece.text.empty() ? "" : " ", quoted(one));
  }
  return piece;
}

MaybePiece tag(WireReader& reader) {
  const Bytes bytes = reader.counted();
  const auto is_letter = [](std::uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (bytes.empty() || !std::ranges::all_of(bytes, is_letter)) return std::nullopt;
  return Piece(raw(bytes));
}

// Mnemonics of RFC 4398 section 2.1.
std::string certificate_kind(std::uint16_t number) {
  static constexpr std::array<std::string_view, 9> kNames = {"",      "PKIX", "SPKI",   "PGP",    "IPKIX",
                                                             "ISPKI", "IPGP", "ACPKIX", "IACPKIX"};
  if (number > 0 && number < kNames.size()) return std::string(kNames[number]);
  return number == 253 ? "URI" : number == 254 ? "OID" : std::to_string(number);
}

MaybePiece maybe(std::optional<std::string> text) {
  if (!text) return std::nullopt;
  return Piece(std::move(*text));
}

// Every part but names, which need the whole message. Nothing when it is not what it should be; that it
// passed the end is seen in the reader.
MaybePiece read_part(Part part, WireReader& reader) {
  switch (part) {
    case Part::u8:
      return Piece(std::to_string(reader.u8()));
    case Part::u16:
      return Piece(std::to_string(reader.u16()));
    case Part::u32:
      return Piece(std::to_string(reader.u32()));
    case Part::inet:
      return address(reader, Family::inet);
    case Part::inet6:
      return address(reader, Family::inet6);
    case Part::string: {
      const Bytes bytes = reader.counted();
      return Piece(raw(bytes), quoted(bytes));
    }
    case Part::strings:
      return strings(reader);
    case Part::text: {
      const Bytes bytes = reader.rest();
      return Piece(raw(bytes), quoted(bytes));
    }
    case Part::tag:
      return tag(reader);
    case Part::hex:
      return Piece(hex(reader.rest()));
    case Part::base64:
      return Piece(base64(reader.rest()));
    case Part::salt: {
      const std::string digits = hex(reader.counted());
      return Piece(digits, digits.empty() ? "-" : digits);
    }
    case Part::hash:
      return Piece(base32hex(reader.counted()));
    case Part::time:
      return Piece(signature_time(reader.u32()));
    case Part::type:
      return Piece(type_name(reader.u16()));
    case Part::types:
      return maybe(type_bitmap(reader));
    case Part::cert:
      return Piece(certificate_kind(reader.u16()));
    case Part::location:
      return maybe(location(reader));
    case Part::words:
      return Piece(hex_groups(reader.take(8), 2, ':'));
    case Part::eui48:
      return Piece(hex_groups(reader.take(6), 1, '-'));
    case Part::eui64:
      return Piece(hex_groups(reader.take(8), 1, '-'));
    case Part::parameters:
      return maybe(service_parameters(reader));
    case Part::none:
    case Part::name:
    case Part::opaque:
      break;
  }
  return std::nullopt;
}

// The parts of one record, one after the other.
class RdataReader {
 public:
  RdataReader(Bytes message, const Record& record)
      : record_(record), reader_(message, record.rdata_at, record.rdata_size) {}

  Result<RecordData> run(const RecordType& row) {
    for (std::size_t i = 0; i < row.parts.size() && row.parts[i] != Part::none; ++i) {
      const MaybePiece piece = row.parts[i] == Part::name ? name() : other(row.parts[i]);
      if (!piece || reader_.short_of) return bad(fault_ ? fault_ : "its data is not what its type has");
      if (!data_.text.empty() && !piece->text.empty()) data_.text += ' ';
      data_.text += piece->text;
      data_.members.push_back(piece->member);
    }
    if (reader_.left() != 0) return bad("its data is longer than its type has");
    return std::move(data_);
  }

  std::vector<std::uint8_t> plain;

 private:
  Error bad(const char* cause) const {
    return {.kind = Kind::malformed,
            .operation = "read",
            .object = join(type_name(record_.type), " of ", owner_name(reader_.bytes, record_)),
            .cause = cause};
  }
  MaybePiece name() {
    std::string text;
    const NameEnd end = read_name(reader_.bytes, reader_.at, reader_.end, text);
    if (end.fault) {
      fault_ = end.fault;
      return std::nullopt;
    }
    reader_.at = end.at;
    static_cast<void>(append_wire_name(plain, text));  // it has just been a name
    std::string absolute = text == "." ? text : text + '.';
    return Piece(std::move(text), std::move(absolute));
  }
  MaybePiece other(Part part) {
    const std::size_t from = reader_.at;
    MaybePiece piece = read_part(part, reader_);
    const Bytes bytes = reader_.bytes.subspan(from, reader_.at - from);
    plain.insert(plain.end(), bytes.begin(), bytes.end());
    return piece;
  }

  const Record& record_;
  WireReader reader_;
  RecordData data_;
  const char* fault_ = nullptr;
};

// What has no parts, is of another class than its type's addresses are, or of a version that nobody knows.
bool is_opaque(const RecordType* row, Bytes data, const Record& record) {
  if (!row || row->parts[0] == Part::none || row->parts[0] == Part::opaque) return true;
  const bool of_internet = row->parts[0] == Part::inet || row->parts[0] == Part::inet6;
  return (of_internet && record.klass != 1) ||
         (row->parts[0] == Part::location && !data.empty() && data[0] != 0);
}

}  // namespace

Result<RecordData> read_rdata(Bytes message, const Record& record, std::vector<std::uint8_t>* plain) {
  if (record.rdata_at > message.size() || message.size() - record.rdata_at < record.rdata_size)
    return Error{.kind = Kind::malformed,
                 .operation = "read",
                 .object = type_name(record.type),
                 .cause = "it passes the end of the message"};
  const Bytes data = message.subspan(record.rdata_at, record.rdata_size);
  const RecordType* const row = find_record_type(record.type);
  if (is_opaque(row, data, record)) {
    if (plain) plain->assign(data.begin(), data.end());
    RecordData opaque{.text = unknown_rdata(data), .members = {}};
    return opaque;
  }
  RdataReader reader(message, record);
  Result<RecordData> read = reader.run(*row);
  if (plain) *plain = std::move(reader.plain);
  return read;
}

}  // namespace inetctl::dns
