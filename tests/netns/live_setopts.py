#!/usr/bin/env python3
"""Options of live sockets set from outside, against programs that this test starts: the owner reads what setopts says,
--undo restores all of it, nothing else changes, and refusals are told in words.

    make_sockets mixed SEED -- live_setopts.py INETCTL

Exits 0 when all holds, 1 when not, 77 when sockets of another process cannot be reached here.
"""

import ctypes
import errno
import os
import pathlib
import platform
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

from live_options import ECHO, SOL, TCP, Program, check, failures, pair, port_of, state_of

SETS = 300


def only(sock):
    return f"inode = {os.fstat(sock.fileno()).st_ino}"


def verdicts(rows):
    return [(row["option"], row["before"], row["after"], row["verdict"], row["rule"], row["errno"]) for row in rows]


def owner_reads_what_is_said(program):
    client, _server, door = pair()
    rows = program.rows("setopts", only(client), "nodelay=true", "TCP_LINGER2=130", "SO_RCVBUF=50000", "TCP_THIN_DUPACK=1",
                        "TCP_KEEPIDLE=32768", "SO_BUSY_POLL_BUDGET=8", "raw:6:5=i32:33", status=(1,))
    wanted = [("TCP_NODELAY", "false", "true", "accepted", None, None),
              ("TCP_LINGER2", "60", "120", "adjusted", "clamped", None),
              ("SO_RCVBUF", str(door.getsockopt(SOL, socket.SO_RCVBUF)), "100000", "adjusted", "doubled", None),
              ("TCP_THIN_DUPACK", "false", "false", "ignored", None, None),
              ("TCP_KEEPIDLE", "7200", "7200", "rejected", None, "EINVAL"),
              ("SO_BUSY_POLL_BUDGET", None, None, "unverifiable", None, None),
              ("TCP_KEEPINTVL", "75", "33", "accepted", None, None)]
    check(verdicts(rows) == wanted, f"verdicts are {verdicts(rows)}")
    reads = [client.getsockopt(TCP, socket.TCP_NODELAY), client.getsockopt(TCP, socket.TCP_LINGER2),
             client.getsockopt(SOL, socket.SO_RCVBUF), client.getsockopt(TCP, socket.TCP_KEEPINTVL)]
    check(reads == [1, 120, 100_000, 33], f"the owner reads {reads}")
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    rows = program.rows("setopts", "udp", only(datagrams), "nodelay=true", "broadcast=true", status=(1,))
    check([row["verdict"] for row in rows] == ["unsupported", "accepted"], f"UDP: {verdicts(rows)}")
    check(datagrams.getsockopt(SOL, socket.SO_BROADCAST) == 1, "SO_BROADCAST is not set")
    rows = program.rows("setopts", only(door), "TCP_LINGER2=0", "TCP_DEFER_ACCEPT=4")
    check([(row["verdict"], row["rule"]) for row in rows] == [("adjusted", "default"), ("adjusted", "rounded")],
          f"on a listener: {verdicts(rows)}")


# What is set here touches every way back: doubled buffers and their locks, what moves something else, structures.
TUNED = ["SO_RCVBUF=30000", "SO_SNDBUF=40000", "tos=0xb8", "linger={true,7}", "keepalive=true", "TCP_KEEPIDLE=77",
         "SO_RCVTIMEO=1.5s", "TCP_USER_TIMEOUT=30s", "ttl=9", "nodelay=true", "nodelay=false", "SO_BINDTODEVICE=lo",
         "raw:6:8=i32:30", "TCP_NOTSENT_LOWAT=16k", "SO_MAX_PACING_RATE=1000000"]


def all_options(program, sock):
    """Every option that can be read, but what moves by itself (IP_MTU goes with the route, which SO_BINDTODEVICE drops)."""
    moving = {"TCP_INFO", "TCP_TIMESTAMP", "SO_INCOMING_CPU", "SO_MEMINFO", "TCP_CC_INFO", "SO_INCOMING_NAPI_ID", "IP_MTU"}
    found = {row["option"]: row["hex"] for row in program.rows("getopts", only(sock)) if row["option"] not in moving}
    # Turned off, the kernel keeps the time that nobody asks for any more.
    if found["SO_LINGER"].startswith("00000000"):
        found["SO_LINGER"] = "off"
    return found


