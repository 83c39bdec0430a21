// What users of ss, netstat, lsof and sockstat type that means something else here, or nothing.
#include "cmd/i_foreign_flags.h"

namespace inetctl {

namespace {

constexpr ForeignFlag kFlags[] = {
    // ss
    {"-K", "ends sockets in ss; here that is another command: inetctl close"},
    {"--kill", "is ss's; here that is another command: inetctl close"},
    {"-E", "watches for ends in ss; here that is another command: inetctl monitor"},
    {"--events", "is ss's; here that is another command: inetctl monitor"},
    {"-D", "writes a dump in ss; here that is another command: inetctl record FILE"},
    {"--diag", "is ss's; here that is another command: inetctl record FILE"},
    {"-F", "reads a filter from a file in ss; here the shell does: inetctl i \"$(cat FILE)\""},
    {"--filter", "is ss's; here the shell reads a file: inetctl i \"$(cat FILE)\""},
    {"-A", "names protocols in ss; here they are words: inetctl i tcp unix"},
    {"--query", "is ss's; here protocols are words: inetctl i tcp unix"},
    {"--socket", "is ss's; here protocols are words: inetctl i tcp unix"},
    {"-f", "names a family in ss; here that is -4, -6, -x, -0, or a word: inetctl i netlink"},
    {"--family", "is ss's; here that is -4, -6, -x, -0, or a word: inetctl i netlink"},
    {"-b", "shows BPF filters of packet sockets in ss; here that is -e: inetctl i -0e"},
    {"--bpf", "is ss's; here that is -e: inetctl i -0e"},
    {"-T", "shows threads in ss; descriptors belong to the whole process, which -p shows"},
    {"--threads", "is ss's; descriptors belong to the whole process, which -p shows"},
    {"-Z",
     "shows SELinux contexts in ss, which inetctl does not read; -p shows the process, whose context ps -Z "
     "has"},
    {"--context",
     "is ss's; SELinux contexts are not read here; -p shows the process, whose context ps -Z has"},
    {"-z",
     "shows SELinux contexts of sockets in ss: labels of their descriptors, which inetctl does not read"},
    {"--contexts",
     "is ss's; SELinux contexts are not read here; -p shows the process, whose context ps -Z has"},
    {"-d", "is DCCP in ss, which inetctl does not list; Linux dropped it in 6.16"},
    {"--dccp", "is DCCP, which inetctl does not list; Linux dropped it in 6.16"},
    {"-V", "is --version, before any command: inetctl --version"},
    {"--tipcinfo", "is ss's; here that is -i: inetctl i tipc -i"},
    {"--tos", "is ss's; here that is -e, or a field: --fields +tos,+tclass"},
    {"--cgroup", "is ss's; here that is -e, or a field: --fields +cgroup"},
    {"--inet-sockopt", "is ss's; here that is another command: inetctl getopts"},
    // netstat
    {"-g", "shows multicast groups in netstat, which inetctl does not list"},
    {"-v", "is netstat's; what cannot be seen is always said in a note"},
    {"--verbose", "is netstat's; what cannot be seen is always said in a note"},
    {"--program", "is netstat's; here that is -p, --processes"},
    {"--route", "shows routes in netstat; see ip route"},
    {"--interfaces", "shows interfaces in netstat; here that is another command: inetctl getifaddrs"},
    {"--statistics", "shows counters in netstat; here that is another command: inetctl stat --proto"},
    {"--groups", "shows multicast groups in netstat, which inetctl does not list"},
    // lsof
    {"-i:", "is lsof's for a port at either end; here that is a word: inetctl i :PORT"},
    {"-i@", "is lsof's for a host; here that is a filter: inetctl i 'src HOST or dst HOST'"},
    {"-iTCP", "is lsof's for TCP and perhaps a port; here: inetctl i tcp :PORT"},
    {"-iUDP", "is lsof's for UDP and perhaps a port; here: inetctl i udp :PORT"},
    {"-i4TCP", "is lsof's for TCP over IPv4; here: inetctl i -4 tcp"},
    {"-i6TCP", "is lsof's for TCP over IPv6; here: inetctl i -6 tcp"},
    {"-i4UDP", "is lsof's for UDP over IPv4; here: inetctl i -4 udp"},
    {"-i6UDP", "is lsof's for UDP over IPv6; here: inetctl i -6 udp"},
    {"-sTCP:", "is lsof's for states of TCP; here that is -l, or a filter: inetctl i tcp state listening"},
    {"-sUDP:", "is lsof's for states of UDP; here that is a filter: inetctl i udp state unconnected"},
    {"-P", "shows numbers for ports in lsof, as is the rule here; -r has the names"},
};

}  // namespace

std::span<const ForeignFlag> foreign_socket_flags() { return kFlags; }

}  // namespace inetctl
