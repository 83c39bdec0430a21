#include "core/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

namespace inetctl {

Out::Out(Sink sink, std::size_t capacity)
    : sink_(std::move(sink)),
      data_(new char[capacity + 2 * kSlack]),
      capacity_(capacity),
      at_(data_.get()),
      end_(data_.get() + capacity + 2 * kSlack) {}

bool Out::flush() {
  const std::string_view text(data_.get(), static_cast<std::size_t>(at_ - data_.get()));
  if (good_ && !text.empty()) good_ = sink_(text);
  at_ = data_.get();
  return good_;
}

void Out::make_room(std::size_t n) {
  flush();
  if (capacity_ >= n) return;
  capacity_ = n;
  data_.reset(new char[capacity_ + 2 * kSlack]);
  at_ = data_.get();
  end_ = at_ + capacity_ + 2 * kSlack;
}

namespace {

// "00".."99", two digits at a time.
constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

inline char* put_pair(char* at, std::uint32_t pair) {
  std::memcpy(at, &kDigitPairs[2 * std::size_t{pair}], 2);
  return at + 2;
}

// One or two digits: the most significant ones.
inline char* put_leading(char* at, std::uint32_t n) {
  if (n >= 10) return put_pair(at, n);
  *at = static_cast<char>('0' + n);
  return at + 1;
}

// Divisions of 32 bits by constants are one multiplication each.
inline char* put_below_million(char* at, std::uint32_t n) {
  if (n < 100) return put_leading(at, n);
  const std::uint32_t hundreds = n / 100;
  if (hundreds < 100) return put_pair(put_leading(at, hundreds), n - hundreds * 100);
  const std::uint32_t top = hundreds / 100;
  return put_pair(put_pair(put_leading(at, top), hundreds - top * 100), n - hundreds * 100);
}

// Exactly six digits.
inline char* put_six(char* at, std::uint32_t n) {
  const std::uint32_t hundreds = n / 100, top = hundreds / 100;
  return put_pair(put_pair(put_pair(at, top), hundreds - top * 100), n - hundreds * 100);
}

}  // namespace

char* put_long_number(char* at, std::uint64_t n) {
  constexpr std::uint64_t kMillion = 1'000'000;
  if (n < kMillion) return put_below_million(at, static_cast<std::uint32_t>(n));
  const std::uint64_t millions = n / kMillion;
  return put_six(put_long_number(at, millions), static_cast<std::uint32_t>(n - millions * kMillion));
}

char* put_number16(char* at, std::uint16_t n) {
  if constexpr (std::endian::native != std::endian::little) return put_number(at, n);
  // Five digits in a word, of which those that lead with zeros are shifted out.
  const auto pair = [](std::uint32_t two) {
    std::uint16_t digits;
    std::memcpy(&digits, &kDigitPairs[2 * std::size_t{two}], sizeof digits);
    return std::uint64_t{digits};
  };
  const std::uint32_t top = n / 10000U, rest = n - top * 10000U, middle = rest / 100;
  const int size = 1 + (n >= 10) + (n >= 100) + (n >= 1000) + (n >= 10000);
  std::uint64_t digits = ('0' + top) | pair(middle) << 8 | pair(rest - middle * 100) << 24;
  digits >>= 8 * (5 - size);
  std::memcpy(at, &digits, sizeof digits);
  return at + size;
}

CodePoint decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  char32_t value = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff) return {};
  return {value, size};
}

void append_utf8(std::string& to, char32_t c) {
  if (c < 0x80) {
    to += static_cast<char>(c);
    return;
  }
  const unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;  // bytes behind the first
  to += static_cast<char>((0xf00U >> (more + 1) & 0xf0U) | c >> 6 * more);
  for (unsigned i = more; i-- > 0;) to += static_cast<char>(0x80U | (c >> 6 * i & 0x3fU));
}

namespace {

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool in_ranges(char32_t c, const std::array<Range, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return c >= r.first && c <= r.last; });
}

