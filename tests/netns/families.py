#!/usr/bin/env python3
"""Sockets of every family that this kernel opens, opened here and shown with their true values; ss as a second judge
where it is right. What the kernel cannot list is noted, never shown as empty.

    unshare --net families.py INETCTL
"""

import ctypes
import errno
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from checks import check, verdict

HOSTILE = "a\nu_str LISTEN 0 0 fake:22 \x1b[31m"  # what ss prints as it is: a forged row in red


def left_out(what):
    print(f"families: left out, not on this kernel: {what}")


class Listing:
    def __init__(self, inetctl, *words):
        done = subprocess.run([inetctl, "i", *words, "--json"], capture_output=True, timeout=60, check=False)
        self.status, self.errors = done.returncode, done.stderr.decode()
        document = json.loads(done.stdout)
        self.rows, self.notes = document["rows"], document["notes"]
        self.by_inode = {row["port"]: row for row in self.rows}

    def of(self, which):
        return self.by_inode.get(os.fstat(which.fileno()).st_ino)


def inode(which):
    return os.fstat(which.fileno()).st_ino


def judge(what, row, **expected):
    check(f"{what} is there", row is not None)
    for key, value in expected.items():
        if row is not None:
            check(f"{what}: {key}", row[key] == value, row[key], "is not", value)


def ss(*words):
    return subprocess.run(["ss", "-H", "-n", *words], capture_output=True, timeout=60, check=True).stdout.decode(errors="replace")


def me():
    with open("/proc/self/comm", encoding="utf-8") as comm:
        return f"{os.getpid()}/{comm.read().strip()}"


def unix(inetctl, scratch):
    path = os.path.join(scratch, "with a space\n\x1b[1m")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(7)
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    waiting = socket.socket(socket.AF_UNIX)
    waiting.connect(path)
    served, _ = listener.accept()
    client.send(b"12345")
    abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    abstract.bind("\0" + HOSTILE + "\0end")
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    seen = Listing(inetctl, "-x", "-e", "--fields", "all")
    owner = me()
    judge("a listener", seen.of(listener), protocol="unix", family="local", state="LISTEN", type="STREAM", module="local_tcp",
          local=path, foreign=None, accept_queue=1, accept_limit=7, owner=owner, uid=os.getuid(), local_port=None,
          local_address=None, file_inode=os.stat(path).st_ino, peer_owner=None, recv_queue=None)
    judge("who connected", seen.of(client), state="ESTABLISHED", local=None, foreign=path, peer_inode=inode(served), peer_owner=owner)
    judge("who was accepted", seen.of(served), state="ESTABLISHED", local=path, foreign=f"inode:{inode(client)}",
          peer_inode=inode(client), peer_owner=owner)
    check("what waits to be read is counted", seen.of(served)["recv_queue"] > 0, seen.of(served)["recv_queue"])
    judge("an abstract name", seen.of(abstract), local="@" + HOSTILE + "\0end", type="DGRAM", state="UNCONN", module="local_udp", foreign=None)
    judge("a pair", seen.of(pair[0]), type="SEQPACKET", module=None, peer_inode=inode(pair[1]), foreign=f"inode:{inode(pair[1])}")
    check("nothing is missing", seen.status == 0 and not [n for n in seen.notes if "cannot" in n or "/proc" in n], seen.notes)

    # Escaped in every format: as many lines as sockets, and no control character.
    for form in ("table", "csv", "ndjson", "erlang"):
        text = subprocess.run([inetctl, "i", "-x", "--format", form, "--no-header"], capture_output=True, timeout=60, check=True).stdout
        check(f"{form}: one line a socket", len(text.decode().splitlines()) == len(seen.rows), text)
        check(f"{form}: nothing commands the terminal", b"\x1b" not in text and b"\0" not in text, text)
    chosen = Listing(inetctl, "protocol = local and state = listening")
    check("a filter on the protocol chooses the family", inode(listener) in chosen.by_inode and len(chosen.rows) < len(seen.rows))
    check("so does one on the family", Listing(inetctl, "family = local").by_inode.keys() == seen.by_inode.keys())
    check("the states are a filter's too", Listing(inetctl, "unix", "state", "listening").by_inode.keys() == chosen.by_inode.keys())
    check("nothing of it is usual", not set(Listing(inetctl).by_inode) & set(seen.by_inode))

    told = {(int(a), int(b)) for a, b in re.findall(r" (\d+) +\* (\d+) *$", ss("-x", "-a"), re.MULTILINE)}
    ours = {(row["port"] or 0, row["peer_inode"] or 0) for row in seen.rows}
    check("ss has the same sockets and peers", told == ours, told ^ ours)

    listener.close()
    return [client, waiting, served, abstract, *pair]


