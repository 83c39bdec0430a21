#!/usr/bin/env python3
"""Options of live sockets, and their end from outside, against programs that this test starts: what getopts says
is what the owner itself reads, a busy server notices nothing, close hits the socket that was meant and no other.

    make_sockets mixed SEED -- live_options.py INETCTL

Exits 0 when all holds, 1 when not, 77 when sockets of another process cannot be reached here.
"""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

TCP, SOL = socket.IPPROTO_TCP, socket.SOL_SOCKET
CHECKED = (("SO_KEEPALIVE", SOL, socket.SO_KEEPALIVE), ("SO_REUSEADDR", SOL, socket.SO_REUSEADDR),
           ("TCP_NODELAY", TCP, socket.TCP_NODELAY), ("TCP_KEEPIDLE", TCP, socket.TCP_KEEPIDLE),
           ("TCP_KEEPCNT", TCP, socket.TCP_KEEPCNT), ("TCP_LINGER2", TCP, socket.TCP_LINGER2),
           ("TCP_USER_TIMEOUT", TCP, socket.TCP_USER_TIMEOUT), ("SO_RCVBUF", SOL, socket.SO_RCVBUF),
           ("SO_SNDBUF", SOL, socket.SO_SNDBUF), ("IP_TTL", socket.IPPROTO_IP, socket.IP_TTL),
           ("IP_TOS", socket.IPPROTO_IP, socket.IP_TOS), ("TCP_MAXSEG", TCP, socket.TCP_MAXSEG))
READS = 10_000
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)
        print(f"FAIL {what}")


