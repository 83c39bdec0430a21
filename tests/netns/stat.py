#!/usr/bin/env python3
"""`inetctl stat` against the sockets themselves and against nstat, in a namespace of its own.

    unshare --net stat.py INETCTL
"""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from checks import check, verdict

INETCTL = os.path.abspath(sys.argv[1])


def rows(*words):
    done = subprocess.run([INETCTL, "stat", *words, "--json"], capture_output=True, timeout=60, check=False)
    check(f"{words} ends well", done.returncode == 0, done.stderr.decode())
    return json.loads(done.stdout)["rows"] if done.returncode == 0 else []


def tcp_info(sock):
    """Members of struct tcp_info by their place in Linux's header."""
    raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 280)
    at = lambda offset, form: struct.unpack_from(form, raw, offset)[0]
    return {"received": at(128, "=Q"), "segs_in": at(152, "=I"), "segs_out": at(156, "=I"),
            "sent": at(200, "=Q") - at(208, "=Q")}


def figures():
    """Known sizes in one direction, then in the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, listener.accept()[0] as server:
            for size in (100, 200, 4000):
                client.sendall(b"x" * size)
                left = size
                while left:
                    left -= len(server.recv(left))
            client.sendall(b"y" * 55)
            time.sleep(0.1)
            found = {row["local"]: row for row in rows("tcp", "state", "connected")}
            one, other = found[f"127.0.0.1:{client.getsockname()[1]}"], found[f"127.0.0.1:{port}"]
            kernel = tcp_info(client), tcp_info(server)
            check("what was sent", one["send_oct"] == 4355 == kernel[0]["sent"], one)
            check("and what the program has not read yet", other["recv_oct"] == 4300 == kernel[1]["received"] - 55, other)
            check("segments", one["send_cnt"] == kernel[0]["segs_out"] and other["recv_cnt"] == kernel[1]["segs_in"], one)
            check("the mean", one["send_avg"] == one["send_oct"] // one["send_cnt"], one)
            check("no maxima", all(row[f"{side}_{what}"] is None for row in (one, other) for side in ("recv", "send")
                                   for what in ("max", "dvi")), one)
            check("sources", ["send_oct", "kernel"] in one["sources"] and
                  all(pair[0] not in ("send_max", "recv_dvi") for pair in one["sources"]), one["sources"])
            check("nothing waits", one["send_pend"] == 0, one)
            # A peer that does not read: the rest waits.
            client.setblocking(False)
            sent = 0
            try:
                while True:
                    sent += client.send(b"z" * 65536)
            except BlockingIOError:
                pass
            time.sleep(0.3)
            waiting = struct.unpack("i", __import__("fcntl").ioctl(client, 0x5411, b"\0" * 4))[0]  # SIOCOUTQ
            one = rows("tcp", f"src = 127.0.0.1:{client.getsockname()[1]}")[0]
            check("what waits", one["send_pend"] == waiting > 0, one["send_pend"], waiting)
            check("all that was taken", one["send_oct"] == 4355 + sent, one["send_oct"], sent)


def rates():
    """A thousand bytes every 10 ms for a while."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
        end = threading.Event()

        def send():
            while not end.is_set():
                client.sendall(b"x" * 1000)
                server.recv(1000)
                time.sleep(0.01)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            found = rows("--interval", "0.2", "--rounds", "3", "--fields", "+send_delta,+send_cnt_delta",
                         "tcp", f"src = 127.0.0.1:{client.getsockname()[1]}")
        finally:
            end.set()
            sender.join()
        check("three rounds", len(found) == 3, found)
        for row in found:
            check("a round trip", row["rtt_us"] > 0, row)
            check("bytes and packets move together", row["send_delta"] == 1000 * row["send_cnt_delta"] > 0, row)
            check("a second is more than the interval", row["send_rate_Bps"] > row["send_delta"], row)
            check("nothing comes back", row["recv_rate_Bps"] == 0 and row["retrans_delta"] == 0, row)


def counters():
    """nstat reads the same files, and nothing happens in between."""
    judge = subprocess.run(["nstat", "-a", "-z", "-s"], capture_output=True, timeout=60, check=True,
                           env={**os.environ, "NSTAT_HISTORY": "/dev/null"}).stdout.decode()
    expected = {line.split()[0]: int(line.split()[1]) for line in judge.splitlines()[1:]}
    ours = {row["counter"]: row for row in rows("--proto")}
    check("nstat has some", len(expected) > 200, len(expected))
    moving = {"TcpExtTCPMemoryPressuresChrono"}
    for name, value in expected.items():
        row = ours.get(name)
        check(f"{name} is there", row is not None)
        if row is not None and name not in moving:
            check(f"{name} agrees", (row["value"] if row["value"] is not None else -1) == value, row, value)
    unknown = [name for name, row in ours.items() if row["meaning"] is None]
    check("each is described", not unknown, unknown)
    with socket.create_server(("127.0.0.1", 0)):
        in_use = {row["counter"]: row["value"] for row in rows("--proto", "tcp", "sockets")}
        check("the namespace's own sockets", in_use["TCP.inuse"] == 1 and in_use["sockets.used"] >= 1, in_use)
    check("one protocol alone", {row["counter_protocol"] for row in rows("--proto", "udp")} == {"udp"})


