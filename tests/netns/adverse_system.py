#!/usr/bin/env python3
"""What becomes of a listing when calls are refused or broken off, descriptors run out, processes are hidden, sockets and
processes vanish while we look, and the terminal is ten columns wide: never a crash, a hang or a wrong row; what is missing
is said.

    make_sockets hostile -- adverse_system.py INETCTL

Exits 0 when all hold, 1 when not, 77 where it cannot be tried.
"""

import ctypes
import errno
import fcntl
import json
import os
import platform
import pty
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading

from checks import check, failed, verdict

INETCTL = ""
SANITIZED = False
ORDINARY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

# Numbers of system calls on x86-64.
SOCKET, SENDTO, RECVFROM, GETXATTR, READLINKAT, BPF, PIDFD_GETFD = 41, 44, 45, 191, 267, 321, 438


def refusing(call, error, *arguments):
    """For preexec_fn: from now on this system call ends with the error, where its arguments have these values
    ((place, value), ...); seccomp(2)."""
    load, jump_if, give = 0x20, 0x15, 0x06
    conditions = [(0, call)] + [(16 + 8 * place, value) for place, value in arguments]
    program = []
    for at, (offset, value) in enumerate(conditions):
        otherwise = 2 * (len(conditions) - at) - 2 + 1  # to the last instruction
        program += [(load, 0, 0, offset), (jump_if, 0, otherwise, value)]
    program += [(give, 0, 0, 0x00050000 | error), (give, 0, 0, 0x7fff0000)]

    def refuse():
        code = b"".join(struct.pack("=HBBI", *each) for each in program)
        kept = ctypes.create_string_buffer(code, len(code))
        filter_program = struct.pack("@HP", len(program), ctypes.addressof(kept))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.c_char_p(filter_program), 0, 0) != 0:
            os._exit(99)
    return refuse


def run(*words, refuse=None, prefix=(), status=None, seconds=100):
    done = subprocess.run([*prefix, INETCTL, *words], capture_output=True, timeout=seconds, check=False, preexec_fn=refuse)
    check(f"{words} ends by itself", done.returncode >= 0 and done.returncode not in (99, 134, 139), done.returncode, done.stderr[-2000:])
    if status is not None:
        check(f"{words} ends with {status}", done.returncode == status, done.returncode, done.stderr[-2000:])
    return done


def said(done):
    return done.stderr.decode("utf-8", "replace").splitlines()


def places(done):
    """Each row's protocol, inode and local address."""
    return {(row["protocol"], row["port"], row["local"]) for row in map(json.loads, done.stdout.splitlines())}


def sock_diag_is_missing():
    """The texts of /proc/net stand in, and that is said; no socket is shown that is not there."""
    for word in ("tcp", "udp", "unix", "packet", "udplite"):
        whole = places(run("i", word, "--ndjson", status=0))
        done = run("i", word, "--ndjson", refuse=refusing(SOCKET, errno.EPROTONOSUPPORT, (0, 16), (2, 4)), status=0)
        check(f"{word}: the same sockets out of texts", places(done) == whole, places(done) ^ whole)
        noted = any("/proc/net" in line for line in said(done))
        check(f"{word}: which is said", noted or word not in ("tcp", "udp", "unix"), said(done))
    done = run("i", "tcp", refuse=refusing(SOCKET, errno.EPROTONOSUPPORT, (0, 16)), status=0)
    check("without any netlink as well", len(done.stdout.splitlines()) > 20, done)


def calls_are_refused():
    for error in (errno.EPERM, errno.EACCES, errno.EMFILE):
        done = run("i", "tcp", refuse=refusing(SOCKET, error, (0, 16), (2, 4)), status=4)
        check(f"{errno.errorcode[error]} is said in a line", len(said(done)) == 1 and errno.errorcode[error] in said(done)[0], said(done))
        check("and nothing is shown as if it were all", not done.stdout.strip(), done.stdout)
    for call, name in ((SENDTO, "ask"), (RECVFROM, "read")):
        for error in (errno.ENOBUFS, errno.ENOMEM, errno.EPERM):
            done = run("i", "tcp", refuse=refusing(call, error), status=4)
            check(f"{name}: {errno.errorcode[error]} is said", errno.errorcode[error] in " ".join(said(done)), said(done))
    # Owners are what is lost when processes cannot be looked at; sockets stay.
    refusals = refusing(BPF, errno.EPERM), refusing(READLINKAT, errno.EACCES)
    done = run("i", "tcp", "--ndjson", refuse=lambda: [refuse() for refuse in refusals], status=0)
    check("no owner, but every socket", len(places(done)) > 20 and b'"owner":null' in done.stdout, done.stdout[:300])
    check("and that is said", any("owner unknown" in line for line in said(done)), said(done))