class Program:
    """inetctl, as this test calls it."""

    def __init__(self, path):
        self.path = path

    def run(self, *words, status=(0,), **more):
        done = subprocess.run([self.path, *words], capture_output=True, text=True, check=False, timeout=60, **more)
        if done.returncode not in status:
            check(False, f"{' '.join(words)}: status {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def rows(self, *words, **more):
        return [json.loads(line) for line in self.run(*words, "--ndjson", **more).stdout.splitlines()]


def listener(address="127.0.0.1"):
    sock = socket.socket()
    sock.bind((address, 0))
    sock.listen(16)
    return sock


def pair():
    """A connection whose client tunes itself, its server, and the listener."""
    door = listener()
    client = socket.create_connection(door.getsockname())
    server, _ = door.accept()
    return client, server, door


def port_of(sock):
    return sock.getsockname()[1]


def as_int(row):
    return struct.unpack("=i", bytes.fromhex(row["hex"])[:4])[0]


def values_agree(program):
    client, server, door = pair()
    client.setsockopt(TCP, socket.TCP_NODELAY, 1)
    client.setsockopt(TCP, socket.TCP_KEEPIDLE, 61)
    client.setsockopt(SOL, socket.SO_RCVBUF, 50_000)
    client.setsockopt(SOL, socket.SO_LINGER, struct.pack("ii", 1, 5))
    for sock in (client, server, door):
        rows = {row["option"]: row for row in program.rows("getopts", f"inode = {os.fstat(sock.fileno()).st_ino}")}
        for name, level, number in CHECKED:
            mine = sock.getsockopt(level, number)
            check(name in rows and as_int(rows[name]) == mine, f"{name}: {rows.get(name)} but the owner reads {mine}")
        check("SO_ERROR" not in rows and "TCP_FASTOPEN_KEY" not in rows, "what harms or is secret was read unasked")
        check(all(row["source"] == "socket" for row in rows.values()), "the socket itself was not asked")
    changed = {row["option"]: row["value"] for row in program.rows("getopts", "--changed", f"sport = {port_of(client)}")}
    wanted = {"TCP_NODELAY": "true", "TCP_KEEPIDLE": "61", "SO_RCVBUF": "100000", "SO_LINGER": "{true,5}"}
    check(changed == wanted, f"--changed says {changed}, the program has set {wanted}")
    for sock in (server, door):
        inode = os.fstat(sock.fileno()).st_ino
        rows = program.rows("getopts", "--changed", f"inode = {inode}")
        check(rows == [], f"nothing was set on it, but --changed says {rows}")
    raw = program.rows("getopts", f"sport = {port_of(client)}", "raw:6:11:92", "raw:6:1")
    check(len(bytes.fromhex(raw[0]["hex"])) == 92 and as_int(raw[1]) == 1, f"raw options: {raw}")


def untuned_is_unchanged(program):
    """Sockets of all kinds that nobody has tuned: connected ones carry traffic, so that the kernel tunes them."""
    client, server, door = pair()
    thread = threading.Thread(target=lambda: client.sendall(b"x" * 3_000_000))
    thread.start()
    left = 3_000_000
    while left > 0:
        left -= len(server.recv(65536))
    thread.join()
    plain = [client, server, door, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
    plain[-1].bind(("127.0.0.1", 0))
    try:
        six = socket.socket(socket.AF_INET6)
        six.bind(("::1", 0))
        six.listen(1)
        plain += [six, socket.create_connection(six.getsockname()[:2])]
        plain.append(six.accept()[0])
    except OSError as error:
        print(f"no IPv6 here: {error}")
    for sock in plain:
        rows = program.rows("getopts", "--changed", f"inode = {os.fstat(sock.fileno()).st_ino}")
        check(rows == [], f"{sock}: nobody has set {[(r['option'], r['value'], r['default']) for r in rows]}")


def state_of(pid):
    """What a program's owner could notice of its descriptors."""
    entries = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
            entries[fd] = (os.readlink(f"/proc/{pid}/fd/{fd}"),
                           [line for line in info if line.startswith(("flags", "ino", "mnt"))])
    return entries


ECHO = """
import socket, sys
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
sock, _ = door.accept()
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
total = 0
while True:
    data = sock.recv(65536)
    if not data:
        break
    sock.sendall(data)
    total += len(data)
print(total, sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), sock.getblocking(), flush=True)
"""


def busy_server_notices_nothing(program):
    with subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"hello")
        client.recv(5)
        before = state_of(server.pid)
        stop, counts, slowest = threading.Event(), [0, 0], [0.0]

        def talk():
            while not stop.is_set():
                start = time.monotonic()
                message = os.urandom(512)
                client.sendall(message)
                got = b""
                while len(got) < len(message):
                    got += client.recv(len(message) - len(got))
                counts[0] += 1
                counts[1] += got != message
                slowest[0] = max(slowest[0], time.monotonic() - start)

        thread = threading.Thread(target=talk)
        thread.start()
        reads, same = 0, True
        while reads < READS:
            rows = program.rows("getopts", f"sport = {port} and pid = {server.pid} and state = ESTABLISHED")
            reads += len(rows)
            if not rows:
                check(False, "the server's socket is not found")
                break
            same = same and state_of(server.pid) == before
        stop.set()
        thread.join()
        check(same, "the server's descriptors or their flags are not what they were")
        client.shutdown(socket.SHUT_WR)
        total, error, blocking = server.stdout.readline().split()
        check(counts[1] == 0 and counts[0] > 0, f"{counts[1]} of {counts[0]} echoes were wrong")
        check((int(total), error, blocking) == (5 + 512 * counts[0], "0", "True"),
              f"the server has seen {total} bytes, error {error}, blocking {blocking}")
        check(client.recv(1) == b"", "the end of the connection did not come")
        print(f"{reads} options read while {counts[0]} messages were echoed, the slowest in {slowest[0] * 1000:.1f} ms")


def close_hits_only_what_was_meant(program):
    client, server, door = pair()
    other = socket.create_connection(door.getsockname())
    mine = f"sport = {port_of(client)} and dport = {port_of(door)}"
    check(len(program.rows("close", mine, "--dry-run")) == 1, "--dry-run lists what would be closed")
    client.sendall(b"still there")
    check(server.recv(64) == b"still there", "--dry-run closed it")
    refused = program.run("close", mine, status=(2,))
    check("--yes" in refused.stderr, f"a script that does not say --yes: {refused.stderr}")
    check(program.run("close", status=(2,)).stdout == "", "an empty filter was taken")
    check(program.run("close", "tcp", "--yes", status=(2,)).stdout == "", "a protocol was taken for a filter")
    rows = program.rows("close", mine, "--yes")
    check([row["result"] for row in rows] == ["closed"], f"close says {rows}")
    for sock, wanted in ((client, ConnectionAbortedError), (server, ConnectionResetError)):
        try:
            sock.recv(1)
            check(False, f"{sock} goes on")
        except OSError as error:
            check(isinstance(error, wanted), f"{error!r}, not {wanted}")
    program.run("close", mine, "--yes", status=(1,))  # it is gone: nothing matches
    again = socket.create_connection(door.getsockname())
    check(door.accept() and door.accept(), "the listener was hit")
    other.sendall(b"x")
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    datagrams.connect(("127.0.0.1", 9))
    check(program.rows("close", "udp", f"sport = {port_of(datagrams)}", "--yes")[0]["result"] == "closed", "UDP")
    blocked = []

    def wait():
        try:
            door.accept()
        except OSError as error:
            blocked.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    check(program.rows("close", f"state listening sport = {port_of(door)}", "--yes")[0]["result"] == "closed", "listener")
    thread.join(5)
    check(len(blocked) == 1, "the blocked accept has not ended")
    again.close()


def who_may_not(program):
    """Another user's socket: what sock_diag knows, and why no more."""
    client, _server, _door = pair()
    client.setsockopt(SOL, socket.SO_RCVBUF, 50_000)

    def nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    try:
        rows = program.rows("getopts", f"sport = {port_of(client)}", "SO_RCVBUF", "TCP_NODELAY", preexec_fn=nobody)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"SKIP another user's view: {error}")
        return
    seen = {row["option"]: (row["value"], row["source"], row["refusal"]) for row in rows}
    check(seen == {"SO_RCVBUF": ("100000", "sock_diag", None), "TCP_NODELAY": (None, "sock_diag", "not visible")},
          f"without privilege: {seen}")
    done = program.run("getopts", f"sport = {port_of(client)}", "nodelay", preexec_fn=nobody)
    check("could not be reached" in done.stderr, f"no word why: {done.stderr}")
    done = program.run("close", f"sport = {port_of(client)}", "--yes", status=(1,), preexec_fn=nobody)
    check(done.stderr.count("1 socket could not be closed: not permitted: it takes CAP_NET_ADMIN") == 1,
          f"no word why it is not closed: {done.stderr}")
    rows = program.rows("close", f"sport = {port_of(client)}", "--yes", status=(1,), preexec_fn=nobody)
    check([row["result"] for row in rows] == ["refused"] and "CAP_NET_ADMIN" in rows[0]["reason"], f"close: {rows}")


