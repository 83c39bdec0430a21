#include "platform/nosupport/backend.h"

#include "platform/posix/interfaces.h"
#include "platform/tcp_info_layouts.h"

namespace inetctl::nosupport {

namespace {

// Nearly every answer is Backend's own "cannot do this".
class NoSupport final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "unsupported"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  Result<std::vector<Interface>> interfaces(std::uint32_t, Notes&) override { return posix::interfaces(); }
  [[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts() const override {
    return known_tcp_info_layouts();
  }
};

}  // namespace

std::unique_ptr<Backend> make_backend() { return std::make_unique<NoSupport>(); }

}  // namespace inetctl::nosupport
