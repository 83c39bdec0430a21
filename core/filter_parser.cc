#include "core/filter_parser.h"

#include <algorithm>
#include <span>
#include <vector>

#include "core/filter_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

using TokenKind = Token::Kind;

struct ComparisonWord {
  std::string_view word;
  Comparison comparison;
};
constexpr ComparisonWord kComparisonWords[] = {
    {"eq", Comparison::equal},          {"ne", Comparison::not_equal},  {"neq", Comparison::not_equal},
    {"gt", Comparison::greater},        {"lt", Comparison::less},       {"ge", Comparison::greater_equal},
    {"geq", Comparison::greater_equal}, {"le", Comparison::less_equal}, {"leq", Comparison::less_equal},
};

bool is_word(const Token& token, std::string_view word) {
  return token.kind == TokenKind::word && equals_ignoring_case(token.text, word);
}
bool is_and(const Token& token) { return token.kind == TokenKind::conjunction || is_word(token, "and"); }
bool is_or(const Token& token) { return token.kind == TokenKind::disjunction || is_word(token, "or"); }
bool is_not(const Token& token) { return token.kind == TokenKind::negation || is_word(token, "not"); }
bool is_states_word(const Token& token) {
  return is_word(token, "state") || is_word(token, "exclude") || is_word(token, "excl");
}

const ComparisonWord* comparison_word(const Token& token) {
  for (const ComparisonWord& known : kComparisonWords)
    if (is_word(token, known.word)) return &known;
  return nullptr;
}
bool is_keyword(const Token& token) {
  return is_and(token) || is_or(token) || is_not(token) || is_word(token, "in") || comparison_word(token);
}

FilterNode made(FilterNode::Kind kind, std::vector<FilterNode> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  FilterNode node;
  node.kind = kind;
  node.parts = std::move(parts);
  return node;
}

FilterNode words_node(const Field& field, const std::vector<std::string_view>& words) {
  FilterNode node;
  node.kind = FilterNode::Kind::test;
  node.field = &field;
  node.test.kind = Test::Kind::words;
  node.test.words.assign(words.begin(), words.end());
  return node;
}

FilterNode negated(FilterNode inner) {
  FilterNode node;
  node.kind = FilterNode::Kind::negation;
  node.parts.push_back(std::move(inner));
  return node;
}

// Adds a term to a chain of `and`. Predicates on items of the same list become one question about one item.
void conjoin(std::vector<FilterNode>& chain, FilterNode term) {
  if (term.kind == FilterNode::Kind::all) {
    for (FilterNode& part : term.parts) chain.push_back(std::move(part));
    return;
  }
  if (!term.joinable) return chain.push_back(std::move(term));
  const auto same = std::find_if(chain.begin(), chain.end(), [&](const FilterNode& earlier) {
    return earlier.joinable && earlier.field == term.field;
  });
  if (same == chain.end()) return chain.push_back(std::move(term));
  for (FilterNode& part : term.parts) same->parts.push_back(std::move(part));
}

void close(FilterNode& node) {
  node.joinable = false;
  if (node.kind == FilterNode::Kind::all)
    for (FilterNode& part : node.parts) part.joinable = false;
}

}  // namespace

Result<FilterNode> FilterParser::run() {
  FilterNode everything;
  if (lexer_.token().kind == TokenKind::end) return everything;
  Parsed root = disjunction();
  if (root && lexer_.token().kind != TokenKind::end) {
    const Token& token = lexer_.token();
    fail(token.offset,
         token.kind == TokenKind::close ? "')' without '('" : join("unexpected '", token.text, "'"));
  }
  if (error_) return *error_;
  return std::move(*root);
}

FilterParser::Parsed FilterParser::disjunction() {
  std::vector<FilterNode> parts;
  do {
    Parsed part = conjunction();
    if (!part) return part;
    parts.push_back(std::move(*part));
    if (!is_or(lexer_.token())) return made(FilterNode::Kind::any, std::move(parts));
    advance();
  } while (true);
}