def undo_restores(program, folder):
    client, server, _door = pair()
    server.setsockopt(SOL, socket.SO_PRIORITY, 5)
    both = f"({only(client)} or {only(server)})"
    before = [all_options(program, sock) for sock in (client, server)]
    script = pathlib.Path(folder, "undo ' it.sh")
    rows = program.rows("setopts", both, *TUNED, "--yes", "--undo", str(script))
    check(len(rows) == 2 * len(TUNED), f"{len(rows)} rows")
    tuned = [all_options(program, sock) for sock in (client, server)]
    check(all(len([k for k in new if new[k] != old[k]]) > 10 for new, old in zip(tuned, before)), "nothing was tuned")
    check(stat.S_IMODE(script.stat().st_mode) == 0o600, "the script can be read by others")
    again = program.run("setopts", both, "TCP_KEEPCNT=3", "--yes", "--undo", str(script), status=(4,))
    check("is there already" in again.stderr and client.getsockopt(TCP, socket.TCP_KEEPCNT) == 9,
          f"a script that is there: {again.stderr}")
    bin_folder = pathlib.Path(folder, "bin")
    bin_folder.mkdir()
    (bin_folder / "inetctl").symlink_to(pathlib.Path(program.path).resolve())
    done = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"})
    check(done.returncode == 0, f"the script ends with {done.returncode}: {done.stdout}{done.stderr}")
    for old, sock in zip(before, (client, server)):
        now = all_options(program, sock)
        differ = {key: (old[key], now.get(key)) for key in old if now.get(key) != old[key]}
        check(not differ, f"not restored: {differ}")
    server.close()
    client.close()
    gone = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"})
    check(gone.returncode == 1 and "accepted" not in gone.stdout, f"the script hit another socket: {gone.stdout}")


def force_is_needed(program):
    client, _server, _door = pair()
    for word in ("TCP_REPAIR=1", "TCP_ULP=tls", "SO_LOCK_FILTER=1", "raw:1:44=i32:1", "IPV6_ADDRFORM=2"):
        refused = program.run("setopts", only(client), word, status=(2,))
        check("--force" in refused.stderr and refused.stdout == "", f"{word}: {refused.stderr}")
    rows = program.rows("setopts", only(client), "SO_LOCK_FILTER=1", "--force")
    check([row["verdict"] for row in rows] == ["accepted"], f"--force: {verdicts(rows)}")
    check(client.getsockopt(SOL, 44) == 1, "--force did not set it")


def dry_run_sets_nothing(program):
    client, server, _door = pair()
    before = all_options(program, client)
    rows = program.rows("setopts", f"({only(client)} or {only(server)})", "nodelay=true", "--dry-run")
    check([(row["verdict"], row["before"]) for row in rows] == [("untried", "false")] * 2, f"--dry-run: {verdicts(rows)}")
    check(all_options(program, client) == before, "--dry-run set something")


