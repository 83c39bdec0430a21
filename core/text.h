// Text: the buffer that every output writes into, the fast writers for numbers, and the one rule by which
// untrusted bytes become text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inetctl {

// Takes finished text: a descriptor in the program, a string in tests. Returns false when nobody reads any
// more.
using Sink = std::function<bool(std::string_view)>;

// A buffer with room kept free at its end, so that writers of short things need not ask for each byte.
// `reserve(n)` makes room for n bytes plus kSlack; `cursor`/`advance` write into it directly.
class Out {
 public:
  static constexpr std::size_t kSlack = 64;
  explicit Out(Sink sink, std::size_t capacity = 64 * 1024);

  char* reserve(std::size_t n) {
    if (static_cast<std::size_t>(end_ - at_) < n + kSlack) make_room(n);
    return at_;
  }
  void commit(char* at) { at_ = at; }
  void put(char c) {
    reserve(1);
    *at_++ = c;
  }
  void put(std::string_view text) {
    if (text.empty()) return;  // an empty view may point nowhere, which memcpy must not be told
    char* at = reserve(text.size());
    std::memcpy(at, text.data(), text.size());
    at_ = at + text.size();
  }
  void fill(std::size_t n, char c) {
    char* at = reserve(n);
    std::memset(at, c, n);
    at_ = at + n;
  }
  // Hands what is written so far to the sink.
  bool flush();
  // False once the sink has refused text; the caller should stop producing.
  [[nodiscard]] bool good() const { return good_; }

 private:
  void make_room(std::size_t n);

  Sink sink_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_;
  char* at_;
  char* end_;
  bool good_ = true;
};

// The rest of put_number, out of line so that loops over small numbers stay small.
char* put_long_number(char* at, std::uint64_t n);

// Writes a decimal number and returns the end; at most 20 bytes. Most numbers of a listing have one digit.
inline char* put_number(char* at, std::uint64_t n) {
  if (n >= 10) return put_long_number(at, n);
  *at = static_cast<char>('0' + n);
  return at + 1;
}

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0: the text does not begin with UTF-8
};
// The first character of a text that is not empty. Strict (RFC 3629): no overlong forms, no surrogates,
// nothing above 10FFFF.
[[nodiscard]] CodePoint decode_utf8(std::string_view text);
void append_utf8(std::string& to, char32_t c);

enum class Spaces { keep, escape };

// Appends untrusted bytes as text that is valid UTF-8 and commands no terminal. The rule, the same in every
// format: `\xNN` stands for the raw byte NN. So written are control characters, bytes that are not UTF-8,
// characters that reorder or hide text (bidirectional and zero-width marks), and the backslash of a `\xNN`
// that was there before; with Spaces::escape also the blank, so that one cell stays one word. Nothing else
// changes.
void append_escaped(std::string& to, std::string_view bytes, Spaces spaces);
[[nodiscard]] std::string escaped(std::string_view bytes, Spaces spaces = Spaces::keep);

// The same as the inside of a JSON string: there control characters stand in JSON's own `\u` form, so that a
// reader gets the very bytes back.
void append_json_escaped(std::string& to, std::string_view bytes);

// True when append_escaped and append_json_escaped would change nothing.
[[nodiscard]] bool is_plain(std::string_view bytes);

// How many terminal columns a text of append_escaped's kind takes: wide East Asian characters two, combining
// marks none.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Cuts to `width` columns with an ellipsis in the middle (an address is recognised by its two ends) or at the
// end.
[[nodiscard]] std::string shorten_middle(std::string_view text, std::size_t width);
[[nodiscard]] std::string shorten_end(std::string_view text, std::size_t width);

// 1536 -> "1.5K"; powers of 1024, at most 5 characters.
[[nodiscard]] std::string human_bytes(std::uint64_t n);

// The word of `words` nearest to `word` by edit distance, or "" when none is near.
[[nodiscard]] std::string nearest_word(std::string_view word, const std::vector<std::string_view>& words);

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

// Joins the pieces: the project's one way to build a message.
template <class... Pieces>
[[nodiscard]] std::string join(const Pieces&... pieces) {
  std::string all;
  (all.append(pieces), ...);
  return all;
}

}  // namespace inetctl
