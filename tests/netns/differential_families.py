#!/usr/bin/env python3
"""The comparison of differential.py for what is neither TCP nor UDP: unix, raw, ping, UDP-Lite, MPTCP, netlink and packet
sockets, row by row and both ways, with ss, with /proc/net and with what the descriptors themselves say.

    make_sockets families SEED -- differential_families.py INETCTL
"""

import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys

import differential
from differential import View, namespace_of, proc_endpoint, ss_endpoint, ss_state

FIELDS = ("protocol,state,type,local,local_address,local_port,foreign_address,foreign_port,recv_queue,send_queue,accept_queue,"
          "accept_limit,inode,uid,cookie,owners,peer_inode,netlink_groups,netlink_portid,packet_protocol,interface,drops")
FAMILIES = ("unix", "raw", "ping", "udplite", "mptcp", "netlink", "packet")
ENDPOINTS = ("raw", "ping", "udplite", "mptcp")
TYPES = {1: "STREAM", 2: "DGRAM", 3: "RAW", 4: "RDM", 5: "SEQPACKET"}
NETLINK = ("route", "1", "usersock", "firewall", "sock_diag", "nflog", "xfrm", "selinux", "iscsi", "audit", "fib", "connector",
           "netfilter", "ip6_fw", "dnrtmsg", "kobject_uevent", "generic", "17", "scsi", "ecryptfs", "rdma", "crypto", "smc")


# --- inetctl

def read_inetctl(program):
    done = subprocess.run([program, "i", *FAMILIES, "-a", "--ndjson", "--fields", FIELDS], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"differential: inetctl ended with {done.returncode}: {done.stderr.decode()}")
    return [common_form(json.loads(line)) for line in done.stdout.decode("utf-8").splitlines()]


def common_form(row):
    listening = row["state"] == "LISTEN"
    faults = []
    if (row["accept_queue"] is None) != (not listening):
        faults.append("a listener, and only a listener, has accept_queue and accept_limit")
    if row["protocol"] in ENDPOINTS:
        local, foreign = (row["local_address"], row["local_port"]), (row["foreign_address"], row["foreign_port"])
    else:
        if (row["local_address"], row["local_port"]) != (None, None):
            faults.append("an address of IP where there is none")
        local, foreign = row["local"] or "", row["peer_inode"] or 0
    return {
        "protocol": row["protocol"], "state": row["state"], "type": row["type"], "local": local, "foreign": foreign,
        "queues": ((row["accept_queue"], row["accept_limit"]) if listening else (row["recv_queue"], row["send_queue"])),
        "inode": row["inode"], "uid": row["uid"], "cookie": row["cookie"], "portid": row["netlink_portid"],
        "groups": row["netlink_groups"] or [], "frames": row["packet_protocol"], "interface": row["interface"], "drops": row["drops"],
        "owners": frozenset((owner["pid"], owner["fd"]) for owner in row["owners"] or []), "faults": tuple(faults),
    }


def spelt(raw):
    """The bytes of a name as JSON has them: what is no UTF-8 by its number."""
    return raw.decode("utf-8", "backslashreplace")


def at_for_zero(name):
    """As ss and /proc/net spell an abstract name: each zero byte is an @."""
    return name.replace("\0", "@")


# --- ss

UNIX_ROW = re.compile(rb"^(u_str|u_dgr|u_seq) +(\S+) +(\d+) +(\d+) +(.*?) (\d+) +\* (\d+) +(users:\(\(.*?\)\) )?(?:<->|-->|<--|---)",
                      re.MULTILINE | re.DOTALL)


def ss(*words):
    return subprocess.run(["ss", "-H", "-a", "-n", "-p", "-e", "-O", *words], capture_output=True, check=True).stdout


def ss_owners(text):
    return frozenset((int(pid), int(fd)) for pid, fd in re.findall(rb'",pid=(\d+),fd=(\d+)\)', text or b""))


def read_ss():
    yield from (ss_unix(match) for match in UNIX_ROW.finditer(ss("-x")))
    for word, flag in (("raw", "-w"), ("mptcp", "-M")):
        for line in ss(flag).splitlines():
            yield ss_inet(word, line)
    for line in ss("-0").splitlines():
        yield ss_packet(line)


def ss_unix(match):
    kind, state, received, sent, local, inode, peer, users = match.groups()
    return {
        "protocol": "unix", "type": {b"u_str": "STREAM", b"u_dgr": "DGRAM", b"u_seq": "SEQPACKET"}[kind],
        "state": ss_state("udp" if state == b"UNCONN" else "tcp", state.decode()), "queues": (int(received), int(sent)),
        "local": "" if local == b"*" else spelt(local), "inode": int(inode), "foreign": int(peer), "owners": ss_owners(users),
    }


