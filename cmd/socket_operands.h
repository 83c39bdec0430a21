// SOCKETS on a command line, the same for every command: protocols, then a filter over any field of a socket.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cmd/command.h"
#include "core/backend.h"
#include "core/filter.h"
#include "core/socket_listing.h"

namespace inetctl {

struct SocketOperands {
  std::uint32_t protocols = 0;  // bits 1 << Protocol; 0 = the usual ones
  Filter filter;
};

[[nodiscard]] Result<SocketOperands> read_socket_operands(Backend& backend, const FieldTable& table,
                                                          std::span<const std::string> words);

// The protocols that the first words name, as bits.
[[nodiscard]] std::uint32_t named_protocols(std::span<const std::string> words);

// What options look like among operands: names to read, or names with a value to set.
enum class OptionWords { names, values };
// Where the options begin: the last operands that read as such, as far as they reach. What SOCKETS ends in
// and would read as an option too stands in quotes, as one operand with blanks.
[[nodiscard]] std::size_t first_option(const Backend& backend, std::span<const std::string> operands,
                                       OptionWords form);

// Sockets with which something failed, and how many for each reason.
class FailedSockets {
 public:
  void add(const Error& error) { ++counts_[error.cause]; }
  // A note for each reason, such as "2 sockets could not be reached: …"; `what` stands before the colon.
  void explain(Notes& notes, std::string_view what) const;

 private:
  std::map<std::string, std::size_t> counts_;
};

// Asks on a terminal; anything but yes is no.
[[nodiscard]] bool is_agreed(Context& context, const std::string& question);
// "1 socket", "7 sockets".
[[nodiscard]] std::string count_text(std::size_t count);

// The sockets that the operands mean, of both families, asked for what fields with these needs show.
[[nodiscard]] SocketSelection selection_of(SocketOperands operands, std::uint32_t needs);

}  // namespace inetctl
