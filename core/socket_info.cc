#include "core/socket_info.h"

#include <algorithm>

#include "core/hex.h"
#include "core/process_facts.h"
#include "core/socket_details.h"
#include "core/text.h"

namespace inetctl {

namespace {

Cell text_or_absent(std::string_view text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }

constexpr Field kFields[] = {
    {.key = "platform",
     .head = "Platform",
     .groups = kInInfo,
     .help = "whose TCP_INFO it is, and since which release it is laid out so",
     .get = of_more<SocketInfo, [](const SocketInfo& i) { return text_or_absent(i.platform); }>},
    {.key = "limit",
     .head = "Limit",
     .groups = kInInfo,
     .choices = kLimitChoices,
     .help = "what limits the connection or the listener at this moment",
     .get = of_more<SocketInfo, [](const SocketInfo& i) { return text_or_absent(i.limit.word); }>},
    {.key = "verdict",
     .head = "Verdict",
     .groups = kInInfo,
     .help = "the same in a sentence, with the numbers behind it",
     .get = of_more<SocketInfo,
                    [](const SocketInfo& i) {
                      return i.limit.sentence.empty() ? Cell::absent() : Cell::word(i.limit.sentence);
                    }>},
    {.key = "facts",
     .head = "Facts",
     .type = Type::list,
     .groups = kInInfo,
     .help = "everything that is known, a fact each",
     .get = of_more<SocketInfo, [](const SocketInfo& i) { return Cell::of(i.fact_list); }>,
     .items = kFactFields},
    {.key = "future_bytes",
     .head = "Future Bytes",
     .groups = kInInfo,
     .help = "what TCP_INFO has after the last member known here, in hexadecimal digits",
     .get = of_more<SocketInfo, [](const SocketInfo& i) { return text_or_absent(i.future); }>},
};
static_assert(sound(kFields));

// The groups of facts that fields of a socket tell.
struct FactGroup {
  std::string_view name, keys;
};
constexpr FactGroup kGroups[] = {
    {"identity", "protocol family type module inode cookie netns uid user cgroup cgroup_path class_id"},
    {"address",
     "local local_addresses foreign foreign_addresses sctp_p_address peer_owner interface mark tos tclass "
     "v6only md5_keys"},
    {"state", "state inet_state shutdown"},
    {"queues", "recv_queue send_queue accept_queue accept_limit recv sent"},
    {"memory",
     "skmem_rmem_alloc skmem_rcvbuf skmem_wmem_alloc skmem_sndbuf skmem_fwd_alloc skmem_wmem_queued "
     "skmem_optmem "
     "skmem_backlog drops"},
    {"timers", "timer timer_expires_ms timer_retransmits"},
    {"congestion",
     "congestion bbr_bw_Bps bbr_min_rtt_us bbr_pacing_gain bbr_cwnd_gain dctcp_enabled dctcp_ce_state "
     "dctcp_alpha "
     "dctcp_ab_ecn dctcp_ab_tot vegas_enabled vegas_rttcnt vegas_rtt_us vegas_minrtt_us"},
    {"bits",
     "recverr is_icsk freebind hdrincl mc_loop transparent mc_all nodefrag bind_address_no_port "
     "recverr_rfc4884 "
     "defer_connect"},
    {"ulp",
     "ulp tls_version tls_cipher tls_txconf tls_rxconf tls_zc_ro_tx tls_rx_no_pad tls_tx_max_payload_len "
     "mptcp_token_local mptcp_token_remote mptcp_id_local mptcp_id_remote mptcp_flags mptcp_relwrite_seq "
     "mptcp_map_seq mptcp_map_sfseq mptcp_ssn_offset mptcp_map_datalen"},
};

void add_fact(std::vector<Fact>& facts, std::string_view group, const Field& field, const Socket& socket) {
  auto fact = fact_of(group, field, &socket);
  if (!fact) return;
  if (fact->value) fact->text = detail_text(field, *fact->value);
  facts.push_back(std::move(*fact));
}

void add_owners(std::vector<Fact>& facts, const Socket& socket) {
  for (const Owner& owner : socket.owners) {
    Fact fact{"owners", std::string(owner.process->label)};
    const std::string what = about(*owner.process);
    fact.text =
        join(owner.fd == kNo32 ? "a thread's own descriptor" : join("descriptor ", std::to_string(owner.fd)),
             what.empty() ? "" : " ", what);
    fact.meaning =
        "a process that holds the socket: by which descriptor, its user, unit or container, command line";
    facts.push_back(std::move(fact));
  }
}

void add_group(std::vector<Fact>& facts, const FactGroup& group, const FieldTable& fields,
               const Socket& socket) {
  std::string_view keys = group.keys;
  while (!keys.empty()) {
    const std::string_view key = keys.substr(0, keys.find(' '));
    keys.remove_prefix(std::min(keys.size(), key.size() + 1));
    if (const Field* field = fields.find(key)) add_fact(facts, group.name, *field, socket);
  }
}

}  // namespace

const std::span<const Field> kSocketInfoFields = kFields;

SocketInfo describe(const Socket& socket, const FieldTable& fields, const TcpInfoLayout* layout) {
  SocketInfo info(socket);
  for (const FactGroup& group : kGroups) {
    add_group(info.facts, group, fields, socket);
    if (group.name == "state") add_owners(info.facts, socket);
  }
  for (const Field* field : fields.in_groups(kSctpFacts))
    if (field->key != "sctp_p_address") add_fact(info.facts, "sctp", *field, socket);
  if (layout == nullptr || socket.tcp_info.empty()) return info;
  info.platform = join(layout->platform, ":", layout->version);
  for (Fact& fact : tcp_info_facts(*layout, socket)) info.facts.push_back(std::move(fact));
  info.future = to_hex(future_bytes(*layout, socket.tcp_info));
  info.limit = find_limit(socket, layout->fields);
  return info;
}

void add_route(SocketInfo& info, const Route& route) {
  for (const auto& table : {kRouteFields, kRouteMetricFields})
    for (const Field& field : table)
      if (auto fact = fact_of("route", field, &route)) info.facts.push_back(std::move(*fact));
}

void add_subflows(SocketInfo& info, std::span<const Subflow> subflows) {
  for (const Subflow& subflow : subflows) {
    Fact fact{"subflows", join(to_text(subflow.local), " -> ", to_text(subflow.foreign))};
    fact.text = join(name_of(subflow.state), subflow.cookie == info.cookie
                                                 ? ", this one"
                                                 : join(", cookie ", std::to_string(subflow.cookie)));
    fact.meaning = "a TCP connection that carries the same MPTCP connection, and its state";
    info.facts.push_back(std::move(fact));
  }
}

namespace {

// Facts as lines, aligned.
class Lines {
 public:
  Lines(const std::vector<Fact>& facts, std::size_t width) : width_(width) {
    for (const Fact& fact : facts) {
      groups_ = std::max(groups_, fact.group.size());
      names_ = std::max(names_, display_width(escaped(fact.name)));
    }
  }

