// Memory that is used again: of a hundred thousand lookups one after the other each fills the same few
// places.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace inetctl::dns {

// A list whose items keep what they allocated when it is cleared.
template <class Item>
class Reused {
 public:
  // The next item, as whoever used it last left it: all of it is to be set.
  Item& add() {
    if (size_ == items_.size()) items_.emplace_back();
    return items_[size_++];
  }
  void clear() { size_ = 0; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Item& operator[](std::size_t n) { return items_[n]; }
  [[nodiscard]] const Item& operator[](std::size_t n) const { return items_[n]; }
  [[nodiscard]] Item& back() { return items_[size_ - 1]; }
  [[nodiscard]] const Item* begin() const { return items_.data(); }
  [[nodiscard]] const Item* end() const { return items_.data() + size_; }

 private:
  std::vector<Item> items_;
  std::size_t size_ = 0;
};

// A value or none, as std::optional, which keeps what it allocated while there is none.
template <class Value>
class Kept {
 public:
  // A cleared value that is there from now on.
  Value& make() {
    is_there_ = true;
    value_.clear();
    return value_;
  }
  void reset() { is_there_ = false; }
  void swap(Kept& other) noexcept {
    std::swap(value_, other.value_);
    std::swap(is_there_, other.is_there_);
  }

  explicit operator bool() const { return is_there_; }
  [[nodiscard]] Value& operator*() { return value_; }
  [[nodiscard]] const Value& operator*() const { return value_; }
  [[nodiscard]] Value* operator->() { return &value_; }
  [[nodiscard]] const Value* operator->() const { return &value_; }

 private:
  Value value_{};
  bool is_there_ = false;
};

}  // namespace inetctl::dns
