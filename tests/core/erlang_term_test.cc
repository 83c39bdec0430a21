#include "core/erlang_term.h"

#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace inetctl;
using namespace std::string_literals;

namespace {

std::string rewritten(std::string_view text, Strings strings = Strings::quoted) {
  const auto term = read_term(text);
  return term ? write_term(*term, strings) : "error: " + term.error().cause;
}

Term number(std::int64_t n) { return Term::of(n); }

struct Pair {
  std::string_view text, same;
};

}  // namespace

TEST_CASE("terms: an address, options and a line of inetrc are what they say") {
  CHECK(*read_term("{127,0,0,1}") == Term::tuple({number(127), number(0), number(0), number(1)}));
  CHECK(*read_term(" { 16#fe80 , 0 } . ") == Term::tuple({number(0xfe80), number(0)}));
  const auto options = read_term("[{nodelay,true},{raw,6,8,<<30:32/big>>},binary,{linger,{true,-1}}]");
  REQUIRE(options);
  CHECK(options->items[0].items[0].is_atom("nodelay"));
  CHECK(options->items[1].items[3] == Term::binary("\0\0\0\x1e"s));
  CHECK(options->items[3].items[1].items[1] == number(-1));
  const auto file = read_terms(
      "%% hosts\n{host,{127,0,0,1},[\"localhost\" \".my\",\n  \"a.b\"]}. % "
      "one\n{lookup,[file,native]}.\nclear_ns.");
  REQUIRE(file);
  REQUIRE(file->size() == 3);
  CHECK((*file)[0].items[2].items[0].characters() == "localhost.my");
  CHECK((*file)[2].is_atom("clear_ns"));
  CHECK(read_terms("")->empty());
  CHECK(read_terms(" % nothing")->empty());
}

TEST_CASE("terms: what is written is what io:format prints") {
  const Pair kPairs[] = {
      {"$a", "97"},
      {"-16#7f_ff", "-32767"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"36#zz", "1295"},
      {"- $\\n", "-10"},
      {"\"a\\x{3042}\"", "[97,12354]"},
      {"\"a\" % and\n \"b\\n\\\"\\e\"", "\"ab\\n\\\"\\e\""},
      {"\"\\d\"", "[127]"},
      {"\"\\^A\\101\\x42\\s\"", "[1,65,66,32]"},
      {"\"\"", "[]"},
      {"\"\xc3\xa9\"", "\"\xc3\xa9\""},
      {"'a b'", "'a b'"},
      {"'ab'", "ab"},
      {"'div'", "'div'"},
      {"'\\x{30a2}\\0\\'\\n'", "'\\x{30A2}\\000\\'\\n'"},
      {"'\xc3\x89'", "'\xc3\x89'"},
      {"\xc3\xa9t\xc3\x89", "\xc3\xa9t\xc3\x89"},
      {"''", "''"},
      {"'Ab'", "'Ab'"},
      {"[a,[b|[c]]|\"d\"]", "[a,[b,c],100]"},
      {"#{b=>1, a=>2, 1.0=>3, 1=>4, a=>5}", "#{1 => 4,1.0 => 3,a => 5,b => 1}"},
      {"#{}", "#{}"},
      {"{}", "{}"},
      {"({(1)})", "{1}"},
      {"<<1,2,\"abc\">>", "<<1,2,97,98,99>>"},
      {"<<\"abc\\n\">>", "<<\"abc\\n\">>"},
      {"<<>>", "<<>>"},
      {"1.5e3", "1.5e3"},
      {"1.0e10", "1.0e10"},
      {"100000.0", "1.0e5"},
      {"0.00001", "1.0e-5"},
      {"0.001", "0.001"},
      {"9007199254740992.0", "9.007199254740992e15"},
      {"9007199254740991.0", "9007199254740991.0"},
      {"-0.0", "-0.0"},
      {"4.9e-324", "5.0e-324"},
      {"1.0e-400", "0.0"},
      {"1_0.5_0e1_0", "1.05e11"},
  };
  for (const Pair& pair : kPairs) {
    CAPTURE(pair.text);
    CHECK(rewritten(pair.text) == pair.same);
  }
  CHECK(rewritten("{\"ab\",<<\"ab\">>,'a b'}", Strings::lists) == "{[97,98],<<97,98>>,'a b'}");
}

