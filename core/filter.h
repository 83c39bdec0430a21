// The filter language: which records to keep. A superset of ss's, over every field of the table.
//
//   expression := [or]
//   or         := and (("or" | "|" | "||") and)*
//   and        := term ([and-word] term)*          juxtaposition is "and"; `and` binds tighter than `or`
//   term       := ("not" | "!") term | "(" or ")" | states | predicate
//   states     := ("state" WORD | "exclude" WORD | "excl" WORD)+
//   predicate  := FIELD OP VALUE | FIELD ["not"] "in" "(" VALUE ("," VALUE)* ")" | FIELD "~" REGEX | FIELD
//   "!~" REGEX
//               | FIELD                            (present and not false, zero, empty or unspecified)
//               | (src|dst) [OP] HOST[/LEN][:PORT] | (sport|dport) [OP] [:]PORT | dev [OP] NAME
//               | fwmark [OP] VALUE[/MASK] | cgroup [OP] PATH | autobound
//   OP         := = == eq | != ne neq | > gt | < lt | >= ge geq | <= le leq
//
// Blanks are free. Values: numbers with units (10ms, 64k, 1.5MiB), addresses and prefixes, service and host
// names, words, "quoted text". A field that is absent matches no comparison, not even !=, while `not (x = 1)`
// holds for it.
//
// states     several in a row work on one set as in ss: `state A state B` is the union, `exclude C` takes
// away. WORD
//            means what it means to ss (`state close` has UNCONN too); `state = CLOSE` means the one word.
// names      a host with several addresses, a service with several ports: `=` is any of them, `!=` none of
// them. addresses  an IPv4 value matches IPv4-mapped addresses; order is by value, and only within one
// family. lists      a comparison holds when it holds for any item: `owner.pid = 12`, or `pid = 12` for
// short; for none:
//            `not pid = 12`. Such comparisons that one chain of `and` joins speak of the same item (`pid = 12
//            and fd = 7`); in parentheses of its own, `(pid = 12) and (fd = 7)`, each speaks for itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/field.h"
#include "core/pushdown.h"
#include "core/result.h"

namespace inetctl {

// How names in a filter become numbers; a platform's resolver in the program, tables in tests.
struct FilterNames {
  std::function<std::vector<Address>(std::string_view)> addresses;
  std::function<std::vector<std::uint16_t>(std::string_view)> ports;
  // For `dev 3`: the name of the interface with that index, "" when there is none.
  std::function<std::string(std::uint32_t)> interface_name;
  // For `cgroup PATH`: the number by which the kernel knows it.
  std::function<std::optional<std::uint64_t>(std::string_view)> cgroup;
  // For `autobound`: the ports that the system gives to sockets that ask for none, first and last.
  std::pair<std::uint16_t, std::uint16_t> automatic_ports{32768, 60999};
};

struct FilterNode;  // the expression, private to filter.cc

class Filter {
 public:
  Filter();  // lets everything through
  ~Filter();
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;

  // Errors are Kind::usage with the place of the mistake.
  static Result<Filter> parse(std::string_view text, const FieldTable& fields, const FilterNames& names);
  // The words of the grammar beside the fields' keys, separated by blanks: what a shell may offer.
  static std::string_view keywords();
  // Both must hold.
  static Filter both(Filter a, Filter b);

  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool matches(const void* record) const;
  // What the backend must be asked for to decide.
  [[nodiscard]] std::uint32_t needs() const;
  // Splits into a part that needs none of `needs` and the rest; both must hold. For work that is dear to
  // fetch.
  [[nodiscard]] std::pair<Filter, Filter> split(std::uint32_t needs) &&;
  // What the kernel may check for us, for a table of Socket.
  [[nodiscard]] PushDown push_down() const;
  // True when the text named states itself, so that the default choice of states gives way.
  [[nodiscard]] bool names_states() const;

 private:
  explicit Filter(std::unique_ptr<FilterNode> root, bool names_states);
  std::unique_ptr<FilterNode> root_;
  bool names_states_ = false;
};

}  // namespace inetctl