def sockets_cannot_be_asked():
    """Families that the kernel does not list: what may not be looked at is counted, never shown by half."""
    try:
        held = socket.socket(40, socket.SOCK_STREAM)
    except OSError:
        print("adverse_system: left out, no vsock here")
        return
    held.bind((0xffffffff, 6000))
    held.listen()
    done = run("i", "vsock", "-H", status=0)
    if b"" == done.stdout or not any("does not list" in line for line in said(done)):
        print("adverse_system: left out: this kernel lists vsock sockets")
        return
    for error in (errno.EPERM, errno.ENOSYS):
        done = run("i", "vsock", "-H", refuse=refusing(PIDFD_GETFD, error), status=0)
        check("none is shown", done.stdout == b"", done.stdout)
        check("it is counted", any(line.endswith("; 1 may not be looked at") for line in said(done)), said(done))
    done = run("i", "vsock", "-H", refuse=refusing(GETXATTR, errno.ENOTSUP), status=0)
    check("without names of protocols none is found", done.stdout == b"" and len(said(done)) == 1, done)
    held.close()


def descriptors_run_out():
    if SANITIZED:
        return
    for limit in range(3, 11):
        for words in (("i", "-t"), ("i", "all"), ("i", "-t", "--fields", "state"), ("getifaddrs",), ("i", "--all-netns")):
            done = run(*words, prefix=("bash", "-c", f"exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n {limit}; exec \"$@\"", "bash"))
            # 127: the loader itself found no descriptor for a library.
            check(f"{words} with {limit} descriptors", done.returncode in (0, 4, 127), done.returncode, said(done))
            check("what is missing is said", done.returncode == 0 or said(done), done)


def processes_are_hidden():
    whole = places(run("i", "-t", "--ndjson", status=0))
    done = run("i", "-t", "--ndjson", status=0,
               prefix=("unshare", "--mount", "sh", "-c", 'mount -t proc -o hidepid=2 none /proc && exec "$@"', "sh", *ORDINARY))
    check("every socket is there", places(done) == whole, places(done) ^ whole)
    check("no owner is made up", b'"pid"' not in done.stdout, done.stdout[:400])
    check("and it is said", any("owner unknown" in line for line in said(done)), said(done))
    if SANITIZED:
        return
    for words in (("i", "-t"), ("i", "all"), ("i", "--all-netns"), ("i", "vsock")):
        done = run(*words, prefix=("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"))
        check(f"{words} without /proc", done.returncode in (0, 4) and said(done), done)


