#!/usr/bin/env python3
"""What is known of the processes that hold sockets, and who is at the other end.

    unshare --net owners.py INETCTL

The scene has processes in cgroups as systemd and container runtimes make them, with command lines and users of their
own; a thread that has left its process's table of descriptors; connections over loopback. It is looked at as root, as
an ordinary user and in a recording.

Exits 0 when all is shown, 1 when not, 77 where there is no hierarchy of cgroups (version 2) to make directories in.
"""

import ctypes
import datetime
import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading

CLONE_FILES = 0x400
NOBODY = 65534
ID = "3f2a91c04d7e5b8890aa17c2d3e4f5061728394a5b6c7d8e9f00112233445566"
POD = "2c48913c-b29f-11e7-9350-020968147796"
MARK = f"inetctl{os.getpid()}"

# Directory of the hierarchy, and what is to be seen of a process in it.
SCENE = [
    (f"system.slice/{MARK}.service", {"unit": f"{MARK}.service", "slice": "system.slice"}),
    (f"system.slice/{MARK}\\x2da.service", {"unit": f"{MARK}\\x2da.service", "slice": "system.slice"}),
    (f"user.slice/user-{NOBODY}.slice/user@{NOBODY}.service/app.slice/{MARK}.service",
     {"unit": f"user@{NOBODY}.service", "user_unit": f"{MARK}.service", "slice": f"user-{NOBODY}.slice"}),
    (f"user.slice/user-{NOBODY}.slice/session-{MARK}.scope",
     {"unit": f"session-{MARK}.scope", "slice": f"user-{NOBODY}.slice"}),
    (f"system.slice/docker-{ID}.scope",
     {"unit": f"docker-{ID}.scope", "slice": "system.slice", "container": ID, "runtime": "docker"}),
    (f"docker/{ID}", {"container": ID, "runtime": "docker"}),
    (f"machine.slice/libpod-{ID}.scope/container",
     {"unit": f"libpod-{ID}.scope", "slice": "machine.slice", "container": ID, "runtime": "podman"}),
    (f"kubepods/besteffort/pod{POD}/{ID}", {"container": ID, "pod": POD}),
    (f"kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{ID}.scope",
     {"unit": f"cri-containerd-{ID}.scope", "slice": f"kubepods-pod{POD.replace('-', '_')}.slice",
      "container": ID, "runtime": "containerd", "pod": POD}),
    (f"lxc.payload.{MARK}/init.scope", {"container": MARK, "runtime": "lxc"}),
    (f"machine.slice/machine-{MARK}\\x2db.scope",
     {"unit": f"machine-{MARK}\\x2db.scope", "slice": "machine.slice", "container": f"{MARK}-b",
      "runtime": "systemd-nspawn"}),
]
FACTS = ["unit", "user_unit", "slice", "container", "runtime", "pod"]
MEMBERS = ["pid", "fd", "comm", "cmdline", "exe", "uid", "user", "ppid", "started", "age_s", "cgroup", *FACTS]


def skip(reason):
    print(f"owners: skipped: {reason}")
    sys.exit(77)


def hierarchy():
    """Where cgroups of version 2 are mounted."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        for line in mounts:
            if " - cgroup2 " in line:
                return line.split()[4]
    return skip("cgroups of version 2 are not mounted")


class Cgroups:
    """Directories that are gone again at the end, with those above them that were not there before."""

    def __init__(self):
        self.root = hierarchy()
        self.made = []

    def make(self, path):
        at = self.root
        for name in path.split("/"):
            at = os.path.join(at, name)
            try:
                os.mkdir(at)
            except FileExistsError:
                continue
            except OSError as error:
                skip(f"no directory can be made in {self.root}: {error}")
            self.made.append(at)
        return at

    def remove(self):
        for path in reversed(self.made):
            try:
                os.rmdir(path)
            except OSError:  # another run of this test is in it
                pass


def start(children, body, cgroup=None):
    """A process that does `body` and waits for its end; what `body` returns."""
    said, say = os.pipe()
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.read(ready, 1)
        os.write(say, json.dumps(body()).encode())
        os.close(say)
        signal.pause()
    children.append(pid)
    if cgroup:
        with open(os.path.join(cgroup, "cgroup.procs"), "w", encoding="utf-8") as processes:
            processes.write(str(pid))
    os.close(say)
    os.write(go, b".")
    answer = os.read(said, 4096)
    for fd in (said, ready, go):
        os.close(fd)
    if not answer:
        sys.exit("owners: a process of the scene ended early")
    return pid, json.loads(answer)


KEPT = []


def listen():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    KEPT.append(listener)
    return listener.getsockname()[1]


def listen_as_nobody():
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: whose user has changed, is hidden from that user too
    return listen()


def listen_in_thread():
    """The socket is in no table of descriptors but a thread's."""
    port = []
    done = threading.Event()

    def body():
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_FILES) == 0:
            port.append(listen())
        done.set()
        threading.Event().wait()

    threading.Thread(target=body, daemon=True).start()
    done.wait()
    return port[0]


