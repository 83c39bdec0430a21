#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/btf_value.h"

namespace inetctl::test {

// Types (BTF): a blob made word by word, as a compiler would write it.
class BtfBlob {
 public:
  std::uint32_t name(std::string_view text) {
    const auto at = static_cast<std::uint32_t>(strings_.size());
    (strings_ += text) += '\0';
    return at;
  }
  std::uint32_t type(std::string_view called, unsigned kind, unsigned count, std::uint32_t size,
                     std::initializer_list<std::uint32_t> rest = {}, bool flag = false) {
    words_.push_back(called.empty() ? 0 : name(called));
    words_.push_back(kind << 24 | count | (flag ? 1U << 31 : 0));
    words_.push_back(size);
    words_.insert(words_.end(), rest);
    return ++last_;
  }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    const auto size = static_cast<std::uint32_t>(4 * words_.size());
    const std::uint32_t head[] = {std::endian::native == std::endian::little ? 0x0001eb9fU : 0xeb9f0100U,
                                  24,
                                  0,
                                  size,
                                  size,
                                  static_cast<std::uint32_t>(strings_.size())};
    std::vector<std::byte> made(24 + size + strings_.size());
    std::memcpy(made.data(), head, 24);
    if (size != 0) std::memcpy(made.data() + 24, words_.data(), size);
    std::memcpy(made.data() + 24 + size, strings_.data(), strings_.size());
    return made;
  }
  std::string text(std::uint32_t type, std::string_view value) const {
    const std::vector<std::byte> blob = bytes();
    const auto types = BtfTypes::read(blob);
    if (!types) return "malformed";
    return types->value_text(type, Bytes(reinterpret_cast<const std::byte*>(value.data()), value.size()))
        .value_or("absent");
  }

 private:
  std::string strings_ = std::string(1, '\0');
  std::vector<std::uint32_t> words_;
  std::uint32_t last_ = 0;
};

}  // namespace inetctl::test
