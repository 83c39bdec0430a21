#include "platform/posix/resolver/live_system.h"

#include <array>

#include <sys/random.h>

#include "platform/posix/resolver/live_files.h"
#include "platform/posix/resolver/live_idn.h"
#include "platform/posix/resolver/live_native.h"
#include "platform/posix/resolver/live_network.h"
#include "platform/posix/resolver/live_records.h"
#include "platform/posix/resolver/live_validation.h"

namespace inetctl::posix {

namespace {

class LiveResolver final : public ResolverSystem {
 public:
  Result<NativeAnswer> native(const NativeQuery& query) override { return ask_native(query); }
  Status native_bulk(unsigned threads, const NativeBulk& bulk) override {
    return ask_native_bulk(threads, bulk);
  }
  Result<std::unique_ptr<dns::Network>> network(const NetworkNeeds& needs) override {
    return open_network(needs);
  }
  Result<dns::RecordData> record_data(dns::Bytes message, const dns::Record& record) override {
    return posix::record_data(message, record);
  }
  Result<Validation> validate(const dns::Question& question, std::span<const Endpoint> servers,
                              const std::string& trust_anchor, std::uint32_t timeout_ms) override {
    return posix::validate(question, servers, trust_anchor, timeout_ms);
  }
  Result<std::string> to_ascii(std::string_view name) override { return posix::to_ascii(name); }
  std::string to_unicode(std::string_view name) override { return posix::to_unicode(name); }
  std::uint16_t random_id() override {
    if (next_id_ == ids_.size()) draw_ids();
    return ids_[next_id_++];
  }
  Result<std::string> read_file(const std::string& path) override { return posix::read_file(path); }
  std::string environment(const std::string& name) override { return posix::environment(name); }

 private:
  // So few bytes come whole or, before the kernel's pool is ready, after a wait.
  void draw_ids() {
    while (::getrandom(ids_.data(), sizeof ids_, 0) != static_cast<ssize_t>(sizeof ids_)) continue;
    next_id_ = 0;
  }

  std::array<std::uint16_t, 128> ids_{};
  std::size_t next_id_ = ids_.size();
};

}  // namespace

std::unique_ptr<ResolverSystem> make_resolver_system() { return std::make_unique<LiveResolver>(); }

}  // namespace inetctl::posix
