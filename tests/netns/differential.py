#!/usr/bin/env python3
"""Compares inetctl's listing, row by row and in both directions, with three other views of the same sockets:

  ss           the other program over sock_diag
  /proc/net    the kernel's own text
  descriptors  every socket that a process of the namespace holds, asked itself (pidfd_getfd, getsockname ...)

    make_sockets mixed SEED -- differential.py INETCTL

Exits 0 when they agree, 1 when not, 77 when the comparison cannot be made here.
"""

import collections
import ctypes
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys

FIELDS = ("protocol,state,recv_queue,send_queue,local_address,local_port,foreign_address,foreign_port,"
          "inode,uid,cookie,accept_queue,accept_limit,interface,owners")
ATTEMPTS = 3  # what differs in each of them is no accident of timing

# A view's rows by key. `has_row` says whether the view has to have this row of inetctl's.
View = collections.namedtuple("View", "name read key has_row")

KERNEL_STATES = ("", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
                 "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "SYN_RECV")  # the last is NEW_SYN_RECV


def skip(reason):
    print(f"differential: skipped: {reason}")
    sys.exit(77)


def canonical(address):
    """The address as inet_ntop spells it, which is RFC 5952's way."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_ntop(family, socket.inet_pton(family, address))


def needs_zone(address):
    """Link-local: unicast fe80::/10 and multicast ff02::/16."""
    return re.match(r"fe[89ab].:|ff02:", address) is not None


# --- inetctl

def read_inetctl(program):
    command = [program, "i", "-a", "--ndjson", "--fields", FIELDS]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"differential: inetctl ended with {done.returncode}: {done.stderr.decode()}")
    rows = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    return [common_form(row) for row in rows if row["protocol"] in ("tcp", "udp")]


def common_form(row):
    """inetctl's row in the words that all views share; what is wrong in itself is said under `faults`."""
    local, _, zone = row["local_address"].partition("%")
    foreign, _, foreign_zone = row["foreign_address"].partition("%")
    interface = row["interface"]
    owners = row["owners"] or []
    listening = row["state"] == "LISTEN"

    faults = []
    if zone != (interface or "" if needs_zone(local) else ""):
        faults.append(f"zone of the local address {row['local_address']} on {interface}")
    if foreign_zone != (interface or "" if needs_zone(foreign) else ""):
        faults.append(f"zone of the foreign address {row['foreign_address']} on {interface}")
    if (row["recv_queue"] is None, row["send_queue"] is None) != (listening, listening):
        faults.append("a listener, and only a listener, has no recv_queue and send_queue")
    if (row["accept_queue"] is None, row["accept_limit"] is None) != (not listening, not listening):
        faults.append("a listener, and only a listener, has accept_queue and accept_limit")
    if row["inode"] == 0:
        faults.append("absent inode printed as 0")
    if row["state"] == "NEW_SYN_RECV" and row["inode"] is not None:
        faults.append("a connection request with an inode")

    return {
        "protocol": row["protocol"],
        # Other views have one word for a connection in SYN_RECV and for the request that comes before it.
        "state": row["state"].replace("NEW_SYN_RECV", "SYN_RECV"),
        "local": (local, row["local_port"]),
        "foreign": (foreign, row["foreign_port"]),
        "queues": ((row["accept_queue"], row["accept_limit"]) if listening
                   else (row["recv_queue"], row["send_queue"])),
        "inode": row["inode"],
        "uid": row["uid"] or 0,  # absent without an inode, where others print 0 or nothing
        "cookie": row["cookie"],
        "interface": interface,
        "owners": frozenset((owner["pid"], owner["fd"]) for owner in owners),
        "faults": tuple(faults),
    }


# --- ss

# A command name may have a newline in it, which ss prints as it is; a row starts where a whole row starts.
SS_ROW = re.compile(rb"^(tcp|udp) +([A-Z0-9-]+) +(\d+) +(\d+) +(\S+:\S+) +(\S+:\S+)", re.MULTILINE)


def read_ss():
    text = subprocess.run(["ss", "-tuanepHO"], capture_output=True, check=True).stdout
    starts = [match.start() for match in SS_ROW.finditer(text)] + [len(text)]
    return [ss_row(text[start:end]) for start, end in zip(starts, starts[1:])]


def ss_row(text):
    protocol, state, recv_queue, send_queue, local, foreign = (
        word.decode() for word in SS_ROW.match(text).groups())
    inode = int(re.search(rb" ino:(\d+)", text)[1])
    uid = re.search(rb" uid:(\d+)", text)  # not printed when 0
    local_address, interface, local_port = ss_endpoint(local)
    # The zone of the foreign address is never printed.
    foreign_address, _, foreign_port = ss_endpoint(foreign)
    return {
        "protocol": protocol,
        "state": ss_state(protocol, state),
        "local": (local_address, local_port),
        "foreign": (foreign_address, foreign_port),
        "queues": (int(recv_queue), int(send_queue)),  # of a listener: accept queue and its limit
        "inode": inode or None,
        "uid": int(uid[1]) if uid else 0,
        "cookie": int(re.search(rb" sk:([0-9a-f]+)", text)[1], 16),
        "interface": interface,
        # Names are neither escaped nor whole (cut at a closing parenthesis), but end where the digits say so.
        "owners": frozenset((int(pid), int(fd)) for pid, fd in re.findall(rb'",pid=(\d+),fd=(\d+)\)', text)),
    }


def ss_state(protocol, word):
    if word == "UNCONN":
        return "UNCONN" if protocol == "udp" else "CLOSE"
    return {"ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN_WAIT1",
            "FIN-WAIT-2": "FIN_WAIT2"}.get(word, word.replace("-", "_"))


def ss_endpoint(text):
    """ss prints the zone outside of the brackets, `[fe80::1]%eth0:80`, and the same way the interface that a
    socket with any other address is bound to; `*` is a :: that takes IPv4 too, or a port of 0."""
    address, zone, port = re.fullmatch(r"(\*|[0-9.]+|\[[^]]*\])(?:%(.*))?:(\d+|\*)", text).groups()
    address = "::" if address == "*" else canonical(address.strip("[]"))
    return address, zone, 0 if port == "*" else int(port)


# --- /proc/net

def read_proc():
    return [proc_row(table[:3], line.split())
            for table in ("tcp", "tcp6", "udp", "udp6")
            for line in pathlib.Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]]


