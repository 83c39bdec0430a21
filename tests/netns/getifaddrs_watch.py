#!/usr/bin/env python3
"""--watch tells what is done to interfaces, at once, and what it could not see; --rate counts what is sent.

    getifaddrs_scene.sh getifaddrs_watch.py INETCTL
"""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from checks import check, verdict


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Watch:
    """A running --watch; its lines as they come."""

    def __init__(self, inetctl, *words):
        self.process = subprocess.Popen([inetctl, "getifaddrs", "--watch", *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.errors = queue.Queue()
        for stream, to in ((self.process.stdout, self.lines), (self.process.stderr, self.errors)):
            threading.Thread(target=lambda s=stream, t=to: [t.put(line) for line in s], daemon=True).start()
        # Until its socket has joined the groups and it has looked once.
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not self.is_waiting():
            time.sleep(0.02)

    def is_waiting(self):
        with open(f"/proc/{self.process.pid}/wchan", encoding="ascii") as wchan:
            in_poll = "poll" in wchan.read()
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            asleep = "\nState:\tS" in status.read()
        return asleep and (in_poll or self.joined())

    def joined(self):
        """Whether a netlink socket of it is in a group: /proc/net/netlink."""
        with open(f"/proc/{self.process.pid}/net/netlink", encoding="ascii") as sockets:
            return any(int(line.split()[3], 16) != 0 and line.split()[2] == str(self.process.pid)
                       for line in sockets.readlines()[1:])

    def line(self, seconds=10):
        return self.lines.get(timeout=seconds)

    def until(self, wanted, seconds=20):
        """Rows up to the first that is wanted."""
        seen = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                seen.append(json.loads(self.line(1)))
            except queue.Empty:
                continue
            if wanted(seen[-1]):
                break
        return seen

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


def told(rows, event, name):
    return [row for row in rows if row["event"] == event and row["name"] == name]


def story(inetctl):
    watch = Watch(inetctl, "--ndjson")
    ip("link", "add", "w0", "type", "veth", "peer", "name", "w1")
    ip("link", "set", "w0", "mtu", "1300")
    ip("addr", "add", "10.50.0.1/24", "dev", "w0", "label", "w0:x")
    ip("link", "set", "w0", "up")
    ip("link", "set", "w1", "master", "br0")
    ip("link", "set", "w1", "nomaster")
    ip("addr", "del", "10.50.0.1/24", "dev", "w0")
    ip("link", "set", "w0", "down")
    ip("link", "set", "w0", "name", "w9")
    ip("link", "del", "w9")
    rows = watch.until(lambda row: row["event"] == "deleted" and row["name"] == "w9")
    check("w0 is new, once", len(told(rows, "new", "w0")) == 1, rows)
    changes = [(row["name"], change["field"], change["before"], change["after"])
               for row in rows for change in row["changes"] or []]
    for change in (("w0", "mtu", "1500", "1300"), ("w1", "master", "-", "br0"), ("w1", "master", "br0", "-"),
                   ("w9", "name", "w0", "w9")):
        check(f"{change} is told once", changes.count(change) == 1, changes)
    check("w0 goes up, without carrier", ("w0", "state", "down", "lower-down") in changes or
          ("w0", "state", "down", "no-carrier") in changes, changes)
    for event in ("address_added", "address_removed"):
        addresses = [(a["address"], a["label"]) for row in told(rows, event, "w0") for a in row["addresses"]]
        check(f"{event} tells the one address", addresses == [("10.50.0.1", "w0:x")], addresses)
    check("a port that leaves its bridge is not deleted", told(rows, "deleted", "w1") == [] or
          rows.index(told(rows, "deleted", "w1")[0]) > rows.index(told(rows, "changed", "w9")[0]))
    check("times are in order", [row["time"] for row in rows] == sorted(row["time"] for row in rows))
    check("SIGINT ends it well", watch.end() == 0)


def table_and_ends(inetctl):
    watch = Watch(inetctl, "v1", "--count", "2")
    ip("addr", "add", "10.51.0.1/24", "dev", "v1")
    line = watch.line()
    check("a table's line comes at once", re.match(r"\d\d:\d\d:\d\d\.\d{3}Z  address_added    v1  10\.51\.0\.1/24$", line), line)
    ip("link", "set", "nc0", "mtu", "1399")
    ip("addr", "del", "10.51.0.1/24", "dev", "v1")
    line = watch.line()
    check("only of the interface that was asked for", "address_removed  v1" in line, line)
    check("--count ends it", watch.process.wait(timeout=20) == 0)
    watch = Watch(inetctl)
    check("SIGTERM ends it well", watch.end(signal.SIGTERM) == 0)


def flood(inetctl):
    """The reader stands still while more happens than the kernel keeps for it."""
    watch = Watch(inetctl, "--ndjson")
    os.kill(watch.process.pid, signal.SIGSTOP)
    batch = "".join(f"link set nc0 mtu {1000 + i % 300}\n" for i in range(6000))
    batch += "addr add 10.52.0.1/24 dev nc0\naddr del 10.3.0.1/24 dev nc0\nlink set nc0 mtu 1234\nlink del é0\n"
    subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True)
    os.kill(watch.process.pid, signal.SIGCONT)
    try:
        note = watch.errors.get(timeout=20)
    except queue.Empty:
        note = ""
    check("what is lost is said at once", "ENOBUFS" in note, note)
    # The note comes before the second look; what is true then is told.
    rows = watch.until(lambda row: row["event"] == "address_added" and row["addresses"][0]["address"] == "10.52.0.1")
    check("what changed meanwhile is told", told(rows, "address_removed", "nc0") and told(rows, "deleted", "é0"), rows[-9:])
    mtu = [change["after"] for row in told(rows, "changed", "nc0") for change in row["changes"]
           if change["field"] == "mtu"]
    check("up to the last value", mtu and mtu[-1] == "1234", mtu[-9:])
    check("and it goes on", watch.process.poll() is None)
    check("until it is ended", watch.end() == 0)


def rates(inetctl):
    sent = {"bytes": 0}
    stop = threading.Event()

    def send():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while not stop.wait(0.005):
                out.sendto(b"x" * 972, ("127.0.0.1", 9))  # 1000 bytes with the headers; nobody listens
                sent["bytes"] += 1000

    sender = threading.Thread(target=send)
    sender.start()
    start = time.monotonic()
    try:
        done = subprocess.run([inetctl, "getifaddrs", "lo", "--rate", "0.5", "--count", "3", "--ndjson"],
                              capture_output=True, text=True, timeout=60, check=False)
        expected = sent["bytes"] / (time.monotonic() - start)
    finally:
        stop.set()
        sender.join()
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    check("a row a round", done.returncode == 0 and len(rows) == 3, done)
    mean = sum(row["rx_rate_Bps"] for row in rows) / 3
    # What comes back from a closed port is counted too.
    check("the rate is what was sent", 0.5 * expected < mean < 3 * expected, mean, expected)
    check("both ways alike on lo", all(row["rx_rate_Bps"] == row["tx_rate_Bps"] for row in rows), rows)
    check("and in packets", all(row["rx_rate_pps"] > 0 for row in rows), rows)


def main():
    inetctl = os.path.abspath(sys.argv[1])
    for part in (story, table_and_ends, flood, rates):
        part(inetctl)
    return verdict("getifaddrs: changes and rates are told as they are")


if __name__ == "__main__":
    sys.exit(main())
