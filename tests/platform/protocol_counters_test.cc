#include "platform/linux/protocol_counters.h"

#include <algorithm>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "core/text.h"
#include "platform/linux/protocol_counters/tables.h"

using namespace inetctl;
using namespace inetctl::linux_os;

namespace {

std::string read(CounterLayout layout, std::string_view text) {
  std::vector<ProtocolCounter> counters;
  read_counters(layout, text, counters);
  std::string lines;
  for (const ProtocolCounter& counter : counters)
    lines += join(counter.name, "=", counter.value ? std::to_string(*counter.value) : "none", " ",
                  counter.protocol, " ", counter.meaning == nullptr ? "?" : counter.meaning->name, "\n");
  return lines;
}

}  // namespace

TEST_CASE("counters: a line of names and a line of numbers") {
  CHECK(read(CounterLayout::pairs,
             "Tcp: RtoMin MaxConn InSegs\nTcp: 200 -1 18446744073709551615\n"
             "TcpExt: TCPTimeouts TCPNew\nTcpExt: 7 8\n"
             "IcmpMsg: InType3 OutType8\nIcmpMsg: 1 2\n") ==
        "TcpRtoMin=200 tcp RtoMin\nTcpMaxConn=none tcp MaxConn\nTcpInSegs=18446744073709551615 tcp InSegs\n"
        "TcpExtTCPTimeouts=7 tcp TCPTimeouts\nTcpExtTCPNew=8 tcp ?\n"
        "IcmpMsgInType3=1 icmp InType\nIcmpMsgOutType8=2 icmp OutType\n");
}

TEST_CASE("counters: a name and a number a line") {
  CHECK(read(CounterLayout::named,
             "Ip6InReceives                   \t12\nUdpLite6InErrors 3\nUdp6NoPorts\t4\n"
             "Icmp6OutType133 5\nXfrmInError 6\nNobodyKnows 7") ==
        "Ip6InReceives=12 ip6 InReceives\nUdpLite6InErrors=3 udplite6 InErrors\nUdp6NoPorts=4 udp6 NoPorts\n"
        "Icmp6OutType133=5 icmp6 OutType\nXfrmInError=6 xfrm InError\nNobodyKnows=7  ?\n");
}

TEST_CASE("counters: the sockets in use") {
  CHECK(read(CounterLayout::inuse, "sockets: used 17\nTCP: inuse 5 orphan 0\nFRAG6: inuse 0 memory 9\n") ==
        "sockets.used=17 sockets sockets.used\nTCP.inuse=5 tcp TCP.inuse\nTCP.orphan=0 tcp TCP.orphan\n"
        "FRAG6.inuse=0 ip6 FRAG6.inuse\nFRAG6.memory=9 ip6 FRAG6.memory\n");
}

TEST_CASE("counters: what makes no sense is left out") {
  CHECK(read(CounterLayout::pairs, "") == "");
  CHECK(read(CounterLayout::pairs, "Tcp: A B\n") == "");
  CHECK(read(CounterLayout::pairs, "Tcp: A B\nUdp: 1 2\nIp: C\nIp: 3\n") == "");
  CHECK(read(CounterLayout::pairs, "Tcp: A B C\nTcp: 1 x\n") == "TcpA=1 tcp ?\n");
  CHECK(read(CounterLayout::pairs, "Tcp: A\nTcp: 18446744073709551616\n") == "");
  CHECK(read(CounterLayout::named, "\n\nA\nB 1 2\nC -2\n") == "B=1  ?\n");
  CHECK(read(CounterLayout::inuse, "TCP\nTCP: inuse\nTCP: inuse x\n:") == "");
}

TEST_CASE("counters: each is described once, in a line") {
  for (const auto& table :
       {kIpCounters, kIpExtCounters, kIcmpCounters, kIp6Counters, kIcmp6Counters, kTcpCounters,
        kTcpExtCounters, kMptcpCounters, kUdpCounters, kSctpCounters, kXfrmCounters, kSocketCounters}) {
    std::set<std::string_view> names;
    for (const CounterMeaning& counter : table) {
      const std::string name(counter.name);
      CAPTURE(name);
      CHECK(names.insert(counter.name).second);
      CHECK(counter.meaning.size() > 8);
      CHECK(counter.meaning.size() < 100);
      CHECK_FALSE(counter.meaning.ends_with('.'));
      CHECK(counter.name.find_first_of(" \t:") == std::string_view::npos);
    }
  }
}
