#include "platform/linux/live_bpf_map.h"

#include <cstring>
#include <utility>

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

namespace {

// glibc has no bpf(2).
int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

// A map or a blob of types; the kernel closes it on exec.
Descriptor object(bpf_cmd command, std::uint32_t id) {
  bpf_attr attributes{};
  attributes.map_id = id;  // of all kinds of objects at the same place
  return Descriptor(bpf(command, attributes));
}

template <class Info>
bool read_info(const Descriptor& object, Info& info) {
  if (!object) return false;
  bpf_attr attributes{};
  attributes.info.bpf_fd = static_cast<std::uint32_t>(object.get());
  attributes.info.info_len = sizeof info;
  attributes.info.info = reinterpret_cast<std::uintptr_t>(&info);
  return bpf(BPF_OBJ_GET_INFO_BY_FD, attributes) == 0;
}

// More than the kernel lets anybody load (BTF_MAX_SIZE, kernel/bpf/btf.c).
constexpr std::uint32_t kMostTypes = 16 * 1024 * 1024;

std::vector<std::byte> types(std::uint32_t id) {
  const Descriptor blob = object(BPF_BTF_GET_FD_BY_ID, id);
  bpf_btf_info info{};
  if (!read_info(blob, info) || info.btf_size > kMostTypes) return {};
  std::vector<std::byte> bytes(info.btf_size);
  info = {};
  info.btf = reinterpret_cast<std::uintptr_t>(bytes.data());
  info.btf_size = static_cast<std::uint32_t>(bytes.size());
  if (!read_info(blob, info) || info.btf_size != bytes.size()) return {};
  return bytes;
}

}  // namespace

BpfMap live_bpf_map(std::uint32_t id) {
  bpf_map_info info{};
  if (!read_info(object(BPF_MAP_GET_FD_BY_ID, id), info)) return {};
  BpfMap map{.name = std::string(info.name, ::strnlen(info.name, sizeof info.name)),
             .value_type = info.btf_value_type_id,
             .btf = {}};
  if (info.btf_id != 0 && map.value_type != 0) map.btf = types(info.btf_id);
  return map;
}

}  // namespace inetctl::linux_os
