#!/usr/bin/env python3
"""The list of sockets' holders that a program in the kernel makes (BPF) is the one that /proc shows, pair by pair.

    make_sockets mixed SEED -- holders.py LIST_HOLDERS INETCTL

Beside the scene there are processes that share descriptors, threads with descriptors of their own, and what looks
like a socket and is none. All of it once in the machine's pid namespace and once in one of its own.

Exits 0 when both agree, 1 when not, 77 where one of the two is not to be had.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

ATTEMPTS = 5  # others on the machine open and close sockets meanwhile
PROCESSES = 200
CLONE_FILES = 0x400
UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


def run(*words):
    return subprocess.run(words, capture_output=True, check=False)


def skip_unless_possible(list_holders):
    """A program that this kernel should take is no reason to skip."""
    for road in ("bpf", "proc"):
        tried = run(list_holders, road)
        said = tried.stderr.decode().strip()
        excused = road == "proc" or said.endswith(("not built in", "EPERM", "ENOSYS")) or not can_relocate()
        if tried.returncode == 77 and excused:
            print(f"holders: skipped: {said}")
            sys.exit(77)
        if tried.returncode != 0:
            sys.exit(f"holders: {said}")


def can_relocate():
    """Linux 5.17 and later, with its own type information."""
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    return release >= (5, 17) and os.path.exists("/sys/kernel/btf/vmlinux")


def start(children, body):
    """A process that does `body`, says so and waits for its end."""
    ready, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        body()
        os.write(done, b".")
        os.close(ready)
        signal.pause()
    os.close(done)
    if os.read(ready, 1) != b".":
        sys.exit("holders: a process of the scene ended early")
    os.close(ready)
    children.append(pid)


def inet(kept):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    kept.append(made)
    return made


def private_thread(kept):
    """A thread that has left its process's table of files and opens a socket of which the process knows nothing."""
    done = threading.Event()

    def body():
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_FILES) != 0:
            os._exit(1)
        inet(kept)
        done.set()
        threading.Event().wait()

    threading.Thread(target=body, daemon=True).start()
    done.wait()


def many_threads(kept):
    for _ in range(5):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    inet(kept)


def odd_descriptors(kept, directory):
    """Gaps, duplicates, and a descriptor of a socket's file, which is no socket."""
    os.dup2(inet(kept).fileno(), 700)
    os.dup(700)
    path = os.path.join(directory, "socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    kept.append(listener)
    os.open(path, os.O_PATH)
    os.open(f"/proc/self/fd/{listener.fileno()}", os.O_PATH)  # this one leads to the socket itself
    os.pipe()


def make_scene(children, kept, directory):
    """The inode of a socket that all of its processes hold, this one too."""
    shared = inet(kept)
    for number in range(PROCESSES):
        start(children, lambda: [inet(kept) for _ in range(1 + number % 7)])
    for body in (lambda: private_thread(kept), lambda: many_threads(kept), lambda: odd_descriptors(kept, directory)):
        start(children, body)
    return os.fstat(shared.fileno()).st_ino


def lines(list_holders, road):
    done = run(list_holders, road)
    if done.returncode != 0:
        sys.exit(f"holders: {road}: {done.stderr.decode()}")
    # Each road lists itself, as another process.
    return [line for line in done.stdout.decode().splitlines() if not line.endswith(b"list_holders".hex())]


def differences(list_holders):
    """What stood in both of two lists from /proc has to stand in one from the kernel made between them, in the same
    order, and the other way round."""
    before, between, after = (lines(list_holders, road) for road in ("proc", "bpf", "proc"))
    steady = set(before) & set(after)
    known = set(before) | set(after)
    wrong = [f"only in /proc: {line}" for line in before if line in steady and line not in set(between)]
    wrong += [f"only by BPF: {line}" for line in between if line not in known]
    if not wrong and [line for line in between if line in steady] != [line for line in before if line in steady]:
        wrong = ["both list the same, in different orders"]
    return wrong, len(steady)


def owners(inode, *inetctl):
    """The processes that inetctl shows for a socket of the scene. There is nothing to be said about how it knows."""
    done = run(*inetctl, "i", "-u", "--ndjson", "--fields", "inode,owners")
    if done.returncode != 0 or b"BPF" in done.stderr or b"descriptors" in done.stderr:
        sys.exit(f"holders: {inetctl} ended with {done.returncode}: {done.stderr.decode()}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [owner["pid"] for row in rows if row.get("inode") == inode for owner in row["owners"]]


def with_refusals(inetctl):
    """inetctl as it is, and with each of its calls that load and start the program failing in turn."""
    yield [inetctl]
    if shutil.which("strace") and not sanitized(inetctl):
        for call in range(1, 7):
            yield ["strace", "-o/dev/null", "-einject=bpf:error=EPERM:when=" + str(call), inetctl]


def sanitized(program):
    """Leaks cannot be looked for under strace."""
    with open(program, "rb") as file:
        return b"__asan_init" in file.read()


def check(list_holders, inetctl, children, inode):
    wrong = []
    for _ in range(ATTEMPTS):
        wrong, steady = differences(list_holders)
        if not wrong:
            break
    if wrong:
        return wrong
    if steady < 4 * PROCESSES:
        return [f"only {steady} descriptors stood still"]
    for command in with_refusals(inetctl):
        holders = owners(inode, *command)
        if holders != sorted([os.getpid(), *children]):
            return [f"{command}: the socket that all share is shown with {len(holders)} owners: {holders}"]
    print(f"holders: {steady} descriptors, one answer")
    return []


def main():
    inside = sys.argv[1] == "--inside"
    list_holders, inetctl = sys.argv[1 + inside:]
    skip_unless_possible(list_holders)
    children, kept = [], []
    with tempfile.TemporaryDirectory() as directory:
        try:
            wrong = check(list_holders, inetctl, children, make_scene(children, kept, directory))
        finally:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    for line in wrong[:20]:
        print(f"holders: {line}")
    if wrong or inside:
        return 1 if wrong else 0
    # As seen from a pid namespace, with its own /proc and with the one from outside, which numbers otherwise.
    again = subprocess.run([*UNSHARE, sys.executable, __file__, "--inside", list_holders, inetctl], check=False)
    foreign = run("unshare", "--pid", "--fork", "--kill-child", list_holders, "bpf")
    if foreign.returncode != 77:
        print("holders: numbers of one pid namespace were taken for those of another")
        return 1
    return again.returncode


if __name__ == "__main__":
    sys.exit(main())
