// Getters that the field tables of interfaces share.
#pragma once

#include "core/interface.h"

namespace inetctl {

inline Cell text_or_absent(const std::string& text) {
  return text.empty() ? Cell::absent() : Cell::untrusted(text);
}
inline Cell number_or_absent(const Maybe32& number) { return number ? Cell::of(*number) : Cell::absent(); }

// Of a member of Interface.
template <auto Member>
Cell link_number(const void* row, const Field&) {
  return number_or_absent(static_cast<const InterfaceRow*>(row)->interface.*Member);
}
template <auto Member>
Cell link_text(const void* row, const Field&) {
  return text_or_absent(static_cast<const InterfaceRow*>(row)->interface.*Member);
}
// What only a link has, not a label.
template <auto Get>
Cell of_link(const void* row, const Field&) {
  const auto& typed = *static_cast<const InterfaceRow*>(row);
  return typed.interface.is_link ? Get(typed) : Cell::absent();
}
template <std::size_t N>
Cell word_at(const Choice (&words)[N], const Maybe32& index) {
  return index && *index < N ? Cell::word(words[*index].word) : Cell::absent();
}

}  // namespace inetctl
