// The words that Erlang's terms are made of, by erl_scan's rules (OTP 25): blanks and comments, numbers,
// characters, quoted texts, bare atoms. The first mistake is kept, with its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/erlang_term.h"

namespace inetctl {

// The length of the bare atom that a text begins with, 0 when there is none; a reserved word looks like one.
[[nodiscard]] std::size_t bare_atom_length(std::string_view text);
[[nodiscard]] bool is_reserved_word(std::string_view atom);

class ErlangScanner {
 public:
  explicit ErlangScanner(std::string_view text) : text_(text) {}

  // Each of these begins behind blanks and comments. peek: the next byte, 0 at the end.
  [[nodiscard]] char peek() { return skip_blanks(), byte(); }
  [[nodiscard]] std::size_t offset() { return skip_blanks(), at_; }
  // Behind what was taken last.
  [[nodiscard]] std::size_t position() const { return at_; }
  // Goes past `sign` if it comes next.
  bool take(std::string_view sign);
  // The full stop behind a term: a blank, a comment or the end follows it.
  bool take_stop();
  std::string_view take_bare_atom();

  // False when what comes next is none, and why is kept. A number may have a sign; a character counts as one.
  bool number(Term& to);
  // The text between quotes of one kind.
  bool quoted(std::u32string& to);

  // Keeps the first mistake; always false.
  bool fail(std::size_t at, std::string cause);
  bool fail_here(std::string cause) { return fail(offset(), std::move(cause)); }
  [[nodiscard]] Error error(std::string operation) const;
  [[nodiscard]] const std::string& mistake() const { return cause_; }
  [[nodiscard]] std::size_t mistake_at() const { return wrong_at_; }

 private:
  [[nodiscard]] char byte(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_blanks();
  [[nodiscard]] std::size_t blank_size() const;
  bool character(char32_t& to);
  bool escape(char32_t& to);
  bool hex_escape(char32_t& to);
  void digits(unsigned base, std::string& to);
  bool whole_number(bool negative, Term& to);
  bool real_number(bool negative, std::string text, std::size_t start, Term& to);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t wrong_at_ = 0;
  std::string cause_;
};

}  // namespace inetctl
