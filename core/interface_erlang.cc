// An interface as Erlang writes the element of inet:getifaddrs/0's list.
#include "core/interface.h"
#include "core/text.h"

namespace inetctl {

namespace {

using Numbers = std::vector<std::uint16_t>;

template <class Item, class Put>
void append_joined(std::string& to, std::string_view brackets, const Item& items, Put put) {
  to += brackets[0];
  bool first = true;
  for (const auto& item : items) {
    if (!first) to += ',';
    first = false;
    put(item);
  }
  to += brackets[1];
}

void append_numbers(std::string& to, std::string_view brackets, const Numbers& numbers) {
  append_joined(to, brackets, numbers, [&](std::uint16_t number) { to += std::to_string(number); });
}

// Erlang takes the bytes of a name for Latin-1; io prints those as text that are all printable ASCII.
void append_name(std::string& to, const std::string& name) {
  Numbers bytes;
  bool printable = true;
  for (const char c : name) {
    bytes.push_back(static_cast<unsigned char>(c));
    printable = printable && c >= ' ' && c <= '~';
  }
  if (!printable) return append_numbers(to, "[]", bytes);
  to += '"';
  for (const char c : name) {
    if (c == '"' || c == '\\') to += '\\';
    to += c;
  }
  to += '"';
}

void append_address(std::string& to, const Address& address) {
  Numbers numbers;
  if (address.family == Family::inet)
    numbers.assign(address.bytes.begin(), address.bytes.begin() + 4);
  else
    for (std::size_t i = 0; i < 16; i += 2)
      numbers.push_back(static_cast<std::uint16_t>(address.bytes[i] << 8 | address.bytes[i + 1]));
  append_numbers(to, "{}", numbers);
}

}  // namespace

void append_erlang_interface(std::string& to, const Interface& interface) {
  to += '{';
  append_name(to, interface.name);
  to += ',';
  append_joined(to, "[]", inet_options(interface), [&](const InetOption& option) {
    to += join("{", option.word, ",");
    if (option.word == "flags")
      append_joined(to, "[]", option.flags, [&](std::string_view word) { to += word; });
    else if (option.word == "hwaddr")
      append_numbers(to, "[]", option.bytes);
    else
      append_address(to, option.address);
    to += '}';
  });
  to += '}';
}

}  // namespace inetctl