def everything_moves():
    """Processes and sockets come and go all the time: no crash, no socket twice, and what stands still is there."""
    stop = threading.Event()

    def churn():
        script = ("import socket\nfor _ in range(40):\n made=[socket.socket(f,t) for f in (1,2,10) for t in (1,2)]\n"
                  " made[2].bind(('127.0.0.1',0)); made[2].listen(1)\n c=socket.create_connection(made[2].getsockname()); c.close()\n")
        while not stop.is_set():
            subprocess.run([sys.executable, "-c", script], check=False)
    threads = [threading.Thread(target=churn) for _ in range(2)]
    steady = places(run("i", "-t", "--ndjson", status=0))
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            done = run("i", "-tux", "-a", "--ndjson", "--fields", "protocol,port,local,foreign,cookie,state,owners", status=0)
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            keys = [row["cookie"] for row in rows if row["port"]]
            check("no socket comes twice", len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1])
            check("what stands still is there", steady <= places(done), steady - places(done))
            check("notes are whole sentences", all(line.startswith("inetctl: note: ") for line in said(done)), said(done))
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def on_terminal(columns, *words):
    """What a terminal of this width gets."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([INETCTL, *words], stdout=follower, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as child:
        os.close(follower)
        text = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        child.stderr.read()
        status = child.wait(timeout=100)
    os.close(leader)
    return status, text.decode("utf-8")


def terminals_are_narrow():
    for columns in (1, 2, 10, 20, 80):
        for words in (("i", "-t"), ("i", "-x"), ("i", "-t", "-e"), ("i", "all", "-a"), ("getifaddrs",), ("i", "--count-by", "owner")):
            status, text = on_terminal(columns, *words)
            check(f"{words} on {columns} columns", status == 0 and text, status, text[:200])
            bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
            check("no control characters", not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", bare), bare[:400])
            if columns == 80:
                long = [line for line in bare.split("\r\n") if len(line) > columns]
                check(f"{words}: each line fits", not long or words[0] != "i" or "-e" in words, long[:3])


def names_are_any_bytes():
    """Abstract names of all 108 bytes, zeros among them; bytes that are no UTF-8; and no name is another's."""
    with tempfile.TemporaryDirectory() as scratch:
        names = [b"\0" + b"\0a" * 53 + b"\0", b"\0" * 108, b"\0" + b"\xff\xfe" * 53, b"\0" + "é".encode() * 53,
                 scratch.encode() + b"/" + b"\xf0\x9f" * 20, b"\0\\x41", b"\0A", b"\0 ", b"\0-"]
        made = []
        for name in names:
            one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            one.bind(name)
            made.append(one)
        inodes = {os.fstat(one.fileno()).st_ino: name for one, name in zip(made, names)}
        for form in ("ndjson", "csv", "table", "erlang"):
            text = run("i", "-x", "--format", form, "--no-header", "-W", status=0).stdout
            lines = [line for line in text.decode("utf-8").splitlines() if any(str(inode) in line for inode in inodes)]
            check(f"{form}: a line each", len(lines) == len(names) or form == "erlang", lines)
            shown = {re.sub(r"\d{4,}", "", line) for line in lines}
            check(f"{form}: no two look alike", len(shown) == len(names) or form == "erlang", lines)
        rows = [json.loads(line) for line in run("i", "-x", "--ndjson", status=0).stdout.splitlines()]
        told = {row["port"]: row["local"] for row in rows}
        for inode, name in inodes.items():
            expected = "@" + name[1:].decode("utf-8", "replace") if name[:1] == b"\0" else None
            if expected and "�" not in expected and "\\" not in expected:
                check("the name is whole", told[inode] == expected, told[inode], expected)
        for one in made:
            one.close()


def outputs_are_closed():
    """A reader that goes away, with SIGPIPE handled, ignored and blocked."""
    for handling in ("", "trap '' PIPE; "):
        for words in (("i", "all", "-a", "-e"), ("i", "--json"), ("getifaddrs", "--fields", "all")):
            line = f"{handling}{{ \"$@\" 2>&1 >&3; echo status=$?; }} 3>&1 >&2 | true"
            done = subprocess.run(["bash", "-c", line, "bash", INETCTL, *words], capture_output=True, timeout=100, check=False)
            check(f"{words} ends quietly", b"status=0" in done.stderr and b"inetctl: write" not in done.stderr, done.stderr)


def main():
    global INETCTL, SANITIZED
    if platform.machine() != "x86_64" or os.geteuid() != 0 or not shutil.which("setpriv"):
        print("adverse_system: skipped: it takes root, x86-64 and util-linux")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        with open(sys.argv[1], "rb") as program:
            SANITIZED = b"__asan_init" in program.read()  # its own runtime needs /proc and descriptors
        INETCTL = shutil.copy(sys.argv[1], os.path.join(scratch, "inetctl"))
        for part in (sock_diag_is_missing, calls_are_refused, sockets_cannot_be_asked, descriptors_run_out, processes_are_hidden,
                     everything_moves, terminals_are_narrow, names_are_any_bytes, outputs_are_closed):
            before = len(failed)
            if len(sys.argv) < 3 or sys.argv[2] == part.__name__:
                part()
                print("ok:" if len(failed) == before else "NOT:", part.__name__.replace("_", " "), flush=True)
    return verdict("adverse_system: all holds")


if __name__ == "__main__":
    sys.exit(main())