FilterParser::Parsed FilterParser::conjunction() {
  std::vector<FilterNode> chain;
  do {
    Parsed part = term();
    if (!part) return part;
    conjoin(chain, std::move(*part));
    if (is_and(lexer_.token()))
      advance();
    else if (!at_term())
      return made(FilterNode::Kind::all, std::move(chain));
  } while (true);
}

bool FilterParser::at_term() const {
  const Token& token = lexer_.token();
  return (token.kind == TokenKind::word && !is_or(token)) || token.kind == TokenKind::open ||
         token.kind == TokenKind::negation;
}

FilterParser::Parsed FilterParser::term() {
  const Token token = lexer_.token();
  if (token.kind == TokenKind::open) return group();
  if (is_not(token)) {
    if (++depth_ > kMaxFilterDepth) return fail(token.offset, "nested too deeply");
    advance();
    Parsed inner = term();
    --depth_;
    return inner ? negated(std::move(*inner)) : std::move(inner);
  }
  if (at_states()) return states();
  if (token.kind == TokenKind::word && !is_keyword(token)) return predicate();
  return expected("a condition");
}

FilterParser::Parsed FilterParser::group() {
  const std::size_t start = lexer_.token().offset;
  if (++depth_ > kMaxFilterDepth) return fail(start, "nested too deeply");
  advance();
  Parsed inner = disjunction();
  --depth_;
  if (!inner) return inner;
  if (lexer_.token().kind != TokenKind::close) return fail(lexer_.token().offset, "missing ')'");
  advance();
  close(*inner);
  return inner;
}

const Field* FilterParser::state_field() const {
  const Field* field = fields_.find("state");
  return field && !field->choices.empty() ? field : nullptr;
}

// `state` is a clause of its own before a word, and a field like any other before an operator.
bool FilterParser::at_states() const {
  if (!is_states_word(lexer_.token()) || !state_field()) return false;
  if (!is_word(lexer_.token(), "state")) return true;
  const Token next = lexer_.ahead();
  return next.kind == TokenKind::quoted || (next.kind == TokenKind::word && !is_keyword(next));
}

FilterParser::Parsed FilterParser::states() {
  const Field& field = *state_field();
  names_states_ = true;
  std::vector<std::string_view> chosen;
  for (bool first = true; at_states(); first = false) {
    const bool adds = is_word(lexer_.token(), "state");
    advance();
    const Token token = lexer_.token();
    if (token.kind != TokenKind::word && token.kind != TokenKind::quoted) return expected("a state");
    const std::string typed = token.value();
    const auto words = are_socket_states(field) ? words_of(read_states(typed)) : choices_of(field, typed);
    if (words.empty()) return fail(token.offset, unknown_choice(field, typed, "state"));
    if (first && !adds)
      for (const Choice& choice : field.choices) chosen.push_back(choice.word);
    for (const std::string_view word : words) {
      std::erase(chosen, word);
      if (adds) chosen.push_back(word);
    }
    advance();
  }
  if (chosen.size() == field.choices.size()) return FilterNode{};
  return words_node(field, chosen);
}

FilterParser::Parsed FilterParser::predicate() {
  const Token name = lexer_.token();
  const auto subject = find_subject(fields_, name.text);
  if (!subject && equals_ignoring_case(name.text, "autobound") && find_field(fields_, "local_port"))
    return autobound();
  if (!subject && find_field(fields_, "foreign_port")) {
    if (name.text.size() > 1 && name.text[0] == ':') return either_end();
    if (name.text.find_first_not_of("0123456789") == std::string_view::npos)
      return fail(name.offset,
                  join("'", name.text, "' is no field; a port at either end is ':", name.text, "'"));
  }
  if (!subject) return fail(name.offset, unknown_field(fields_, name.text));
  if (subject->field->key == "state") names_states_ = true;
  advance();
  const bool list = subject->field->type == Type::list;
  const Token token = lexer_.token();
  const bool not_in = is_word(token, "not") && is_word(lexer_.ahead(), "in");
  if (const auto operation = take_comparison()) {
    if (!list) return compared(*subject, *operation, last_);
  } else if (not_in || is_word(token, "in")) {
    if (not_in) advance();
    advance();
    if (!list) return membership(*subject, not_in);
  } else if (value_follows(*subject)) {
    return compared(*subject, Comparison::equal, name.text);
  } else if (subject->needs_value) {
    return expected("a value");
  } else {
    return compared(*subject, Comparison::equal, {});
  }
  std::string members;
  for (const Field& item : subject->field->items)
    members += join(members.empty() ? "" : ", ", name.text, ".", item.key);
  return fail(name.offset, join("'", name.text, "' is a list; compare one of its members: ", members));
}

