#!/usr/bin/env python3
"""What `inetctl info` adds to a listing, against a kernel, ss(8) and ip(8): congestion control's figures, bits of
options, routes, MPTCP; and `inetctl diff` of what happened meanwhile.

    info.py INETCTL

It makes a network namespace of its own. Exits 0 when all holds, 1 when not, 77 when no namespace can be made.
"""

import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

MPTCP = 262
TCP, SOL = socket.IPPROTO_TCP, socket.SOL_SOCKET
TCP_CC_INFO = 26
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)
        print(f"FAIL {what}")


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, **more)


def rows(program, *words):
    done = run(program, *words, "--ndjson")
    if done.returncode not in (0, 1):
        check(False, f"{words}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def facts(program, *words):
    """The facts of one socket, by group and name."""
    found = rows(program, "info", *words)
    check(len(found) == 1, f"{words}: {len(found)} sockets")
    return {(fact["group"], fact["name"]): fact for row in found[:1] for fact in row["facts"]}


def pair(protocol=0, congestion=None, listen_at="127.0.0.1"):
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    door.bind((listen_at, 0))
    door.listen(8)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    if congestion:
        client.setsockopt(TCP, socket.TCP_CONGESTION, congestion.encode())
    client.connect(door.getsockname())
    server, _ = door.accept()
    return client, server, door


def available():
    with open("/proc/sys/net/ipv4/tcp_available_congestion_control", encoding="ascii") as names:
        return names.read().split()


def congestion(program):
    """The figures are those that the owner itself reads (TCP_CC_INFO)."""
    layouts = {"bbr": ("=QIII", ("bbr_bw_Bps", "bbr_min_rtt_us", "bbr_pacing_gain", "bbr_cwnd_gain")),
               "dctcp": ("=HHIII", ("dctcp_enabled", "dctcp_ce_state", "dctcp_alpha", "dctcp_ab_ecn", "dctcp_ab_tot")),
               "vegas": ("=IIII", ("vegas_enabled", "vegas_rttcnt", "vegas_rtt_us", "vegas_minrtt_us"))}
    for name, (layout, keys) in layouts.items():
        if name not in available():
            print(f"SKIP {name}: this kernel has only {' '.join(available())}")
            continue
        client, server, _door = pair(congestion=name)
        for _ in range(20):
            client.sendall(b"x" * 10_000)
            server.recv(10_000, socket.MSG_WAITALL)
        said = facts(program, "sport", "=", str(client.getsockname()[1]))
        own = struct.unpack(layout, client.getsockopt(TCP, TCP_CC_INFO, struct.calcsize(layout)))
        for key, value in zip(keys, own):
            fact = said.get(("congestion", key), {})
            check(fact.get("value") == value, f"{name}: {key} is {value}, but info says {fact}")
        if name == "bbr":
            check(said["congestion", "bbr_pacing_gain"]["text"] == f"{own[2] / 256:.2f}", "the gain in words")
        option = rows(program, "getopts", f"sport = {client.getsockname()[1]}", "TCP_CC_INFO")
        check(option[0]["hex"] == client.getsockopt(TCP, TCP_CC_INFO, 64).hex(), f"getopts TCP_CC_INFO: {option}")


def option_bits(program):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    bits = {"recverr": (socket.IPPROTO_IP, 11), "freebind": (socket.IPPROTO_IP, 15), "transparent": (socket.IPPROTO_IP, 19),
            "mc_loop": (socket.IPPROTO_IP, 34), "mc_all": (socket.IPPROTO_IP, 49),
            "bind_address_no_port": (socket.IPPROTO_IP, 24)}
    for on in (0, 1):
        for level, number in bits.values():
            sock.setsockopt(level, number, on)
        said = facts(program, "udp", "sport", "=", str(sock.getsockname()[1]))
        for key in bits:
            fact = said.get(("bits", key), {})
            check(fact.get("text") == ("true" if on else "false"), f"{key} was set to {on}, info says {fact}")
    check(("bits", "is_icsk") in said and said["bits", "is_icsk"]["text"] == "false", "UDP has no connections")


def sock_diag_alone(program):
    """Whom the socket does not belong to learns from sock_diag what was changed, and what he cannot see."""
    client, _server, _door = pair(congestion="reno")
    client.setsockopt(socket.IPPROTO_IP, 11, 1)
    client.setsockopt(TCP, socket.TCP_NODELAY, 1)
    words = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    if run(*words, "true").returncode != 0:
        print("SKIP an unprivileged look: setpriv does not work here")
        return
    done = run(*words, program, "info", "sport", "=", str(client.getsockname()[1]), "--json")
    document = json.loads(done.stdout)
    said = {(fact["group"], fact["name"]): fact for fact in document["rows"][0]["facts"]}
    check(said.get(("options", "IP_RECVERR"), {}).get("text") == "true, by default false", f"IP_RECVERR: {done.stdout}")
    check(("options", "TCP_NODELAY") not in said, "sock_diag does not know TCP_NODELAY")
    notes = "\n".join(document["notes"])
    for wanted in ("could not be read: no process that may be seen holds it", "administrator of the network only"):
        check(wanted in notes, f"'{wanted}' is not said: {notes}")


def listed(program, *words):
    return {fact["name"]: fact["value"] if fact["value"] is not None else fact["text"]
            for (group, _), fact in facts(program, *words).items() if group == "route"}


def routes(program):
    """A UDP socket is connected without a packet being sent; ip(8) judges."""
    for words in (["link", "add", "v0", "mtu", "1400", "type", "veth", "peer", "name", "v1"],
                  ["addr", "add", "10.9.0.1/24", "dev", "v0"], ["link", "set", "v1", "up"], ["link", "set", "v0", "up"],
                  ["route", "add", "10.10.0.0/16", "via", "10.9.0.2", "mtu", "1300", "initcwnd", "20", "rto_min", "50ms",
                   "hoplimit", "9", "metric", "77"]):
        if run("ip", *words).returncode != 0:
            print(f"SKIP routes: ip {' '.join(words)} does not work here")
            return
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("10.10.3.4", 9))
    said = listed(program, "udp", "dport", "=", "9")
    wanted = {"type": "unicast", "interface": "v0", "interface_mtu": 1400, "gateway": "10.9.0.2", "source": "10.9.0.1",
              "destination": "10.10.0.0/16", "table": "main", "protocol": "boot", "scope": "global", "priority": 77,
              "mtu": 1300, "initcwnd": 20, "rto_min_ms": 50, "hoplimit": 9}
    for key, value in wanted.items():
        check(said.get(key) == value, f"route {key} is {value}, info says {said.get(key)}")
    theirs = json.loads(run("ip", "-j", "route", "get", "10.10.3.4").stdout)[0]
    for key, name in (("gateway", "gateway"), ("dev", "interface"), ("prefsrc", "source")):
        check(theirs[key] == said.get(name), f"ip says {key} {theirs[key]}, info {said.get(name)}")
    near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.connect(("10.9.0.7", 10))
    said = listed(program, "udp", "dport", "=", "10")
    check("gateway" not in said and said.get("scope") == "link", f"a neighbour has no gateway: {said}")
    # A mark chooses another table, and so do rules for it; not every kernel has rules.
    if run("ip", "rule", "add", "fwmark", "5", "table", "100").returncode == 0:
        run("ip", "route", "add", "default", "via", "10.9.0.3", "table", "100")
        sock.setsockopt(SOL, 36, 5)
        said = listed(program, "udp", "dport", "=", "9")
        check((said.get("table"), said.get("gateway"), said.get("destination")) == (100, "10.9.0.3", "default") or
              (said.get("table"), said.get("gateway"), said.get("destination")) == ("100", "10.9.0.3", "default"),
              f"the mark's route: {said}")
        sock.setsockopt(SOL, 36, 0)
    run("ip", "route", "del", "10.10.0.0/16")
    done = run(program, "info", "udp", "dport", "=", "9", "--json")
    check("the route of 1 socket is unknown: the kernel answers ENETUNREACH" in done.stdout, f"no way: {done.stdout}")


