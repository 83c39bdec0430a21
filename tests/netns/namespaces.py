#!/usr/bin/env python3
"""Network namespaces that something keeps: a name, a process (in a cgroup as containers have), a thread, a mount
that only another process sees, a descriptor, a socket alone. In each there are sockets of TCP, UDP and unix; all are
found with their owners, from outside, and the summary counts them.

    namespaces.py INETCTL

Makes its own namespaces: of pids too, so that few processes are there, which are looked at one by one, until one
holds so many descriptors that the kernel is asked (BPF, where that is allowed).
"""

import ctypes
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from checks import check, verdict

CLONE_NEWNET, CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x40000000, 0x20000, 4096, 16384, 1 << 18
LIBC = ctypes.CDLL(None, use_errno=True)
PORT = 5300


def left_out(what):
    print(f"namespaces: left out: {what}")


def call(done):
    if done != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


# ---------------------------------------------------------------- what a holder does, in a process of its own


def inode_here():
    return os.stat("/proc/thread-self/ns/net").st_ino


def open_sockets(kind):
    """One listener, a connection, a connection that nobody accepts, and sockets of UDP and unix."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    listener = socket.create_server(("127.0.0.1", PORT))
    client = socket.create_connection(("127.0.0.1", PORT))
    served, _ = listener.accept()
    client.sendall(b"x" * 1000)
    served.recv(1000, socket.MSG_WAITALL)
    served.sendall(b"y")
    client.recv(1)
    waiting = socket.create_connection(("127.0.0.1", PORT))
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.bind(("::1", PORT))
    local = socket.socket(socket.AF_UNIX)
    local.bind(f"\0{kind}")
    local.listen()
    return {"listener": listener, "client": client, "served": served, "waiting": waiting, "udp": datagrams, "unix": local}


def in_new_namespace(work):
    """Does it in a network namespace of its own, and comes back."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    call(LIBC.unshare(CLONE_NEWNET))
    done = work()
    call(LIBC.setns(own, CLONE_NEWNET))
    os.close(own)
    return done


def hold(kind, folder):
    """Keeps a namespace in the way that its kind says, tells what is in it, and waits for the end of its input."""
    told = {"pid": os.getpid()}

    def fill():
        told["netns"] = inode_here()
        return open_sockets(kind)

    if kind in ("name", "process"):
        kept = fill()
    elif kind == "socket":
        kept = in_new_namespace(fill)
    elif kind == "descriptor":
        # The descriptor comes first, so the namespace is called by it.
        descriptor, kept = in_new_namespace(lambda: (os.open("/proc/thread-self/ns/net", os.O_RDONLY), fill()))
        told["fd"] = descriptor
    elif kind == "mount":
        place = os.path.join(folder, "my place")
        call(LIBC.unshare(CLONE_NEWNS))
        call(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        open(place, "w").close()
        # Nothing but the mount is to keep it: there are no sockets.
        kept = in_new_namespace(lambda: (told.update(netns=inode_here()), call(LIBC.mount(b"/proc/thread-self/ns/net", place.encode(), None, MS_BIND, None)), {})[2])
    else:
        import threading

        made, over = threading.Event(), threading.Event()
        kept = {}

        def live():
            call(LIBC.unshare(CLONE_NEWNET))
            told["tid"] = threading.get_native_id()
            kept.update(fill())
            made.set()
            over.wait()

        threading.Thread(target=live, daemon=True).start()
        made.wait()
    told["sockets"] = {name: [os.fstat(s.fileno()).st_ino, s.fileno()] for name, s in kept.items()}
    print(json.dumps(told), flush=True)
    sys.stdin.read()


# ---------------------------------------------------------------- the test


class Holder:
    def __init__(self, kind, folder, *enter, before=None):
        words = [*enter, sys.executable, os.path.abspath(__file__), "--hold", kind, folder]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=before)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the holder of a {kind} has ended")
        self.told = json.loads(line)
        self.kind, self.pid, self.netns = kind, self.told["pid"], self.told["netns"]
        first = min((fd for _, fd in self.told["sockets"].values()), default=None)
        self.name = {"name": "blue", "process": f"pid:{self.pid}", "socket": f"fd:{self.pid}/{first}",
                     "descriptor": f"fd:{self.pid}/{self.told.get('fd')}", "thread": f"tid:{self.told.get('tid')}",
                     "mount": f"/proc/{self.pid}/root{folder}/my place"}[kind]

    def end(self):
        self.process.communicate(timeout=30)


