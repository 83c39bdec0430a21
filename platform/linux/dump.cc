#include "platform/linux/dump.h"

#include <cerrno>

#include "core/text.h"

namespace inetctl::linux_os {

Error dump_error(const std::string& object, int number) {
  const bool missing =
      number == ENOENT || number == EINVAL || number == EOPNOTSUPP || number == EPROTONOSUPPORT;
  const char* name = strerrorname_np(number);
  return {missing           ? Kind::unsupported
          : number == EPERM ? Kind::denied
                            : Kind::system,
          "list", object, join("the kernel answers ", name ? name : "an error")};
}

std::string interrupted_note(const std::string& object) {
  return join("the dump of ", object, " was interrupted: some may be missing or told twice");
}

std::string malformed_note(const std::string& object, std::size_t messages) {
  return join(std::to_string(messages), " messages about ", object, " could not be understood");
}

}  // namespace inetctl::linux_os
