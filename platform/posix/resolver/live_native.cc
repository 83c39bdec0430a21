#include "platform/posix/resolver/live_native.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/text.h"
#include "platform/linux/live_system.h"
#include "platform/posix/resolver/live_services.h"
#include "platform/posix/socket_address.h"

namespace inetctl::posix {

namespace {

struct LibcError {
  int number;
  std::string_view name;
};
constexpr LibcError kAddrinfoErrors[] = {
    {EAI_NONAME, "EAI_NONAME"}, {EAI_NODATA, "EAI_NODATA"}, {EAI_AGAIN, "EAI_AGAIN"},
    {EAI_FAIL, "EAI_FAIL"},     {EAI_FAMILY, "EAI_FAMILY"}, {EAI_ADDRFAMILY, "EAI_ADDRFAMILY"},
    {EAI_MEMORY, "EAI_MEMORY"}, {EAI_SYSTEM, "EAI_SYSTEM"}, {EAI_OVERFLOW, "EAI_OVERFLOW"},
};
constexpr LibcError kHostErrors[] = {
    {HOST_NOT_FOUND, "HOST_NOT_FOUND"}, {TRY_AGAIN, "TRY_AGAIN"},
    {NO_RECOVERY, "NO_RECOVERY"},       {NO_DATA, "NO_DATA"},
    {NETDB_INTERNAL, "NETDB_INTERNAL"},
};

template <std::size_t N>
std::string error_name(const LibcError (&errors)[N], int number) {
  for (const LibcError& error : errors)
    if (error.number == number) return std::string(error.name);
  return std::to_string(number);
}

void fail_by_addrinfo(NativeAnswer& answer, int error, int system_error) {
  answer.failure = error_name(kAddrinfoErrors, error);
  answer.no_data = error == EAI_NODATA || error == EAI_ADDRFAMILY;
  answer.negative = error == EAI_NONAME || answer.no_data;
  answer.reason =
      error == EAI_SYSTEM ? linux_os::system_error("", "", system_error).cause : ::gai_strerror(error);
}

void fail_by_hostent(NativeAnswer& answer, int error, int system_error) {
  answer.failure = error_name(kHostErrors, error);
  answer.no_data = error == NO_DATA;
  answer.negative = error == HOST_NOT_FOUND || answer.no_data;
  answer.reason = error == NETDB_INTERNAL && system_error != 0
                      ? linux_os::system_error("", "", system_error).cause
                      : ::hstrerror(error);
}

void add_address(NativeAnswer& answer, const Address& address) {
  const auto is_same = [&](const NativeAddress& known) { return known.address == address; };
  if (address.family != Family::none &&
      std::none_of(answer.addresses.begin(), answer.addresses.end(), is_same))
    answer.addresses.push_back({address, {}});
}

void add_alias(NativeAnswer& answer, const std::string& alias) {
  if (alias != answer.canonical &&
      std::find(answer.aliases.begin(), answer.aliases.end(), alias) == answer.aliases.end())
    answer.aliases.push_back(alias);
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

int get_addrinfo(const NativeQuery& query, int flags, Addresses& to) {
  addrinfo hints{};
  hints.ai_family = query.inet && query.inet6 ? AF_UNSPEC : query.inet ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_STREAM;  // one entry an address, not one for each type
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(query.name.c_str(), nullptr, &hints, &list);
  to.reset(error == 0 ? list : nullptr);
  return error;
}

void by_addrinfo(const NativeQuery& query, NativeAnswer& answer) {
  Addresses list(nullptr, &::freeaddrinfo);
  answer.numeric = get_addrinfo(query, AI_NUMERICHOST, list) == 0;
  if (!answer.numeric)
    if (const int error = get_addrinfo(query, AI_CANONNAME, list))
      return fail_by_addrinfo(answer, error, errno);
  if (list && list->ai_canonname && !answer.numeric) answer.canonical = list->ai_canonname;
  for (const addrinfo* entry = list.get(); entry; entry = entry->ai_next)
    add_address(answer, to_address(*entry->ai_addr));
}

Address address_of(int family, const char* bytes) {
  Address address;
  address.family = family == AF_INET ? Family::inet : Family::inet6;
  std::copy_n(bytes, family == AF_INET ? 4 : 16, address.bytes.begin());
  return address;
}

// Calls one of the gethostby…_r functions with as much room as it needs; adds what it finds.
template <class Call>
bool by_hostent(const Call& call, NativeAnswer& answer) {
  std::vector<char> room(4096);
  hostent entry{};
  hostent* found = nullptr;
  int error = 0, status = 0;
  while ((status = call(&entry, room.data(), room.size(), &found, &error)) == ERANGE &&
         room.size() < 1U << 24U)
    room.resize(room.size() * 4);
  if (found == nullptr) return fail_by_hostent(answer, error ? error : HOST_NOT_FOUND, status), false;
  if (answer.canonical.empty() && found->h_name) answer.canonical = found->h_name;
  if (found->h_name) add_alias(answer, found->h_name);
  for (char** alias = found->h_aliases; alias && *alias; ++alias) add_alias(answer, *alias);
  for (char** bytes = found->h_addr_list; bytes && *bytes; ++bytes)
    add_address(answer, address_of(found->h_addrtype, *bytes));
  return true;
}

// One family after the other: one that answers is enough. Of two failures the one that is trouble counts.
void names_by_hostent(const NativeQuery& query, NativeAnswer& answer) {
  std::vector<NativeAnswer> failed;
  for (const int family : {AF_INET, AF_INET6}) {
    if (!(family == AF_INET ? query.inet : query.inet6)) continue;
    const auto call = [&](auto... rest) { return ::gethostbyname2_r(query.name.c_str(), family, rest...); };
    if (NativeAnswer failure; !by_hostent(call, answer)) {
      std::swap(failure.failure, answer.failure);
      std::swap(failure.reason, answer.reason);
      failure.negative = answer.negative;
      failure.no_data = answer.no_data;
      failed.push_back(std::move(failure));
    }
  }
  if (!answer.addresses.empty() || failed.empty()) return;
  const NativeAnswer* worst = &failed.front();
  for (const NativeAnswer& each : failed)
    if (worst->negative && (!each.negative || each.no_data)) worst = &each;
  answer.failure = worst->failure;
  answer.reason = worst->reason;
  answer.negative = worst->negative;
  answer.no_data = worst->no_data;
}

void name_of_address(const NativeQuery& query, NativeAnswer& answer) {
  const SocketAddress socket = to_socket_address({*query.address, 0});
  std::array<char, NI_MAXHOST> name{};
  const int error =
      ::getnameinfo(socket.get(), socket.size, name.data(), name.size(), nullptr, 0, NI_NAMEREQD);
  if (error != 0) return fail_by_addrinfo(answer, error, errno);
  answer.canonical = name.data();
  add_address(answer, *query.address);
}

void names_of_address(const NativeQuery& query, NativeAnswer& answer) {
  const bool inet = query.address->family == Family::inet;
  const auto call = [&](auto... rest) {
    return ::gethostbyaddr_r(query.address->bytes.data(), inet ? 4 : 16, inet ? AF_INET : AF_INET6, rest...);
  };
  by_hostent(call, answer);
}

// A service tells addresses without their zone where getaddrinfo tells it.
bool same_bytes(const Address& a, const Address& b) { return a.family == b.family && a.bytes == b.bytes; }

void add_sources(const NativeQuery& query, NativeAnswer& answer) {
  for (NativeAddress& each : answer.addresses)
    for (const NativeService& service : answer.services) {
      const auto is_it = [&](const Address& told) { return same_bytes(told, each.address); };
      if (std::any_of(service.addresses.begin(), service.addresses.end(), is_it))
        each.services.push_back(service.name);
    }
  // Aliases are what the service says that spoke, when it speaks of the same.
  for (const NativeService& service : answer.services)
    if (service.name == answer.spoke && service.consulted && !query.by_hostent && answer.failure.empty())
      for (const std::string& name : service.names) add_alias(answer, name);
}

}  // namespace

NativeAnswer ask_libc(const NativeQuery& query) {
  const auto began = std::chrono::steady_clock::now();
  NativeAnswer answer;
  if (query.address)
    query.by_hostent ? names_of_address(query, answer) : name_of_address(query, answer);
  else if (query.by_hostent)
    names_by_hostent(query, answer);
  else
    by_addrinfo(query, answer);
  answer.elapsed_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count();
  return answer;
}

Result<NativeAnswer> ask_native(const NativeQuery& query) {
  if (query.services == Services::none) return ask_libc(query);
  // At the same time, so that what is slow is waited for once.
  ServiceChild child(query);
  if (const Status started = child.start(); !started) return started.error();
  NativeAnswer answer = ask_libc(query);
  if (answer.numeric) return answer;
  answer.services = child.collect(answer.spoke);
  add_sources(query, answer);
  return answer;
}

}  // namespace inetctl::posix