// Characters that hide or reorder what stands beside them: C1 controls, zero-width and bidirectional marks,
// line and paragraph separators, interlinear and tag characters (Unicode Cf, Zl, Zp).
constexpr std::array kHidden = {Range{0x80, 0x9f},      Range{0xad, 0xad},     Range{0x61c, 0x61c},
                                Range{0x180e, 0x180e},  Range{0x200b, 0x200f}, Range{0x2028, 0x202e},
                                Range{0x2060, 0x206f},  Range{0xfeff, 0xfeff}, Range{0xfff9, 0xfffb},
                                Range{0xe0000, 0xe0fff}};

// East Asian Wide and Fullwidth (UAX #11), by block.
constexpr std::array kWide = {Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},  Range{0x3041, 0x33ff},
                              Range{0x3400, 0x4dbf},   Range{0x4e00, 0x9fff},  Range{0xa000, 0xa4cf},
                              Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},  Range{0xfe30, 0xfe6f},
                              Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},  Range{0x1f300, 0x1f64f},
                              Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd}};

// Combining marks that take no column of their own (the common blocks).
constexpr std::array kCombining = {Range{0x300, 0x36f},   Range{0x483, 0x489},   Range{0x591, 0x5bd},
                                   Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x20d0, 0x20ff},
                                   Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f}};

constexpr std::string_view kHex = "0123456789abcdef";

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// A backslash that would read as one of our own escapes.
bool starts_escape(std::string_view s) {
  return s.size() >= 4 && s[0] == '\\' && s[1] == 'x' && is_hex(s[2]) && is_hex(s[3]);
}

// `lead` is how the surrounding format writes a backslash and an x.
void append_raw(std::string& to, std::string_view bytes, std::string_view lead) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    to += lead;
    to += kHex[byte >> 4];
    to += kHex[byte & 15];
  }
}

constexpr std::string_view kRawText = "\\x";
constexpr std::string_view kRawJson = "\\\\x";

// Walks the text once, writing what is no character at all as raw bytes; `special(character, bytes)` says
// whether it wrote the character in a form of its own.
template <class Special>
void append_walking(std::string& to, std::string_view bytes, std::string_view lead, Special special) {
  while (!bytes.empty()) {
    const CodePoint c = decode_utf8(bytes);
    const std::string_view one = bytes.substr(0, c.size == 0 ? 1 : c.size);
    if (c.size == 0 || starts_escape(bytes)) {
      append_raw(to, one, lead);
    } else if (!special(c.value, one)) {
      to += one;
    }
    bytes.remove_prefix(one.size());
  }
}

}  // namespace

namespace {

// The same of eight bytes at once, by the tests for a byte that is zero or less than some number.
bool are_plain(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x80 * kOnes;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  const auto less = [](std::uint64_t x, std::uint64_t n) { return (x - n * kOnes) & ~x; };
  const std::uint64_t odd = word | less(word, '!') | less(word ^ 0x7f * kOnes, 1) |
                            less(word ^ '\\' * kOnes, 1) | less(word ^ '"' * kOnes, 1);
  return (odd & kHigh) == 0;
}

}  // namespace

bool is_plain(std::string_view bytes) {
  // A look-up for each byte: this runs for the owner of every row.
  static constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = '!'; c < 0x7f; ++c) plain[c] = c != '\\' && c != '"';
    return plain;
  }();
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof(std::uint64_t); at += sizeof(std::uint64_t), left -= sizeof(std::uint64_t))
    if (!are_plain(at)) return false;
  for (; left > 0; ++at, --left)
    if (!kPlain[static_cast<unsigned char>(*at)]) return false;
  return true;
}

void append_escaped(std::string& to, std::string_view bytes, Spaces spaces) {
  if (is_plain(bytes)) {
    to += bytes;
    return;
  }
  append_walking(to, bytes, kRawText, [&](char32_t c, std::string_view one) {
    const bool raw = c < ' ' || c == 0x7f || (c == ' ' && spaces == Spaces::escape) || in_ranges(c, kHidden);
    if (raw) append_raw(to, one, kRawText);
    return raw;
  });
}

