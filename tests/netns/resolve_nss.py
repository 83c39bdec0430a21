#!/usr/bin/env python3
"""`inetctl resolve` where hosts, nsswitch.conf and resolv.conf are the test's own: the system's resolver and its sources,
search lists, dead servers, TCP after truncation, servers without EDNS, alias loops, reverse lookups, many names at once.

usage: resolve_nss.py INETCTL. Exit status 77: it could not run here, and says why.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from dns_fixture import Server, own_namespace

HOSTS = """127.0.0.1 localhost
10.9.0.1 box.example box boxalias
10.9.0.2 box.example
fd00::9 box.example
10.9.9.9 a.test
"""
FAILURES = []


def check(what, found, expected):
    if found != expected:
        FAILURES.append(f"{what}: {found!r}, not {expected!r}")


class Machine:
    """Files of /etc in a mount namespace, and the program under test."""

    def __init__(self, inetctl, place):
        self.inetctl = inetctl
        self.files = {name: pathlib.Path(place, name) for name in ("hosts", "nsswitch.conf", "resolv.conf")}
        self.write("hosts", HOSTS)
        self.write("nsswitch.conf", "hosts: files dns\n")
        self.write("resolv.conf", "nameserver 127.0.0.1\nsearch dom1 dom2\noptions timeout:1 attempts:1\n")
        for name, path in self.files.items():
            target = pathlib.Path("/etc", name)
            if not target.exists():
                print(f"no {target} to put another one over")
                sys.exit(77)
            subprocess.run(["mount", "--bind", str(path), str(target.resolve())], check=True)

    def write(self, name, text):
        self.files[name].write_text(text, encoding="utf-8")

    def run(self, *words, stdin=None):
        return subprocess.run([self.inetctl, "resolve", *words], input=stdin, capture_output=True, text=True, timeout=60,
                              check=False)

    def rows(self, *words, status=0, stdin=None):
        done = self.run("--json", *words, stdin=stdin)
        check(f"status of {words}", done.returncode, status)
        return json.loads(done.stdout)["rows"]


def column(rows, key):
    return [row[key] for row in rows]


def native(machine):
    """Beside this process's own getaddrinfo."""
    for name in ("box.example", "box", "localhost", "multi.test", "cc.test", "host"):
        wanted = []
        for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME):
            if entry[4][0] not in wanted:
                wanted.append(entry[4][0])
        check(f"addresses of {name}", column(machine.rows(name), "address"), wanted)
    rows = machine.rows("box")
    check("sources of box", {tuple(row["source"]) for row in rows}, {("files",)})
    check("aliases of box", set(rows[0]["aliases"]), {"box", "boxalias"})
    rows = machine.rows("multi.test")
    check("sources of multi.test", column(rows, "source"), [["dns"], ["dns"]])
    check("search list of the libc", column(machine.rows("host"), "canonical"), ["host.dom1"])
    check("no such name", column(machine.rows("nosuch.test", status=1), "error"), ["nxdomain"])
    check("no answer", column(machine.rows("servfail.test", status=4), "error"), ["try_again"])
    check("numeric", column(machine.rows("--forward", "127.1"), "source"), [["numeric"]])
    check("one family", column(machine.rows("-6", "box.example"), "address"), ["fd00::9"])
    check("hostent", machine.run("--hostent", "--format", "erlang", "box").stdout,
          '{ok,{hostent,"box.example",["box","boxalias"],inet,4,[{10,9,0,1}]}}\n')


def services(machine):
    """files speaks first, dns tells another address; and actions of nsswitch.conf."""
    rows = machine.rows("--services", "--fields", "all", "a.test")
    check("a.test", column(rows, "address"), ["10.9.9.9"])
    found = [(each["service"], each["consulted"], each["error"], each["addresses"]) for each in rows[0]["services"]]
    check("services of a.test", found, [("files", True, None, ["10.9.9.9"]), ("dns", False, None, ["10.0.0.1"])])
    machine.write("nsswitch.conf", "hosts: files [NOTFOUND=return] dns\n")
    rows = machine.rows("--services", "--fields", "all", "multi.test", status=1)
    found = [(each["service"], each["consulted"], each["error"]) for each in rows[0]["services"]]
    check("services behind [NOTFOUND=return]", found, [("files", True, "HOST_NOT_FOUND"), ("dns", False, None)])
    check("who said no", rows[0]["source"], ["files"])
    machine.write("nsswitch.conf", "hosts: nosuchservice files\n")
    rows = machine.rows("--services", "--fields", "all", "box")
    check("a service that is not there", [each["error"] is None for each in rows[0]["services"]], [False, True])
    check("who spoke behind it", rows[0]["source"], ["files"])
    machine.write("nsswitch.conf", "hosts: files dns\n")