bool FilterParser::value_follows(const Subject& subject) const {
  const Token& token = lexer_.token();
  if (!subject.optional_operator || is_keyword(token)) return false;
  if (token.kind == TokenKind::quoted) return true;
  return token.kind == TokenKind::word && (subject.needs_value || !find_subject(fields_, token.text));
}

namespace {

FilterNode test_node(const Field* list, const Field* field, Test test) {
  FilterNode node;
  node.kind = FilterNode::Kind::test;
  node.field = field;
  node.test = std::move(test);
  if (!list) return node;
  FilterNode some;
  some.kind = FilterNode::Kind::some_item;
  some.field = list;
  some.joinable = true;
  some.parts.push_back(std::move(node));
  return some;
}

}  // namespace

// Without `operator_text` the field stands alone.
FilterParser::Parsed FilterParser::compared(const Subject& subject, Comparison comparison,
                                            std::string_view operator_text) {
  Test test;
  if (operator_text.empty()) return test_node(subject.list, subject.field, std::move(test));
  if (const auto cause = refusal(*subject.field, comparison))
    return fail(static_cast<std::size_t>(operator_text.data() - lexer_.text().data()), *cause);
  if (comparison == Comparison::found || comparison == Comparison::not_found)
    return pattern(subject, comparison == Comparison::not_found);
  test.kind = kind_for(*subject.field, comparison);
  test.negated = is_negative(comparison);
  test.comparison = comparison;
  const auto family = drop_family(subject);
  if (!family || !take_value(test, subject, comparison)) return std::nullopt;
  return with_family(test_node(subject.list, subject.field, std::move(test)), *family);
}

FilterParser::Parsed FilterParser::membership(const Subject& subject, bool negated) {
  if (lexer_.token().kind != TokenKind::open) return expected("'('");
  Test test;
  test.kind = kind_for(*subject.field, Comparison::equal);
  test.negated = negated;
  do {
    advance();
    if (!take_value(test, subject, Comparison::equal)) return std::nullopt;
  } while (lexer_.token().kind == TokenKind::comma);
  if (lexer_.token().kind != TokenKind::close) return fail(lexer_.token().offset, "missing ')' or ','");
  advance();
  return test_node(subject.list, subject.field, std::move(test));
}

FilterParser::Parsed FilterParser::pattern(const Subject& subject, bool negated) {
  lexer_.reread_as_pattern();
  const Token token = lexer_.token();
  if (token.kind != TokenKind::word && token.kind != TokenKind::quoted)
    return expected("a regular expression");
  auto compiled = Pattern::compile(token.value(), !subject.field->choices.empty());
  if (!compiled) {
    const std::size_t quote = token.kind == TokenKind::quoted ? 1 : 0;
    return fail(token.offset + quote + compiled.error().offset, compiled.error().cause);
  }
  advance();
  Test test;
  test.kind = Test::Kind::pattern;
  test.negated = negated;
  test.pattern = std::make_unique<const Pattern>(std::move(*compiled));
  return test_node(subject.list, subject.field, std::move(test));
}

FilterParser::Parsed FilterParser::autobound() {
  advance();
  Test test;
  test.kind = Test::Kind::numbers;
  test.numbers.push_back({names_.automatic_ports.first, names_.automatic_ports.second});
  return test_node(nullptr, find_field(fields_, "local_port"), std::move(test));
}