def raw(inetctl):
    four = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 99)
    six.connect(("::1", 0))
    seen = Listing(inetctl, "-w", "--fields", "all")
    judge("a raw socket", seen.of(four), protocol="raw", type="RAW", family="inet", local="0.0.0.0:1", state="UNCONN", owner=me(), module=None)
    judge("a raw socket of IPv6", seen.of(six), family="inet6", local="[::1]:99", foreign_address="::1", state="ESTABLISHED")
    check("-4 leaves one", list(Listing(inetctl, "-4w").by_inode) == [inode(four)])
    told = ss("-w", "-a")  # without inodes where it reads /proc
    check("ss has as many raw sockets", len(told.splitlines()) == len(seen.rows), told)
    return [four, six]


def ping(inetctl):
    with open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as groups:
        groups.write("0 2147483647")
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    made.bind(("127.0.0.1", 777))
    seen = Listing(inetctl, "icmp")
    judge("a ping socket", seen.of(made), protocol="ping", type="DGRAM", local="127.0.0.1:777", state="UNCONN", owner=me())
    return [made]


def udplite(inetctl):
    try:
        made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, 136)
    except OSError:
        left_out("UDP-Lite")
        return []
    made.bind(("::1", 4711))
    judge("a UDP-Lite socket", Listing(inetctl, "-U").of(made), protocol="udplite", local="[::1]:4711", type="DGRAM", state="UNCONN", owner=me())
    return [made]


def mptcp(inetctl):
    try:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    except OSError:
        left_out("MPTCP")
        return []
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    client.connect(listener.getsockname())
    served, _ = listener.accept()
    client.send(b"x" * 1000)
    served.recv(1000, socket.MSG_WAITALL)
    port = listener.getsockname()[1]
    seen = Listing(inetctl, "-M", "--fields", "all")
    judge("an MPTCP listener", seen.of(listener), protocol="mptcp", state="LISTEN", local=f"127.0.0.1:{port}", accept_limit=5, owner=me())
    judge("an MPTCP connection", seen.of(client), state="ESTABLISHED", foreign=f"127.0.0.1:{port}", type="STREAM", owner=me())
    info = struct.unpack_from("=BBBBBBxxII", client_info(client))
    row = seen.of(client)
    check("its token is what getsockopt tells", row["msk_token"] == info[7], row["msk_token"], info)
    check("and its limits", (row["msk_subflows"], row["msk_subflows_max"]) == (info[0], info[3]), row, info)
    check("no tcp_info is made of it", row["rtt_us"] is None)
    told = {int(found) for found in re.findall(r"ino:(\d+)", ss("-M", "-a", "-e"))} - {0}
    ours = {row["port"] for row in seen.rows} - {None}
    check("ss has the same MPTCP sockets", told == ours, told, ours)
    return [listener, client, served]


def client_info(client):
    """struct mptcp_info, as MPTCP_INFO of SOL_MPTCP tells it."""
    return client.getsockopt(284, 1, 96)


def netlink(inetctl):
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    made.bind((4_000_000_001, 0x11))
    made.setsockopt(270, 1, 33)  # NETLINK_ADD_MEMBERSHIP, a group beyond the mask of bind
    made.setsockopt(270, 5, 1)  # NETLINK_NO_ENOBUFS
    row = Listing(inetctl, "netlink", "-e", "-m").of(made)
    judge("a netlink socket", row, protocol="netlink", local="route:4000000001", netlink_portid=4_000_000_001, netlink_groups=[1, 5, 33],
          type="RAW", state="UNCONN", owner=me(), drops=0)
    check("its flag is there", row["netlink_flags"] & 8, row["netlink_flags"])
    return [made]


