#include "core/resolver/cache.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/resolver/types.h"
#include "core/text.h"

namespace inetctl::dns {

namespace {

std::string key_of(std::string_view name, std::uint16_t type) {
  std::string key = std::to_string(type) + ' ';
  for (const char c : name) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return key;
}

std::int64_t least_ttl_us(const Message& message, std::span<const std::size_t> records) {
  std::uint32_t ttl = UINT32_MAX;
  for (const std::size_t i : records) ttl = std::min(ttl, message.records[i].ttl);
  return std::int64_t{ttl} * 1'000'000;
}

}  // namespace

const Cache::Entry* Cache::use(std::string_view name, std::uint16_t type, std::int64_t now_us) {
  const auto found = index_.find(key_of(name, type));
  if (found == index_.end()) return nullptr;
  if (found->second->until_us <= now_us) {
    forget(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return &entries_.front();
}

std::optional<Cache::Found> Cache::find(std::string_view name, std::uint16_t type, std::int64_t now_us) {
  Found found{.canonical = std::string(name), .aliases = {}, .addresses = {}, .names = {}};
  // Chains that were kept from different answers may form a loop.
  for (std::size_t links = 0; links <= entries_.size(); ++links) {
    if (const Entry* const entry = use(found.canonical, type, now_us)) {
      found.addresses = entry->addresses;
      found.names = entry->names;
      std::ranges::reverse(found.aliases);
      return found;
    }
    const Entry* const link = use(found.canonical, type::cname, now_us);
    if (!link) return std::nullopt;
    found.aliases.push_back(std::exchange(found.canonical, link->names.front()));
  }
  return std::nullopt;
}

void Cache::keep(const Outcome& outcome, const Chain& chain, std::int64_t now_us) {
  const Message& message = *outcome.message;
  const auto until_us = [&](std::span<const std::size_t> records) {
    return now_us + least_ttl_us(message, records);
  };
  for (const std::size_t& link : chain.links)
    if (auto target = rdata_name(outcome.reply, message.records[link]))
      store({.key = key_of(owner_name(outcome.reply, message.records[link]), type::cname),
             .addresses = {},
             .names = {std::move(*target)},
             .until_us = until_us({&link, 1})},
            now_us);
  Entry entry{.key = key_of(chain.canonical, outcome.question.type),
              .addresses = {},
              .names = {},
              .until_us = until_us(chain.records)};
  for (const std::size_t i : chain.records) {
    if (const auto address = rdata_address(outcome.reply, message.records[i]))
      entry.addresses.push_back(*address);
    else if (message.records[i].type == type::ptr)
      if (auto name = rdata_name(outcome.reply, message.records[i])) entry.names.push_back(std::move(*name));
  }
  store(std::move(entry), now_us);
}

void Cache::store(Entry entry, std::int64_t now_us) {
  if (entry.records() == 0 || entry.records() > capacity_ || entry.until_us <= now_us) return;
  if (const auto old = index_.find(entry.key); old != index_.end()) forget(old->second);
  count_ += entry.records();
  entries_.push_front(std::move(entry));
  index_.emplace(entries_.front().key, entries_.begin());
  while (count_ > capacity_) forget(std::prev(entries_.end()));
}

void Cache::forget(Entries::iterator entry) {
  count_ -= entry->records();
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace inetctl::dns