TEST_CASE("terms: segments of binaries") {
  const Pair kPairs[] = {
      {"<<-1:16/little>>", "<<255,255>>"},
      {"<<16#abc:12/little,5:4>>", "<<188,165>>"},
      {"<<1:3,1:5>>", "<<33>>"},
      {"<<30:32/little-signed-integer>>", "<<30,0,0,0>>"},
      {"<<-2:72>>", "<<255,255,255,255,255,255,255,255,254>>"},
      {"<<-2:72/little>>", "<<254,255,255,255,255,255,255,255,255>>"},
      {"<<300>>", "<<44>>"},
      {"<<\"ab\":16/little>>", "<<97,0,98,0>>"},
      {"<<\"\xc3\xa9\">>", "<<233>>"},
      {"<<\"\xc3\xa9\"/utf8>>", "<<195,169>>"},
      {"<<\"\\x{1F600}\"/utf16>>", "<<216,61,222,0>>"},
      {"<<\"\\x{1F600}\"/utf32-little>>", "<<0,246,1,0>>"},
      {"<<1.5:32/float>>", "<<63,192,0,0>>"},
      {"<<1/float-little>>", "<<0,0,0,0,0,0,240,63>>"},
      {"<<1:2/unit:8>>", "<<0,1>>"},
      {"<<<<1>>/binary,(<<2,3,4>>):2/binary>>", "<<1,2,3>>"},
      {"<<(<<1,2>>):4/bits,3:4>>", "<<3>>"},
      {"<<(<<1,2>>):1/bytes-unit:16>>", "<<1,2>>"},
      {"<<1/little-little>>", "<<1>>"},
      {"<<1:0>>", "<<>>"},
  };
  for (const Pair& pair : kPairs) {
    CAPTURE(pair.text);
    CHECK(rewritten(pair.text, Strings::lists) == pair.same);
  }
  for (const std::string_view text : {"<<1:3>>",
                                      "<<a>>",
                                      "<<1/unit:8>>",
                                      "<<1/little-big>>",
                                      "<<1/signed-unsigned>>",
                                      "<<\"a\"/binary>>",
                                      "<<1:8/utf8>>",
                                      "<<16#d800/utf8>>",
                                      "<<(<<1>>):2/binary>>",
                                      "<<1.5>>",
                                      "<<1.0e300:32/float>>",
                                      "<<1:16/float>>",
                                      "<<1/unit:0>>",
                                      "<<1:1/unit:257>>",
                                      "<<1:-1>>",
                                      "<<1/nosuch>>",
                                      "<<1:99999999999>>",
                                      "<<1:16777216/unit:256>>",
                                      "<<1:9223372036854775807/unit:256>>",
                                      "<<(<<1>>):9223372036854775807/binary-unit:256>>"}) {
    CAPTURE(text);
    CHECK_FALSE(read_term(text));
  }
}

TEST_CASE("terms: a mistake has its place, and its line where there are several") {
  struct Wrong {
    std::string_view text;
    std::size_t at;
    std::string_view cause;
  };
  const Wrong kWrong[] = {
      {"{127,0,0,", 9, "a term was expected"},
      {"{127,0,0", 8, "',' or '}' was expected"},
      {"{1,}", 3, "a term was expected"},
      {"[a|b]", 3, "a list whose tail is no list is not read"},
      {"[a|[b],c]", 7, "']' was expected"},
      {"{A}", 1, "a variable is no term"},
      {"{end}", 1, "'end' is a reserved word, an atom of this name stands in quotes"},
      {"9223372036854775808", 0, "integers above 64 bits are not read"},
      {"1e5", 1, "the term ends before this"},
      {"--1", 1, "a number was expected"},
      {"37#1", 0, "a base is from 2 to 36"},
      {"16#", 3, "a digit of base 16 was expected"},
      {"1.0e400", 0, "the float is too large"},
      {"1__0", 1, "the term ends before this"},
      {"\"abc", 0, "this quote is not closed"},
      {"\"a\\x{d800}\"", 2, "this escape is no character"},
      {"\"a\xff\"", 2, "this is no UTF-8"},
      {"#a{}", 1, "'{' was expected: records have no names here"},
      {"#{a:=1}", 3, "'=>' was expected"},
      {"$", 1, "a character was expected"},
      {"", 0, "a term was expected"},
      {"1 2", 2, "the term ends before this"},
      {"a.b", 1, "the term ends before this"},
      {"<0.1.0>", 0, "a term was expected"},
  };
  for (const Wrong& wrong : kWrong) {
    CAPTURE(wrong.text);
    const auto term = read_term(wrong.text);
    REQUIRE_FALSE(term);
    CHECK(term.error().cause == wrong.cause);
    REQUIRE(term.error().place);
    CHECK(term.error().place->text == wrong.text);
    CHECK(term.error().place->offset == wrong.at);
    CHECK(term.error().object.empty());
  }
  const auto file = read_terms("{a,1}.\n{b,2}.\n  {c;3}.\n");
  REQUIRE_FALSE(file);
  CHECK(file.error().message() == "read terms line 3: ',' or '}' was expected");
  CHECK(file.error().place->text == "  {c;3}.");
  CHECK(file.error().place->offset == 4);
  CHECK(read_terms("{a}").error().cause == "a full stop was expected: '.' and a blank");
}