class ContainersCgroup:
    """A cgroup by the name that a container's has; none where cgroups cannot be made."""

    def __init__(self):
        self.path = None
        for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
            path = os.path.join(root, f"docker-{secrets.token_hex(32)}.scope")
            try:
                if os.path.exists(os.path.join(root, "cgroup.procs")):
                    os.mkdir(path)
                    self.path = path
                    return
            except OSError:
                pass
        left_out("a container's cgroup cannot be made here")

    def enter(self):
        if self.path:
            with open(os.path.join(self.path, "cgroup.procs"), "w", encoding="ascii") as procs:
                procs.write("0")

    def remove(self):
        for _ in range(50):
            try:
                return self.path is None or os.rmdir(self.path)
            except OSError:
                time.sleep(0.1)
        left_out(f"{self.path} stays")


def run(*words):
    done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def document(*words):
    status, out, errors = run(*words, "--json")
    check(f"{words} ends well", status == 0, status, errors)
    return json.loads(out) if status == 0 else {"rows": [], "notes": []}


def rows(*words):
    return document(*words)["rows"]


def look(inetctl, holders, road):
    """Every namespace is found and every socket in it, with who holds it."""
    found = rows(inetctl, "i", "--all-netns", "tcp", "udp", "unix", "--fields", "netns,netns_name,inode,owners,state,local")
    by_inode = {row["inode"]: row for row in found if row["inode"]}
    for holder in holders:
        for name, (inode, fd) in holder.told["sockets"].items():
            row = by_inode.get(inode)
            what = f"{road}: the {name} of the namespace that a {holder.kind} keeps"
            if row is None:
                check(f"{what} is found", False, sorted({r["netns_name"] for r in found}))
                continue
            check(f"{what} is in its namespace", (row["netns"], row["netns_name"]) == (holder.netns, holder.name), row, holder.name)
            owners = [(owner["pid"], owner["fd"], owner["comm"]) for owner in row["owners"] or []]
            check(f"{what} has its owner", owners == [(holder.pid, fd, "python3")], owners)
    facts = rows(inetctl, "i", "--all-netns", "tcp", "state", "established", "--fields", "inode,rtt_us,bytes_acked,snd_cwnd,netns")
    for holder in holders:
        if "client" not in holder.told["sockets"]:
            continue
        told = [row for row in facts if row["inode"] == holder.told["sockets"]["client"][0]]
        check(f"{road}: tcp_info is whole where a {holder.kind} keeps the namespace",
              len(told) == 1 and told[0]["bytes_acked"] == 1001 and told[0]["rtt_us"] and told[0]["snd_cwnd"], told)
    # Interfaces are looked for in the same namespaces.
    links = {row["netns"]: row["netns_name"] for row in rows(inetctl, "getifaddrs", "--all-netns")}
    for holder in holders:
        check(f"{road}: getifaddrs knows the namespace that a {holder.kind} keeps", links.get(holder.netns) == holder.name, links)


def round_trip(inetctl, holders):
    """Each name that is printed can be typed, and so can the inode."""
    for holder in holders:
        inside = {inode for inode, _ in holder.told["sockets"].values()}
        for word in (holder.name, str(holder.netns), f"net:[{holder.netns}]"):
            told = rows(inetctl, "i", "-N", word, "tcp", "udp", "unix", "--fields", "inode,netns,netns_name")
            # The connection that nobody has accepted has no inode yet.
            check(f"-N {word}", {row["inode"] for row in told} - {None, 0} == inside, told, inside)
            check(f"-N {word} says which it is", all((row["netns"], row["netns_name"]) == (holder.netns, holder.name) for row in told), told)
            links = rows(inetctl, "getifaddrs", "-N", word)
            check(f"getifaddrs -N {word}", [(row["name"], row["netns"], row["netns_name"]) for row in links] == [("lo", holder.netns, holder.name)], links)
            counters = run(inetctl, "stat", "--proto", "-N", word, "tcp")
            check(f"stat --proto -N {word}", counters[0] == 0, counters)
    some = next(holder for holder in holders if holder.kind == "socket")
    fd = some.told["sockets"]["udp"][1]
    told = rows(inetctl, "i", "-N", f"fd:{some.pid}/{fd}", "udp")
    check("any socket leads to its namespace", [row["inode"] for row in told] == [some.told["sockets"]["udp"][0]], told)


def refusals(inetctl, some):
    for word, status, text in (("fd:1", 2, "is no descriptor of a process"), ("tid:0", 2, "is no thread id"), ("7", 4, "nor an inode"),
                               ("net:[7]", 4, "nor an inode"), (f"fd:{some.pid}/999", 4, "(ENOENT)"), (f"fd:{some.pid}/0", 4, "(EINVAL)")):
        ended, out, errors = run(inetctl, "i", "-N", word)
        check(f"-N {word} is refused", ended == status and not out and text in errors, ended, errors)


