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
  std::uint32_t size = 0;      // of the answer, at most bytes.size(); 0 after a set
  std::string_view refusal{};  // the system's name for why not ("ENOPROTOOPT"); empty: it was done

  [[nodiscard]] std::span<const std::byte> answer() const { return bytes.first(size); }
};

}  // namespace inetctl
