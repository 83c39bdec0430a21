// JSON: one document, or one row a line. Rows are written straight into the output buffer; nothing is built
// first.
#include <array>
#include <bit>
#include <cstring>

#include "core/cell_text.h"
#include "core/render.h"

namespace inetctl {

namespace {

// `,"key":` with room for fixed-size moves: copying 32 bytes is cheaper than counting them.
struct Key {
  std::array<char, kLongestKey + 4> text{};
  std::uint32_t size = 0;
  // For a member of a kernel structure, how to take it out of the eight bytes at its offset.
  std::uint16_t offset = 0;
  std::uint8_t width = 0, shift = 0;
  std::uint64_t mask = 0, unset = 0;
  const Field* field = nullptr;
};
static_assert(sizeof(Key::text) == 32);

// Keys that follow each other and are members of one structure, or (without a source) none of any.
struct Run {
  Bytes (*source)(const void* record);
  const Key* first;
  const Key* end;
};

constexpr std::uint64_t low_bits(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

inline char* put_key(char* at, const Key& key) {
  std::memcpy(at, key.text.data(), sizeof key.text);
  return at + key.size;
}

inline char* put_null(char* at) {
  std::memcpy(at, "null", 4);
  return at + 4;
}

// The members of one structure, without a call for each: half of all cells, when somebody wants tcp_info. A
// member that is nearer than eight bytes to the end is taken out of the last eight. Where the structure is
// shorter than that, nothing is written: null is returned.
char* put_members(char* at, const Key* key, const Key* end, Bytes bytes) {
  if (bytes.size() < sizeof(std::uint64_t)) return nullptr;
  const std::byte* const base = bytes.data();
  const std::size_t size = bytes.size(), last = size - sizeof(std::uint64_t);
  for (; key != end; ++key) {
    at = put_key(at, *key);
    std::size_t offset = key->offset, shift = key->shift;
    if (offset > last) {
      if (offset + key->width > size) {
        at = put_null(at);
        continue;
      }
      shift += 8 * (offset - last);
      offset = last;
    }
    std::uint64_t eight;
    std::memcpy(&eight, base + offset, sizeof eight);
    const std::uint64_t value = eight >> shift & key->mask;
    at = value == key->unset ? put_null(at) : put_number(at, value);
  }
  return at;
}

class JsonRows {
 public:
  void begin(const Columns& columns) {
    for (const Field* field : columns) keys_.push_back(key_of(*field, keys_.empty()));
    for (const Key& key : keys_) {
      if (runs_.empty() || runs_.back().source != key.field->source)
        runs_.push_back({key.field->source, &key, &key});
      runs_.back().end = &key + 1;
    }
  }

  // The object, and the end of a line where that is wanted.
  void write(Out& out, const void* record, bool end_line) {
    char* at = out.reserve(keys_.size() * kRoomForMember);
    const Key* const all_end = keys_.data() + keys_.size();
    for (const Run& run : runs_) {
      if (run.source != nullptr && kBytesInOrder) {
        if (char* const after = put_members(at, run.first, run.end, run.source(record))) {
          at = after;
          continue;
        }
      }
      for (const Key* key = run.first; key != run.end; ++key) {
        at = put_key(at, *key);
        const Cell cell = key->field->get(record, *key->field);
        if (char* const after = put_cell<JsonStyle>(at, cell))
          at = after;
        else if (char* const end = put_json_words(at, cell))
          at = end;
        else
          at = put_slowly(out, at, cell, static_cast<std::size_t>(all_end - key));
      }
    }
    *at++ = '}';
    *at = '\n';
    out.commit(at + (end_line ? 1 : 0));
  }

 private:
  static constexpr std::size_t kRoomForMember = sizeof(Key) + kRoomForCell;
  // Where the first byte of a number is its lowest, a short member is the low end of eight bytes.
  static constexpr bool kBytesInOrder = std::endian::native == std::endian::little;

  static Key key_of(const Field& field, bool first) {
    const std::string text = join(first ? "{" : ",", "\"", field.key, "\":");
    Key key;
    key.size = static_cast<std::uint32_t>(text.copy(key.text.data(), key.text.size()));
    key.offset = field.wire.offset;
    key.width = field.wire.width;
    key.shift = field.wire.shift;
    key.mask = low_bits(field.wire.bits != 0 ? field.wire.bits : field.wire.width * 8U);
    key.unset = field.wire.unset;
    // A member that this kernel does not have lies past the end of any structure.
    if (field.wire.width == 0) key.offset = 0xffff;
    key.field = &field;
    return key;
  }

  // Any cell, and room again for the members that are left.
  char* put_slowly(Out& out, char* at, const Cell& cell, std::size_t left) {
    out.commit(at);
    slow_.clear();
    append_json(slow_, cell);
    out.put(slow_);
    return out.reserve(left * kRoomForMember);
  }

  std::vector<Key> keys_;
  std::vector<Run> runs_;
  std::string slow_;
};

class NdjsonOutput final : public Output {
 public:
  explicit NdjsonOutput(Out& out) : out_(out) {}
  void begin(const Document& document) override { rows_.begin(all_columns(document)); }
  void row(const void* record) override { rows_.write(out_, record, true); }
  void end(const Notes&) override {}
  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  Out& out_;
  JsonRows rows_;
};

class JsonOutput final : public Output {
 public:
  explicit JsonOutput(Out& out) : out_(out) {}
  void begin(const Document& document) override {
    rows_.begin(all_columns(document));
    out_.put(join("{\"schema\":\"inetctl/", document.command, "/1\",\"time\":\"", time_text(document.time_us),
                  "\",\"rows\":["));
  }
  void row(const void* record) override {
    out_.put(count_++ == 0 ? "\n" : ",\n");
    rows_.write(out_, record, false);
  }
  void end(const Notes& notes) override {
    std::string text = count_ == 0 ? "],\"notes\":[" : "\n],\"notes\":[";
    for (std::size_t i = 0; i < notes.size(); ++i) {
      text += i == 0 ? "\"" : ",\"";
      append_json_escaped(text, notes[i]);
      text += '"';
    }
    out_.put(text + "]}\n");
  }
  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  Out& out_;
  JsonRows rows_;
  std::size_t count_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_json(Out& out, const Surface&) { return std::make_unique<JsonOutput>(out); }
std::unique_ptr<Output> make_ndjson(Out& out, const Surface&) { return std::make_unique<NdjsonOutput>(out); }

}  // namespace inetctl