// ":8080" alone is a port at either end, as `lsof -i :8080` has it.
FilterParser::Parsed FilterParser::either_end() {
  std::vector<FilterNode> ends;
  const Token port = lexer_.token();
  for (const std::string_view key : {"local_port", "foreign_port"}) {
    const Subject subject{.field = find_field(fields_, key)};
    Test test;
    test.kind = Test::Kind::numbers;
    if (const auto cause = add_value(test, subject, Comparison::equal, port.value(), names_))
      return fail(port.offset, *cause);
    ends.push_back(test_node(nullptr, subject.field, std::move(test)));
  }
  advance();
  return made(FilterNode::Kind::any, std::move(ends));
}

// ss lets a port name the family, `sport = inet6:22`, and then shows that family only.
std::optional<Family> FilterParser::drop_family(const Subject& subject) {
  const Token& token = lexer_.token();
  if (!subject.is_port() || token.kind != TokenKind::word) return Family::none;
  std::string_view rest = token.text;
  const auto family = take_family(rest);
  if (!family) return fail(token.offset, family.error());
  lexer_.drop(token.text.size() - rest.size());
  return *family;
}

FilterParser::Parsed FilterParser::with_family(FilterNode node, Family family) const {
  const Field* field = fields_.find("family");
  if (family == Family::none || !field) return node;
  std::vector<FilterNode> both;
  both.push_back(std::move(node));
  both.push_back(words_node(*field, {family == Family::inet ? "inet" : "inet6"}));
  return made(FilterNode::Kind::all, std::move(both));
}

bool FilterParser::take_value(Test& test, const Subject& subject, Comparison comparison) {
  if (lexer_.token().kind == TokenKind::word) part_glued_keyword(test, subject, comparison);
  const Token token = lexer_.token();
  if ((token.kind != TokenKind::word || is_and(token) || is_or(token)) && token.kind != TokenKind::quoted) {
    expected("a value");
    return false;
  }
  if (const auto cause = add_value(test, subject, comparison, token.value(), names_)) {
    fail(token.offset, *cause);
    return false;
  }
  advance();
  return true;
}

// `sport=:443or dport=:443`: figures cannot go on like that, so the word ends before the keyword.
void FilterParser::part_glued_keyword(const Test& test, const Subject& subject, Comparison comparison) {
  const std::string_view text = lexer_.token().text;
  if (test.kind == Test::Kind::words || test.kind == Test::Kind::text_order) return;
  if (text.find_first_of("0123456789:*[") != 0) return;
  for (const std::string_view keyword : {"or", "and"}) {
    if (text.size() <= keyword.size()) continue;
    const std::size_t size = text.size() - keyword.size();
    if (!equals_ignoring_case(text.substr(size), keyword)) continue;
    Test scratch;
    scratch.kind = test.kind;
    const FilterNames none;
    if (!add_value(scratch, subject, comparison, std::string(text), none)) return;
    if (!add_value(scratch, subject, comparison, std::string(text.substr(0, size)), none))
      return lexer_.cut(size);
  }
}

std::optional<Comparison> FilterParser::take_comparison() {
  const Token token = lexer_.token();
  const ComparisonWord* word = comparison_word(token);
  if (!word && token.kind != TokenKind::comparison) return std::nullopt;
  advance();
  return word ? word->comparison : token.comparison;
}

void FilterParser::advance() {
  last_ = lexer_.token().text;
  lexer_.advance();
}

std::nullopt_t FilterParser::fail(std::size_t offset, std::string cause) {
  if (!error_)
    error_ = Error{Kind::usage, "filter", "", std::move(cause), Place{std::string(lexer_.text()), offset}};
  return std::nullopt;
}

std::nullopt_t FilterParser::expected(std::string_view what) {
  const Token& token = lexer_.token();
  if (token.kind == TokenKind::unclosed)
    return fail(token.offset, join("missing ", token.text.substr(0, 1), " at the end"));
  return fail(token.offset,
              join("expected ", what, last_.empty() ? "" : " after '", last_, last_.empty() ? "" : "'"));
}

}  // namespace inetctl