def mptcp(program):
    try:
        client, server, door = pair(MPTCP)
    except OSError as error:
        print(f"SKIP MPTCP: {error}")
        return
    client.sendall(b"x" * 1000)
    server.recv(1000, socket.MSG_WAITALL)
    port, served = client.getsockname()[1], door.getsockname()[1]
    said = facts(program, "sport", "=", str(port))
    check(said.get(("ulp", "ulp"), {}).get("text") == "mptcp", f"what is on top of it: {said.get(('ulp', 'ulp'))}")
    found = re.search(r"tcp-ulp-mptcp.* token:\w+\(id:\d+\)/(\w+)\(id:(\d+)\)", run("ss", "-tniO", "sport", f"= :{port}").stdout)
    token = said.get(("ulp", "mptcp_token_local"), {}).get("value")
    check(found and int(found[1], 16) == token, f"ss says {found and found[1]}, info {token}")
    check("connected" in said["ulp", "mptcp_flags"]["text"], f"flags: {said['ulp', 'mptcp_flags']}")
    lines = [(name, fact) for (group, name), fact in said.items() if group == "subflows"]
    check(len(lines) == 1 and lines[0][0] == f"127.0.0.1:{port} -> 127.0.0.1:{served}" and "this one" in lines[0][1]["text"],
          f"subflows: {lines}")
    # A second way between the two: the path manager makes it when told of an address.
    if run("ip", "mptcp", "limits", "set", "subflow", "2", "add_addr_accepted", "2").returncode != 0 or run(
            "ip", "mptcp", "endpoint", "add", "127.0.0.2", "dev", "lo", "subflow").returncode != 0:
        print("SKIP a second subflow: ip mptcp does not work here")
        return
    again, other, _door = pair(MPTCP)
    again.sendall(b"y" * 1000)
    other.recv(1000, socket.MSG_WAITALL)
    port = again.getsockname()[1]
    for _ in range(100):
        said = facts(program, "sport", "=", str(port))
        lines = {name: fact["text"] for (group, name), fact in said.items() if group == "subflows"}
        if len(lines) == 2:
            break
    check(len(lines) == 2 and any(name.startswith("127.0.0.2:") for name in lines), f"two subflows: {lines}")


