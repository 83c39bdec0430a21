#!/usr/bin/env python3
"""monitor tells each socket that opens, changes and closes, in order and with its counters, from every source and as
any user; what it loses it says. wait ends in time. Nothing of either stays in the kernel, however it ends.

    make_sockets load 2 -- monitor.py INETCTL
"""

import collections
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from checks import check, verdict

NOBODY = 65534
PAIRS = 100
BURST, FLOOD = 20000, 60000  # sockets; a flood is more than the kernel keeps for a reader that stands still
SLOW = 60  # seconds; what takes longer has failed


class Monitor:
    """A running monitor, that has begun to watch; rows as they were printed."""

    def __init__(self, inetctl, *words, user=0, command="monitor", begins=True):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        switch = {"user": user, "group": user, "extra_groups": []} if user else {}
        self.process = subprocess.Popen([inetctl, command, "--ndjson", *words], stdout=self.out, stderr=self.err, **switch)
        if command == "monitor" and begins:
            self.await_note(lambda note: "told" in note or "tells" in note or "listing" in note)

    def await_note(self, wanted):
        end = time.monotonic() + SLOW
        while not any(wanted(note) for note in self.notes):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"monitor: it does not begin: {self.process.args} {self.notes}")
            time.sleep(0.01)

    @staticmethod
    def lines(file):
        # Writer and reader share one offset, which is the writer's: reading must not move it.
        text = os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
        whole, _, _ = text.rpartition(b"\n")  # what is behind the last end of a line is not whole yet
        return whole.decode().splitlines()

    @property
    def notes(self):
        return self.lines(self.err)

    def rows(self):
        return [json.loads(line) for line in self.lines(self.out)]

    def until(self, enough):
        end = time.monotonic() + SLOW
        while time.monotonic() < end:
            rows = self.rows()
            if enough(rows):
                return rows
            time.sleep(0.05)
        return self.rows()

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        return self.process.wait(timeout=SLOW)

    def lost(self):
        return sum(int(found[1]) for found in (re.search(r"(\d+) (changes|ends) of sockets were lost", note)
                                               for note in self.notes) if found)


def listener():
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", 0))
    made.listen(128)
    return made


def exchange(server, sent, answered):
    """A connection over which so many bytes go; closed by the client first. Returns both its ports."""
    client = socket.create_connection(server.getsockname())
    ports = client.getsockname()[1], server.getsockname()[1]
    accepted, _ = server.accept()
    client.sendall(b"x" * sent)
    accepted.recv(sent, socket.MSG_WAITALL)
    accepted.sendall(b"y" * answered)
    client.recv(answered, socket.MSG_WAITALL)
    client.close()
    accepted.recv(1)
    accepted.close()
    return ports


def by_socket(rows):
    told = collections.defaultdict(list)
    for row in rows:
        told[row["cookie"]].append(row)
    return told


def closed_of(rows, ports):
    return [row for row in rows if row["event"] == "closed" and (row["local_port"], row["foreign_port"]) == ports]


def connections(inetctl, source, user):
    what = f"{source}, uid {user}:"
    watch = Monitor(inetctl, "--source", source, "--interval", "200ms", "tcp", user=user)
    with listener() as server:
        made = {}
        for n in range(PAIRS):
            sent, answered = 100 + n, 50 + 2 * n
            made[exchange(server, sent, answered)] = sent, answered
        port = server.getsockname()[1]
    rows = watch.until(lambda rows: sum(row["event"] == "closed" for row in rows) >= 2 * PAIRS + 1)
    check(f"{what} SIGINT ends it well", watch.end() == 0)
    check(f"{what} nothing is lost", watch.lost() == 0, watch.notes)
    for (here, there), (sent, answered) in made.items():
        for ports, out, back in ((here, there), sent, answered), ((there, here), answered, sent):
            ends = closed_of(rows, ports)
            check(f"{what} the end of {ports} is told once", len(ends) == 1, ends)
            for end in ends:
                check(f"{what} sent of {ports}", end["sent"] == out, end)
                # Without BPF, whether a FIN is among what was received may not be known.
                check(f"{what} recv of {ports}", end["recv"] == back or (source != "bpf" and end["recv"] is None), end)
                check(f"{what} bytes_acked of {ports}", end["bytes_acked"] in (out, out + 1, out + 2), end)
                check(f"{what} segments of {ports}", end["segs_in"] > 2 and end["segs_out"] > 2
                      and end["data_segs_out"] == 1 and end["total_retrans"] == 0, end)
    ends = closed_of(rows, (port, 0))
    check(f"{what} the end of the listener is told once, and counts nothing",
          len(ends) == 1 and ends[0]["bytes_acked"] is None, ends)
    times = [row["time"] for row in rows]
    check(f"{what} times are in order", times == sorted(times))
    for told in by_socket(rows).values():
        check(f"{what} each state follows the one before",
              all(a["state"] == b["from"] for a, b in zip(told, told[1:])), told)
        check(f"{what} the end comes last", "closed" not in [row["event"] for row in told[:-1]], told)
    if source == "bpf":
        whole_stories(what, rows, made)


