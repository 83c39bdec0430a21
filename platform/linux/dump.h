// A dump of netlink under way: what the answer's messages mean, and whether it is complete.
#pragma once

#include <cstring>
#include <string>

#include "core/result.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

// What became of one message: a row of the answer, something that could not be understood, or a row after
// which nobody wants more.
enum class Taken : std::uint8_t { row, malformed, last };

// `one` is called with the payload of each message of the answer.
template <class One>
class Dump {
 public:
  explicit Dump(One one) : one_(one) {}

  // False when no further datagram is wanted.
  bool datagram(Bytes bytes) {
    Messages messages(bytes);
    for (Message message; messages.next(message);)
      if (!take(message)) return false;
    if (messages.malformed()) ++malformed_;
    return true;
  }

  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  [[nodiscard]] std::size_t malformed() const { return malformed_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  bool take(const Message& message) {
    if (message.flags & kFlagDumpInterrupted) interrupted_ = true;
    if (message.type == kMessageDone || message.type == kMessageError) {
      std::int32_t status = 0;
      if (message.payload.size() >= sizeof status)
        std::memcpy(&status, message.payload.data(), sizeof status);
      error_ = status < 0 ? -status : 0;
      return false;
    }
    const Taken taken = one_(message.payload);
    if (taken == Taken::malformed) {
      ++malformed_;
      return true;
    }
    ++rows_;
    stopped_ = taken == Taken::last;
    return !stopped_;
  }

  One one_;
  int error_ = 0;
  bool stopped_ = false, interrupted_ = false;
  std::size_t malformed_ = 0, rows_ = 0;
};

// Why the kernel did not list; Kind::unsupported where it has no such dump.
[[nodiscard]] Error dump_error(const std::string& object, int number);

// What an answer that came to its end lacks all the same, as notes. An interrupted one is told and not asked
// for again: its rows have gone out by then, and no sock_diag of Linux 6.12 marks an answer so. The dumps of
// rtnetlink do, and are asked for again (interfaces.h).
[[nodiscard]] std::string interrupted_note(const std::string& object);
[[nodiscard]] std::string malformed_note(const std::string& object, std::size_t messages);

}  // namespace inetctl::linux_os
