// The members of Linux's struct tcp_info as rows (include/uapi/linux/tcp.h, up to 7.1).
// Offsets are the same on 32 and 64 bits: every u64 is aligned by its place.
#pragma once

#include <span>
#include <string_view>

#include "core/tcp_info.h"

namespace inetctl::linux_os {

// Kernel release as in uname -r ("6.18.44-amd64"). The last four bytes have two layouts of the same length:
// two u16 in 6.18 and 6.19, one u32 of bit-fields from 7.0 on; only the release tells which.
// After the members come fields that follow from them.
[[nodiscard]] std::span<const Field> tcp_info_fields(std::string_view release);

// The same as fields of SocketEvent.
[[nodiscard]] std::span<const Field> tcp_info_event_fields(std::string_view release);

// Both layouts, as `info --decode` names them.
[[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts();

// A member by its key, for what the decoder itself needs; for use at compile time and in tests.
[[nodiscard]] const Field& tcp_info_field(std::string_view key);

}  // namespace inetctl::linux_os
