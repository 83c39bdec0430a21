#include "core/tcp_ao.h"

#include <array>

#include "core/option_call.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::size_t kRoom = 48;  // struct tcp_ao_info_opt, include/uapi/linux/tcp.h

}  // namespace

TcpAoReader::TcpAoReader(Backend& backend)
    : backend_(backend), option_(find_option(backend.socket_options(), "TCP_AO_INFO")) {}

std::optional<bool> TcpAoReader::ask(const Socket& socket) {
  if (option_ == nullptr || missing_) return std::nullopt;
  ++asked_;
  // The kernel reads the room too, and refuses what is not zero in its reserved bits.
  alignas(8) std::array<std::byte, kRoom> room{};
  OptionCall call{.level = option_->level, .number = option_->number, .bytes = room};
  const Status reached = backend_.call_options(socket, {&call, 1});
  if (reached && call.done()) return true;
  if (reached && call.refusal == "ENOENT") return false;
  if (reached && call.refusal == "ENOPROTOOPT") {
    missing_ = true;
    return std::nullopt;
  }
  if (unknown_++ == 0) first_cause_ = reached ? std::string(call.refusal) : reached.error().message();
  return std::nullopt;
}

void TcpAoReader::explain(Notes& notes) const {
  if (option_ == nullptr) {
    notes.emplace_back("tcp_ao is not known: this platform has no TCP_AO_INFO");
  } else if (missing_) {
    notes.emplace_back("tcp_ao is not known: this kernel has no TCP-AO (CONFIG_TCP_AO, Linux 6.7)");
  } else if (unknown_ > 0) {
    notes.push_back(join("tcp_ao is not known of ", std::to_string(unknown_), " of ", std::to_string(asked_),
                         " sockets: ", first_cause_));
  }
}

}  // namespace inetctl
