#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/resolver/setting_row.h"
#include "core/resolver/settings.h"

using namespace inetctl;
using namespace inetctl::inet;
using namespace std::string_literals;

namespace {

using Files = std::map<std::string, std::string>;

ReadFile files_of(const Files& files) {
  return [files](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return Error{Kind::unsupported, "read", path, "ENOENT"};
    return found->second;
  };
}

Loaded loaded(const std::string& rc, Files files = {}, NodeStart start = {"vm"}) {
  files["/rc"] = rc;
  return load(start, "/rc", files_of(files));
}
std::string rc_text(const Loaded& l, unsigned otp = kOtp25) { return write_term(get_rc(l.settings, otp)); }

// What stands before the two files and lookup, which a plain start has too.
std::string said(const std::string& rc, const Files& files = {}) {
  std::string text = rc_text(loaded(rc, files));
  const std::string end = R"({resolv_conf,"/etc/resolv.conf"},{hosts_file,"/etc/hosts"},{lookup,[native]}])";
  const std::size_t at = text.find(end);
  return at == std::string::npos ? text : text.substr(0, at) + "]";
}

std::string answer_of(const Applied& applied, const Term& directive) {
  if (applied.ok()) return "ok";
  if (applied.verdict == Applied::Verdict::error) return "error";
  return "{error,{badopt," + write_term(directive) + "}}";
}

// Each line: directives -> answer => get_rc. Between two lines the node was told `reset` and clear_hosts.
std::size_t check_cases(const std::string& name, unsigned otp) {
  std::ifstream in(std::string(TEST_DATA "/resolver/") + name);
  REQUIRE(in);
  Settings settings = load({"vm", "", "/etc", false, otp}, "", files_of({})).settings;
  const ReadFile none = files_of({});
  std::size_t cases = 0;
  for (std::string line; std::getline(in, line);) {
    const std::size_t arrow = line.find(" -> "), result = line.find(" => ");
    if (arrow == std::string::npos || result == std::string::npos) {
      if (line.starts_with("get_rc default: ")) CHECK(write_term(get_rc(settings, otp)) == line.substr(16));
      continue;
    }
    CAPTURE(line);
    ++cases;
    std::string answer = "ok";
    const auto directives = read_term(line.substr(0, arrow));
    REQUIRE(directives);
    for (const Term& directive : directives->items) {
      answer = answer_of(apply(settings, directive, {}, none, otp), directive);
      if (answer != "ok") break;
    }
    CHECK(answer == line.substr(arrow + 4, result - arrow - 4));
    CHECK(write_term(get_rc(settings, otp)) == line.substr(result + 4));
    for (const char* atom : {"reset", "clear_hosts"})
      CHECK(apply(settings, Term::atom(atom), {}, none, otp).ok());
  }
  return cases;
}

}  // namespace

TEST_CASE("inetrc: every measured directive of OTP 25 and 27 answers and prints as there") {
  CHECK(check_cases("rc-25.txt", kOtp25) == 76);
  CHECK(check_cases("rc-27.txt", kOtp27) == 76);
}

