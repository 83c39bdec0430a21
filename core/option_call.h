// One getsockopt or setsockopt, as bytes: what is asked of a live socket, and what it answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace inetctl {

struct OptionCall {
  std::int32_t level = 0, number = 0;
  bool set = false;
  // A get: the room for the answer, which may be read too (some options take an argument). A set: the value.
  std::span<std::byte> bytes{};
  std::int32_t only_if = -1;   // made only when the call at this earlier place was done; -1: always
  std::uint32_t size = 0;      // of the answer, at most bytes.size(); 0 after a set
  int error = 0;               // the system's number for why not; 0: it was done, or it was not made
  std::string_view refusal{};  // its name ("ENOPROTOOPT"); empty as above
  bool made = false;

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
  [[nodiscard]] bool done() const { return made && refusal.empty(); }
  [[nodiscard]] std::span<const std::byte> answer() const { return bytes.first(size); }
};

}  // namespace inetctl
