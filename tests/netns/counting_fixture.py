"""What tests of `inetctl stat --count` share: a counter that runs beside them, and inet's formulas."""

import fractions
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

from checks import check

INETCTL = os.path.abspath(sys.argv[1])
TEST = pathlib.Path(sys.argv[0]).stem
NAMES = ("oct", "cnt", "max", "avg", "dvi")


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


HERE = os.stat("/proc/self/ns/net").st_ino


class Counting:
    """inetctl that counts until it is interrupted, and its rows then."""

    def __init__(self, *words):
        self.process = subprocess.Popen([INETCTL, "stat", "--count", "forever", *words, "--json", "--fields", "+netns"],
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

    def rows(self, everywhere=False):
        """Those of this namespace: other tests count too, and their sockets can have the same ports."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        check("an interrupt ends it well", self.process.returncode == 0, self.process.returncode, err.decode())
        document = json.loads(out)
        check("nothing was left out", not any("could not be counted" in note for note in document["notes"]),
              document["notes"])
        return [row for row in document["rows"] if everywhere or row["netns"] == HERE]


def attached():
    """The links of programs in the kernel. One that ends while they are listed makes bpftool give up."""
    for _ in range(20):
        done = subprocess.run(["bpftool", "link", "-j"], capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            return {link["id"] for link in json.loads(done.stdout or "[]")}
    sys.exit(f"{TEST}: bpftool link: {done.stderr.decode()}")


def row_of(rows, local):
    found = [row for row in rows if row["local"] == local]
    check(f"one row for {local}", len(found) == 1, found)
    return found[0]


def name_of(sock):
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


# --- what is so whatever is counted

def datagrams(family, host, *words):
    """Ten thousand of random sizes, through sockets from before and after the start."""
    chance = random.Random(7)
    sizes = [chance.choice((0, 1, chance.randrange(100), chance.randrange(1473), chance.randrange(65000)))
             for _ in range(10_000)]
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.bind((host, 0))
        counting = Counting("udp", *words)
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


def many(*words):
    """Sockets that open and close, a thousand a second and more, for two seconds; all are told."""
    counting = Counting("udp", *words)
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
    check("one packet each", all(row["send_cnt"] == 1 for row in closed))


def elsewhere(*words):
    """A socket of another namespace is counted too."""
    counting = Counting("udp", *words)
    script = "import socket; s = socket.socket(2, 2); s.bind(('0.0.0.0', 4711)); s.connect(('127.0.0.1', 9)); s.send(b'x' * 77)"
    subprocess.run(["unshare", "--net", "sh", "-c", f'ip link set lo up && {sys.executable} -c "{script}"'],
                   check=True, timeout=60)
    rows = [row for row in counting.rows(everywhere=True) if row["local"].endswith(":4711")]
    check("seen from here", len(rows) == 1 and rows[0]["send_oct"] == 77, rows)


def killed(*words):
    """Nothing stays attached."""
    counting = Counting(*words)
    links = counting.links()
    check("two programs", len(links) == 2 and links <= attached(), links)
    counting.process.kill()
    counting.process.communicate(timeout=30)
    end = time.monotonic() + 5
    while links & attached() and time.monotonic() < end:
        time.sleep(0.05)
    check("none is left", not links & attached(), links)
