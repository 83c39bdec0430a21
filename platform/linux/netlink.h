// Netlink messages and attributes as views over received bytes (RFC 3549 section 2.3,
// include/uapi/linux/netlink.h). Pure: no system call, never reads past the bytes it was given, stops at the
// first thing that does not fit.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/field.h"

namespace inetctl::linux_os {

inline constexpr std::uint16_t kMessageError = 2, kMessageDone = 3;  // NLMSG_ERROR, NLMSG_DONE
inline constexpr std::uint16_t kFlagDumpInterrupted = 0x10;          // NLM_F_DUMP_INTR

struct Message {
  std::uint16_t type = 0, flags = 0;
  Bytes payload;
};

struct Attribute {
  std::uint16_t type = 0;
  Bytes payload;
};

class Messages {
 public:
  explicit Messages(Bytes datagram) : at_(datagram.data()), end_(datagram.data() + datagram.size()) {}
  bool next(Message& message) {
    struct Header {
      std::uint32_t size;
      std::uint16_t type, flags;
      std::uint32_t sequence, port;
    } header;
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (left < sizeof header) return false;
    std::memcpy(&header, at_, sizeof header);
    if (header.size < sizeof header || header.size > left) return false;
    message.type = header.type;
    message.flags = header.flags;
    message.payload = {at_ + sizeof header, header.size - sizeof header};
    const std::size_t aligned = (header.size + std::size_t{3}) & ~std::size_t{3};
    at_ += aligned < left ? aligned : left;
    return true;
  }
  // True when bytes are left that are no whole message.
  [[nodiscard]] bool malformed() const { return at_ != end_; }

 private:
  const std::byte* at_;
  const std::byte* end_;
};

class Attributes {
 public:
  explicit Attributes(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  bool next(Attribute& attribute) {
    struct Header {
      std::uint16_t size, type;
    } header;
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (left < sizeof header) return false;
    std::memcpy(&header, at_, sizeof header);
    if (header.size < sizeof header || header.size > left) return false;
    attribute.type = header.type & 0x3fff;  // without the nested and byte-order flags
    attribute.payload = {at_ + sizeof header, header.size - sizeof header};
    const std::size_t aligned = (header.size + std::size_t{3}) & ~std::size_t{3};
    at_ += aligned < left ? aligned : left;
    return true;
  }

 private:
  const std::byte* at_;
  const std::byte* end_;
};

}  // namespace inetctl::linux_os
