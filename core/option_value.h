// Values of socket options: the bytes that the kernel takes and gives, as text and back. Bytes are kept in
// std::string; numbers in them are in host order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/socket_option.h"

namespace inetctl {

// What is read into before the kernel is asked: some options want exactly their size.
[[nodiscard]] std::size_t room_for(const SocketOption& option);

// The value as one types it: `true`, `120`, `{true,5}`, `1.5s`, `cubic`; hexadecimal digits where the type
// has no other form or the length is not the type's. Text from the kernel is not escaped.
[[nodiscard]] std::string show_value(const SocketOption& option, std::string_view bytes);

// And back. `true`, `on`, `no`; `30`, `0x1e`, `64k` (powers of 1024), `30s` or `200ms` where the value is a
// time, `infinity`; a word of the option; `{true,5}` or `on,5` for linger; `1.5s` or `{1,500000}` for a
// timeval; GROUP[,ADDRESS|any[,INDEX]] for a membership; FIRST-LAST for ports. For any option also a form
// that says its bytes, as read_bytes. Errors are Kind::usage and say what is taken.
[[nodiscard]] Result<std::string> read_value(const SocketOption& option, std::string_view text);

// `i32:30`, `u8:1`, `hex:1e000000`, `str:bbr`: the same for every option. Nothing when the text has no such
// prefix.
[[nodiscard]] std::optional<Result<std::string>> read_bytes(std::string_view text);

// Numbers: those types whose values are one, of 1, 2, 4 or 8 bytes.
[[nodiscard]] bool is_number(ValueType type);
[[nodiscard]] std::optional<std::int64_t> number_in(ValueType type, std::string_view bytes);
// The lowest and highest number that the type can say.
[[nodiscard]] std::int64_t lowest(ValueType type);
[[nodiscard]] std::int64_t highest(ValueType type);
// The bytes of a number, as long as the type wants it.
[[nodiscard]] std::string number_bytes(ValueType type, std::int64_t number);

// "0xfc".
[[nodiscard]] std::string hex_text(std::int64_t number);
// Nothing when the text is no even number of hexadecimal digits.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

}  // namespace inetctl