def proc_row(protocol, words):
    send_queue, recv_queue = (int(word, 16) for word in words[4].split(":"))
    inode = int(words[9])
    row = {
        "protocol": protocol,
        "state": proc_state(protocol, int(words[3], 16)),
        "local": proc_endpoint(words[1]),
        "foreign": proc_endpoint(words[2]),
        "queues": (recv_queue, send_queue),
        "inode": inode or None,
        "uid": int(words[7]),
    }
    if row["state"] == "LISTEN":
        del row["queues"]  # the limit is not there
    if inode == 0:
        del row["uid"]  # a request has its listener's user here, and none in sock_diag
    return row


def proc_state(protocol, number):
    if protocol == "udp":
        return "UNCONN" if KERNEL_STATES[number] == "CLOSE" else "ESTABLISHED"
    return KERNEL_STATES[number]


def proc_endpoint(word):
    """Words of the address in the machine's byte order, the port as a number."""
    digits, port = word.split(":")
    packed = b"".join(struct.pack("=I", int(digits[i:i + 8], 16)) for i in range(0, len(digits), 8))
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(port, 16)


# --- descriptors

SYS_PIDFD_GETFD = 438  # the same on every architecture that Linux runs on
SO_COOKIE = 57
IPPROTO_MPTCP = 262
PROTOCOLS = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp", IPPROTO_MPTCP: "tcp"}


def read_descriptors():
    """The sockets of all processes in this namespace, those with a place in a listing."""
    rows = {}
    here = os.readlink("/proc/self/ns/net")
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and namespace_of(entry) == here:
            add_process(rows, int(entry.name))
    return list(rows.values())


def namespace_of(process):
    try:
        return os.readlink(process / "ns/net")
    except OSError:
        return None  # it has ended, or is of nobody's concern here


def add_process(rows, pid):
    pidfd = os.pidfd_open(pid)
    for name in os.listdir(f"/proc/{pid}/fd"):
        if not os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
            continue
        row = descriptor_row(pidfd, int(name))
        if row is None:
            continue
        known = rows.setdefault(row["inode"], row)
        known["owners"] = known["owners"] | {(pid, int(name))}
    os.close(pidfd)


def duplicate(pidfd, number):
    copy = ctypes.CDLL(None, use_errno=True).syscall(SYS_PIDFD_GETFD, pidfd, number, 0)
    if copy < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    return copy