TEST_CASE("inetrc: files come first, then the rest in order, up to the first mistake") {
  const Files files = {{"/h", "10.0.0.1 a\n10.0.0.1 b c # d\nbad x\n"},
                       {"/r", "nameserver 1.1.1.1\ndomain d.org\nsearch e.org f.org\nlookup file bind\n"},
                       {"/n", "passwd: files\nhosts:  files [NOTFOUND=return] dns\n"},
                       {"/l", "order hosts,bind,nis\nmulti on\n"},
                       {"/f", "# order\nhosts\nbind\nnis here\n"},
                       {"/b", "hosts dns, local merge\nhosts nis continue\n"}};
  CHECK(said("{nameserver,{2,2,2,2}}. {file,resolv,\"/r\"}. {lookup,[native]}.", files) ==
        R"([{domain,"d.org"},{nameservers,{1,1,1,1}},{nameservers,{2,2,2,2}},{search,["e.org","f.org"]},])");
  CHECK(said("{file,hosts,\"/h\"}.", files) == R"([{host,{10,0,0,1},["b","c"]},])");
  const auto lookup_of = [&](const std::string& directive) {
    const Term rc = get_rc(loaded(directive, files).settings);
    return write_term(rc.items.back());
  };
  CHECK(lookup_of("{file,nsswitch_conf,\"/n\"}.") == "{lookup,[file,dns]}");
  CHECK(lookup_of("{file,host_conf_linux,\"/l\"}.") == "{lookup,[file,dns,nis]}");
  CHECK(lookup_of("{file,host_conf_freebsd,\"/f\"}.") == "{lookup,[file,dns]}");
  CHECK(lookup_of("{file,host_conf_bsdos,\"/b\"}.") == "{lookup,[dns,nis]}");
  CHECK(said("{retry,5}. bogus. {timeout,1}.") == "[{retry,5},]");
  CHECK(said("{search,[\"a\",bad,\"c\"]}. {retry,5}.") == "[{search,[\"a\"]},]");
  CHECK(said("{retry,7}. {file,bogus,\"/x\"}. {timeout,5}.") == "[]");
  CHECK(said("{retry,7}. {registry,win32}. {file,hosts,\"/none\"}. {file,hosts,1}. {timeout,5}.") ==
        "[{timeout,5},{retry,7},]");
}

TEST_CASE("inetrc: {resolv_conf, …} is read at once and takes the place of servers and search") {
  const Files files = {{"/r",
                        "nameserver 1.1.1.1\nnameserver fe80::1%lo\nnameserver 9.9.9\nnameserver x\n"
                        "nameserver 1.1.1.1\nsearch a b\ndomain c\noptions ndots:2\n"},
                       {"/bad", "search \xc3\xa9\nnameserver 1.1.1.1\n"}};
  const Loaded l =
      loaded("{nameserver,{8,8,8,8}}. {search,[\"z\"]}. {resolv_conf,\"/r\"}. {retry,1}.", files);
  CHECK(rc_text(l) ==
        R"([{nameservers,{1,1,1,1}},)"
        R"({nameservers,{65152,0,0,0,0,0,0,1}},{nameservers,{9,9,0,9}},{nameservers,{1,1,1,1}},)"
        R"({search,["c"]},{retry,1},{resolv_conf,"/r"},{hosts_file,"/etc/hosts"},{lookup,[native]}])");
  CHECK(to_text(l.settings.search.origins[0]) == "/r:7");
  REQUIRE(l.notes.size() == 1);
  CHECK(l.notes[0].object == "/r:4");
  CHECK(l.notes[0].place->offset == 11);
  CHECK(said("{nameserver,{8,8,8,8}}. {resolv_conf,\"/none\"}.") ==
        R"([{resolv_conf,"/none"},{hosts_file,"/etc/hosts"},{lookup,[native]}])");
  const Loaded bad = loaded("{nameserver,{8,8,8,8}}. {resolv_conf,\"/bad\"}. {retry,1}.", files);
  CHECK(rc_text(bad) ==
        R"([{nameservers,{8,8,8,8}},{resolv_conf,"/bad"},{hosts_file,"/etc/hosts"},{lookup,[native]}])");
  REQUIRE(bad.error);
  CHECK(said("{resolv_conf,<<\"/r\">>}.", files) ==
        R"([{resolv_conf,<<"/r">>},{hosts_file,"/etc/hosts"},{lookup,[native]}])");
  CHECK(said("{resolv_conf,5}. {resolv_conf,<<\"/none\">>}. {retry,5}.") ==
        R"([{retry,5},{resolv_conf,<<"/none">>},{hosts_file,"/etc/hosts"},{lookup,[native]}])");
  CHECK(said("{hosts_file,[\"/a\",b,[47,\"c\"]]}.") ==
        R"([{resolv_conf,"/etc/resolv.conf"},{hosts_file,"/ab/c"},{lookup,[native]}])");
}