def ordinary_user(inetctl, holders):
    if not shutil.which("setpriv") or open("/proc/self/uid_map", encoding="ascii").read().split() != ["0", "0", "4294967295"]:
        left_out("an ordinary user's view needs root")
        return
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        program = shutil.copy(inetctl, os.path.join(scratch, "inetctl"))
        words = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", program]
        status, out, errors = run(*words, "i", "--all-netns", "tcp", "udp", "--json")
        check("an ordinary user gets an answer", status == 0, status, errors)
        noted = re.search(r"the network namespaces of (\d+) process(?:es)? \(([\d, ]+?)(?: and \d+ more)?\), and those that they hold, could not be read", errors)
        check("which says whose namespaces are missing", noted is not None, errors)
        if noted:
            pids = {int(pid) for pid in noted[2].split(",")}
            visible = {int(name) for name in os.listdir("/proc") if name.isdigit()}
            check("by the pids of others", pids <= visible and {holder.pid for holder in holders} <= pids if len(visible) < 9 else pids <= visible, noted[0], visible)
        check("and what cannot be entered", "blue left out: " in errors and "(EPERM)" in errors, errors)
        check("no socket is shown of where nobody could look", {row["netns_name"] for row in json.loads(out)["rows"]} <= {f"pid:{pid}" for pid in range(1, 1 << 22)}, out)


def outside():
    """Thousands of sockets in the namespace around."""
    import resource

    wanted = 6000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - 100)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 100 if hard == resource.RLIM_INFINITY else hard, hard))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    kept = [socket.create_server(("127.0.0.1", 5400), backlog=2048)]
    for _ in range(wanted // 4):
        kept.append(socket.create_connection(("127.0.0.1", 5400)))
        kept.append(kept[0].accept()[0])
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("127.0.0.1", 0))
        kept.append(datagrams)
    return kept


def sockstat(holder):
    """What the kernel counts in the namespace, as a judge: alloc and mem are the machine's, inuse and tw are its own."""
    text = open(f"/proc/{holder.pid}/net/sockstat", encoding="ascii").read() + open(f"/proc/{holder.pid}/net/sockstat6", encoding="ascii").read()
    return {f"{line.split(':')[0]}.{key}": int(value) for line in text.splitlines() for key, value in re.findall(r"(\w+) (\d+)", line)}


def summary(inetctl, holders, out_here):
    blue = next(holder for holder in holders if holder.kind == "name")
    counted = {row["protocol"]: row for row in rows(inetctl, "i", "-s", "-N", "blue")}
    tcp, udp, local = counted["tcp"], counted["udp"], counted["unix"]
    # A listener, a connection's two ends, one that waits and its other end that nobody accepted.
    check("TCP inside is counted", (tcp["count"], tcp["listen"], tcp["established"], tcp["unaccepted"]) == (5, 1, 4, 1), tcp)
    check("by version of IP", (tcp["ipv4"], tcp["ipv6"], udp["ipv4"], udp["ipv6"]) == (5, 0, 0, 1), tcp, udp)
    check("what has none of these is absent", (local["count"], local["listen"], local["ipv4"], local["time_wait"]) == (1, 1, None, None), local)
    check("UDP too", (udp["count"], udp["unconnected"], udp["time_wait"]) == (1, 1, None), udp)
    kernel = sockstat(blue)
    check("the kernel's own count is the same", kernel["TCP.inuse"] == tcp["ipv4"] and kernel["UDP6.inuse"] == udp["ipv6"] and kernel["TCP.tw"] == tcp["time_wait"], kernel, tcp)
    check("where each row is", {(row["netns"], row["netns_name"]) for row in counted.values()} == {(blue.netns, "blue")}, counted)
    check("the machine's memory is in pages", isinstance(tcp["machine_memory_pages"], int) and local["machine_memory_pages"] is None, tcp)

    here = {row["protocol"]: row for row in rows(inetctl, "i", "-s")}
    connections = sum(s.type == socket.SOCK_STREAM for s in out_here)
    check("thousands outside", here["tcp"]["established"] == connections - 1 and here["udp"]["count"] == len(out_here) - connections, here["tcp"], here["udp"])
    every = rows(inetctl, "i", "-s", "--all-netns", "tcp")
    for holder in holders:
        told = [row for row in every if row["netns"] == holder.netns]
        there = bool(holder.told["sockets"])
        check(f"one row of TCP where a {holder.kind} keeps the namespace", [row["count"] for row in told] == ([5] if there else []), told)
    check("names are theirs", {row["netns_name"] for row in every} >= {holder.name for holder in holders if holder.told["sockets"]}, every)

    # The listing is the judge, of every protocol and state.
    listed = {}
    for row in rows(inetctl, "i", "-a", "all", "-N", "blue", "--fields", "protocol,state,family"):
        listed.setdefault(row["protocol"], []).append(row)
    for protocol in ("tcp", "udp", "unix"):
        one = counted[protocol]
        check(f"as many of {protocol} as are listed", one["count"] == len(listed[protocol]), one)
        for state, key in (("ESTABLISHED", "established"), ("LISTEN", "listen"), ("UNCONN", "unconnected"), ("TIME_WAIT", "time_wait"), ("BOUND_INACTIVE", "bound_inactive")):
            check(f"{protocol} in {state}", (one[key] or 0) == sum(row["state"] == state for row in listed[protocol]), one)

    some = rows(inetctl, "i", "-s", "-N", "blue", "tcp", f"sport = :{PORT}")
    check("of those that a filter chooses", [(row["protocol"], row["count"]) for row in some] == [("tcp", 3)], some)
    some = rows(inetctl, "i", "-s6", "-N", "blue", "tcp", "udp")
    check("of one version of IP", [(row["protocol"], row["count"]) for row in some] == [("udp", 1)], some)
    some = rows(inetctl, "i", "-sl", "-N", "blue", "tcp")
    check("of listeners", [(row["count"], row["listen"]) for row in some] == [(1, 1)], some)
    status, out, _ = run(inetctl, "i", "-s", "-N", "blue", "sport = :1", "--json")
    check("nothing that matches is a negative answer", status == 1 and json.loads(out)["rows"] == [], status, out)
    chosen = rows(inetctl, "i", "-s", "--all-netns", "--fields", "netns_name,listen", "--sort", "-listen", "tcp")
    check("fields and order are those that were asked for", chosen[0].keys() == {"netns_name", "listen"} and chosen == sorted(chosen, key=lambda row: -row["listen"]), chosen)
    _, table, _ = run(inetctl, "i", "-s", "-N", "blue", "tcp")
    head = table.splitlines()[0].split()
    check("a table has no column of what there is none of", head == ["Proto", "Count", "IPv4", "IPv6", "Estab", "Listen", "Unaccepted", "Memory"], table)