def info_says_what_limits(program):
    client, server, door = pair()
    inode = os.fstat(client.fileno()).st_ino
    limit = lambda sock: program.rows("info", f"inode = {os.fstat(sock.fileno()).st_ino}")[0]["limit"]
    check(limit(client) == "application", "an idle connection is not limited by its program")
    check(limit(door) == "nothing", "an empty queue limits")
    client.setblocking(False)
    try:
        while True:
            client.send(b"x" * 65536)
            select.select([], [client], [], 0.2)
    except BlockingIOError:
        pass
    time.sleep(0.5)
    check(limit(client) == "peer_window", f"the peer does not read, but: {limit(client)}")
    check(limit(server) == "reader", f"it does not read, but: {limit(server)}")
    facts = {fact["name"]: fact for fact in program.rows("info", f"inode = {inode}")[0]["facts"]}
    check(facts["snd_cwnd_bytes"]["value"] == facts["snd_cwnd"]["value"] * facts["snd_mss"]["value"], "the window in bytes")
    small = socket.socket()
    small.bind(("127.0.0.1", 0))
    small.listen(1)
    waiting = []
    for _ in range(3):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(small.getsockname())
        waiting.append(sock)
    time.sleep(0.1)
    check(limit(small) == "listen_queue", f"a full queue: {limit(small)}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Program(sys.argv[1])
    client, _server, _door = pair()
    probe = program.rows("getopts", f"inode = {os.fstat(client.fileno()).st_ino}", "TCP_NODELAY")
    if not probe or probe[0]["source"] != "socket":
        print(f"live_options: skipped: sockets cannot be reached: {program.run('getopts', 'nodelay').stderr.strip()}")
        sys.exit(77)
    for part in (values_agree, untuned_is_unchanged, close_hits_only_what_was_meant, who_may_not, info_says_what_limits,
                 busy_server_notices_nothing):
        part(program)
    print("live_options: all holds" if not failures else f"live_options: {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