def whole_stories(what, rows, made):
    told = by_socket(rows)
    clients, servers = 0, 0
    for story in told.values():
        states = [story[0]["from"]] + [row["state"] for row in story]
        ports = story[-1]["local_port"], story[-1]["foreign_port"]
        if ports in made:
            clients += 1
            check(f"{what} all states of a client", states[:4] == ["CLOSE", "SYN_SENT", "ESTABLISHED", "FIN_WAIT1"]
                  and states[-1] == "CLOSE", states)
            check(f"{what} its owner is this process", all(row["owners"][0]["pid"] == os.getpid() for row in story), story)
        elif ports[::-1] in made:
            servers += 1
            check(f"{what} all states of a server", states == ["SYN_RECV", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSE"],
                  states)
            check(f"{what} its owner is known at the end", story[-1]["owners"][0]["pid"] == os.getpid(), story)
    check(f"{what} both ends of each connection", (clients, servers) == (PAIRS, PAIRS), clients, servers)


def listed(inetctl, user):
    """By listing alone: what stays long enough is seen to come, change and go."""
    watch = Monitor(inetctl, "--source", "polling", "--interval", "50ms", user=user)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    port = udp.getsockname()[1]
    mine = lambda rows: [row for row in rows if row["local_port"] == port]  # noqa: E731
    watch.until(lambda rows: len(mine(rows)) >= 1)
    udp.connect(("127.0.0.1", 9))
    watch.until(lambda rows: len(mine(rows)) >= 2)
    udp.close()
    rows = mine(watch.until(lambda rows: len(mine(rows)) >= 3))
    check("SIGTERM ends it well", watch.end(signal.SIGTERM) == 0)
    check(f"uid {user}: a UDP socket comes, is connected and goes",
          [(row["event"], row["from"], row["state"]) for row in rows] ==
          [("opened", None, "UNCONN"), ("changed", "UNCONN", "ESTABLISHED"), ("closed", "ESTABLISHED", "CLOSE")], rows)


def udp_ends(inetctl, source):
    watch = Monitor(inetctl, "--source", source, "--interval", "100ms", "udp")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.bind(("::1", 0))
        port = udp.getsockname()[1]
        watch.until(lambda rows: any(row["local_port"] == port for row in rows))
    rows = [row for row in watch.until(lambda rows: any(row["event"] == "closed" for row in rows)) if row["local_port"] == port]
    watch.end()
    check(f"{source}: a UDP socket opens and closes, once", [row["event"] for row in rows] == ["opened", "closed"], rows)
    check(f"{source}: its owner is known", all(row["owners"][0]["pid"] == os.getpid() for row in rows), rows)


def burst(inetctl, source, user, stand_still):
    """Connections to a port that refuses them: each is a socket with one end."""
    watch = Monitor(inetctl, "--source", source, "--interval", "10s", "--fields", "event,state,local_port,foreign_port,segs_in",
                    "tcp", "event", "!=", "present", user=user)
    sockets = FLOOD if stand_still else BURST
    if stand_still:
        watch.process.send_signal(signal.SIGSTOP)
    address = ("127.0.0.1", 1)
    for made in range(sockets):
        # It goes on before the flood ends: what is lost while it catches up counts, too.
        if stand_still and made == sockets * 3 // 4:
            watch.process.send_signal(signal.SIGCONT)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\0" * 8)
            one.connect_ex(address)
    # bpf tells that they open, too. What a list finds after a loss was told by nobody.
    told = lambda rows: sum(row["segs_in"] is not None or row["foreign_port"] == 0 or row["event"] == "opened"  # noqa: E731
                            for row in rows)
    events = sockets * (2 if source == "bpf" else 1)
    started = time.monotonic()
    while time.monotonic() - started < SLOW:
        if told(watch.rows()) + watch.lost() >= events:
            break
        time.sleep(0.1)
    time.sleep(0.3)
    rows = watch.rows()
    check("a burst ends well", watch.end() == 0)
    what = f"{source}, uid {user}, {'held up' if stand_still else 'running'}:"
    check(f"{what} delivered and lost are all", told(rows) + watch.lost() == events, told(rows), watch.lost())
    check(f"{what} nothing is lost of a burst", stand_still or watch.lost() == 0, watch.lost())
    # Ends are told by a worker of the kernel that slows down for a slow reader: there it may be none.
    check(f"{what} something is lost of a flood, or this proves nothing",
          watch.lost() > 0 or not stand_still or source == "diag")
    print(f"monitor: {what} {told(rows)} of {events} told, {watch.lost()} said to be lost")


def until_closed(inetctl, source):
    with listener() as server:
        port = server.getsockname()[1]
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        words = ["--source", source, "--interval", "100ms", "--until", "closed", "state", "established", "and", "sport", "=", str(port)]
        watch = Monitor(inetctl, *words)
        early = Monitor(inetctl, "--timeout", "300ms", *words)
        check(f"{source}: --until closed says that time ran out", early.wait() == 1)
        check(f"{source}: it waits", watch.process.poll() is None)
        other = socket.create_connection(server.getsockname())
        other.close()
        accepted.close()
        client.close()
        check(f"{source}: --until closed ends with 0", watch.wait() == 0)
        rows = watch.rows()
        check(f"{source}: only of the chosen", {row["foreign_port"] for row in rows} == {rows[0]["foreign_port"]}
              and rows[-1]["event"] == "closed", rows)
        check("none to wait for", Monitor(inetctl, "--until", "closed", "sport", "=", "9").wait() == 0)


def count_and_initial(inetctl):
    with listener() as server:
        port = server.getsockname()[1]
        watch = Monitor(inetctl, "--initial", "--count", "1", "sport", "=", str(port), begins=False)
        check("--count ends it", watch.wait() == 0)
        rows = watch.rows()
        check("--initial tells what is there", len(rows) == 1 and rows[0]["event"] == "present"
              and rows[0]["owners"][0]["pid"] == os.getpid(), rows)


def table(inetctl):
    watch = subprocess.Popen([inetctl, "monitor", "--count", "2", "tcp"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    watch.stderr.readline()
    with listener() as server:
        head, row = watch.stdout.readline(), watch.stdout.readline()
        check("a row of the table comes at once, in line with its heading",
              re.match(r"\d\d:\d\d:\d\d\.\d{3}Z opened  CLOSE +LISTEN ", row) and head.index("Local") == row.index("127.0.0.1:"),
              head, row)
        check("it goes on", watch.poll() is None, server)
    check("until enough was seen", watch.wait(timeout=SLOW) == 0)


def waits(inetctl, user):
    def run(*words):
        return Monitor(inetctl, *words, user=user, command="wait")

    started = time.monotonic()
    check("wait gives up", run("--listen", "9", "--timeout", "300ms").wait() == 1 and time.monotonic() - started > 0.3)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        waiting = run("--listen", str(port), "--timeout", "20s")
        time.sleep(0.3)
        check("a bound socket is no listener", waiting.process.poll() is None)
        server.listen()
        check("wait ends when it listens", waiting.wait() == 0)
        rows = waiting.rows()
        check("wait prints what it waited for", len(rows) == 1 and rows[0]["state"] == "LISTEN"
              and rows[0]["local_port"] == port, rows)
        check("what is so already ends it at once", run("tcp", "--listen", str(port), "--timeout", "20s").wait() == 0)
        gone = run("--gone", "--quiet", "--timeout", "20s", "sport", "=", str(port))
        time.sleep(0.3)
        check("wait --gone waits", gone.process.poll() is None)
    check("wait --gone ends when all are gone", gone.wait() == 0 and gone.rows() == [])


def held_programs(pid):
    """The ids of the programs that a process keeps attached by its descriptors."""
    held = []
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as about:
            text = about.read()
        if "link_type" in text:
            held += re.findall(r"^prog_id:\s*(\d+)$", text, re.MULTILINE)
    return held


def is_loaded(program):
    return subprocess.run(["bpftool", "prog", "show", "id", program], capture_output=True, check=False).returncode == 0


def leaves_nothing(inetctl):
    first = Monitor(inetctl, "--source", "bpf", "tcp")
    second = Monitor(inetctl, "--source", "bpf", "tcp")
    programs = held_programs(first.process.pid) + held_programs(second.process.pid)
    check("each has one program of its own", len(programs) == len(set(programs)) == 2, programs)
    check("which the kernel runs", all(is_loaded(program) for program in programs), programs)
    first.process.kill()
    check("the first is killed", first.wait() == -signal.SIGKILL)
    with listener() as server:
        exchange(server, 10, 10)
    rows = second.until(lambda rows: sum(row["event"] == "closed" for row in rows) >= 3)
    check("the second sees all the same", sum(row["event"] == "closed" for row in rows) == 3, rows)
    check("and ends well", second.end() == 0)
    end = time.monotonic() + 10  # the kernel takes away what nobody holds a moment later
    while any(is_loaded(program) for program in programs) and time.monotonic() < end:
        time.sleep(0.1)
    check("nothing stays", not any(is_loaded(program) for program in programs), programs)


def idles(inetctl):
    watch = Monitor(inetctl, "--interval", "500ms")
    switches = lambda: int(re.search(r"\nvoluntary_ctxt_switches:\t(\d+)",  # noqa: E731
                                     open(f"/proc/{watch.process.pid}/status", encoding="ascii").read())[1])
    time.sleep(0.7)
    before = switches()
    time.sleep(3)
    woken = switches() - before
    watch.end()
    check("it wakes once an interval", woken <= 9, woken)


def main():
    inetctl = os.path.abspath(sys.argv[1])
    if subprocess.run([inetctl, "monitor", "--timeout", "10ms", "--source", "diag"], capture_output=True, check=False).returncode:
        print("monitor: skipped: no sock_diag groups here")
        return 77
    tried = subprocess.run([inetctl, "monitor", "--timeout", "10ms", "--source", "bpf"], capture_output=True, check=False)
    has_bpf = tried.returncode == 0
    if not has_bpf:
        print(f"monitor: without BPF: {tried.stderr.decode().strip()}")
    tried = subprocess.run([inetctl, "monitor", "--source", "bpf"], capture_output=True, check=False, user=NOBODY)
    check("nobody may not load programs, and is told so", tried.returncode == 4 and
          (b"EPERM" in tried.stderr or not has_bpf), tried)
    for source, user in (("bpf", 0), ("diag", 0), ("best", NOBODY)):
        if source == "bpf" and not has_bpf:
            continue
        if source != "best":
            udp_ends(inetctl, source)
            until_closed(inetctl, source)
        connections(inetctl, source, user)
        waits(inetctl, user)
    until_closed(inetctl, "polling")
    for user in (0, NOBODY):
        listed(inetctl, user)
    count_and_initial(inetctl)
    idles(inetctl)
    if has_bpf:
        table(inetctl)
        leaves_nothing(inetctl)
    for source, user, stand_still in (("bpf", 0, False), ("bpf", 0, True), ("diag", 0, False), ("diag", NOBODY, True)):
        if source != "bpf" or has_bpf:
            burst(inetctl, source, user, stand_still)
    return verdict("monitor: what happens to sockets is told")


if __name__ == "__main__":
    sys.exit(main())
