// The words of a filter. Blanks are free, and operators part words without them: `(dport=:443 or
// sport!=:22)`. A `#` where a word could begin starts a comment to the end of the line, as in the files of ss
// -F.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/filter_node.h"

namespace inetctl {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    word,
    quoted,
    unclosed,
    open,
    close,
    comma,
    comparison,
    conjunction,
    disjunction,
    negation
  };
  Kind kind = Kind::end;
  Comparison comparison = Comparison::equal;  // of a comparison
  std::string_view text;                      // as it stands there, with its quotes
  std::size_t offset = 0;

  // The value of a word or a quoted text. Within quotes, a backslash stands for itself except before the
  // quote.
  [[nodiscard]] std::string value() const;
};

// Cheap to copy: a copy looks ahead.
class FilterLexer {
 public:
  explicit FilterLexer(std::string_view text) : text_(text) { advance(); }

  [[nodiscard]] const Token& token() const { return token_; }
  // The whole text.
  [[nodiscard]] std::string_view text() const { return text_; }
  void advance();
  [[nodiscard]] Token ahead() const {
    FilterLexer copy = *this;
    copy.advance();
    return copy.token_;
  }

  // Reads the present token again as a regular expression: up to a blank or an unbalanced ')', so that it may
  // hold any other sign. A quoted text stays what it is.
  void reread_as_pattern();
  // Cuts the present word after `size` bytes; the rest becomes the next token (`:443or`).
  void cut(std::size_t size);
  // Takes `size` bytes off the front of the present word.
  void drop(std::size_t size) {
    token_.text.remove_prefix(size);
    token_.offset += size;
  }

 private:
  void skip_blanks();
  void take(Token::Kind kind, std::size_t size);
  void take_quoted();
  void take_comparison(Comparison comparison, std::size_t size);
  bool take_operator();

  std::string_view text_;
  std::size_t at_ = 0;     // behind the present token
  std::size_t start_ = 0;  // where it begins
  Token token_;
};

}  // namespace inetctl