TEST_CASE("inetrc: a mistake has its file, line and place") {
  const auto error_of = [](const std::string& rc) {
    const Loaded l = loaded(rc);
    if (!l.error) return std::string("none");
    return l.error->object + " " + std::to_string(l.error->place->offset) + " " + l.error->place->text + " " +
           l.error->cause;
  };
  CHECK(error_of("{retry,1}.\n  {timeout,\n   0}. {inet6,true}.\n")
            .starts_with("/rc:3 3    0}. {inet6,true}. a whole"));
  CHECK(error_of("{retry,1}.\n{search,[\"a\",(bad)]}.\n").starts_with("/rc:2 14 {search"));
  CHECK(error_of("{retry,1}.\n{nameservers,{1,1,1,1}}.").find("did you mean nameserver?") !=
        std::string::npos);
  CHECK(error_of("{retry,1}.\n\n{timeout,}.").starts_with("/rc:3 9 {timeout,}."));
  CHECK(error_of("{retry,1}.\n\r\n").starts_with("/rc:2 0 "));
  CHECK(error_of("{retry,1}.\r\n% x") == "none");
  CHECK(error_of("{retry,1}").starts_with("/rc:1 9 "));
  CHECK(error_of("{domain,\"\xff\"}.").find("no UTF-8") != std::string::npos);
  CHECK(error_of("% coding: latin-1\n% \xe9\n{retry,1}.") == "none");
  CHECK_FALSE(loaded("{host,{1,1,1,1},[\"a\",b]}.").starts);
  CHECK_FALSE(loaded("{registry,hosts}.").starts);
  CHECK(loaded("{host,{1,1,1,1},[b]}.").starts);
}

TEST_CASE("inetrc: the machine's name gives domain and search, the environment the folder") {
  const auto start = [](NodeStart node) { return write_term(get_rc(load(node, "", files_of({})).settings)); };
  CHECK(
      start({"vm.ex.org"}) ==
      R"([{domain,"ex.org"},{search,["ex.org"]},{resolv_conf,"/etc/resolv.conf"},{hosts_file,"/etc/hosts"},{lookup,[native]}])");
  CHECK(start({"vm", "vm.ex.org"}).starts_with(R"([{domain,"ex.org"},{search,["ex.org"]},)"));
  CHECK(start({"vm", "vm"}).starts_with("[{resolv_conf,"));
  CHECK(start({"vm", "", "/x//", true}) ==
        R"([{resolv_conf,"/x/resolv.conf"},{hosts_file,"/x/hosts"},{lookup,[native]}])");
  CHECK(start({"vm", "", "x", true}) == "[{lookup,[native]}]");
  CHECK(start({"vm", "", "/", true}).starts_with(R"([{resolv_conf,"/resolv.conf"})"));
}

TEST_CASE("hosts: inet's rules, and what it skips") {
  const HostsFile file = read_hosts(
      "127.1 a\tb # c\n# x\n\n 0x0a140005 d\nfe80::1%lo e\n::1\n1.2.3.256 f\r\n::1 g#h\n1.1.1.1%  i\n%1%2%3 "
      "k",
      "/h");
  REQUIRE(file.entries.size() == 3);
  CHECK(to_text(file.entries[0].address) == "127.0.0.1");
  CHECK(file.entries[0].names == std::vector<std::string>{"a", "b"});
  CHECK(to_text(file.entries[1].address) == "10.20.0.5");
  CHECK(file.entries[1].origin.line == 4);
  CHECK(file.entries[2].names == std::vector<std::string>{"g"});
  std::vector<std::string> skipped;
  for (const Error& error : file.skipped)
    skipped.push_back(error.object + " " + std::to_string(error.place->offset));
  CHECK(skipped == std::vector<std::string>{"/h:5 7", "/h:6 3", "/h:7 6", "/h:9 7", "/h:10 0"});
}

namespace {

std::vector<std::string> told(const SystemSettings& settings) {
  std::vector<std::string> lines;
  for (const SettingRow& row : settings.rows) {
    std::string line = row.setting +
                       (row.unit == Unit::none && row.kind == SettingRow::Kind::number && !row.address.empty()
                            ? " " + row.address
                            : "") +
                       " =";
    if (row.kind == SettingRow::Kind::number || row.kind == SettingRow::Kind::truth)
      line += " " + std::to_string(row.number);
    for (const std::string& word : row.words) line += " " + word;
    if (!row.text.empty()) line += " " + row.text;
    lines.push_back(line + " @" + to_text(row.origin) + (row.note.empty() ? "" : " (" + row.note + ")"));
  }
  return lines;
}

}  // namespace