def compare(machine):
    rows = machine.rows("--compare", "a.test", status=1)
    found = [(row["address"], row["in_native"], row["in_dns"]) for row in rows]
    check("both sides of a.test", found, [("10.9.9.9", True, False), ("10.0.0.1", False, True)])
    rows = machine.rows("--compare", "multi.test")
    check("the same", {(row["in_native"], row["in_dns"]) for row in rows}, {(True, True)})
    check("a search list on both sides", column(machine.rows("--compare", "host"), "address"), ["10.1.0.1"])
    check("no name on both sides", column(machine.rows("--compare", "nosuch.test", status=1), "error"), ["nxdomain"])
    rows = machine.rows("--compare", "10.0.0.1")
    check("reverse on both sides", [(row["in_native"], row["in_dns"]) for row in rows], [(True, True)])
    machine.rows("--compare", "servfail.test", status=4)


def reverse(machine):
    check("reverse by files", column(machine.rows("10.9.0.1"), "canonical"), ["box.example"])
    rows = machine.rows("10.0.0.1")
    check("reverse by dns", (rows[0]["canonical"], rows[0]["source"], rows[0]["address"]), ("a.test", ["dns"], "10.0.0.1"))
    rows = machine.rows("2001:db8::1", "--server", "127.0.0.1")
    check("reverse of IPv6", (rows[0]["data"], rows[0]["type"]), ("six.test.", "PTR"))
    rows = machine.rows("10.0.0.2", "--type", "PTR")
    check("several names of an address", column(rows, "data"), ["b1.test.", "b2.test."])
    check("no name of an address", column(machine.rows("10.0.0.77", status=1), "error"), ["nxdomain"])


def name_servers(machine, server):
    """By inet's rules; the log is what was asked."""
    server.take_log()
    check("search by inet", column(machine.rows("--lookup", "dns", "-4", "host"), "address"), ["10.1.0.1"])
    check("asked for host", server.take_log(), ["udp host.dom1 type=1 rd=1 edns=0"])
    check("a name with a dot", column(machine.rows("--lookup", "dns", "-4", "x.z"), "address"), ["10.3.0.2"])
    check("asked for x.z", [line.split()[1] for line in server.take_log()], ["x.z", "x.z.dom1", "x.z.dom2"])
    machine.rows("--lookup", "dns", "-4", "--search", "other", "bare", status=1)
    check("no bare name", [line.split()[1] for line in server.take_log()], ["bare.other"])
    machine.rows("--type", "A", "bare")
    check("a type is asked as it is", [line.split()[1] for line in server.take_log()], ["bare"])
    rows = machine.rows("--fields", "all", "--type", "A", "trunc.test")
    check("TCP after truncation", [(each["transport"], each["truncated"]) for each in rows[0]["attempts"]],
          [("udp", True), ("tcp", False)])
    check("what came by TCP", (rows[0]["address"], rows[0]["transport"]), ("10.7.7.7", "tcp"))
    rows = machine.rows("--fields", "all", "--type", "A", "--edns", "1232", "ednsfail.test")
    check("a server without EDNS", [(each["edns"], each["error"]) for each in rows[0]["attempts"]],
          [(True, "formerr"), (False, None)])
    check("a loop of aliases", column(machine.rows("--type", "A", "loop1.test", status=1), "error"), ["no_data"])
    rows = machine.rows("--lookup", "dns", "-4", "loop1.test", status=1)
    check("a loop by inet", (rows[0]["error"], rows[0]["address"]), ("nxdomain", None))
    rows = machine.rows("--type", "A", "cc.test")
    check("a chain", (rows[0]["canonical"], rows[0]["aliases"]), ("a.test", ["c.test", "cc.test"]))
    quick = ("--timeout", "200", "--retry", "2")
    for name, error, status in (("servfail.test", "servfail", 4), ("refused.test", "refused", 4), ("drop.test", "timeout", 4),
                                ("nosuch.test", "nxdomain", 1), ("nodata.test", "no_data", 1), ("a..b", "bad_name", 1),
                                ("notimp.test", "notimp", 4), ("badid.test", "timeout", 4)):
        rows = machine.rows("--type", "A", *quick, name, status=status)
        check(name, column(rows, "error"), [error])
    rows = machine.rows("--lookup", "dns", "-4", *quick, "refused.test", status=4)
    check("flattened", (rows[0]["error"], rows[0]["reason"]), ("nxdomain", "refused"))
    machine.rows("--type", "A", *quick, "a.test", "nosuch.test", status=1)
    machine.rows("--type", "A", *quick, "nosuch.test", "refused.test", status=4)
    rows = machine.rows("--type", "A,TXT", "a.test", "nodata.test", status=1)
    check("names and types", [(row["name"], row["type"], row["error"]) for row in rows],
          [("a.test", "A", None), ("a.test", "TXT", "no_data"), ("nodata.test", "A", "no_data"), ("nodata.test", "TXT", None)])
    done = machine.run("--type", "A", "--trace", "trunc.test")
    check("lines of a trace", [line.split(":")[0].split()[0] for line in done.stderr.splitlines()], ["udp", "tcp"])


