#include "cmd/parse_selection.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "core/line_reader.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::size_t kLongestLine = 4096;

// Without blanks around it and without a comment.
std::string_view content_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  line = line.substr(0, line.find('#'));
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

// `ADDR/LEN` and `ADDR` as nearly all lines of a file are; what it does not take, read_range reads or
// refuses. `text` has kParsePadding readable bytes behind it.
std::optional<AddressRange> read_fast(std::string_view text, FastParse parse) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  Address address;
  if (!parse(text.substr(0, slash), address)) return std::nullopt;
  if (slash == text.size()) return AddressRange{address, address};
  const std::string_view digits = text.substr(slash + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.empty() || digits.size() > 3 || digits[0] == '0' ||
      !std::all_of(digits.begin(), digits.end(), is_digit))
    return std::nullopt;
  unsigned length = 0;
  for (const char c : digits) length = length * 10 + static_cast<unsigned>(c - '0');
  if (length > (address.family == Family::inet ? 32U : 128U)) return std::nullopt;
  return range_of({address, length});
}

Status read_file(AddressSet& set, std::string_view flag, const std::string& path) {
  const auto failed = [&] {
    return Error{Kind::system, join("read ", flag), path, std::generic_category().message(errno)};
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed();
  LineReader lines(
      [&file](char* to, std::size_t room) -> std::ptrdiff_t {
        file.read(to, static_cast<std::streamsize>(room));
        return file.bad() ? -1 : static_cast<std::ptrdiff_t>(file.gcount());
      },
      '\n', kLongestLine);
  const FastParse parse = fast_parse();
  std::string_view line;
  std::size_t number = 0;
  bool inside = false;  // a piece of a line that is too long: a comment goes on
  for (; lines.next(line); inside = lines.more()) {
    if (inside) continue;
    ++number;
    const std::string_view text = content_of(line);
    if (text.empty()) continue;
    if (const auto range = read_fast(text, parse)) {
      set.add(*range);
      continue;
    }
    auto range = read_range(text);
    if (!range) {
      Error error = range.error();
      error.kind = Kind::malformed;
      error.operation = join("read ", flag, " ", path, " line ", std::to_string(number));
      return error;
    }
    set.add(range->range);
  }
  if (lines.failed()) return failed();
  return {};
}

}  // namespace

Status read_set(AddressSet& set, std::string_view flag, std::string_view value) {
  if (value.starts_with('@')) return read_file(set, flag, std::string(value.substr(1)));
  auto range = read_range(value);
  if (!range) {
    range.error().operation = flag;
    return range.error();
  }
  set.add(range->range);
  return {};
}

namespace {

Result<std::optional<AddressSet>> read_sets(std::string_view flag, const std::vector<std::string>& values) {
  std::optional<AddressSet> set;
  if (values.empty()) return set;
  set.emplace();
  for (const std::string& value : values)
    if (const Status read = read_set(*set, flag, value); !read) return read.error();
  set->seal();
  return set;
}

bool holds(const AddressRange& range, const Address& address) {
  const Address as_its = range.first.family == Family::inet ? address.unmapped() : address;
  return as_its.family == range.first.family && compare(range.first, as_its) <= 0 &&
         compare(as_its, range.last) <= 0;
}

}  // namespace

Result<AddressSelection> AddressSelection::read(const std::vector<std::string>& in,
                                                const std::vector<std::string>& not_in,
                                                const std::vector<std::string>& contains) {
  AddressSelection selection;
  auto inside = read_sets("--in", in);
  if (!inside) return inside.error();
  selection.in_ = std::move(*inside);
  auto outside = read_sets("--not-in", not_in);
  if (!outside) return outside.error();
  selection.not_in_ = std::move(*outside);
  for (const std::string& text : contains) {
    const auto address = read_address(text);
    if (!address)
      return Error{Kind::usage, "--contains", "", join("'", text, "' is no address"), Place{text, 0}};
    selection.contained_.push_back(*address);
  }
  return selection;
}

bool AddressSelection::keeps_block(const AddressRange& range) const {
  return (!in_ || in_->contains(range)) && (!not_in_ || !not_in_->contains(range)) &&
         std::all_of(contained_.begin(), contained_.end(),
                     [&](const Address& address) { return holds(range, address); });
}

std::optional<AddressRange> AddressSelection::match(const ParsedAddress& row) const {
  if (!in_) return std::nullopt;
  return row.is_block ? in_->longest_match(row.range) : in_->longest_match(row.address());
}

}  // namespace inetctl