  void add(const Fact& fact, bool explain) {
    const std::string_view heading = fact.group == group_ ? "" : fact.group;
    group_ = fact.group;
    const std::string name = escaped(fact.name);
    wrap(join("  ", heading, std::string(groups_ - heading.size() + 2, ' '), name,
              std::string(names_ - display_width(name) + 2, ' ')),
         value_text(fact));
    if (explain && !fact.meaning.empty()) wrap(std::string(groups_ + 6, ' '), fact.meaning);
  }

  std::vector<std::string> finish() { return std::move(lines_); }

 private:
  // A text that starts where `start` ends, and goes on there in further lines.
  void wrap(std::string start, std::string_view text) {
    const std::size_t indent = display_width(start);
    std::string line = std::move(start);
    bool first = true;
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      if (!first && width_ != 0 && display_width(line) + 1 + display_width(word) > width_) {
        lines_.push_back(std::move(line));
        line = std::string(indent, ' ');
        first = true;
      }
      line += join(first ? "" : " ", word);
      first = false;
    }
    lines_.push_back(std::move(line));
  }

  std::size_t width_, groups_ = 0, names_ = 0;
  std::string_view group_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> lines_of(const SocketInfo& info, bool explain, std::size_t width) {
  std::vector<Fact> facts = info.facts;
  if (!info.future.empty())
    facts.push_back({"tcp_info", "future_bytes", std::nullopt, info.future, Unit::none,
                     "what follows the last member known here"});
  if (!info.limit.word.empty())
    facts.push_back({"limit", std::string(info.limit.word), std::nullopt, info.limit.sentence, Unit::none,
                     "what limits it at this moment"});
  Lines lines(facts, width);
  for (const Fact& fact : facts) lines.add(fact, explain);
  return lines.finish();
}

}  // namespace inetctl