def two_servers(machine, silent):
    """One server is dead: it says nothing, or nobody is there."""
    machine.write("resolv.conf", "nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    rows = machine.rows("--lookup", "dns", "-4", "--timeout", "300", "--retry", "2", "--fields", "all", "a.test")
    check("the second server", (rows[0]["address"], rows[0]["server"]), ("10.0.0.1", "127.0.0.1:53"))
    check("the first was asked", [(each["server"], each["error"]) for each in rows[0]["attempts"]],
          [("127.0.0.2:53", "timeout"), ("127.0.0.1:53", None)])
    check("it heard", len(silent.take_log()), 1)
    rows = machine.rows("--type", "A", "--server", "127.0.0.3", "--server", "127.0.0.1", "a.test", status=4)
    check("each server by itself", [(row["server"], row["error"]) for row in rows],
          [("127.0.0.3:53", "unreachable"), ("127.0.0.1:53", None)])
    rows = machine.rows("--lookup", "dns", "-4", "--server", "127.0.0.3", "--server", "127.0.0.1", "a.test")
    check("servers as a list", column(rows, "server"), ["127.0.0.1:53"])
    rows = machine.rows("multi.test")
    check("the libc gets there too", column(rows, "source"), [["dns"], ["dns"]])
    machine.write("resolv.conf", "nameserver 127.0.0.1\nsearch dom1 dom2\noptions timeout:1 attempts:1\n")


def many(machine):
    """Each name has one end, whoever is asked."""
    names = [name for i in range(100) for name in ("multi.test", "nosuch.test", "box.example", f"u{i}.test")]
    text = "".join(f"{name}\n" for name in names)
    for flags in (["--threads", "16"], ["--lookup", "dns", "-4"], ["--type", "A"]):
        done = machine.run("-", "--ndjson", "--ordered", *flags, stdin=text)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        order = [row["name"] for i, row in enumerate(rows) if i == 0 or row["name"] != rows[i - 1]["name"]]
        check(f"{flags} in order", order, names)
        check(f"{flags} status", done.returncode, 1)
        done = machine.run("-", "--ndjson", "--summary", *flags, stdin=text)
        loose = [json.loads(line)["name"] for line in done.stdout.splitlines()]
        check(f"{flags} all of them", sorted(set(loose)), sorted(set(names)))
        check(f"{flags} summary", done.stderr.splitlines()[0].startswith("400 names: "), True)
    nul = machine.run("-0", "-", "--type", "A", "--ndjson", "--fields", "name", stdin="a.test\0b\nc\0a.test")
    check("names that end with a NUL", sorted(json.loads(line)["name"] for line in nul.stdout.splitlines()),
          ["a.test", "a.test", "b\nc"])
    done = machine.run("-", "--type", "A", "--ndjson", "--fields", "name,error", stdin="\nx y\nbücher.test\n")
    check("odd names have an end", len(done.stdout.splitlines()), 3)


def ends(machine):
    """A reader that goes away, and Ctrl-C."""
    quiet = subprocess.run(["sh", "-c", 'yes a.test | head -20000 | "$0" resolve - --type A --ndjson | head -1', machine.inetctl],
                           capture_output=True, text=True, timeout=60, check=False)
    check("no word when the reader is gone", (quiet.stderr, len(quiet.stdout.splitlines())), ("", 1))
    for flags in (["--type", "A"], ["--threads", "4"]):
        with subprocess.Popen([machine.inetctl, "resolve", "-", "--ndjson", "--summary", *flags], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            child.stdin.write("a.test\n")
            child.stdin.flush()
            first = child.stdout.readline()
            check(f"{flags}: an answer while input waits", json.loads(first)["name"], "a.test")
            child.send_signal(signal.SIGINT)
            began = time.monotonic()
            _, errors = child.communicate(timeout=20)
            check(f"{flags}: Ctrl-C ends it soon", time.monotonic() - began < 5, True)
            check(f"{flags}: with a summary", "1 names: 1 answered" in errors, True)
            check(f"{flags}: and a status", child.returncode, 4)


def main():
    inetctl = str(pathlib.Path(sys.argv[1]).resolve())
    own_namespace()
    socket.sethostname("vm")
    server = Server(53, more=[(f"u{i}.test", "A", [f"10.44.0.{i}"]) for i in range(100)])
    silent = Server(53, address="127.0.0.2", mode="silent")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        machine = Machine(inetctl, place)
        native(machine)
        services(machine)
        compare(machine)
        reverse(machine)
        name_servers(machine, server)
        two_servers(machine, silent)
        many(machine)
        ends(machine)
    print("\n".join(FAILURES) or "all as expected")
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()
