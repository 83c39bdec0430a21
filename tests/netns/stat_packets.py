#!/usr/bin/env python3
"""`inetctl stat --count --packets` against what this very program sends, what TCP says of it and what the wire shows,
in a namespace of its own.

    unshare --net stat_packets.py INETCTL
"""

import ctypes
import json
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import threading
import time

import counting_fixture
from checks import check, verdict
from counting_fixture import INETCTL, Counting, attached, figures, name_of, of_row, row_of

PACKETS = "--packets"
UDP_SEGMENT, UDP_GRO = 103, 104
PACKET_VNET_HDR, PACKET_OUTGOING, ETH_P_ALL = 15, 4, 3
BULK = 3_000_000


def tcp_info(sock):
    """Members of struct tcp_info by their place in Linux's header."""
    raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 280)
    at = lambda offset, form: struct.unpack_from(form, raw, offset)[0]
    return {"segs_in": at(152, "=I"), "segs_out": at(156, "=I"), "total_retrans": at(100, "=I"),
            "bytes_retrans": at(208, "=Q")}


class Wire:
    """What leaves on the loopback device: the sizes of the payloads, where a series of packets travels as one those of
    each of them."""

    def __init__(self, port):
        self.port, self.sizes = port, []
        self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.tap.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)  # SO_RCVBUFFORCE
        self.tap.setsockopt(263, PACKET_VNET_HDR, 1)
        self.tap.bind(("lo", 0))

    def read(self):
        """Everything that was sent from the port, in order."""
        self.tap.settimeout(0.3)
        try:
            while True:
                packet, address = self.tap.recvfrom(1 << 17)
                if address[2] == PACKET_OUTGOING:
                    self.take(struct.unpack_from("<H", packet, 4)[0], packet[10 + 14:])
        except TimeoutError:
            self.tap.close()
        return self.sizes

    def take(self, segment, packet):
        version, protocol = packet[0] >> 4, packet[9] if packet[0] >> 4 == 4 else packet[6]
        at = (packet[0] & 15) * 4 if version == 4 else 40
        if struct.unpack_from(">H", packet, at)[0] != self.port:
            return
        payload = len(packet) - at - (8 if protocol == socket.IPPROTO_UDP else (packet[at + 12] >> 4) * 4)
        if protocol == socket.IPPROTO_TCP and payload == 0:
            return
        while segment and payload > segment:
            self.sizes.append(segment)
            payload -= segment
        self.sizes.append(payload)


def read_all(sock, size):
    while size:
        size -= len(sock.recv(min(size, 1 << 16)))


def streams(family, host, mtu):
    """Segments with data, of both ends, against TCP's own numbers and against the wire."""
    subprocess.run(["ip", "link", "set", "lo", "mtu", str(mtu)], check=True)
    with socket.create_server((host, 0), family=family) as listener, \
            socket.socket(family, socket.SOCK_STREAM) as client:
        counting = Counting("tcp", PACKETS)
        client.connect(listener.getsockname())
        server = listener.accept()[0]
        wire = Wire(client.getsockname()[1])
        chance = random.Random(9)
        for size in [chance.randrange(1, 3000) for _ in range(500)] + [BULK]:
            reader = threading.Thread(target=read_all, args=(server, size))
            reader.start()
            client.sendall(bytes(size))
            reader.join()
        server.sendall(b"x" * 99)
        read_all(client, 99)
        sent = wire.read()
        kernel, other_kernel = tcp_info(client), tcp_info(server)
        rows = counting.rows()
        one = row_of(rows, name_of(client))
        other = [row for row in rows if row["foreign"] == name_of(client)][0]
        listening = [row for row in rows if row["state"] == "LISTEN" and row["local"] == name_of(listener)][0]
        server.close()
    what = f"{host}, MTU {mtu}: "
    check(what + "sent, as on the wire", of_row(one, "send") == figures(sent), one, figures(sent))
    check(what + "segments, as TCP says", one["send_cnt"] == kernel["segs_out"], one, kernel)
    check(what + "there are many", one["send_cnt"] > BULK // mtu, one)
    again = {"oct": one["retrans_oct"], "cnt": one["retrans_cnt"]}
    check(what + "again, as TCP says", list(again.values()) == [kernel["bytes_retrans"], kernel["total_retrans"]], one, kernel)
    if kernel["total_retrans"] == 0:
        check(what + "both ends agree", of_row(other, "recv") == of_row(one, "send"), one, other)
    check(what + "received, as TCP says", other["recv_cnt"] == other_kernel["segs_in"], other, other_kernel)
    check(what + "and back", of_row(other, "send") == figures([99]) == of_row(one, "recv"), one, other)
    check(what + "nothing at the listener", listening["recv_cnt"] is None, listening)
    subprocess.run(["ip", "link", "set", "lo", "mtu", "65536"], check=True)


def series():
    """Datagrams that are sent by one call, and received by one where the socket wants that: each counts."""
    for merged in (False, True):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            sender.bind(("127.0.0.1", 0))
            receiver.bind(("127.0.0.1", 0))
            receiver.setsockopt(socket.IPPROTO_UDP, UDP_GRO, int(merged))
            counting = Counting("udp", PACKETS)
            sender.sendto(bytes(500), receiver.getsockname())
            sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 300)
            for size in (300 * 10 + 50, 300 * 64, 7, 300):
                sender.sendto(bytes(size), receiver.getsockname())
            rows = counting.rows()
            one, other = row_of(rows, name_of(sender)), row_of(rows, name_of(receiver))
        expected = figures([500] + [300] * 10 + [50] + [300] * 64 + [7, 300])
        check("a series sent", of_row(one, "send") == expected, one, expected)
        check("and received", of_row(other, "recv") == expected, merged, other, expected)


