// A kernel with one option whose behaviour is a function: what a value becomes, or the error it meets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/fresh_sockets.h"

namespace inetctl::test {

inline std::string int_bytes(std::int64_t number) {
  const auto value = static_cast<std::uint32_t>(static_cast<std::uint64_t>(number));
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}
inline std::int32_t int_of(std::string_view bytes) {
  std::int32_t value = 0;
  std::memcpy(&value, bytes.data(), std::min<std::size_t>(bytes.size(), 4));
  return value;
}

// What a set does: an error, and the value that the socket has then (none: as before).
struct Outcome {
  int error = 0;
  std::optional<std::string> value = {};
};

struct FakeSocketCalls {
  std::string initial = int_bytes(0);
  std::function<Outcome(std::string_view given, const std::string& now)> set;
  int get_error = 0;
  std::size_t opened = 0, got = 0, set_count = 0;
};

class FakeSockets final : public FreshSockets {
 public:
  explicit FakeSockets(FakeSocketCalls& kernel) : kernel_(kernel) {}
  Result<std::unique_ptr<ProbeSocket>> open(SocketKind kind, ProbeState) override {
    if (kind == SocketKind::sctp) return Error{Kind::unsupported, "open", "sctp socket", "EPROTONOSUPPORT"};
    ++kernel_.opened;
    return std::unique_ptr<ProbeSocket>(std::make_unique<One>(kernel_));
  }
  [[nodiscard]] std::string error_name(int error) const override { return "E" + std::to_string(error); }
  [[nodiscard]] std::string kernel() const override { return "fake"; }

 private:
  class One final : public ProbeSocket {
   public:
    explicit One(FakeSocketCalls& kernel) : kernel_(kernel), value_(kernel.initial) {}
    OptionAnswer get(std::int32_t, std::int32_t, std::size_t room) override {
      ++kernel_.got;
      if (kernel_.get_error != 0) return {kernel_.get_error, ""};
      return {0, value_.substr(0, room)};
    }
    int set(std::int32_t, std::int32_t, std::string_view bytes) override {
      ++kernel_.set_count;
      Outcome outcome = kernel_.set(bytes, value_);
      if (outcome.value) value_ = *std::move(outcome.value);
      return outcome.error;
    }

   private:
    FakeSocketCalls& kernel_;
    std::string value_;
  };

  FakeSocketCalls& kernel_;
};

}  // namespace inetctl::test
