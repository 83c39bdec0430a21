/* Runs in the kernel for each packet that a socket of a cgroup sends or that comes in for it (cgroup_skb) and
   adds its payload to the socket's figures: on its way out before the packet is cut to fit the network, on
   its way in when it has been put together again. */

#include "platform/linux/bpf/socket_count.bpf.inc"

/* The kernel shows packets and sockets to this kind of program in these forms (linux/bpf.h); only what is
   used has a name. */
struct bpf_sock {
  __u32 bound_dev_if, family, type, protocol;
};

struct bpf_tcp_sock {
  __u32 before_snd_nxt[5], snd_nxt;
};

struct __sk_buff {
  __u32 len, before_data[18], data, data_end, before_sk[20], gso_segs;
  struct bpf_sock* sk;
  __u32 gso_size;
};
_Static_assert(__builtin_offsetof(struct __sk_buff, data) == 76, "as in linux/bpf.h");
_Static_assert(__builtin_offsetof(struct __sk_buff, sk) == 168, "as in linux/bpf.h");
_Static_assert(__builtin_offsetof(struct __sk_buff, gso_size) == 176, "as in linux/bpf.h");

enum { CONTINUE = 1 }; /* what lets a packet pass */

struct Packet {
  __u32 protocol;
  __u32 payload;  /* bytes */
  __u32 segment;  /* bytes of each packet but the last, where this is a series of them; else 0 */
  __u32 sequence; /* of TCP */
};

/* Where the headers of an IPv6 packet end, and the protocol of what follows; 0: not to be seen. */
static __u32 skip_ipv6_headers(const __u8* begin, const __u8* end, __u32* protocol) {
  enum { AUTHENTICATION = 51 };
  /* Hop-by-hop, routing and destination options; of a fragment's header the second byte is 0. */
  const __u64 skipped = 1ULL << 0 | 1ULL << 43 | 1ULL << 44 | 1ULL << AUTHENTICATION | 1ULL << 60;
  __u32 offset = 40, next = begin[6];
  for (int i = 0; i < 6 && next != IPPROTO_TCP && next != IPPROTO_UDP; ++i) {
    const __u8* const header = begin + offset;
    if (next > 63 || (skipped >> next & 1) == 0 || header + 2 > end) return 0;
    offset += next == AUTHENTICATION ? (header[1] + 2U) * 4 : (header[1] + 1U) * 8;
    next = header[0];
  }
  *protocol = next;
  return offset;
}

/* False when it is no packet of TCP or UDP, or a segment without data. Headers lie in one piece, since the
   kernel's own protocols have just written or read them. */
__attribute__((noinline)) int read_packet(struct __sk_buff* skb, struct Packet* packet) {
  if (!packet) return 0;
  const __u8 *const begin = (const __u8*)(long)skb->data, *const end = (const __u8*)(long)skb->data_end;
  if (begin + 40 > end) { /* IPv4 with UDP is shorter */
    if (begin + 20 > end) return 0;
    if (begin[0] >> 4 != 4) return 0;
  }
  __u32 offset = (begin[0] & 15U) * 4, protocol = begin[9];
  if (begin[0] >> 4 == 6) {
    if (begin + 40 > end) return 0;
    offset = skip_ipv6_headers(begin, end, &protocol);
    if (offset == 0) return 0;
  }
  packet->protocol = protocol;
  packet->segment = skb->gso_size;
  if (protocol == IPPROTO_TCP) {
    const __u8* const header = begin + offset;
    if (header + 20 > end) return 0;
    packet->sequence = bpf_ntohl(*(const __be32*)(header + 4));
    offset += (header[12] >> 4) * 4U;
  } else if (protocol == IPPROTO_UDP) {
    offset += 8;
  } else {
    return 0;
  }
  if (skb->len < offset) return 0;
  packet->payload = skb->len - offset;
  return packet->payload != 0 || protocol == IPPROTO_UDP;
}

/* While a call of a process is at work on a connection it owns its lock; timers and packets that come in send
   without. Datagrams are sent by calls alone. */
static int is_call(const struct sock* sk, const struct Packet* packet) {
  return packet->protocol == IPPROTO_UDP || BPF_CORE_READ(sk, sk_lock.owned);
}

static __always_inline struct SocketCountEntry* entry_of(struct __sk_buff* skb, const struct Packet* packet,
                                                         int sends) {
  const unsigned long long cookie = bpf_get_socket_cookie(skb);
  struct SocketCountEntry* const known = find_socket(cookie);
  /* What came in may have made the entry, before anybody had accepted the connection. */
  if (known && (!sends || known->comm[0] != 0)) return known;
  struct bpf_sock* const some = skb->sk;
  struct bpf_sock* full = some ? bpf_sk_fullsock(some) : 0;
  if (!full || !is_counted(full->family, full->type, full->protocol)) return 0;
  /* This form has neither namespace nor inode. What it stands for cannot be reached from it, but its address
     can be read where it lies. */
  struct sock* sk = 0;
  bpf_probe_read_kernel(&sk, sizeof sk, &full);
  const int by_call = sends && is_call(sk, packet);
  if (!known) return add_socket(cookie, sk, by_call);
  if (by_call) tell_caller(known, sk);
  return known;
}

/* What is sent for the first time begins where the connection has got to. */
static int is_sent_again(const struct __sk_buff* skb, const struct Packet* packet) {
  if (packet->protocol != IPPROTO_TCP || !skb->sk) return 0;
  const struct bpf_tcp_sock* const tcp = bpf_tcp_sock(skb->sk);
  return tcp && (__s32)(packet->sequence - tcp->snd_nxt) < 0;
}

static long reckon_next(__u32 index, struct Series* series) {
  (void)index;
  reckon_packet(series);
  return series->left == 0;
}

static __always_inline int add(struct __sk_buff* skb, int sends) {
  struct Packet packet;
  if (!read_packet(skb, &packet)) return CONTINUE;
  struct SocketCountEntry* const entry = entry_of(skb, &packet, sends);
  if (!entry) return CONTINUE;
  struct SizeSums* const sums = sends ? &entry->sent : &entry->received;
  struct Series series = begin_series(sums, packet.payload, packet.segment);
  const __u32 packets = packets_in(packet.payload, packet.segment);
  if (packets == 1)
    reckon_packet(&series);
  else
    bpf_loop(packets, reckon_next, &series, 0);
  end_series(sums, &series);
  if (sends && is_sent_again(skb, &packet)) {
    __sync_fetch_and_add(&entry->retransmitted, packets);
    __sync_fetch_and_add(&entry->retransmitted_bytes, packet.payload);
  }
  return CONTINUE;
}

SEC("cgroup_skb/egress")
int count_sent(struct __sk_buff* skb) { return add(skb, 1); }

SEC("cgroup_skb/ingress")
int count_received(struct __sk_buff* skb) { return add(skb, 0); }