def await_quiet(program, port):
    """Until the connections of what was done before have ended: only those to this port are left."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        rows = json.loads(run(program, "i", "tcp", "--json").stdout)["rows"]
        if all(port in (row["local_port"], row["foreign_port"]) for row in rows if row["state"] != "LISTEN"):
            return
        time.sleep(0.05)


def await_addresses(program):
    """Until no address is tentative any more: that ends by itself, and would be a difference (RFC 4862)."""
    end = time.monotonic() + 10
    while time.monotonic() < end and "tentative" in run(program, "getifaddrs", "--json", "--fields", "all").stdout:
        time.sleep(0.05)


def await_state(sock, number):
    """Until the kernel has this socket in this state of TCP, the first byte of struct tcp_info."""
    end = time.monotonic() + 10
    while time.monotonic() < end and sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != number:
        time.sleep(0.01)


def differences(program):
    """What the test does between two recordings is what diff says, and nothing else."""
    first, second, _door = pair()
    await_quiet(program, first.getpeername()[1])
    await_addresses(program)
    gone = socket.create_server(("127.0.0.1", 0))
    gone_port = gone.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        before, after, listing = (os.path.join(scratch, name) for name in ("before", "after", "listing"))
        run(program, "record", before)
        with open(listing, "w", encoding="utf-8") as file:
            file.write(run(program, "i", "--json").stdout)
        same = run(program, "diff", before, before)
        check(same.returncode == 0, f"a recording differs from itself: {same.stdout}{same.stderr}")
        check(run(program, "diff", before).returncode == 0, f"nothing has happened: {run(program, 'diff', before).stdout}")
        gone.close()
        new = socket.create_server(("127.0.0.1", 0))
        first.sendall(b"x" * 500)
        second.shutdown(socket.SHUT_WR)
        second.recv(500, socket.MSG_WAITALL)
        await_state(second, 5)  # the acknowledgement of the FIN may be late
        run("ip", "link", "set", "lo", "mtu", "60000")
        run(program, "record", after)
        done = run(program, "diff", before, after, "--ndjson")
        check(done.returncode == 1, f"diff ended with {done.returncode}: {done.stderr}")
        told = {(row["of"], row["change"], row["key"], row["field"], row["before"], row["after"])
                for row in map(json.loads, done.stdout.splitlines())}
        a, b = (f"127.0.0.1:{sock.getsockname()[1]}" for sock in (first, second))
        wanted = {("i", "vanished", f"tcp,127.0.0.1:{gone_port},0.0.0.0:0", None, None, None),
                  ("i", "appeared", f"tcp,127.0.0.1:{new.getsockname()[1]},0.0.0.0:0", None, None, None),
                  ("i", "changed", f"tcp,{a},{b}", "state", "ESTABLISHED", "CLOSE_WAIT"),
                  ("i", "changed", f"tcp,{b},{a}", "state", "ESTABLISHED", "FIN_WAIT2"),
                  ("getifaddrs", "changed", "lo", "mtu", "65536", "60000")}
        check(wanted <= told, f"not told: {wanted - told}")
        check(not [row for row in told if row[3] in ("recv", "bytes_received", "rtt_us")], "what moves was told unasked")
        moved = [json.loads(line) for line in run(program, "diff", "--all", before, after, "--ndjson").stdout.splitlines()]
        check(any(row["key"] == f"tcp,{a},{b}" and row["field"] == "sent" and row["after"] == "500" for row in moved),
              "--all does not tell of the bytes")
        now = run(program, "diff", listing, "--ndjson")
        check(now.returncode == 1 and f"{gone_port}" in now.stdout and "CLOSE_WAIT" in now.stdout, f"with now: {now.stdout}")
        run("ip", "link", "set", "lo", "mtu", "65536")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.environ.get("INETCTL_TEST_INSIDE") != "1":
        words = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
        if run(*words, "true").returncode != 0:
            print("SKIP: no network namespace can be made here")
            sys.exit(77)
        os.environ["INETCTL_TEST_INSIDE"] = "1"
        os.execvp(words[0], [*words, sys.executable, *sys.argv])
    run("ip", "link", "set", "lo", "up")
    program = sys.argv[1]
    for test in (congestion, option_bits, sock_diag_alone, routes, mptcp, differences):
        test(program)
    print(f"{len(failures)} failures" if failures else "all holds")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