TEST_CASE("system settings: resolv.conf by glibc's rules") {
  SystemSettings s;
  read_system_resolv_conf(
      "# c\n; d\nnameserver 1.1.1.1;x\n nameserver 2.2.2.2\nnameserver fe80::1%lo\nnameserver "
      "bad\nnameserver 3.3.3.3\n"
      "nameserver 4.4.4.4\nsearch a b\ndomain c\noptions ndots:99 rotate\noptions ndots:2 odd\n",
      "/r", ResolverKind::system, s);
  CHECK(told(s) ==
        std::vector<std::string>{"nameserver = 1.1.1.1:53 @/r:3", "nameserver = [fe80::1%lo]:53 @/r:5",
                                 "nameserver = 3.3.3.3:53 @/r:7",
                                 "nameserver = 4.4.4.4:53 @/r:8 (not used: glibc asks the first three)",
                                 "search = c @/r:10", "rotate = 1 @/r:11", "ndots = 2 @/r:12",
                                 "option = odd @/r:12 (glibc does not know this option)"});
  REQUIRE(s.problems.size() == 1);
  CHECK(s.problems[0].object == "/r:6");
}

TEST_CASE("system settings: files, variables and defaults, each with its origin") {
  SystemFiles files;
  const ReadFile read = files_of({{files.nsswitch, "hosts:files dns\n"},
                                  {files.resolv_conf, "nameserver 1.1.1.1\noptions timeout:3\n"},
                                  {files.hosts, "127.0.0.1 localhost\n127.1 old\n"},
                                  {files.host_conf, "multi on\n"},
                                  {files.gai_conf, "precedence ::/0 1 # all\nlabel x 1\n"},
                                  {files.resolved, "nameserver 9.9.9.9\n"}});
  const auto variable = [](const std::string& name) -> std::string {
    return name == "RES_OPTIONS" ? "timeout:99 edns0" : name == "LOCALDOMAIN" ? "one two" : "";
  };
  const SystemSettings s = system_settings(files, "vm.ex.org", read, variable);
  const auto lines = told(s);
  const std::vector<std::string> first(lines.begin(), lines.begin() + 10);
  CHECK(first == std::vector<std::string>{"nsswitch = files dns @/etc/nsswitch.conf:1",
                                          "nameserver = 1.1.1.1:53 @/etc/resolv.conf:1",
                                          "search = one two @environment:LOCALDOMAIN",
                                          "timeout = 30 @environment:RES_OPTIONS (capped: timeout:99)",
                                          "edns0 = 1 @environment:RES_OPTIONS", "ndots = 1 @built-in",
                                          "attempts = 2 @built-in", "multi = 1 @/etc/host.conf:1",
                                          "host = localhost @/etc/hosts:1",
                                          "precedence ::/0 = 1 @/etc/gai.conf:1"});
  CHECK(lines.back() == "nameserver = 9.9.9.9:53 @/run/systemd/resolve/resolv.conf:1");
  CHECK(std::count(lines.begin(), lines.end(), "label fc00::/7 = 6 @built-in") == 1);
  CHECK(s.problems.size() == 2);
  const SystemSettings none =
      system_settings(files, "vm.ex.org", files_of({}), [](const std::string&) { return ""s; });
  CHECK(told(none)[0] == "nsswitch = files dns @built-in");
  CHECK(told(none)[1] == "nameserver = 127.0.0.1:53 @built-in");
  CHECK(told(none)[2] == "search = ex.org @hostname");
}

TEST_CASE("get_rc: several hosts stand in the order of OTP 25's hash table") {
  CHECK(
      said("{host,{1,2,3,4},[\"a\"]}. {host,{5,6,7,8},[\"b\"]}. {host,{1,1,1,1},[\"c\"]}. "
           "{host,{0,0,0,0,0,0,0,1},[\"d\"]}. {host,{9,9,9,9},[\"x\"]}.") ==
      R"([{host,{1,2,3,4},["a"]},{host,{0,0,0,0,0,0,0,1},["d"]},{host,{9,9,9,9},["x"]},{host,{1,1,1,1},["c"]},{host,{5,6,7,8},["b"]},])");
}
