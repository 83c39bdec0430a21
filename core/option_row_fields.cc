// The fields of ProbeRow: what was tried, and what is known of the option.
#include <algorithm>

#include "core/option_row.h"
#include "core/option_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

std::string_view access_word(const SocketOption& option) {
  if (option.readable()) return option.writable() ? "read-write" : "read";
  return option.writable() ? "write" : "none";
}

bool secret(const ProbeRow& row) { return row.is_secret(); }

// A fact of the row in the table of options, when there is one.
template <auto Get>
Cell fact(const void* record, const Field&) {
  const SocketOption* option = static_cast<const ProbeRow*>(record)->request.option;
  return option != nullptr ? Get(*option) : Cell::absent();
}
constexpr Field kKindFields[] = {{.key = "socket",
                                  .help = "a kind of socket",
                                  .get = of<Choice, [](const Choice& c) { return Cell::word(c.word); }>}};

Cell own(const std::string& text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }
Cell known(std::string_view text) { return text.empty() ? Cell::absent() : Cell::word(text); }
Cell words(const std::string& text) { return sentence_cell(text); }
Cell value_cell(const ProbeRow& row, bool is_there, const std::string& text) {
  return is_there ? value_cell(row.request, text) : Cell::absent();
}
bool was_read(const std::optional<OptionAnswer>& answer) { return answer && answer->error == 0; }

constexpr Field kRangeFields[] = {
    {.key = "low",
     .help = "first number",
     .get = of<RangeItem, [](const RangeItem& i) { return own(i.low); }>},
    {.key = "high",
     .help = "last number",
     .get = of<RangeItem, [](const RangeItem& i) { return own(i.high); }>},
    {.key = "is",
     .choices = kVerdictChoices,
     .help = "the verdict on them",
     .get = of<RangeItem, [](const RangeItem& i) { return known(i.is); }>},
    {.key = "rule",
     .help = "how they are adjusted",
     .get = of<RangeItem, [](const RangeItem& i) { return known(i.rule); }>},
    {.key = "detail",
     .help = "the same in words, or the error",
     .get = of<RangeItem, [](const RangeItem& i) { return words(i.detail); }>},
};
constexpr Field kLengthFields[] = {
    {.key = "size",
     .type = Type::number,
     .unit = Unit::bytes,
     .help = "length of the value",
     .get = of<LengthItem, [](const LengthItem& i) { return Cell::of(i.size); }>},
    {.key = "error",
     .help = "why it was refused",
     .get = of<LengthItem, [](const LengthItem& i) { return own(i.error); }>},
    {.key = "after",
     .help = "what reads back",
     .get = of<LengthItem, [](const LengthItem& i) { return own(i.after); }>},
};
constexpr Field kExtractFields[] = {
    {.key = "at",
     .help = "as it was asked for",
     .get = of<ExtractItem, [](const ExtractItem& i) { return own(i.spelt); }>},
    {.key = "value",
     .type = Type::number,
     .help = "the number there; absent where the answer is shorter",
     .get = of<ExtractItem, [](const ExtractItem& i) { return i.value; }>},
};

