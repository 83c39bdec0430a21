// The memory figures of a socket: SK_MEMINFO_* of include/uapi/linux/sock_diag.h, in that order.
#include "core/socket.h"
#include "core/wire.h"

namespace inetctl {

namespace {

// kNo32: a text of /proc/net has not all of them.
constexpr Wire skmem_at(unsigned index) { return wire_at(4 * index, 4, kNo32); }
constexpr std::uint8_t kSteady = 0;
constexpr WireField kMemoryRows[] = {
    {"skmem_rmem_alloc", skmem_at(0), Unit::bytes, "", "memory taken by received data"},
    {"skmem_rcvbuf", skmem_at(1), Unit::bytes, "", "limit of the receive buffer (SO_RCVBUF)", false, kSteady},
    {"skmem_wmem_alloc", skmem_at(2), Unit::bytes, "", "memory taken by data handed to the layers below"},
    {"skmem_sndbuf", skmem_at(3), Unit::bytes, "", "limit of the send buffer (SO_SNDBUF)", false, kSteady},
    {"skmem_fwd_alloc", skmem_at(4), Unit::bytes, "", "memory reserved for the socket and not in use yet"},
    {"skmem_wmem_queued", skmem_at(5), Unit::bytes, "", "memory taken by data queued for sending"},
    {"skmem_optmem", skmem_at(6), Unit::bytes, "", "memory taken by options: filters, control messages"},
    {"skmem_backlog", skmem_at(7), Unit::bytes, "",
     "memory of packets that arrived while the socket was in use"},
    {"drops", skmem_at(8), Unit::none, "4.7", "packets dropped before the program could read them", false,
     kGrows},
};
Bytes memory_bytes(const void* socket) { return static_cast<const Socket*>(socket)->skmem; }
constexpr auto kMemoryFields = wire_fields(
    kMemoryRows, {.groups = kMemory, .needs = kNeedMemory, .source = memory_bytes, .moves = true});
static_assert(sound(kMemoryFields));

}  // namespace

const std::span<const Field> kSocketMemoryFields = kMemoryFields;

}  // namespace inetctl