std::string escaped(std::string_view bytes, Spaces spaces) {
  std::string text;
  append_escaped(text, bytes, spaces);
  return text;
}

void append_json_escaped(std::string& to, std::string_view bytes) {
  if (is_plain(bytes)) {
    to += bytes;
    return;
  }
  append_walking(to, bytes, kRawJson, [&](char32_t c, std::string_view) {
    if (c == '"' || c == '\\') {
      to += '\\';
      to += static_cast<char>(c);
      return true;
    }
    if (c >= ' ' && c != 0x7f && !in_ranges(c, kHidden)) return false;
    const auto append_unit = [&](char32_t unit) {
      to += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) to += kHex[(unit >> shift) & 15];
    };
    if (c >= 0x10000) append_unit(0xd800 + ((c - 0x10000) >> 10));  // a surrogate pair (RFC 8259 section 7)
    append_unit(c >= 0x10000 ? 0xdc00 + ((c - 0x10000) & 0x3ff) : c);
    return true;
  });
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (c.value < 0x300)
      ++width;
    else if (in_ranges(c.value, kWide))
      width += 2;
    else if (!in_ranges(c.value, kCombining))
      ++width;
    text.remove_prefix(c.size == 0 ? 1 : c.size);
  }
  return width;
}

namespace {

// The longest prefix of whole characters that takes at most `width` columns.
std::string_view prefix_of_width(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  while (end < text.size()) {
    const CodePoint c = decode_utf8(text.substr(end));
    const std::size_t next = end + (c.size == 0 ? 1 : c.size);
    if (display_width(text.substr(0, next)) > width) break;
    end = next;
  }
  return text.substr(0, end);
}

}  // namespace

std::string shorten_end(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  return join(prefix_of_width(text, width - 1), "…");
}

std::string shorten_middle(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width < 4) return shorten_end(text, width);
  const std::size_t right = width / 2;
  std::size_t cut = text.size();
  while (cut > 0 && display_width(text.substr(cut - 1)) <= right) --cut;
  while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) ++cut;
  return join(prefix_of_width(text, width - 1 - display_width(text.substr(cut))), "…", text.substr(cut));
}

std::string human_bytes(std::uint64_t n) {
  if (n < 1024) return std::to_string(n);
  constexpr std::string_view kPrefixes = "KMGTPE";
  std::size_t power = 0;
  std::uint64_t unit = 1024;
  while (power + 1 < kPrefixes.size() && n / unit >= 1024) {
    unit *= 1024;
    ++power;
  }
  const std::uint64_t whole = n / unit;
  const std::uint64_t tenth = n % unit * 10 / unit;  // a rest is below 2^60
  std::string text = std::to_string(whole);
  if (whole < 100) text += join(".", std::to_string(tenth));
  return text + kPrefixes[power];
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a == b) return true;
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string_view>& words) {
  if (word.size() > 64) return "";  // nobody mistypes that much; keeps hostile input cheap
  std::string_view best;
  std::size_t least = word.size() / 3 + 2;  // more changes than that and it is another word
  for (const std::string_view candidate : words) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return std::string(best);
}

std::string time_text(std::int64_t us) {
  using namespace std::chrono;
  const sys_time<microseconds> moment{microseconds(us)};
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const auto rest = floor<milliseconds>(moment - day).count();
  const auto digits = [](std::int64_t n, std::size_t width) {
    const std::string text = std::to_string(n);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
  };
  return join(digits(static_cast<int>(date.year()), 4), "-", digits(static_cast<unsigned>(date.month()), 2),
              "-", digits(static_cast<unsigned>(date.day()), 2), "T", digits(rest / 3'600'000, 2), ":",
              digits(rest / 60'000 % 60, 2), ":", digits(rest / 1000 % 60, 2), ".", digits(rest % 1000, 3),
              "Z");
}

}  // namespace inetctl
