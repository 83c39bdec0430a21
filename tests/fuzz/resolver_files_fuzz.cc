// Any bytes are a file of settings: what its reader skips has a place in it, and what an inetrc sets can be
// told as a term and as rows. The first byte says which file it is.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/resolver/setting_row.h"

using namespace inetctl;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const std::vector<Error>& errors) {
  for (const Error& error : errors)
    require(!error.cause.empty() && (!error.place || error.place->offset <= error.place->text.size()));
}

void check(SystemSettings settings) {
  check(settings.problems);
  finish(settings.rows);
  for (const SettingRow& row : settings.rows) {
    require(!row.origin_text.empty());
    for (const Field& field : kSettingRowFields) (void)field.get(&row, field);
  }
}

// An inetrc that may name itself as each of its files.
void check_inetrc(std::string_view text) {
  const inet::ReadFile read = [text](const std::string& path) -> Result<std::string> {
    if (path == "/a" || path == "/rc") return std::string(text);
    return Error{Kind::unsupported, "read", path, "there is no such file"};
  };
  for (const unsigned otp : {inet::kOtp25, inet::kOtp27}) {
    const inet::Loaded loaded = inet::load({"vm.ex.org", "", "/etc", false, otp}, "/rc", read);
    check(loaded.notes);
    if (loaded.error) check({*loaded.error});
    require(loaded.starts || loaded.error);
    const Term rc = get_rc(loaded.settings, otp);
    const auto again = read_term(write_term(rc));
    require(again.has_value() && *again == rc);
    std::vector<SettingRow> rows = rows_of(loaded.settings, otp);
    check(SystemSettings{std::move(rows), {}});
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string path = "/f";
  SystemSettings to;
  switch (data[0]) {
    case 'h':
      check(inet::read_hosts(text, path).skipped);
      read_system_hosts(text, path, to);
      break;
    case 'r':
      check(inet::read_resolv_conf(text, path).skipped);
      read_system_resolv_conf(text, path, ResolverKind::system, to);
      break;
    case 'n':
      read_nsswitch(text, path, to);
      break;
    case 'c':
      read_host_conf(text, path, to);
      break;
    case 'g':
      read_gai_conf(text, path, to);
      break;
    case 'o':
      read_resolver_options(text, {"", 0, "environment"}, ResolverKind::system, to);
      break;
    case 'l':
      for (const auto format : {inet::FileFormat::host_conf_freebsd, inet::FileFormat::host_conf_bsdos,
                                inet::FileFormat::host_conf_linux, inet::FileFormat::nsswitch_conf})
        check(inet::read_lookup_file(format, text, path).skipped);
      break;
    default:
      check_inetrc(text);
  }
  check(std::move(to));
  return 0;
}
