#include "core/address_search.h"

#include <algorithm>
#include <array>

namespace inetctl {

namespace {

enum Part : unsigned char {
  kDigit = 1,   // decimal or hexadecimal
  kMark = 2,    // the dot and the colon
  kLetter = 4,  // what else a word has
};

constexpr auto kParts = [] {
  std::array<unsigned char, 256> parts{};
  for (unsigned c = 'a'; c <= 'z'; ++c) parts[c] = parts[c - 32] = c <= 'f' ? kDigit : kLetter;
  for (unsigned c = '0'; c <= '9'; ++c) parts[c] = kDigit;
  parts['_'] = kLetter;
  parts['.'] = parts[':'] = kMark;
  return parts;
}();

constexpr bool is(char c, unsigned parts) { return (kParts[static_cast<unsigned char>(c)] & parts) != 0; }
constexpr bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// The longest address with a port, and some marks.
constexpr std::size_t kLongest = 64;

}  // namespace

// An address begins where a word begins, or behind a colon in it, unless that is one of many.
bool AddressSearch::next(LocatedAddress& found) {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (!is(c, kDigit | kMark | kLetter)) {
      inside_ = false;
      continue;
    }
    const bool among_colons = c == ':' && at_ > 1 && text_[at_ - 2] == ':';
    const bool begins = !inside_ || (text_[at_ - 1] == ':' && !among_colons);
    inside_ = c != '.' || inside_;  // dots before an address are no part of a word
    if (!begins || is(c, kLetter) || c == '.' || !read_at(at_, found)) continue;
    at_ = found.place + found.size;
    return true;
  }
  return false;
}

bool AddressSearch::read_at(std::size_t start, LocatedAddress& found) const {
  const std::size_t last = std::min(text_.size(), start + kLongest);
  std::size_t end = start, colon = start;
  bool has_marks = false;
  for (; end < last && is(text_[end], kDigit | kMark); ++end) {
    if (text_[end] == ':') colon = end;
    has_marks = has_marks || is(text_[end], kMark);
  }
  if (!has_marks || end == start + kLongest) return false;
  const bool cut_by_word = end < text_.size() && is(text_[end], kLetter);
  if (!cut_by_word) {
    std::size_t whole = end;
    while (whole > start && text_[whole - 1] == '.') --whole;
    if (accept(start, whole, found)) return true;
  }
  // What is behind the last colon may be a port or a word.
  return colon > start && accept(start, colon, found);
}

// The fast road knows all but a dotted end behind other groups than ::ffff:.
bool AddressSearch::read(std::string_view word, Address& address) const {
  if (fast_parse_(word, address)) return true;
  if (word.find('.') == std::string_view::npos || word.find(':') == std::string_view::npos) return false;
  const auto read = read_address(word);
  if (read) address = *read;
  return read.has_value();
}

bool AddressSearch::accept(std::size_t start, std::size_t end, LocatedAddress& found) const {
  if (!read(text_.substr(start, end - start), found.address)) return false;
  found.place = start;
  found.size = end - start;
  found.prefix_length.reset();
  if (end == text_.size() || text_[end] != '/') return true;
  const std::size_t digits = end + 1;
  std::size_t after = digits;
  unsigned length = 0;
  for (; after < text_.size() && after < digits + 3 && is_decimal(text_[after]); ++after)
    length = length * 10 + static_cast<unsigned>(text_[after] - '0');
  const bool ends = after == text_.size() || !is(text_[after], kDigit | kLetter);
  const bool goes_on = after + 1 < text_.size() && is(text_[after], kMark) && is_decimal(text_[after + 1]);
  if (after == digits || !ends || goes_on) return true;
  if (length > (found.address.family == Family::inet ? 32U : 128U)) return true;
  found.prefix_length = length;
  found.size = after - start;
  return true;
}

}  // namespace inetctl