def become(*arguments):
    """Listens, and goes on as another program with this command line that keeps the socket."""
    port = listen()
    os.set_inheritable(KEPT[-1].fileno(), True)
    program = "import os, signal, sys; signal.pause()"
    pid = os.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", program, *arguments])
    KEPT.clear()
    return port, pid


class Judge:
    def __init__(self, inetctl):
        self.inetctl = inetctl
        self.wrong = []

    def run(self, *words, prefix=()):
        done = subprocess.run([*prefix, self.inetctl, *words], capture_output=True, check=False)
        if b"Sanitizer" in done.stderr:
            sys.exit(done.stderr.decode())
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def rows(self, *words, prefix=()):
        _, out, _ = self.run("i", *words, "--ndjson", prefix=prefix)
        return [json.loads(line) for line in out.splitlines()]

    def expect(self, what, got, wanted):
        if got != wanted:
            self.wrong.append(f"{what}: {got!r}, not {wanted!r}")

    def expect_in(self, what, part, whole):
        if part not in whole:
            self.wrong.append(f"{what}: {part!r} is not in {whole!r}")


def plain(text):
    """What is left when an escape of ours is undone: a backslash that could be taken for one is written as one."""
    return text and text.replace("\\x5c", "\\")


def check_cgroups(judge, made, source=()):
    fields = ",".join(["local_port", "pid", "owners"] + [f"owner.{name}" for name in FACTS])
    rows = {row["local_port"]: row for row in judge.rows("-tl", "--fields", fields, *source)}
    for path, facts, pid, port in made:
        row = rows.get(port)
        if row is None:
            judge.wrong.append(f"{path}: no row")
            continue
        judge.expect(f"{path}: pid", row["pid"], pid)
        for name in FACTS:
            judge.expect(f"{path}: owner.{name}", plain(row[f"owner_{name}"]), facts.get(name))
            judge.expect(f"{path}: owners", plain(row["owners"][0][name]), facts.get(name))
        judge.expect(f"{path}: members", list(row["owners"][0]), MEMBERS)
        judge.expect(f"{path}: cgroup", plain(row["owners"][0]["cgroup"]), "/" + path)
        for name, value in facts.items():
            found = {other["local_port"] for other in
                     judge.rows("-tl", "--fields", "local_port", f"owner.{name} = '{value}'", *source)}
            same = {other[3] for other in made if other[1].get(name) == value}
            judge.expect(f"owner.{name} = {value}", found, same)
    counted = {row["owner_runtime"]: row["count"] for row in judge.rows("-tl", "--count-by", "owner.runtime", *source)}
    runtimes = [facts.get("runtime") for _, facts, _, _ in made]
    for runtime in set(runtimes) - {None}:
        judge.expect(f"--count-by owner.runtime: {runtime}", counted.get(runtime), runtimes.count(runtime))


def check_defaults(judge):
    """Nobody who asks for no more gets more."""
    for words in ((), ("owner.pid > 0",), ("owner.comm ~ .",)):
        for row in judge.rows("-tl", *words):
            judge.expect(f"{words}: members of owners", list(row["owners"][0]), ["pid", "fd", "comm"])


def one(judge, port, *words, prefix=()):
    rows = judge.rows("-tl", f"local_port = {port}", "--fields", "owners,owner.cmdline", *words, prefix=prefix)
    return rows[0]["owners"] if rows and rows[0]["owners"] else [{}]


