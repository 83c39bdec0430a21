#include "platform/nosupport/backend.h"

#include "platform/tcp_info_layouts.h"

namespace inetctl::nosupport {

namespace {

// Every answer is Backend's own "cannot do this".
class NoSupport final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "unsupported"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  [[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts() const override {
    return known_tcp_info_layouts();
  }
};

}  // namespace

std::unique_ptr<Backend> make_backend() { return std::make_unique<NoSupport>(); }

}  // namespace inetctl::nosupport