def orphans(inetctl):
    """A connection that its program has closed, and which cannot end: its peer reads nothing."""
    listener = socket.create_server(("127.0.0.1", 5500))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client = socket.create_connection(("127.0.0.1", 5500))
    served, _ = listener.accept()
    client.setblocking(False)
    try:
        while True:
            client.send(b"x" * 65536)
    except BlockingIOError:
        pass
    told = rows(inetctl, "i", "-s", "tcp", "dport = :5500")[0]
    check("what it has queued is memory", told["memory_bytes"] > 65536 and told["orphaned"] == 0, told)
    client.close()
    told = rows(inetctl, "i", "-s", "tcp", "dport = :5500")[0]
    check("an orphan is counted", (told["count"], told["orphaned"], told["fin_wait1"]) == (1, 1, 1), told)
    served.close()
    listener.close()


def inside(inetctl):
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)  # named namespaces are not the machine's
    subprocess.run(["ip", "netns", "add", "blue"], check=True)
    cgroup = ContainersCgroup()
    holders, out_here = [], []
    with tempfile.TemporaryDirectory() as folder:
        try:
            holders.append(Holder("name", folder, "ip", "netns", "exec", "blue"))
            holders.append(Holder("process", folder, "unshare", "-n", before=cgroup.enter))
            for kind in ("thread", "mount", "descriptor", "socket"):
                holders.append(Holder(kind, folder))
            check("each is another one", len({holder.netns for holder in holders} | {inode_here()}) == len(holders) + 1)
            look(inetctl, holders, "one by one")
            round_trip(inetctl, holders)
            refusals(inetctl, holders[0])
            ordinary_user(inetctl, holders)
            out_here = outside()
            look(inetctl, holders, "among thousands of descriptors")
            summary(inetctl, holders, out_here)
            orphans(inetctl)
        finally:
            for holder in holders:
                holder.end()
            cgroup.remove()
        left = {row["netns_name"] for row in rows(inetctl, "i", "--all-netns", "tcp")}
        check("with who kept them they are gone", left <= {"pid:1"}, left)
    return verdict("namespaces: all are found")


def main():
    if sys.argv[1] == "--hold":
        return hold(*sys.argv[2:])
    if sys.argv[1] == "--inside":
        return inside(os.path.abspath(sys.argv[2]))
    if not shutil.which("ip") or not shutil.which("unshare"):
        print("namespaces: skipped: no ip or no unshare (Debian: iproute2, util-linux)")
        return 77
    enter = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-mnp", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
        print("namespaces: skipped: namespaces are not allowed here")
        return 77
    return subprocess.run([*enter, sys.executable, os.path.abspath(__file__), "--inside", sys.argv[1]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
