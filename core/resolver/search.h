// A name as somebody typed it, by inet's search rules: which absolute names are asked about in which order,
// and on which servers. As Exchange it does no input or output; a bulk lookup drives thousands of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/resolver/exchange.h"

namespace inetctl::dns {

struct SearchList {
  std::vector<std::string> domains;  // inet's `search`; when empty, its `domain`
  std::string domain;
  bool absolute_last = false;  // OTP 28.4: the bare name is asked about at the end as well
  bool off = false;            // only the name as it is
};

class Search {
 public:
  // `client` and `list` outlive it.
  Search(const Client& client, const SearchList& list, std::string name, std::uint16_t type,
         std::uint16_t (*next_id)());
  [[nodiscard]] Step start();
  [[nodiscard]] Step on(const Event& event);
  [[nodiscard]] Step resume();
  // What decided, with the tries of all names; its question is the name that was answered.
  [[nodiscard]] Outcome& outcome();
  // The absolute names that were asked about, in order.
  [[nodiscard]] const std::vector<std::string>& searched() const;

 private:
};

// The records of an answer that belong to the question: its CNAME chain followed (at most 10 links, a loop is
// nxdomain), then those of the asked type.
struct Chain {
  std::string canonical;             // the end of the chain
  std::vector<std::string> aliases;  // the names before it, nearest the end first: inet's order
  std::vector<std::size_t> records;  // indices into Message::records
  bool loop = false;
};
[[nodiscard]] Chain follow(Bytes reply, const Message& message, const Question& question);

}  // namespace inetctl::dns