def busy_server_keeps_all_else(program):
    """A server under load whose options are set again and again."""
    with subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"hello")
        client.recv(5)
        before = state_of(server.pid)
        stop, counts = threading.Event(), [0, 0]

        def talk():
            while not stop.is_set():
                message = os.urandom(512)
                client.sendall(message)
                got = b""
                while len(got) < len(message):
                    got += client.recv(len(message) - len(got))
                counts[0] += 1
                counts[1] += got != message

        thread = threading.Thread(target=talk)
        thread.start()
        same, accepted = True, 0
        for i in range(SETS // 3):
            rows = program.rows("setopts", f"sport = {port} and pid = {server.pid} and state = ESTABLISHED",
                                f"TCP_KEEPIDLE={100 + i}", f"keepalive={'true' if i % 2 else 'false'}", "TCP_USER_TIMEOUT=1h")
            accepted += sum(row["verdict"] == "accepted" for row in rows)
            same = same and state_of(server.pid) == before
        stop.set()
        thread.join()
        check(accepted == 3 * (SETS // 3), f"{accepted} of {SETS} were accepted")
        check(same, "the server's descriptors or their flags are not what they were")
        client.shutdown(socket.SHUT_WR)
        total, error, blocking = server.stdout.readline().split()
        check(counts[1] == 0 and counts[0] > 0, f"{counts[1]} of {counts[0]} echoes were wrong")
        check((int(total), error, blocking) == (5 + 512 * counts[0], "0", "True"),
              f"the server has seen {total} bytes, error {error}, blocking {blocking}")
        print(f"{accepted} options set while {counts[0]} messages were echoed")


def blocked_accept_goes_on(program):
    _client, _server, door = pair()
    taken = []
    thread = threading.Thread(target=lambda: taken.append(door.accept()))
    thread.start()
    time.sleep(0.1)
    rows = program.rows("setopts", only(door), "TCP_DEFER_ACCEPT=0", "reuseaddr=true")
    check([row["verdict"] for row in rows] == ["accepted"] * 2, f"on a listener that waits: {verdicts(rows)}")
    check(thread.is_alive(), "the blocked accept has ended")
    newcomer = socket.create_connection(door.getsockname())
    thread.join(5)
    check(len(taken) == 1 and taken[0][1] == newcomer.getsockname(), "the accept did not get its connection")


def shut_down_in_good_order(program):
    client, server, door = pair()
    ours = f"sport = {port_of(client)} and dport = {port_of(door)}"
    got = []

    def wait(read, sock):
        try:
            got.append(read(sock))
        except OSError as error:
            got.append(errno.errorcode[error.errno])

    def ended(words, read, sock, wanted):
        got.clear()
        thread = threading.Thread(target=wait, args=(read, sock))
        thread.start()
        time.sleep(0.1)
        rows = program.rows("close", *words, "--shutdown", "--yes")
        check([(row["result"], row["method"]) for row in rows] == [("closed", "shutdown")], f"--shutdown: {rows}")
        thread.join(5)
        check(got == [wanted], f"{words}: the blocked call got {got}, not {wanted}")

    ended([ours], lambda s: s.recv(1), client, b"")
    check(server.recv(1) == b"", "the peer does not see the end")
    check(client.fileno() >= 0 and client.getsockopt(SOL, socket.SO_ERROR) == 0, "the owner has an error")
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    ended(["udp", only(datagrams)], lambda s: s.recv(1), datagrams, b"")
    ended([only(door)], lambda s: s.accept(), door, "EINVAL")


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def refusals_are_told(program):
    client, _server, _door = pair()
    try:
        rows = program.rows("setopts", only(client), "nodelay=true", status=(1,), preexec_fn=nobody)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"SKIP another user's view: {error}")
    else:
        check([(row["verdict"], row["detail"]) for row in rows]
              == [("denied", "no process that may be seen holds it; another user's takes CAP_SYS_PTRACE")],
              f"another user: {rows}")
        done = program.run("setopts", only(client), "nodelay=true", status=(1,), preexec_fn=nobody)
        check("note: 1 socket could not be reached: no process" in done.stderr, f"another user: {done.stderr}")
        answer = program.run("setopts", only(client), "nodelay=true", "--format", "erlang", status=(1,), preexec_fn=nobody)
        check(answer.stdout == "undefined\n", f"another user, Erlang: {answer.stdout}")
    check(client.getsockopt(TCP, socket.TCP_NODELAY) == 0, "another user has set it")
    for number, verdict, words in ((errno.ENOSYS, "unsupported", "this takes Linux 5.6 or newer"),
                                   (errno.EPERM, "denied", "takes CAP_SYS_PTRACE (EPERM)"),
                                   (errno.EBADF, "rejected", "it was closed meanwhile (EBADF)")):
        if platform.machine() != "x86_64":
            print("SKIP refused calls: their filter is written for x86_64")
            break
        rows = program.rows("setopts", only(client), "nodelay=true", status=(1,), preexec_fn=lambda n=number: refuse_getfd(n))
        check(len(rows) == 1 and rows[0]["verdict"] == verdict and words in rows[0]["detail"], f"{number}: {rows}")


def refuse_getfd(number):
    """From now on pidfd_getfd(2) answers with the error, as a sandbox or an old kernel does."""
    sock_filter = struct.pack("HBBI", 0x20, 0, 0, 0) \
        + struct.pack("HBBI", 0x15, 0, 1, 438) \
        + struct.pack("HBBI", 0x06, 0, 0, 0x00050000 | number) \
        + struct.pack("HBBI", 0x06, 0, 0, 0x7fff0000)
    program = ctypes.create_string_buffer(sock_filter)
    header = struct.pack("HxxxxxxQ", len(sock_filter) // 8, ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no filter of system calls")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Program(sys.argv[1])
    client, _server, _door = pair()
    probe = program.rows("setopts", only(client), "nodelay=true", status=(0, 1))
    if not probe or probe[0]["verdict"] != "accepted":
        print(f"live_setopts: skipped: sockets cannot be reached: {probe}")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        undo_restores(program, folder)
    for part in (owner_reads_what_is_said, force_is_needed, dry_run_sets_nothing, blocked_accept_goes_on,
                 shut_down_in_good_order, refusals_are_told, busy_server_keeps_all_else):
        part(program)
    print("live_setopts: all holds" if not failures else f"live_setopts: {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