def drop_all(sock):
    """The socket's own filter drops what comes in for it (cBPF: return 0)."""
    code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    program = struct.pack("HL", 1, ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


def again():
    """What is lost is sent again: each time counts, and how much of it was said."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
        counting = Counting("tcp", PACKETS)
        client.sendall(b"x" * 1000)
        read_all(server, 1000)
        drop_all(server)
        client.sendall(b"y" * 5000)
        end = time.monotonic() + 30
        while tcp_info(client)["total_retrans"] < 2 and time.monotonic() < end:
            time.sleep(0.02)
        server.setsockopt(socket.SOL_SOCKET, 27, 0)  # SO_DETACH_FILTER
        read_all(server, 5000)
        time.sleep(0.2)
        kernel = tcp_info(client)
        rows = counting.rows()
        one = row_of(rows, name_of(client))
        other = [row for row in rows if row["foreign"] == name_of(client)][0]
    check("there were some", kernel["total_retrans"] >= 2, kernel)
    check("again", [one["retrans_cnt"], one["retrans_oct"]] == [kernel["total_retrans"], kernel["bytes_retrans"]], one, kernel)
    check("what is new", one["send_oct"] - one["retrans_oct"] == 6000, one)
    check("all of it came in, also what was dropped", other["recv_oct"] == one["send_oct"], one, other)
    check("the other end sent nothing again", other["retrans_cnt"] == 0, other)


def handshake():
    """Data that comes with the last segment of a handshake finds no connection yet: it is the listener's."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        counting = Counting("tcp", PACKETS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)  # keeps its acknowledgement back
        client.connect(listener.getsockname())
        client.sendall(b"x" * 70)
        with listener.accept()[0] as server:
            read_all(server, 70)
            rows = counting.rows()
        one = row_of(rows, name_of(client))
    others = [row for row in rows if row["local"] == one["foreign"] and row["recv_oct"] == 70]
    check("sent", of_row(one, "send") == figures([70]), one)
    check("received by one of the two", len(others) == 1, rows)


def closed_server():
    """A connection that was accepted after its data had come, and has gone since, is known by who answered."""
    counting = Counting("tcp", PACKETS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b"x" * 10)
            time.sleep(0.1)
            with listener.accept()[0] as server:
                read_all(server, 10)
                server.sendall(b"y" * 20)
                read_all(client, 20)
        rows = counting.rows()
        gone = [row for row in rows if row["local"] == name_of(listener) and row["send_oct"] == 20]
    check("whose it was", len(gone) == 1 and f"{os.getpid()}/" in gone[0]["owner"] and gone[0]["recv_oct"] == 10, gone)


def two():
    """Two at once: both count all, and neither ends the other; raw sockets are none of theirs."""
    first = Counting("udp", PACKETS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, \
            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        sender.bind(("127.0.0.1", 0))
        raw.connect(("127.0.0.1", 0))
        sender.sendto(b"x", ("127.0.0.1", 9))
        second = Counting("udp", PACKETS)
        raw.send(struct.pack(">HHHH", 5, 9, 8, 0))
        sender.sendto(b"x" * 5, ("127.0.0.1", 9))
        rows = second.rows()
        check("the second", row_of(rows, name_of(sender))["send_oct"] == 5, rows)
        sender.sendto(b"x" * 7, ("127.0.0.1", 9))
        rows = first.rows()
        check("the first", of_row(row_of(rows, name_of(sender)), "send") == figures([1, 5, 7]), rows)
        cookie = int.from_bytes(raw.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
        check("no raw socket", all(row["cookie"] != cookie for row in rows), rows)


def mount_of_cgroups():
    """The mount point of cgroup2, in a file that proc(5) describes."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        if " - cgroup2 " in line:
            return line.split()[4]
    return None


def nothing_stays():
    """Neither a link nor a program at the control group, after a kill."""
    def programs():
        done = subprocess.run(["bpftool", "-j", "cgroup", "show", mount_of_cgroups()], capture_output=True, timeout=60, check=False)
        return {(one["id"], one["attach_type"]) for one in json.loads(done.stdout.strip() or "[]") if one.get("name", "").startswith("count_")}
    before = programs()
    counting = Counting(PACKETS)
    links = counting.links()
    added = programs() - before
    check("two programs", len(added) == 2 and len(links) == 2 and links <= attached(), added, links)
    counting.process.kill()
    counting.process.communicate(timeout=30)
    end = time.monotonic() + 5
    while (added & programs() or links & attached()) and time.monotonic() < end:
        time.sleep(0.05)
    check("none is left", not added & programs() and not links & attached(), programs())


def rounds():
    """How packets move, round after round."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        watcher = subprocess.Popen([INETCTL, "stat", "--count", "1.5", "--interval", "0.5", PACKETS, "udp",
                                    f"src = {name_of(sender)}", "--json"], stdout=subprocess.PIPE)
        while watcher.poll() is None:
            sender.sendto(b"x" * 100, ("127.0.0.1", 9))
            time.sleep(0.01)
        found = json.loads(watcher.communicate(timeout=30)[0])["rows"]
    check("three rounds that move", len(found) == 3 and all(row["send_rate_Bps"] > 0 for row in found), found)


def stat_of(client, *before):
    """What is told in other circumstances: `before` are commands that make them."""
    done = subprocess.run([*before, INETCTL, "stat", "--count", "0.2", PACKETS, "tcp", f"src = {name_of(client)}", "--json"],
                          capture_output=True, timeout=60, check=False)
    check(f"{before} ends well", done.returncode == 0, done)
    document = json.loads(done.stdout)
    return document["rows"], " ".join(document["notes"])


def refused():
    """Who may not, or sees no control groups, gets the kernel's figures, and is told."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0]:
        client.sendall(b"x" * 321)
        time.sleep(0.1)
        no_network = ["setpriv", "--bounding-set", "-net_admin,-sys_admin", "--inh-caps", "-net_admin,-sys_admin"]
        unseen = ["unshare", "--mount", "sh", "-c", f"umount '{mount_of_cgroups()}' && exec \"$@\"", "sh"]
        for before, word in ((no_network, "CAP_NET_ADMIN"), (unseen, "no cgroup2")):
            rows, notes = stat_of(client, *before)
            check(f"a note about {word}", "nothing is counted" in notes and word in notes, notes)
            check("the kernel's", [row["send_oct"] for row in rows] == [321] and
                  ["send_oct", "kernel"] in rows[0]["sources"], rows)
    done = subprocess.run([INETCTL, "stat", PACKETS], capture_output=True, timeout=60, check=False)
    check("it goes with --count", done.returncode == 2 and b"--count" in done.stderr, done)


def columns():
    """Counting packets adds what it alone finds, and nothing else."""
    heads = [subprocess.run([INETCTL, "stat", "--count", "0.1", *unit, "tcp"], capture_output=True, timeout=60,
                            check=True).stdout.decode().splitlines()[0].split() for unit in ([], [PACKETS])]
    check("two columns more", [head for head in heads[1] if head not in heads[0]] == ["Resent", "ResentPkts"], heads)


def container():
    """Where only a part of the control groups is seen, that is said, and only its sockets are counted."""
    group = pathlib.Path(mount_of_cgroups()) / f"inetctl-test-{os.getpid()}"
    try:
        group.mkdir()
        part = subprocess.run(["unshare", "--mount", "sh", "-c", "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"", "sh", group,
                               mount_of_cgroups(), INETCTL, "stat", "--count", "0.2", PACKETS, "udp", "--json"],
                              capture_output=True, timeout=60, check=False)
        check("a part", b"outside the control group" in part.stdout, part)
    except OSError as error:
        print("stat_packets: no control group can be made here:", error)
        return
    finally:
        if group.exists():
            group.rmdir()


def main():
    probe = subprocess.run([INETCTL, "stat", "--count", "0.01", PACKETS, "udp"], capture_output=True, timeout=60, check=False)
    if b"nothing is counted" in probe.stderr:
        print("skipped:", probe.stderr.decode().strip())
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    counting_fixture.datagrams(socket.AF_INET, "127.0.0.1", PACKETS)
    counting_fixture.datagrams(socket.AF_INET6, "::1", PACKETS)
    streams(socket.AF_INET, "127.0.0.1", 65536)
    streams(socket.AF_INET, "127.0.0.1", 1500)
    streams(socket.AF_INET6, "::1", 1500)
    series()
    again()
    handshake()
    closed_server()
    two()
    counting_fixture.many(PACKETS)
    counting_fixture.elsewhere(PACKETS)
    counting_fixture.killed(PACKETS)
    nothing_stays()
    rounds()
    refused()
    container()
    columns()
    return verdict("stat_packets: all holds")


if __name__ == "__main__":
    sys.exit(main())
