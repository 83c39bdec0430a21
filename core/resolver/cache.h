// What a node remembers of DNS answers: records by name and type for as long as their TTL, the least recently
// used forgotten first (inet_db's cache).
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/address.h"
#include "core/resolver/search.h"

namespace inetctl::dns {

// Unlike inet_db it keeps all records of a name and type or none of them, so that no answer lacks a part, and
// only those that belong to a question, not whatever else a server put into its answer.
class Cache {
 public:
  // records: how many it holds at most; 0: none.
  explicit Cache(std::size_t records = 0) : capacity_(records) {}
  Cache(Cache&&) = default;
  Cache& operator=(Cache&&) = default;

  // What stands behind a name: the end of its CNAME chain as `follow` would have it, and addresses or names.
  struct Found {
    std::string canonical;
    std::vector<std::string> aliases;
    std::vector<Address> addresses;  // of A and AAAA
    std::vector<std::string> names;  // of PTR
  };
  [[nodiscard]] std::optional<Found> find(std::string_view name, std::uint16_t type, std::int64_t now_us);
  // Of an outcome that has an answer: its chain and its records of the types A, AAAA, PTR. TTL 0 is not kept.
  void keep(const Outcome& outcome, const Chain& chain, std::int64_t now_us);
  [[nodiscard]] std::size_t records() const { return count_; }

 private:
  struct Entry {
    std::string key;
    std::vector<Address> addresses;
    std::vector<std::string> names;  // of PTR; of CNAME one
    std::int64_t until_us = 0;
    [[nodiscard]] std::size_t records() const { return addresses.size() + names.size(); }
  };
  using Entries = std::list<Entry>;  // most recently used first

  const Entry* use(std::string_view name, std::uint16_t type, std::int64_t now_us);
  void store(Entry entry, std::int64_t now_us);
  void forget(Entries::iterator entry);

  std::size_t capacity_, count_ = 0;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> index_;
};

}  // namespace inetctl::dns