def ss_inet(protocol, line):
    state, received, sent, local, foreign = (word.decode() for word in line.split()[:5])
    address, _, port = ss_endpoint(local)
    peer, _, peer_port = ss_endpoint(foreign)
    row = {
        "protocol": protocol, "state": ss_state("udp" if protocol == "raw" else "tcp", state), "queues": (int(received), int(sent)),
        "local": (address, int(port)), "foreign": (peer, int(peer_port)), "owners": ss_owners(line),
    }
    for key, word, base in (("inode", rb" ino:(\d+)", 10), ("cookie", rb" sk:([0-9a-f]+)", 16)):
        found = re.search(word, line)
        if found and protocol != "raw":  # read from /proc where there is no module
            row[key] = int(found[1], base)
    return row


def ss_packet(line):
    kind, state, received, sent, _, _ = line.split()[:6]
    return {
        "protocol": "packet", "type": {b"p_raw": "RAW", b"p_dgr": "DGRAM"}[kind], "state": state.decode(),
        "inode": int(re.search(rb" ino:(\d+)", line)[1]), "cookie": int(re.search(rb" sk:([0-9a-f]+)", line)[1], 16),
        "owners": ss_owners(line),
    }


# --- /proc/net

PROC_UNIX = re.compile(rb"^[0-9a-f]+: \w{8} \w{8} (\w{8}) (\w{4}) (\w{2}) +(\d+)(?: (.*))?$", re.MULTILINE)


def read_proc():
    for flags, kind, state, inode, name in PROC_UNIX.findall(pathlib.Path("/proc/net/unix").read_bytes()):
        listens = int(flags, 16) & 0x10000
        yield {"protocol": "unix", "type": TYPES[int(kind, 16)], "inode": int(inode), "local": spelt(name),
               "state": "LISTEN" if listens else {1: "UNCONN", 2: "ESTABLISHED", 3: "ESTABLISHED"}[int(state, 16)]}
    for protocol, file in (("raw", "raw"), ("raw", "raw6"), ("ping", "icmp"), ("ping", "icmp6"), ("udplite", "udplite"), ("udplite", "udplite6")):
        for words in lines_of(file):
            sent, received = (int(word, 16) for word in words[4].split(":"))
            yield {"protocol": protocol, "local": proc_endpoint(words[1]), "foreign": proc_endpoint(words[2]),
                   "state": "UNCONN" if int(words[3], 16) == 7 else "ESTABLISHED", "queues": (received, sent), "uid": int(words[7]),
                   "inode": int(words[9]), "drops": int(words[12])}
    for words in lines_of("netlink"):
        yield {"protocol": "netlink", "local": f"{NETLINK[int(words[1])]}:{words[2]}", "portid": int(words[2]), "inode": int(words[9]),
               "groups": [bit + 1 for bit in range(32) if int(words[3], 16) >> bit & 1], "drops": int(words[8])}
    for words in lines_of("packet"):
        yield {"protocol": "packet", "type": TYPES[int(words[2])], "frames": int(words[3], 16), "inode": int(words[8]), "uid": int(words[7]),
               "interface": socket.if_indextoname(int(words[4])) if words[4] != "0" else None}


def lines_of(file):
    path = pathlib.Path("/proc/net", file)
    return [line.split() for line in path.read_text(encoding="ascii").splitlines()[1:]] if path.exists() else []


# --- descriptors

PROTOCOLS = {136: "udplite", 262: "mptcp", socket.IPPROTO_ICMP: "ping", socket.IPPROTO_ICMPV6: "ping"}


def read_descriptors():
    rows = {}
    here = os.readlink("/proc/self/ns/net")
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid() or namespace_of(entry) != here:
            continue
        pidfd = os.pidfd_open(int(entry.name))
        for name in os.listdir(entry / "fd"):
            if not os.readlink(entry / "fd" / name).startswith("socket:"):
                continue
            row = descriptor_row(differential.duplicate(pidfd, int(name)))
            if row is not None:
                known = rows.setdefault(row["inode"], row)
                known["owners"] = known["owners"] | {(int(entry.name), int(name))}
        os.close(pidfd)
    return list(rows.values())


def descriptor_row(copy):
    with socket.socket(fileno=copy) as held:
        row = {"type": TYPES[held.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)], "inode": os.fstat(copy).st_ino, "owners": frozenset(),
               "cookie": int.from_bytes(held.getsockopt(socket.SOL_SOCKET, differential.SO_COOKIE, 8), sys.byteorder)}
        memory = struct.unpack("=9I", held.getsockopt(socket.SOL_SOCKET, 55, 36))  # SO_MEMINFO
        listens = held.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if held.family == socket.AF_UNIX:
            local = held.getsockname()
            row |= {"protocol": "unix", "local": unix_name(local), "state": "LISTEN" if listens else None}
        elif held.family == socket.AF_NETLINK:
            portid, groups = held.getsockname()
            row |= {"protocol": "netlink", "local": f"{NETLINK[held.proto]}:{portid}", "portid": portid, "drops": memory[8],
                    "groups": [bit + 1 for bit in range(32) if groups >> bit & 1]}
            if portid == 0:
                return None  # not bound: in no list
        elif held.family == socket.AF_PACKET:
            interface, frames = held.getsockname()[:2]
            row |= {"protocol": "packet", "frames": frames, "interface": interface or None, "drops": memory[8], "state": "UNCONN"}
        elif held.family in (socket.AF_INET, socket.AF_INET6):
            return inet_row(row, held, listens, memory[8])
        else:
            return None
        if row.get("state", "") is None:
            del row["state"]
        return row