def attach_filter(made):
    code = (ctypes.c_ubyte * 16)(*(struct.pack("=HBBI", 0x06, 0, 0, 65535) * 2))
    program = struct.pack("@HP", 2, ctypes.addressof(code))
    made.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


def packet(inetctl):
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    made.setsockopt(263, 5, struct.pack("=IIII", 8192, 4, 2048, 16))  # PACKET_RX_RING
    made.bind(("lo", 0x0800))
    made.setsockopt(263, 18, 4242 | 1 << 16)  # PACKET_FANOUT, in turn
    attach_filter(made)
    everywhere = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    seen = Listing(inetctl, "-0", "-e", "--fields", "all")
    judge("a packet socket", seen.of(made), protocol="packet", local="ip:lo", interface="lo", type="RAW", packet_protocol=0x0800,
          rx_ring_block_size=8192, rx_ring_blocks=4, rx_ring_frame_size=2048, rx_ring_frames=16, tx_ring_frames=None,
          fanout_id=4242, fanout_type=1, filter_instructions=2, owner=me(), uid=os.getuid(), packet_version=0)
    judge("one of all interfaces", seen.of(everywhere), local="*:*", interface=None, type="DGRAM", fanout_id=None, filter_instructions=None)
    told = {int(found) for found in re.findall(r"ino:(\d+)", ss("-0", "-a", "-e"))}
    check("ss has the same packet sockets", told == set(seen.by_inode), told, seen.by_inode.keys())
    return [made, everywhere]