TEST_CASE("terms: nesting has an end, and reading takes no stack beyond it") {
  for (const std::string open : {"[", "{", "#{", "(", "<<", "[1|"}) {
    std::string hostile;
    for (int i = 0; i < 100000; ++i) hostile += open;
    CAPTURE(open);
    CHECK(read_term(hostile).error().cause == "terms nested deeper than 256 are not read");
  }
  const std::string deepest = std::string(256, '[') + std::string(256, ']');
  CHECK(rewritten(deepest) == deepest);
  CHECK_FALSE(read_term("[" + deepest + "]"));
}

TEST_CASE("terms: values compare as keys of Erlang's maps do") {
  const std::vector<Term> kAscending = {number(-1),
                                        number(2),
                                        Term::of_real(-1.5),
                                        Term::of_real(1),
                                        Term::atom("a"),
                                        Term::atom("b"),
                                        Term::tuple({number(9)}),
                                        Term::tuple({number(1), number(1)}),
                                        Term::tuple({number(1), number(2)}),
                                        Term::map({}),
                                        Term::map({number(1), number(5)}),
                                        Term::map({number(1), number(6)}),
                                        Term::map({number(2), number(0)}),
                                        Term::list({}),
                                        Term::string("a"),
                                        Term::string("aa"),
                                        Term::string("b"),
                                        Term::binary(""),
                                        Term::binary("a")};
  for (std::size_t i = 0; i < kAscending.size(); ++i)
    for (std::size_t j = 0; j < kAscending.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK((compare(kAscending[i], kAscending[j]) < 0) == (i < j));
      CHECK((kAscending[i] == kAscending[j]) == (i == j));
    }
}

TEST_CASE("terms: text of a list, and a list of text") {
  CHECK(Term::string("a\xc3\xa9").characters() == "a\xc3\xa9");
  CHECK(Term::string("\xff") == Term::list({number(255)}));
  CHECK(Term::list({}).characters() == "");
  CHECK_FALSE(Term::list({number(-1)}).characters());
  CHECK_FALSE(Term::list({number(0xd800)}).characters());
  CHECK_FALSE(Term::atom("a").characters());
}

TEST_CASE("terms: what is read is written and reads back, whatever the text") {
  static const std::vector<std::string> kPieces = {
      "{",   "}",    "[",        "]",    "<<", ">>",   "#{",     "=>",   ",",    "|",  "(",    ")",
      "\"",  "'",    "\\",       "$",    "a",  "Ab",   "end",    "x@_1", "0",    "12", "16#",  "1.5",
      "e3",  "-",    "+",        "_",    ":",  "/",    ".",      " ",    "\n",   "%c", "\\x{", "\\x41",
      "\\^", "\xc3", "\xc3\xa9", "unit", "8",  "utf8", "little", "\t",   "\x01", "é"};
  std::mt19937 chance(20);
  std::size_t read = 0;
  for (int round = 0; round < 100000; ++round) {
    std::string text;
    for (std::size_t n = chance() % 9; n > 0; --n) text += kPieces[chance() % kPieces.size()];
    const auto term = read_term(text);
    if (!term) {
      REQUIRE(term.error().place->offset <= term.error().place->text.size());
      continue;
    }
    ++read;
    for (const Strings strings : {Strings::quoted, Strings::lists}) {
      CAPTURE(text);
      const auto again = read_term(write_term(*term, strings));
      REQUIRE(again);
      REQUIRE(*again == *term);
    }
  }
  CHECK(read > 1000);
}