def descriptor_row(pidfd, number):
    copy = duplicate(pidfd, number)
    with socket.socket(fileno=copy) as held:
        protocol = PROTOCOLS.get(held.proto)
        if held.family not in (socket.AF_INET, socket.AF_INET6) or protocol is None:
            return None
        local = held.getsockname()
        if local[1] == 0:
            return None  # neither bound nor connected: in no table of the kernel
        status = os.fstat(copy)
        interface = held.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0").decode()
        row = {
            "protocol": protocol,
            "local": local[:2],
            "inode": status.st_ino,
            "uid": status.st_uid,
            "cookie": int.from_bytes(held.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), sys.byteorder),
            "interface": interface or None,
            "owners": frozenset(),
        }
        if held.proto == IPPROTO_MPTCP:
            del row["cookie"]  # what is listed is its first subflow: same inode, another cookie
        return row | (tcp_condition(held) if protocol == "tcp" else udp_condition(held))


def tcp_condition(held):
    state = KERNEL_STATES[held.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]
    if state == "CLOSE":
        return {"state": "BOUND_INACTIVE", "foreign": nowhere(held)}
    if state == "LISTEN":
        return {"state": state, "foreign": nowhere(held)}
    if state == "SYN_SENT":
        return {"state": state}  # the foreign address is told when the handshake is done
    return {"state": state, "foreign": held.getpeername()[:2]}


def udp_condition(held):
    try:
        return {"foreign": held.getpeername()[:2], "state": "ESTABLISHED"}
    except OSError:
        return {"foreign": nowhere(held), "state": "UNCONN"}


def nowhere(held):
    return "0.0.0.0" if held.family == socket.AF_INET else "::", 0


# --- comparison

def by_cookie(row):
    return row["cookie"]


def by_inode(row):
    return row["inode"] or f"none, cookie {row['cookie']}"


def by_addresses(row):
    return row["protocol"], row["local"], row["foreign"], row["inode"]


def listed_elsewhere(row):
    """iproute2 before 6.8 and /proc/net have no sockets that are bound and neither listen nor connect."""
    return row["state"] != "BOUND_INACTIVE"


VIEWS = (
    View("ss", read_ss, by_cookie, listed_elsewhere),
    View("/proc/net", read_proc, by_addresses, listed_elsewhere),
    View("descriptors", read_descriptors, by_inode, lambda row: bool(row["owners"])),
)


def keyed(rows, key, name):
    found = {key(row): row for row in rows}
    if len(found) != len(rows):
        sys.exit(f"differential: {name} has the same socket twice")
    return found


def describe(row):
    local, foreign = ("{}:{}".format(*row.get(end, "??")) for end in ("local", "foreign"))
    return f"{row['protocol']} {row['state']} {local} > {foreign} inode {row['inode']}"


def differences(view, before, ours, after, describe=describe):
    """What the view said before and after inetctl's reading, and inetctl did not say; and the other way."""
    for key in before.keys() & after.keys():
        if key not in ours:
            yield f"{view.name} has, inetctl lacks: {describe(before[key])}"
            continue
        for field, value in before[key].items():
            if after[key].get(field) == value != ours[key][field]:
                yield (f"{describe(ours[key])}: {field} is {show(value)} in {view.name}, "
                       f"{show(ours[key][field])} in inetctl")
    for key in ours.keys() - before.keys() - after.keys():
        if view.has_row(ours[key]):
            yield f"inetctl has, {view.name} lacks: {describe(ours[key])}"


def show(value):
    return sorted(value) if isinstance(value, frozenset) else value


def attempt(program, views):
    before = {view.name: view.read() for view in views}
    ours = read_inetctl(program)
    found = {f"{describe(row)}: {fault}" for row in ours for fault in row["faults"]}
    for view in views:
        found |= set(differences(view, keyed(before[view.name], view.key, view.name),
                                 keyed(ours, view.key, "inetctl"), keyed(view.read(), view.key, view.name)))
    return found, len(ours)


def usable_views():
    try:
        read_descriptors()
        return VIEWS
    except OSError as error:
        print(f"differential: descriptors are not compared: {error}")
        return VIEWS[:-1]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("ss") is None:
        skip("no ss (iproute2)")
    views = usable_views()
    lasting = None
    for _ in range(ATTEMPTS):
        found, count = attempt(sys.argv[1], views)
        lasting = found if lasting is None else lasting & found
        if not lasting:
            names = ", ".join(view.name for view in views)
            print(f"differential: {count} sockets, the same in inetctl and in {names}")
            return
    print("\n".join(sorted(lasting)))
    print(f"differential: {len(lasting)} differences in {count} sockets")
    sys.exit(1)


if __name__ == "__main__":
    main()