def has_module(family, request):
    """Whether the kernel lists such a family, asked by a request of our own."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as asked:
        body = struct.pack("=BBH", family, 0, 0) + request
        asked.send(struct.pack("=IHHII", 16 + len(body), 20, 0x301, 1, 0) + body)
        answer = asked.recv(65536)
    kind, status = struct.unpack_from("=H", answer, 4)[0], struct.unpack_from("=i", answer, 16)[0]
    return not (kind in (2, 3) and -status in (errno.ENOENT, errno.EINVAL, errno.EOPNOTSUPP))


def unlisted(inetctl):
    """Where the kernel has no module for a family, the sockets that processes hold are shown all the same."""
    made = []
    for word, family, kind in (("vsock", 40, socket.SOCK_STREAM), ("xdp", 44, socket.SOCK_RAW), ("tipc", 30, socket.SOCK_STREAM)):
        listed = has_module(family, b"\xff" * 4 + bytes(16 if word == "vsock" else 0) if word != "xdp" else bytes(16))
        seen = Listing(inetctl, word, "-e", "-m")
        says = [note for note in seen.notes if f"this kernel does not list {word} sockets, and no visible process holds one" in note]
        check(f"{word} is listed or noted", bool(says) != listed, seen.notes)
        check(f"{word}: nothing is there yet", not seen.rows, seen.rows)
        strict = subprocess.run([inetctl, "i", word, "--strict"], capture_output=True, timeout=60, check=False).returncode
        check(f"{word}: an answer in part", strict == (0 if listed else 3), strict)
        try:
            one = socket.socket(family, kind)
        except OSError:
            left_out(word)
            continue
        made.append(one)
        if word == "vsock":
            vsock(inetctl, one, listed, made)
            continue
        row = Listing(inetctl, word, "-e", "-m").of(one)
        judge(f"a socket of {word}", row, protocol=word, state="UNCONN", uid=os.getuid(), owner=me(), local=None)
        if word == "xdp":
            check("its counters are there", row["xdp_rx_dropped"] == 0, row)
    return made


def vsock(inetctl, listener, listed, made):
    listener.bind((0xffffffff, 5000))  # of any context
    listener.listen(3)
    bare = socket.socket(40, socket.SOCK_STREAM)
    made.append(bare)
    everything = Listing(inetctl, "vsock", "-e", "-m")
    judge("a vsock listener", everything.of(listener), protocol="vsock", state="LISTEN", type="STREAM", local="*:5000", foreign=None,
          vsock_local_cid=0xffffffff, vsock_local_port=5000, vsock_foreign_cid=None if not listed else 0xffffffff, uid=os.getuid(), owner=me())
    judge("a vsock socket without an address", everything.of(bare), state="UNCONN", local="*:*")
    if listed:
        return
    check("its memory is there", everything.of(listener)["skmem_rcvbuf"] == buffer_of(listener), everything.of(listener))
    check("that they are not all is said", everything.notes == [
        "vsock sockets are those that visible processes hold: this kernel does not list them"], everything.notes)
    # Several owners are one row; another namespace has none of them.
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    rows = [row for row in Listing(inetctl, "vsock").rows if row["port"] == inode(listener)]
    os.kill(child, 9)
    os.waitpid(child, 0)
    check("a shared socket is one row, with both owners", [row["owner"] for row in rows] == [me() + "+1"], rows)
    other = subprocess.run(["unshare", "--net", inetctl, "i", "vsock", "-H"], capture_output=True, timeout=60, check=False)
    check("another namespace has none of them", not other.stdout, other.stdout)
    as_another = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", inetctl, "i", "vsock", "-H"],
                                capture_output=True, timeout=60, check=False)
    if as_another.returncode == 0:  # else it cannot be reached by that user
        check("who may not look is told so", b"processes could not be read" in as_another.stderr and not as_another.stdout, as_another)
    chosen = Listing(inetctl, "vsock", "vsock_local_port = 5000")
    check("a filter finds it", list(chosen.by_inode) == [inode(listener)], chosen.by_inode)
    options = subprocess.run([inetctl, "getopts", f"inode = {inode(listener)} and protocol = vsock", "SO_TYPE", "--json"],
                             capture_output=True, timeout=60, check=False)
    check("and its options can be read", options.returncode == 0 and b"SO_TYPE" in options.stdout, options)


def buffer_of(which):
    libc = ctypes.CDLL(None)
    value, size = ctypes.c_int(), ctypes.c_uint(4)
    libc.getsockopt(which.fileno(), socket.SOL_SOCKET, socket.SO_RCVBUF, ctypes.byref(value), ctypes.byref(size))
    return value.value


def recorded(inetctl, scratch):
    """A recording has all of them, and shows what the live system showed."""
    file = os.path.join(scratch, "recording")
    subprocess.run([inetctl, "record", file], check=True, stdout=subprocess.DEVNULL, timeout=60)
    live = {(row["port"], row["local"], row["foreign"], row["owner"], row["state"]) for row in Listing(inetctl, "all").rows
            if row["protocol"] != "netlink" or (row["owner"] and not row["owner"].endswith("/inetctl"))}
    kept = {(row["port"], row["local"], row["foreign"], row["owner"], row["state"]) for row in Listing(inetctl, "all", "--from", file).rows
            if row["protocol"] != "netlink" or (row["owner"] and not row["owner"].endswith("/inetctl"))}
    check("a recording shows all families", live - kept == set() and len(kept) > 10, live ^ kept)
    asked = ("vsock", "xdp", "-e", "-m", "--fields", "all,-netns_name,-owner_age_s")
    told = [without_age(row) for row in Listing(inetctl, *asked).rows]
    check("also those that were asked themselves",
          [without_age(row) for row in Listing(inetctl, *asked, "--from", file).rows] == told, told)


def without_age(row):
    for owner in row["owners"] or ():
        del owner["age_s"]  # it goes on
    return row


def main():
    inetctl = os.path.abspath(sys.argv[1])
    if not shutil.which("ss"):
        print("families: skipped: no ss (Debian: iproute2)")
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    kept = []
    with tempfile.TemporaryDirectory() as scratch:
        kept += unix(inetctl, scratch)
        for family in (raw, ping, udplite, mptcp, netlink, packet):
            kept += family(inetctl)
        kept += unlisted(inetctl)
        recorded(inetctl, scratch)
    return verdict("families: all as they should be")


if __name__ == "__main__":
    sys.exit(main())