def unix_name(name):
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    return spelt(b"@" + raw[1:] if raw.startswith(b"\0") else raw)


def inet_row(row, held, listens, drops):
    protocol = "raw" if row["type"] == "RAW" else PROTOCOLS.get(held.proto)
    local = held.getsockname()[:2]
    if protocol is None or (protocol != "raw" and local[1] == 0):
        return None
    row |= {"protocol": protocol, "local": (local[0], held.proto) if protocol == "raw" else local}
    try:
        row["foreign"] = held.getpeername()[:2]
        row["state"] = "ESTABLISHED"
    except OSError:
        if protocol not in ("raw", "ping"):  # whose peers have no port, which is no peer to this call
            row["state"] = "LISTEN" if listens else "UNCONN"
    if protocol == "mptcp":
        if row["state"] == "UNCONN":
            return None  # bound or less: in no list
    else:
        row["drops"] = drops
        del row["cookie"]  # not in /proc/net
    if protocol == "raw" and "foreign" in row:
        row["foreign"] = (row["foreign"][0], 0)
    return row


# --- comparison

def whole_name(row):
    return row


def text_name(row):
    """A name as the other programs spell it, up to a line's end, which cuts it in a text."""
    if row["protocol"] != "unix":
        return row
    return row | {"local": at_for_zero(row["local"]).split("\n")[0]}


def ss_name(row):
    return row | {"local": at_for_zero(row["local"])} if row["protocol"] == "unix" else row


def by_inode(row):
    return row["protocol"], row["inode"]


def by_place(row):
    """raw sockets have no number in ss; several can have the same addresses."""
    if row["protocol"] == "raw":
        return "raw", row["local"], row["foreign"], row["owners"]
    return by_inode(row)


# The view, and how our rows are spelt in it.
VIEWS = (
    (View("ss", lambda: list(read_ss()), by_place, lambda row: row["protocol"] in ("unix", "raw", "mptcp", "packet")), ss_name),
    (View("/proc/net", lambda: list(read_proc()), by_inode, lambda row: row["protocol"] != "mptcp"), text_name),
    (View("descriptors", read_descriptors, by_inode, lambda row: bool(row["owners"])), whole_name),
)


def waiting(rows):
    """Those that wait to be accepted have no number, and are in /proc/net alone."""
    return sum(row["protocol"] == "unix" and not row["inode"] for row in rows)


def numbered(rows, view):
    return differential.keyed([row for row in rows if row["protocol"] != "unix" or row["inode"]], view.key, view.name)


def attempt(program):
    before = [view.read() for view, _ in VIEWS]
    ours = read_inetctl(program)
    found = {f"{describe(row)}: {fault}" for row in ours for fault in row["faults"]}
    for (view, spelling), rows in zip(VIEWS, before):
        mine, after = [spelling(row) for row in ours], view.read()
        found |= set(differential.differences(view, numbered(rows, view), numbered(mine, view), numbered(after, view), describe))
        queued = sum(row["queues"][0] for row in ours if row["protocol"] == "unix" and row["state"] == "LISTEN")
        if view.name == "/proc/net" and waiting(rows) == waiting(after) != queued:
            found.add(f"{waiting(rows)} wait to be accepted in {view.name}, {queued} in inetctl")
    return found, ours


def describe(row):
    return f"{row['protocol']} {row.get('state')} {row.get('local')} > {row.get('foreign')} inode {row.get('inode')}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("ss") is None:
        differential.skip("no ss (iproute2)")
    lasting = None
    for _ in range(differential.ATTEMPTS):
        found, ours = attempt(sys.argv[1])
        lasting = found if lasting is None else lasting & found
        if not lasting:
            counts = {word: sum(row["protocol"] == word for row in ours) for word in FAMILIES}
            if min(counts.values()) == 0:
                print("differential: left out, not on this kernel:", *(word for word in FAMILIES if counts[word] == 0))
            print(f"differential: {len(ours)} sockets {counts}, the same in inetctl and in ss, /proc/net and descriptors")
            return
    print("\n".join(sorted(lasting)))
    print(f"differential: {len(lasting)} differences in {len(ours)} sockets")
    sys.exit(1)


if __name__ == "__main__":
    main()