using R = ProbeRow;
constexpr std::uint32_t kBoth = kProbeInTable | kProbeInData;
constexpr Field kFields[] = {
    {.key = "option",
     .head = "Option",
     .groups = kBoth | kProbeInList | kProbeInFacts,
     .help = "the kernel's name; Erlang's for options of its runtime",
     .get = of<R, [](const R& r) { return own(r.name); }>,
     .role = kIdentity | kName},
    {.key = "place",
     .head = "At",
     .groups = kProbeInTable | kProbeInList,
     .help = "level and number",
     .get = of<R, [](const R& r) { return own(r.place); }>,
     .gives_way = 2},
    {.key = "erlang",
     .groups = kProbeInData,
     .help = "the same as Erlang's term",
     .get = of<R, [](const R& r) { return own(r.erlang); }>},
    {.key = "level",
     .type = Type::number,
     .groups = kProbeInData | kProbeInFacts,
     .help = "number of the level",
     .get = of<R,
               [](const R& r) {
                 return r.request.of_kernel() ? Cell::of(static_cast<std::uint64_t>(r.request.level))
                                              : Cell::absent();
               }>,
     .role = kIdentity},
    {.key = "optname",
     .type = Type::number,
     .groups = kProbeInData | kProbeInFacts,
     .help = "number of the option in its level",
     .get = of<R,
               [](const R& r) {
                 return r.request.of_kernel() ? Cell::of(static_cast<std::uint64_t>(r.request.number))
                                              : Cell::absent();
               }>,
     .role = kIdentity},
    {.key = "type",
     .head = "Type",
     .groups = kProbeInData | kProbeInList | kProbeInFacts,
     .help = "what its value is",
     .get = of<R,
               [](const R& r) {
                 return r.request.option != nullptr ? Cell::word(name_of(r.request.option->type))
                                                    : Cell::absent();
               }>},
    {.key = "socket",
     .head = "Socket",
     .groups = kBoth,
     .choices = kSocketKindChoices,
     .help = "kind of the socket",
     .get =
         of<R,
            [](const R& r) { return r.request.of_kernel() ? Cell::word(name_of(r.kind)) : Cell::absent(); }>,
     .gives_way = 3,
     .role = kIdentity | kName},
    {.key = "state",
     .head = "State",
     .groups = kProbeInData,
     .choices = kProbeStateChoices,
     .help = "state of the socket",
     .get =
         of<R,
            [](const R& r) { return r.request.of_kernel() ? Cell::word(name_of(r.state)) : Cell::absent(); }>,
     .gives_way = 1,
     .role = kIdentity},
    {.key = "before",
     .head = "Before",
     .groups = kBoth,
     .help = "the value that was there",
     .get = of<R, [](const R& r) { return value_cell(r, was_read(r.result.trial.before), r.before); }>},
    {.key = "value",
     .head = "Set",
     .groups = kBoth,
     .help = "the value that was set",
     .get = of<R, [](const R& r) { return value_cell(r, r.request.value.has_value(), r.value); }>},
    {.key = "after",
     .head = "After",
     .groups = kBoth,
     .help = "the value read back, after an error too",
     .get = of<R, [](const R& r) { return value_cell(r, was_read(r.result.trial.after), r.after); }>},
    {.key = "verdict",
     .head = "Verdict",
     .groups = kBoth,
     .choices = kVerdictChoices,
     .help = "what the kernel did with the value",
     .get = of<R, [](const R& r) { return verdict_cell(r.result.judgement.verdict); }>},
    {.key = "rule",
     .groups = kProbeInData,
     .choices = std::span(kRuleChoices).subspan(1),
     .help = "how the value was adjusted",
     .get = of<R,
               [](const R& r) {
                 return known(kRuleChoices[static_cast<std::size_t>(r.result.judgement.rule)].word);
               }>},
    {.key = "detail",
     .head = "Why",
     .groups = kBoth,
     .help = "the rule in words, or the error",
     .get = of<R, [](const R& r) { return words(r.result.judgement.detail); }>},
    {.key = "set_error",
     .groups = kProbeInData,
     .help = "the error of the set; Erlang hides most",
     .get = of<R, [](const R& r) { return own(r.set_error); }>},
    {.key = "get_error",
     .groups = kProbeInData,
     .help = "the error of the last read",
     .get = of<R, [](const R& r) { return own(r.get_error); }>},
    {.key = "before_hex",
     .groups = kProbeInData,
     .help = "bytes of the value that was there",
     .get = of<R,
               [](const R& r) {
                 return value_cell(r, was_read(r.result.trial.before) && !secret(r), r.before_hex);
               }>,
     .role = kMoves},
    {.key = "value_hex",
     .groups = kProbeInData,
     .help = "bytes of the value that was set",
     .get = of<R, [](const R& r) { return value_cell(r, r.request.value && !secret(r), r.value_hex); }>,
     .role = kMoves},
    {.key = "after_hex",
     .groups = kProbeInData,
     .help = "bytes of the value read back",
     .get = of<R,
               [](const R& r) {
                 return value_cell(r, was_read(r.result.trial.after) && !secret(r), r.after_hex);
               }>,
     .role = kMoves},
    {.key = "erlang_answer",
     .groups = kProbeInData,
     .help = "what inet:setopts/2 would have answered: it says ok to most failures",
     .get = of<R, [](const R& r) { return known(r.erlang_said); }>},
    {.key = "ranges",
     .type = Type::list,
     .groups = kProbeInData,
     .help = "which numbers fare how (--range)",
     .get = of<R,
               [](const R& r) {
                 return r.range_list.fields != nullptr ? Cell::of(r.range_list) : Cell::absent();
               }>,
     .items = kRangeFields},
    {.key = "lengths",
     .type = Type::list,
     .groups = kProbeInData,
     .help = "which lengths fare how (--lengths)",
     .get = of<R,
               [](const R& r) {
                 return r.length_list.fields != nullptr ? Cell::of(r.length_list) : Cell::absent();
               }>,
     .items = kLengthFields},
    {.key = "extracts",
     .type = Type::list,
     .groups = kProbeInData,
     .help = "members of the answer (--extract)",
     .get = of<R,
               [](const R& r) {
                 return r.extract_list.fields != nullptr ? Cell::of(r.extract_list) : Cell::absent();
               }>,
     .items = kExtractFields},
    {.key = "kernel",
     .groups = kProbeInData,
     .help = "the kernel that was asked, as uname -r",
     .get = of<R, [](const R& r) { return own(r.kernel); }>,
     .role = kMoves},
    {.key = "level_name",
     .groups = kProbeInFacts,
     .help = "the kernel's name of the level",
     .get = fact<[](const SocketOption& o) { return Cell::word(o.level_name); }>},
    {.key = "access",
     .head = "Access",
     .groups = kProbeInList | kProbeInFacts,
     .help = "read-write, read, write or none",
     .get = fact<[](const SocketOption& o) { return Cell::word(access_word(o)); }>,
     .gives_way = 2},
    {.key = "since",
     .head = "Since",
     .groups = kProbeInList | kProbeInFacts,
     .help = "first kernel that has it; absent when that was before 2.6 or is not known",
     .get = fact<[](const SocketOption& o) { return known(o.since); }>,
     .gives_way = 1},
    {.key = "erlang_name",
     .head = "Erlang",
     .groups = kProbeInList | kProbeInFacts,
     .help = "what inet:setopts/2 calls it",
     .get = fact<[](const SocketOption& o) { return known(erlang_name_of(o.name)); }>},
    {.key = "meaning",
     .head = "Meaning",
     .groups = kProbeInList | kProbeInFacts,
     .help = "what it does",
     .get = of<R,
               [](const R& r) {
                 if (r.request.option != nullptr) return Cell::word(r.request.option->meaning);
                 return r.request.erlang != nullptr ? Cell::word(r.request.erlang->meaning) : Cell::absent();
               }>},
    {.key = "unit",
     .groups = kProbeInFacts,
     .help = "unit of a number",
     .get = fact<[](const SocketOption& o) { return known(unit_name(o.more.unit)); }>},
    {.key = "structure",
     .groups = kProbeInFacts,
     .help = "the C structure of the value",
     .get = fact<[](const SocketOption& o) { return known(o.more.structure); }>},
    {.key = "sockets",
     .type = Type::words,
     .groups = kProbeInFacts,
     .help = "sockets that some kernel answers it on",
     .get =
         of<R, [](const R&
                      r) { return r.kind_list.fields != nullptr ? Cell::of(r.kind_list) : Cell::absent(); }>,
     .items = kKindFields},
    {.key = "aliases",
     .groups = kProbeInFacts,
     .help = "other names of the same number",
     .get = fact<[](const SocketOption& o) { return known(o.more.aliases); }>},
    {.key = "harm",
     .groups = kProbeInFacts,
     .help = "what reading it does to the socket's owner; absent when nothing",
     .get = fact<[](const SocketOption& o) { return known(o.more.harm); }>},
    {.key = "effect",
     .groups = kProbeInFacts,
     .help = "what setting it does besides",
     .get = fact<[](const SocketOption& o) { return known(o.more.effect); }>},
    {.key = "moves",
     .groups = kProbeInFacts,
     .help = "another option that setting it changes too",
     .get = fact<[](const SocketOption& o) { return known(o.more.moves); }>},
    {.key = "privilege",
     .groups = kProbeInFacts,
     .help = "the privilege that some of its values take",
     .get = fact<[](const SocketOption& o) { return known(o.more.needs); }>},
    {.key = "irreversible",
     .type = Type::boolean,
     .groups = kProbeInFacts,
     .help = "whether no later set undoes it",
     .get = fact<[](const SocketOption& o) { return Cell::of_bool(o.is(kIrreversible)); }>},
    {.key = "secret",
     .type = Type::boolean,
     .groups = kProbeInFacts,
     .help = "whether its value is a key, which is never shown",
     .get = fact<[](const SocketOption& o) { return Cell::of_bool(o.is(kSecret)); }>},
};
static_assert(sound(kFields) && sound(kRangeFields) && sound(kLengthFields) && sound(kExtractFields));

}  // namespace

Cell sentence_cell(const std::string& text) {
  const bool harmless = std::all_of(text.begin(), text.end(),
                                    [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  return harmless && !text.empty() ? Cell::word(text) : own(text);
}

Cell value_cell(const OptionRequest& request, const std::string& text) {
  // Only what is text to the kernel too can have blanks of others.
  return type_of(request) == ValueType::text || text.empty() ? Cell::untrusted(text) : words(text);
}

Cell verdict_cell(Verdict verdict) {
  const auto tone = [verdict] {
    if (verdict == Verdict::accepted) return Tone::good;
    if (verdict == Verdict::adjusted || verdict == Verdict::ignored) return Tone::warning;
    if (verdict == Verdict::rejected || verdict == Verdict::denied) return Tone::notice;
    return verdict == Verdict::read ? Tone::plain : Tone::faint;
  };
  return Cell::word(name_of(verdict), tone());
}

std::span<const Field> range_item_fields() { return kRangeFields; }
std::span<const Field> length_item_fields() { return kLengthFields; }
std::span<const Field> extract_item_fields() { return kExtractFields; }
std::span<const Field> kind_item_fields() { return kKindFields; }
std::span<const Field> probe_fields() { return kFields; }

}  // namespace inetctl