def check_process(judge, pid, port):
    owner = one(judge, port)[0]
    wanted = " a b \x1b[31m \\x5cx41 'é"
    judge.expect("cmdline of a hostile process", owner.get("cmdline", "")[-len(wanted):], wanted)
    judge.expect("exe", owner.get("exe"), os.readlink(f"/proc/{pid}/exe"))
    judge.expect("uid", (owner.get("uid"), owner.get("user")), (0, "root"))
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    judge.expect("ppid", owner.get("ppid"), int(fields[1]))
    started = datetime.datetime.fromisoformat(owner["started"].replace("Z", "+00:00"))
    age = (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds()
    if not 0 <= age < 600 or not 0 <= owner["age_s"] <= age:
        judge.wrong.append(f"started {owner['started']}, {owner['age_s']} s ago, at an age of {age}")
    _, out, _ = judge.run("i", "-tl", f"local_port = {port}", "--fields", "local_port,owner.cmdline")
    judge.expect_in("table", "a b \\x1b[31m", out)
    judge.expect("a table's lines", len(out.splitlines()), 2)
    for words in ("owner.age < 1h", "owner.age_s < 3600", "owner_age < 1h", "cmdline ~ 'a b'",
                  "owner.user = root", "owner.started > 2020", f"owner.ppid = {fields[1]}"):
        found = judge.rows("-tl", f"local_port = {port} and {words}")
        judge.expect(words, len(found), 1)


def check_user(judge, made, nobody_port, root_port):
    """An ordinary user sees all of their own and nothing of others'."""
    prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        copy = os.path.join(directory, "inetctl")
        subprocess.run(["cp", judge.inetctl, copy], check=True)
        theirs = Judge(copy)
        owner = one(theirs, nobody_port, prefix=prefix)[0]
        judge.expect("as nobody: own", (owner.get("uid"), owner.get("unit")), (NOBODY, made[0][1]["unit"]))
        judge.expect("as nobody: another's", one(theirs, root_port, prefix=prefix), [{}])
        _, _, notes = theirs.run("i", "-tl", prefix=prefix)
        judge.expect_in("as nobody: note", "processes could not be read", notes)


def check_thread(judge, pid, port):
    for words in ((), ("--pid", str(pid))):
        rows = judge.rows("-tl", f"local_port = {port}", "--fields", "owners", *words)
        judge.expect(f"thread {words}", [row["owners"] for row in rows],
                     [[{"pid": pid, "fd": None, "comm": "python3"}]])
    _, _, notes = judge.run("i", "-tl")
    judge.expect("notes, where all owners are known", notes, "")


def connect(children, family, address):
    """A listener with a connection to it from another process, whose port it tells."""
    listener = socket.socket(family)
    listener.bind((address, 0))
    listener.listen()
    port = listener.getsockname()[1]

    def body():
        # What this process holds is not also the child's: of two owners the first has the lower number, whoever that is.
        for kept in [*KEPT, listener]:
            kept.close()
        KEPT.clear()
        made = socket.socket(socket.AF_INET if "127" in address else family)
        made.connect((address.replace("::ffff:", ""), port))
        KEPT.append(made)
        return made.getsockname()[1]

    pid, far = start(children, body)
    KEPT.extend([listener, listener.accept()[0]])
    return pid, port, far


def check_peers(judge, children):
    here = f"{os.getpid()}/python3"
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"),
                            (socket.AF_INET6, "::ffff:127.0.0.1")):
        pid, port, far = connect(children, family, address)
        for near, peer in ((far, here), (port, f"{pid}/python3")):
            # The peer is another socket than those that the filter leaves.
            rows = judge.rows("-t", f"state connected and sport = {near}", "--fields", "local,peer_owner")
            judge.expect(f"peer of {address} {near}", [row["peer_owner"] for row in rows], [peer])
        for words in (("--fields", "local_port"), (), ("--all-netns",)):
            rows = judge.rows("-t", f"peer_owner ~ ^{pid}/", *words)
            judge.expect(f"peer_owner ~ {pid} {words}", [row["local_port"] for row in rows], [port])
    # UDP, connected on both sides.
    one_end, other = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
    one_end.bind(("127.0.0.1", 0))
    other.bind(("127.0.0.1", 0))
    one_end.connect(other.getsockname())
    other.connect(one_end.getsockname())
    rows = judge.rows("-u", f"sport = {one_end.getsockname()[1]}", "--fields", "peer_owner")
    judge.expect("peer of UDP", [row["peer_owner"] for row in rows], [here])
    one_end.close()
    other.close()


def check_kernels_own(judge):
    for form in ("table", "ndjson"):
        _, _, notes = judge.run("i", "--netlink", "--format", form)
        judge.expect(f"{form}: note on the kernel's own sockets", notes, "")
    rows = judge.rows("--netlink", "netlink_portid = 0", "--fields", "owners")
    if not rows or any(row["owners"] != [] for row in rows):
        judge.wrong.append(f"the kernel's own sockets have no owner: {rows[:3]}")


def at_terminal(judge, width, *words):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "dumb"
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        os.execv(judge.inetctl, [judge.inetctl, *words])
    out = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        out += part
    os.waitpid(pid, 0)
    os.close(terminal)
    return re.sub(r"\x1b\[[0-9;]*m", "", out.decode()).replace("\r", "").splitlines()


