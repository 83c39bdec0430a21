#include "core/filter_lexer.h"

#include <algorithm>

namespace inetctl {

namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr std::string_view kPartsWords = " \t\r\n\v\f(),=!<>~&|\"'";
constexpr std::string_view kSigns = "()=!<>~&|";

}  // namespace

std::string Token::value() const {
  if (kind != Kind::quoted) return std::string(text);
  const char quote = text.front();
  std::string inside;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && text[i + 1] == quote && i + 2 < text.size()) ++i;
    inside += text[i];
  }
  return inside;
}

void FilterLexer::skip_blanks() {
  for (;;) {
    while (at_ < text_.size() && kBlanks.find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ == text_.size() || text_[at_] != '#') return;
    at_ = std::min(text_.find('\n', at_), text_.size());
  }
}

void FilterLexer::take(Token::Kind kind, std::size_t size) {
  token_ = {.kind = kind, .text = text_.substr(at_, size), .offset = at_};
  at_ += size;
}

void FilterLexer::take_comparison(Comparison comparison, std::size_t size) {
  take(Token::Kind::comparison, size);
  token_.comparison = comparison;
}

void FilterLexer::take_quoted() {
  const char quote = text_[at_];
  for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
    if (text_[end] == quote) return take(Token::Kind::quoted, end + 1 - at_);
    if (text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] == quote) ++end;
  }
  take(Token::Kind::unclosed, text_.size() - at_);
}

bool FilterLexer::take_operator() {
  const char c = text_[at_];
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  switch (c) {
    case '(':
      take(Token::Kind::open, 1);
      return true;
    case ')':
      take(Token::Kind::close, 1);
      return true;
    case ',':
      take(Token::Kind::comma, 1);
      return true;
    case '&':
      take(Token::Kind::conjunction, next == '&' ? 2 : 1);
      return true;
    case '|':
      take(Token::Kind::disjunction, next == '|' ? 2 : 1);
      return true;
    case '~':
      take_comparison(Comparison::found, 1);
      return true;
    case '=':
      if (next == '~')
        take_comparison(Comparison::found, 2);
      else
        take_comparison(Comparison::equal, next == '=' ? 2 : 1);
      return true;
    case '!':
      if (next == '=')
        take_comparison(Comparison::not_equal, 2);
      else if (next == '~')
        take_comparison(Comparison::not_found, 2);
      else
        take(Token::Kind::negation, 1);
      return true;
    case '<':
      if (next == '=')
        take_comparison(Comparison::less_equal, 2);
      else
        take_comparison(Comparison::less, 1);
      return true;
    case '>':
      if (next == '=')
        take_comparison(Comparison::greater_equal, 2);
      else
        take_comparison(Comparison::greater, 1);
      return true;
    default:
      return false;
  }
}

void FilterLexer::advance() {
  skip_blanks();
  start_ = at_;
  if (at_ == text_.size()) return take(Token::Kind::end, 0);
  // `\(` as one writes it for a shell, when it comes within quotes all the same; ss reads it so.
  if (text_[at_] == '\\' && at_ + 1 < text_.size() && kSigns.find(text_[at_ + 1]) != std::string_view::npos)
    ++at_;
  if (take_operator()) return;
  if (text_[at_] == '"' || text_[at_] == '\'') return take_quoted();
  take(Token::Kind::word, std::min(text_.find_first_of(kPartsWords, at_), text_.size()) - at_);
}

void FilterLexer::reread_as_pattern() {
  if (token_.kind == Token::Kind::quoted || token_.kind == Token::Kind::unclosed) return;
  at_ = start_;
  std::size_t end = at_, depth = 0;
  bool in_class = false;
  for (; end < text_.size() && kBlanks.find(text_[end]) == std::string_view::npos; ++end) {
    const char c = text_[end];
    if (c == '\\' && end + 1 < text_.size()) {
      ++end;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth-- == 0) {
      break;
    }
  }
  take(end > at_ ? Token::Kind::word : Token::Kind::end, end - at_);
}

void FilterLexer::cut(std::size_t size) {
  at_ = token_.offset;
  take(Token::Kind::word, size);
}

}  // namespace inetctl
