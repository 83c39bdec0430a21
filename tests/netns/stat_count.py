#!/usr/bin/env python3
"""`inetctl stat --count` against what this very program sends and receives, in a namespace of its own.

    unshare --net stat_count.py INETCTL
"""

import fractions
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

failures = 0
INETCTL = os.path.abspath(sys.argv[1])
NAMES = ("oct", "cnt", "max", "avg", "dvi")


def check(what, holds, *more):
    global failures
    if not holds:
        failures += 1
        print(f"stat_count: not so: {what}", *more)


def figures(sizes):
    """inet's formulas over whole numbers: the mean so far, and the mean of the distances from it."""
    total, distances = 0, fractions.Fraction(0)
    # Of ten thousand the fractions' denominators would be enormous, so they are kept at 256 bits.
    bits = 1 << 256
    for count, size in enumerate(sizes, 1):
        total += size
        distances += size * bits - total * bits // count
    mean_distance = abs(distances) / bits / len(sizes) if sizes else 0
    whole = round(mean_distance)
    if abs(mean_distance - whole) > fractions.Fraction(1, 1 << 200):
        whole = mean_distance.numerator // mean_distance.denominator
    return {"oct": total, "cnt": len(sizes), "max": max(sizes, default=0),
            "avg": total // len(sizes) if sizes else 0, "dvi": whole}


def of_row(row, side):
    return {name: row[f"{side}_{name}"] for name in NAMES}


class Counting:
    """inetctl that counts until it is interrupted, and its rows then."""

    def __init__(self, *words):
        self.process = subprocess.Popen([INETCTL, "stat", "--count", "forever", *words, "--json"],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + 20
        while len(self.links()) < 2 and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)  # it counts as soon as both programs are attached

    def links(self):
        """What it has attached to the kernel."""
        found = set()
        for info in pathlib.Path(f"/proc/{self.process.pid}/fdinfo").glob("*"):
            try:
                found |= {int(line.split()[1]) for line in info.read_text().splitlines() if line.startswith("link_id")}
            except OSError:
                pass  # it has been closed meanwhile
        return found

    def rows(self):
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        check("an interrupt ends it well", self.process.returncode == 0, self.process.returncode, err.decode())
        document = json.loads(out)
        check("nothing was left out", not any("could not be counted" in note for note in document["notes"]),
              document["notes"])
        return document["rows"]


def attached():
    """The links of programs in the kernel. One that ends while they are listed makes bpftool give up."""
    for _ in range(20):
        done = subprocess.run(["bpftool", "link", "-j"], capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            return {link["id"] for link in json.loads(done.stdout or "[]")}
    sys.exit(f"stat_count: bpftool link: {done.stderr.decode()}")


def row_of(rows, local):
    found = [row for row in rows if row["local"] == local]
    check(f"one row for {local}", len(found) == 1, found)
    return found[0]


def name_of(sock):
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def datagrams(family, host):
    """Ten thousand of random sizes, through sockets from before and after the start."""
    chance = random.Random(7)
    sizes = [chance.choice((0, 1, chance.randrange(100), chance.randrange(1473), chance.randrange(65000)))
             for _ in range(10_000)]
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.bind((host, 0))
        counting = Counting("udp")
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.bind((host, 0))
            for size in sizes:
                sender.sendto(bytes(size), receiver.getsockname())
                check("it arrives", len(receiver.recv(65536, socket.MSG_PEEK)) == size)
                receiver.recv(65536)
            try:
                sender.sendto(bytes(65508 + 20), receiver.getsockname())
                check("too large", False)
            except OSError:
                pass
            names = name_of(sender), name_of(receiver)
        rows = counting.rows()
    expected, nothing = figures(sizes), figures([])
    one, other = row_of(rows, names[0]), row_of(rows, names[1])
    check("sent", of_row(one, "send") == expected, one, expected)
    check("received", of_row(other, "recv") == expected, other, expected)
    check("and not the other way", of_row(one, "recv") == nothing == of_row(other, "send"), one, other)
    check("each is counted", ["send_dvi", "counted"] in one["sources"] and ["recv_max", "counted"] in one["sources"], one)
    check("the closed one", one["state"] == "CLOSE" and other["state"] == "UNCONN", one, other)
    check("whose it was", f"{os.getpid()}/" in one["owner"], one)


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


def many():
    """Sockets that open and close, a thousand a second and more, for two seconds; all are told."""
    counting = Counting("udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        expected, begin, number = {}, time.monotonic(), 0
        while time.monotonic() < begin + 2:
            number += 1
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.connect(receiver.getsockname())
                sender.send(b"x" * (number % 1400))
                cookie = int.from_bytes(sender.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)  # SO_COOKIE
                expected[cookie] = number % 1400
        took = time.monotonic() - begin
        rows = counting.rows()
    check("enough of them", number > 1000 * took, number)
    closed = [row for row in rows if row["state"] == "CLOSE"]
    found = {row["cookie"]: row["send_oct"] for row in closed}
    check("each is there", len(closed) == number and found == expected, len(closed), number)
    check("one call each", all(row["send_cnt"] == 1 for row in closed))


def elsewhere():
    """A socket of another namespace is counted too."""
    counting = Counting("udp")
    script = "import socket; s = socket.socket(2, 2); s.bind(('0.0.0.0', 4711)); s.connect(('127.0.0.1', 9)); s.send(b'x' * 77)"
    subprocess.run(["unshare", "--net", "sh", "-c", f'ip link set lo up && {sys.executable} -c "{script}"'],
                   check=True, timeout=60)
    rows = [row for row in counting.rows() if row["local"].endswith(":4711")]
    check("seen from here", len(rows) == 1 and rows[0]["send_oct"] == 77, rows)


def rounds():
    """Figures so far, again and again, and how they moved; two at once do not disturb each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        other = Counting("udp")
        watcher = subprocess.Popen([INETCTL, "stat", "--count", "1.5", "--interval", "0.5", "udp",
                                    f"src = {name_of(sender)}", "--json"], stdout=subprocess.PIPE)
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


def killed():
    """Nothing stays attached."""
    counting = Counting()
    links = counting.links()
    check("two programs", len(links) == 2 and links <= attached(), links)
    counting.process.kill()
    counting.process.communicate(timeout=30)
    end = time.monotonic() + 5
    while links & attached() and time.monotonic() < end:
        time.sleep(0.05)
    check("none is left", not links & attached(), links)


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
    datagrams(socket.AF_INET, "127.0.0.1")
    datagrams(socket.AF_INET6, "::1")
    streams()
    threads()
    many()
    elsewhere()
    rounds()
    killed()
    unprivileged()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