def check_by_process(judge, made, shared):
    _, text, _ = judge.run("i", "-tl", "--by-process")
    lines = text.splitlines()
    for path, facts, pid, port in made:
        heads = [at for at, line in enumerate(lines) if line.startswith(f"{pid}/python3 (")]
        judge.expect(f"{path}: headings", len(heads), 1)
        if not heads:
            continue
        about = f"{facts.get('runtime', 'container')} {facts['container'][:12]}" if "container" in facts else \
            facts.get("user_unit", facts["unit"])
        judge.expect_in(f"{path}: heading", about, plain(lines[heads[0]]))
        below = lines[heads[0] + 1]
        judge.expect(f"{path}: socket", below.startswith("  ") and f":{port} " in below, True)
    # Under each of its processes.
    inode, pids = shared
    rows = judge.rows("-u", "--by-process", f"inode = {inode}")
    judge.expect("shared: processes", [row["pid"] for row in rows], sorted(pids))
    judge.expect("shared: owners", [[owner["pid"] for owner in row["owners"]] for row in rows],
                 [[pid] for pid in sorted(pids)])
    rows = judge.rows("-u", "--by-process", f"inode = {inode}", "--pid", str(pids[0]))
    judge.expect("shared, of one process", [row["pid"] for row in rows], [pids[0]])
    for width in (80, 40, 10):
        for line in at_terminal(judge, width, "i", "-tl", "--by-process"):
            if len(line) > width:
                judge.wrong.append(f"{width} columns: {len(line)}: {line}")
    status, _, _ = judge.run("i", "--by-process", "--format", "erlang")
    judge.expect("--by-process --format erlang", status, 2)


def check_recording(judge, made, thread):
    with tempfile.TemporaryDirectory() as directory:
        path, redacted = os.path.join(directory, "now"), os.path.join(directory, "redacted")
        judge.run("record", path)
        source = ("--from", path)
        check_cgroups(judge, made, source)
        fields = ",".join(["local", "foreign", "state"] + [f"owner.{name}" for name in MEMBERS if name != "age_s"])

        def rows(*words):
            return sorted(json.dumps(row) for row in judge.rows("-ta", "--fields", fields, *words))

        judge.expect("recorded rows", rows(*source), rows())
        judge.expect("recorded thread",
                     [row["pid"] for row in judge.rows(f"local_port = {thread[1]}", "--fields", "pid", *source)],
                     [thread[0]])
        judge.run("record", "--redact", redacted)
        with open(redacted, "rb") as file:
            text = file.read()
        for secret in (MARK.encode(), ID.encode(), b"/python3"):
            if secret in text:
                judge.wrong.append(f"a redacted recording has {secret}")
        ages = [row["owner_age_s"] for row in judge.rows("-tl", "--fields", "owner.age", "--from", redacted)]
        if not ages or None in ages:
            judge.wrong.append(f"a redacted recording has no ages: {ages}")


def make_scene(children, cgroups):
    made = []
    for path, facts in SCENE:
        pid, port = start(children, listen_as_nobody if not made else listen, cgroups.make(path))
        made.append((path, facts, pid, port))
    return made


def main():
    if os.geteuid() != 0:
        skip("cgroups and users take root")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    judge = Judge(os.path.abspath(sys.argv[1]))
    children, cgroups = [], Cgroups()
    try:
        made = make_scene(children, cgroups)
        _, (hostile_port, hostile) = start(children, lambda: become("a b", "\x1b[31m", "\\x41", "'é"))
        children.append(hostile)
        check_defaults(judge)
        check_cgroups(judge, made)
        check_process(judge, hostile, hostile_port)
        check_user(judge, made, made[0][3], made[1][3])
        check_peers(judge, children)
        check_kernels_own(judge)
        datagram = socket.socket(type=socket.SOCK_DGRAM)
        datagram.bind(("127.0.0.1", 0))
        other, _ = start(children, lambda: 0)
        shared = os.fstat(datagram.fileno()).st_ino, [os.getpid(), other]
        check_by_process(judge, made, shared)
        thread = start(children, listen_in_thread)
        check_thread(judge, *thread)
        check_recording(judge, made, thread)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        for pid in children:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:  # it was the child of a child
                pass
        cgroups.remove()
    for line in judge.wrong[:30]:
        print(f"owners: {line}")
    if not judge.wrong:
        print(f"owners: {len(made)} cgroups, as they are")
    return 1 if judge.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