def moving_counters():
    """What moves between two looks, and no more."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with subprocess.Popen([INETCTL, "stat", "--proto", "udp", "--changed", "--interval", "1", "--rounds", "1", "--json"],
                          stdout=subprocess.PIPE) as watcher:
        time.sleep(0.4)
        for _ in range(7):
            sender.sendto(b"x", ("127.0.0.1", 9))
        found = {row["counter"]: row["delta"] for row in json.loads(watcher.communicate(timeout=30)[0])["rows"]}
    sender.close()
    check("seven datagrams for nobody", found == {"UdpOutDatagrams": 7, "UdpNoPorts": 7}, found)


def notes_once():
    """Whose sockets are another's cannot be seen from inside a namespace of processes: said once, not each round."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", INETCTL, "stat", "--interval", "0.1", "--rounds", "3", "tcp",
                               f"sport = {listener.getsockname()[1]}"], capture_output=True, text=True, timeout=60, check=False)
    check("one note", done.stderr.count("note: owner unknown") == 1, done.stderr)


def since_a_recording():
    """The same seven, and what a connection did meanwhile; the recording is the only memory."""
    with tempfile.TemporaryDirectory() as work, socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
        file = os.path.join(work, "then.rec")
        client.sendall(b"x" * 500)
        server.recv(500)
        time.sleep(0.1)
        subprocess.run([INETCTL, "record", file], check=True, timeout=60)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(7):
            sender.sendto(b"x", ("127.0.0.1", 9))
        sender.close()
        client.sendall(b"x" * 1234)
        server.recv(1234)
        with socket.create_connection(listener.getsockname()) as late:
            time.sleep(0.1)
            late_name = f"127.0.0.1:{late.getsockname()[1]}"
            found = {row["local"]: row for row in rows("--since", file, "tcp", "state", "connected")}
            moved = {row["counter"]: row for row in rows("--proto", "udp", "--changed", "--since", file)}
        check("seven since then", {name: row["delta"] for name, row in moved.items()} == {"UdpOutDatagrams": 7, "UdpNoPorts": 7}, moved)
        check("a rate needs the time in between", all(row["rate"] is not None and row["time"] for row in moved.values()), moved)
        one = found[f"127.0.0.1:{client.getsockname()[1]}"]
        check("what was sent since then", one["send_delta"] == 1234 and one["send_oct"] == 1734 and one["recv_delta"] == 0, one)
        check("a new socket has no past", found[late_name]["send_delta"] is None and found[late_name]["send_oct"] == 0, found[late_name])
        # One recording against another stands for the machine of then.
        later = os.path.join(work, "later.rec")
        subprocess.run([INETCTL, "record", later], check=True, timeout=60)
        again = {row["counter"]: row["delta"] for row in rows("--proto", "udp", "--changed", "--from", later, "--since", file)}
        check("two recordings", again == {"UdpOutDatagrams": 7, "UdpNoPorts": 7}, again)
        back = subprocess.run([INETCTL, "stat", "--proto", "--from", file, "--since", later], capture_output=True, text=True, check=False)
        check("time goes one way", back.returncode == 2 and "made later" in back.stderr, back)
        # In a new namespace every counter begins anew.
        other = subprocess.run(["unshare", "--net", INETCTL, "stat", "--proto", "udp", "--since", later, "--json"],
                               capture_output=True, text=True, timeout=60, check=False)
        check("another namespace is said", "is of another network namespace" in other.stderr, other.stderr)
        same = subprocess.run([INETCTL, "stat", "--proto", "udp", "--since", later], capture_output=True, text=True, check=False)
        check("the same one is not", "namespace" not in same.stderr, same.stderr)
        sockets = subprocess.run(["unshare", "--net", INETCTL, "stat", "--since", later, "--json"], capture_output=True, check=False)
        check("the same of sockets", any("another network namespace" in note for note in json.loads(sockets.stdout)["notes"]),
              sockets)
        fallen = {row["counter"]: row["delta"] for row in json.loads(other.stdout)["rows"]}
        check("a counter that fell has no delta, and a note says so", fallen["UdpNoPorts"] is None and "smaller than in" in other.stderr, fallen, other.stderr)


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    figures()
    rates()
    counters()
    moving_counters()
    notes_once()
    since_a_recording()
    return verdict("stat: all holds")


if __name__ == "__main__":
    sys.exit(main())
