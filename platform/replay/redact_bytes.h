// Netlink messages taken apart and put together again, for redaction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include "platform/linux/netlink.h"

namespace inetctl::replay {

template <class List, class Value>
bool has(const List& list, const Value& value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Number>
void put(std::string& to, Number number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

inline void put_attribute(std::string& to, std::uint16_t type, std::string_view payload) {
  constexpr std::size_t kHeader = 4;  // struct nlattr
  put(to, static_cast<std::uint16_t>(kHeader + payload.size()));
  put(to, type);
  to += payload;
  to.resize((to.size() + 3) & ~std::size_t{3});
}

template <class Take>
void each_attribute(std::string_view bytes, Take take) {
  linux_os::Attributes attributes(as_bytes(bytes));
  for (linux_os::Attribute attribute; attributes.next(attribute);)
    take(attribute.type, as_text(attribute.payload));
}

// The number at this place becomes another; nothing happens where the bytes end before it.
template <class Replace>
void replace_number(std::string& bytes, std::size_t at, Replace&& replace) {
  std::uint32_t number = 0;
  if (bytes.size() < at + sizeof number) return;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  number = replace(number);
  std::memcpy(bytes.data() + at, &number, sizeof number);
}

}  // namespace inetctl::replay
