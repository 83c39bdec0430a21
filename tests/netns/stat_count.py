#!/usr/bin/env python3
"""`inetctl stat --count` against what this very program sends and receives, in a namespace of its own.

    unshare --net stat_count.py INETCTL
"""

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

import counting_fixture
from checks import check, verdict
from counting_fixture import HERE, INETCTL, Counting, figures, name_of, of_row, row_of


def streams():
    """Calls of a stream, whatever the segments are."""
    chance = random.Random(8)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            counting = Counting("tcp", f"sport = :{listener.getsockname()[1]} or dport = :{listener.getsockname()[1]}")
            sent, received = [], []
            for _ in range(2000):
                size = chance.randrange(1, 4000)
                client.sendall(bytes(size))
                sent.append(size)
                left = size
                while left:
                    part = len(server.recv(min(left, chance.randrange(1, 4000))))
                    received.append(part)
                    left -= part
            client.shutdown(socket.SHUT_WR)
            check("the end", server.recv(10) == b"")
            rows = counting.rows()
            one, other = row_of(rows, name_of(client)), [r for r in rows if r["foreign"] == name_of(client)][0]
            check("calls that send", of_row(one, "send") == figures(sent), one, figures(sent))
            check("calls that receive", of_row(other, "recv") == figures(received), other, figures(received))
            check("the listener has none", [r for r in rows if r["state"] == "LISTEN"][0]["recv_cnt"] is None, rows)


def threads():
    """Four threads on one socket: nothing is lost between them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        sender.bind(("127.0.0.1", 0))
        receiver.bind(("127.0.0.1", 0))
        counting = Counting("udp")
        workers = [threading.Thread(target=lambda: [sender.sendto(b"x" * 60, receiver.getsockname())
                                                    for _ in range(5000)]) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        row = row_of(counting.rows(), name_of(sender))
        check("four threads", of_row(row, "send") == {"oct": 1_200_000, "cnt": 20_000, "max": 60, "avg": 60, "dvi": 0}, row)


def raw():
    """A raw socket is none of UDP's, whose number it may have."""
    counting = Counting("udp")
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as sender:
        sender.connect(("127.0.0.1", 0))
        sender.send(bytes(8))
        cookie = int.from_bytes(sender.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
    check("no raw socket", all(row["cookie"] != cookie for row in counting.rows()))


def rounds():
    """Figures so far, again and again, and how they moved; two at once do not disturb each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        other = Counting("udp")
        watcher = subprocess.Popen([INETCTL, "stat", "--count", "1.5", "--interval", "0.5", "udp",
                                    f"src = {name_of(sender)} and netns = {HERE}", "--json"], stdout=subprocess.PIPE)
        time.sleep(0.25)
        sent = 0
        while watcher.poll() is None:
            sender.sendto(b"x" * 100, ("127.0.0.1", 9))
            sent += 1
            time.sleep(0.01)
        found = json.loads(watcher.communicate(timeout=30)[0])["rows"]
        whole = row_of(other.rows(), name_of(sender))
    check("three rounds", len(found) == 3, found)
    counts = [row["send_cnt"] for row in found]
    check("growing", counts == sorted(counts) and 0 < counts[0] < counts[2] <= sent, counts)
    check("rates", all(row["send_rate_Bps"] > 0 for row in found), found)
    check("the other one counted all", whole["send_cnt"] == sent, whole, sent)


def unprivileged():
    """A user without the privilege gets the kernel's figures, and is told."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0]:
        client.sendall(b"x" * 321)
        time.sleep(0.1)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                               "/proc/self/fd/0", "stat", "--count", "1", "tcp",
                               f"src = {name_of(client)}", "--json"],
                              stdin=os.open(INETCTL, os.O_RDONLY), capture_output=True, timeout=60, check=False)
    check("it answers", done.returncode == 0, done)
    document = json.loads(done.stdout)
    check("a note", any("CAP_BPF" in note and "EPERM" in note for note in document["notes"]), document["notes"])
    check("said aloud", b"nothing is counted" in done.stderr, done.stderr)
    check("the kernel's", [row["send_oct"] for row in document["rows"]] == [321] and
          ["send_oct", "kernel"] in document["rows"][0]["sources"], document["rows"])


def main():
    probe = subprocess.run([INETCTL, "stat", "--count", "0.01", "udp"], capture_output=True, timeout=60, check=False)
    if b"nothing is counted" in probe.stderr:
        print("skipped:", probe.stderr.decode().strip())
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    counting_fixture.datagrams(socket.AF_INET, "127.0.0.1")
    counting_fixture.datagrams(socket.AF_INET6, "::1")
    streams()
    threads()
    counting_fixture.many()
    counting_fixture.elsewhere()
    raw()
    rounds()
    counting_fixture.killed()
    unprivileged()
    return verdict("stat_count: all holds")


if __name__ == "__main__":
    sys.exit(main())
