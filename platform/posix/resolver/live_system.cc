#include "platform/posix/resolver/live_system.h"

#include "platform/posix/resolver/live_files.h"

namespace inetctl::posix {

namespace {

Error not_here(std::string operation) {
  return {Kind::unsupported, std::move(operation), "", "this build reads only the resolver's files"};
}

// The files and the environment; what asks names and networks is told that it is not here.
class FileSystem final : public ResolverSystem {
 public:
  Result<NativeAnswer> native(const NativeQuery&) override { return not_here("ask the system's resolver"); }
  Status native_bulk(unsigned, const std::function<bool(NativeQuery&)>&,
                     const std::function<bool(std::size_t, const NativeAnswer&)>&) override {
    return not_here("ask the system's resolver");
  }
  Result<std::unique_ptr<dns::Network>> network(const NetworkNeeds&) override {
    return not_here("ask name servers");
  }
  Result<RecordData> record_data(dns::Bytes, const dns::Record&) override {
    return not_here("decode record data");
  }
  Result<Validation> validate(const dns::Question&, std::span<const Endpoint>, const std::string&) override {
    return not_here("validate");
  }
  Result<std::string> to_ascii(std::string_view) override { return not_here("encode the name"); }
  std::string to_unicode(std::string_view name) override { return std::string(name); }
  std::uint16_t random_id() override { return 0; }
  Result<std::string> read_file(const std::string& path) override { return posix::read_file(path); }
  std::string environment(const std::string& name) override { return posix::environment(name); }
};

}  // namespace

std::unique_ptr<ResolverSystem> make_resolver_system() { return std::make_unique<FileSystem>(); }

}  // namespace inetctl::posix
