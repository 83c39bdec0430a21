#!/usr/bin/env python3
"""What ss gets wrong, case by case: each is a test of the same words here.

    unshare --net --mount ss_faults.py INETCTL

Exits 0 when all hold, 1 when not, 77 where the cases cannot be set up.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from checks import check, failed, verdict

INETCTL = ""
SCRATCH = ""
ORDINARY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
FORMATS = ("table", "csv", "json", "ndjson", "erlang")
FORGED = "a\nu_str LISTEN 0 0 fake:22 \x1b[31m\x9b1m\r"
cases = []


def case(function):
    cases.append(function)
    return function


def run(*words, status=0, prefix=(), seconds=60):
    done = subprocess.run([*prefix, INETCTL, *words], capture_output=True, timeout=seconds, check=False)
    check(f"{' '.join(words)} ends with {status}", status is None or done.returncode == status, done.returncode, done.stderr)
    return done


def listed(*words, status=0):
    """LOCAL of each row."""
    text = run("i", *words, "--ndjson", status=status).stdout
    return sorted(json.loads(line)["local"] for line in text.splitlines())


@contextlib.contextmanager
def listeners(*places, kind=socket.SOCK_STREAM):
    made = []
    for host, port in places:
        one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((host, port) if "%" not in host else socket.getaddrinfo(host, port)[0][4])
        if kind == socket.SOCK_STREAM:
            one.listen(5)
        made.append(one)
    try:
        yield made
    finally:
        for one in made:
            one.close()


@contextlib.contextmanager
def process(name, work):
    """A process of this command name that does `work` and stays."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        pathlib.Path("/proc/self/comm").write_bytes(name)
        kept = work()  # noqa: F841 - its sockets live as long as this
        os.write(told, b"x")
        time.sleep(120)
        os._exit(0)
    os.close(told)
    os.read(ready, 1)
    os.close(ready)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def hosts_file(text):
    """In this mount namespace alone."""
    file = pathlib.Path(SCRATCH, "hosts")
    file.write_text(text, encoding="ascii")
    subprocess.run(["mount", "--bind", str(file), "/etc/hosts"], check=True)


@case
def a_name_with_two_addresses_matches_both():
    hosts_file("127.0.0.1 localhost\n127.0.0.1 twohost\n127.0.0.2 twohost\n127.9.9.9 named.example\n")
    with listeners(("127.0.0.1", 8080), ("127.0.0.2", 8081), ("127.0.0.3", 8082)):
        for words in ((), ("--no-pushdown",)):
            both = ["127.0.0.1:8080", "127.0.0.2:8081"]
            check("src with a name", listed("src twohost", *words) == both)
            check("and a port", listed("src twohost:8081", *words) == both[1:])
            check("and its contrary", listed("-l", "not src twohost", *words) == ["127.0.0.3:8082"])
            check("the operator != as well", listed("-l", "src != twohost", *words) == ["127.0.0.3:8082"])
            check("in a condition with others", listed("src twohost and sport > 8080", *words) == both[1:])
        with socket.create_connection(("127.0.0.1", 8080)) as one, socket.create_connection(("127.0.0.2", 8081)) as two:
            peers = sorted("{}:{}".format(*each.getsockname()) for each in (one, two))
            check("dst with a name", listed("dst twohost and dport < 9000") == peers)


@case
def and_binds_tighter_than_or():
    with listeners(("127.0.0.1", 8080), ("127.0.0.2", 8080), ("127.0.0.1", 8081), ("127.0.0.2", 8081)):
        three = ["127.0.0.1:8080", "127.0.0.2:8080", "127.0.0.2:8081"]
        for words in ((), ("--no-pushdown",)):
            check("without parentheses", listed("sport = 8080 or sport = 8081 and src 127.0.0.2", *words) == three)
            check("as with them", listed("sport = 8080 or (sport = 8081 and src 127.0.0.2)", *words) == three)
            check("not as with others", listed("(sport = 8080 or sport = 8081) and src 127.0.0.2", *words) == three[1:])
            check("the order of the terms does not matter",
                  listed("src 127.0.0.2 and sport = 8081 or sport = 8080", *words) == three)


@case
def comparisons_are_taken_as_they_are_written():
    with listeners(("127.0.0.1", 8080), ("127.0.0.2", 8081)):
        for text in ("sport=8080", "sport = 8080", "sport= 8080", "sport eq 8080", "sport=:8080", "src != 127.0.0.2",
                     "src!=127.0.0.2", "sport!=8081", "not sport=8081", "dst != 10.0.0.1 and sport<8081", "sport!=8081 and dst!=1.2.3.4"):
            check(text, listed(text) == ["127.0.0.1:8080"], listed(text))
        said = run("i", "sport = = 8080", status=2).stderr.decode()
        check("a mistake is a line and its place", len(said.splitlines()) == 3 and "^" in said and "usage" not in said, said)


@case
def a_filter_on_ports_leaves_other_families_asked_for_alone():
    name = os.path.join(SCRATCH, "beside")
    with listeners(("127.0.0.1", 8080)), socket.socket(socket.AF_UNIX) as beside:
        beside.bind(name)
        beside.listen(1)
        check("-lxt with a port", listed("-lxt", "sport = 8080") == ["127.0.0.1:8080"])
        check("-lxt alone", set(listed("-lxt")) == {"127.0.0.1:8080", name})
        check("-lxt with a host", listed("-lxt", "src 127.0.0.1") == ["127.0.0.1:8080"])


@case
def owners_are_shown_whatever_the_flags():
    with listeners(("127.0.0.1", 8080)):
        me = f"{os.getpid()}/".encode()
        for words in ((), ("-t",), ("-l",), ("-tl",), ("-e",), ("-o",), ("-i",), ("-p",)):
            check(f"owner with {words}", me in run("i", *words, "-W", "sport = 8080").stdout)
        # A letter is taken with its column or refused by its name, never shown without.
        threads = run("i", "-T", "-W", "sport = 8080", status=None)
        check("-T", me in threads.stdout if threads.returncode == 0 else threads.returncode == 2 and b"-T" in threads.stderr, threads)


@case
def command_names_are_whole():
    with process(b"my (srv) x", lambda: listening_on("127.0.0.1", 8080)) as pid:
        row = json.loads(run("i", "sport = 8080", "--ndjson").stdout)
        check("in the owner's label", row["owner"] == f"{pid}/my (srv) x", row["owner"])
        check("in the list of owners", [owner["comm"] for owner in row["owners"]] == ["my (srv) x"], row["owners"])
        check("a filter finds it", listed("owner.comm = 'my (srv) x'") == ["127.0.0.1:8080"])
    # Another process shares it, and closes nothing but its own.
    with process(b") R 1 1 1", lambda: listening_on("127.0.0.1", 8081)) as pid:
        check("what looks like /proc/PID/stat", f"{pid}/) R 1 1 1".encode() in run("i", "-W", "sport = 8081", "--csv").stdout)


def listening_on(host, port):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((host, port))
    one.listen(1)
    return one


@case
def names_forge_no_rows_and_command_no_terminal():
    def work():
        one = socket.socket(socket.AF_UNIX)
        one.bind("\0" + FORGED)
        one.listen(1)
        two = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        two.bind(os.path.join(SCRATCH, FORGED))
        return one, two, listening_on("127.0.0.1", 8080)
    with process(b"\x1b]0;t\x07\nx", work) as pid:
        for words in (("-x",), ("-xt", "-a"), ("-x", "-e", "-m")):
            rows = json.loads(run("i", *words, "--json", "--pid", str(pid)).stdout)["rows"]
            check("the names are whole", words[0] != "-x" or sorted(row["local"] for row in rows) ==
                  sorted(["@" + FORGED.encode().decode(), os.path.join(SCRATCH, FORGED)]), rows)
            for form in FORMATS:
                done = run("i", *words, "--format", form, "--no-header", "--pid", str(pid))
                text = done.stdout.decode()
                bad = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0]
                check(f"{form} {words}: no control characters", not bad, text)
                if form in ("csv", "ndjson") or (form == "table" and "-e" not in words):
                    check(f"{form} {words}: a line a socket", len(text.splitlines()) == len(rows), text)
        for form in ("table", "csv", "json", "ndjson", "openmetrics"):
            text = run("i", "-xt", "--count-by", "owner,local", "--format", form, "--pid", str(pid)).stdout.decode()
            check(f"{form}: counts neither", "\x1b" not in text and "\nu_str" not in text, text)


@case
def totals_are_those_of_the_namespace():
    with listeners(*(("127.0.0.1", 9000 + n) for n in range(40))):
        script = ("import socket,time\nmade=[socket.socket() for _ in range(3)]\n"
                  "for one in made: one.bind(('127.0.0.1',0)); one.listen()\nprint('ready',flush=True)\ntime.sleep(60)\n")
        with subprocess.Popen(["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-c", script],
                              stdout=subprocess.PIPE) as inside:
            inside.stdout.readline()
            try:
                for words in (("-N", f"pid:{inside.pid}"),):
                    rows = json.loads(run("i", "-a", "--count-by", "protocol,state", "--json", *words).stdout)["rows"]
                    check("three, and no socket of another namespace",
                          [(row["protocol"], row["state"], row["count"]) for row in rows] == [("tcp", "LISTEN", 3)], rows)
                entered = subprocess.run(["nsenter", "-t", str(inside.pid), "-n", INETCTL, "i", "-a", "-H"], capture_output=True,
                                         timeout=60, check=True).stdout
                check("as seen from within", len(entered.splitlines()) == 3, entered)
            finally:
                inside.kill()


@case
def events_have_state_time_owner_and_bytes():
    watch = subprocess.Popen([INETCTL, "monitor", "tcp", "udp", "--ndjson", "--timeout", "20s", "--fields", "all", "sport = 8080 or dport = 8080"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        with listeners(("127.0.0.1", 8080)) as (listening,):
            client = socket.create_connection(("127.0.0.1", 8080))
            served, _ = listening.accept()
            client.send(b"x" * 1000)
            check("the bytes came", len(served.recv(1000, socket.MSG_WAITALL)) == 1000)
            time.sleep(1.5)
            place = "{}:{}".format(*client.getsockname())
            client.close()
            time.sleep(0.2)
            served.close()
        with listeners(("127.0.0.1", 8080), kind=socket.SOCK_DGRAM):
            time.sleep(1.5)
        time.sleep(2)
    finally:
        watch.send_signal(signal.SIGINT)
        text, _ = watch.communicate(timeout=60)
    events = [json.loads(line) for line in text.splitlines()]
    ends = [event for event in events if event["event"] == "closed" and event["protocol"] == "tcp" and event["local"] == place]
    check("the end of the connection is told", len(ends) == 1, events)
    for event in ends:
        check("with a time", event["time"].startswith("20"), event)
        check("with its owner", str(event["owner"]).startswith(f"{os.getpid()}/"), event)
        check("with what it sent", event["sent"] in (1000, 1001), event)
    for event in events:
        if event["protocol"] == "udp":
            check("no queue of -1", (event.get("send_queue") or 0) < 1 << 31 and (event.get("recv_queue") or 0) < 1 << 31, event)
    check("the end of a UDP socket is told", any(e["protocol"] == "udp" and e["event"] == "closed" for e in events), events)
    said = run("monitor", "unix", status=2).stderr
    check("what cannot be watched is refused in words", b"alone" in said, said)


@case
def closing_asks_what_and_says_what_became_of_it():
    with listeners(("127.0.0.1", 8080)) as (listening,):
        client = socket.create_connection(("127.0.0.1", 8080))
        served, _ = listening.accept()
        port = client.getsockname()[1]
        check("without a filter nothing is closed", b"which sockets" in run("close", status=2).stderr)
        check("without a terminal nobody is asked: nothing is closed", b"--yes" in run("close", f"sport = {port}", status=2).stderr)
        denied = run("close", "--yes", f"sport = {port}", prefix=ORDINARY, status=1)
        check("without privilege it is refused, and said", b"ermi" in denied.stdout + denied.stderr or b"privilege" in denied.stdout, denied)
        client.send(b"still there")
        check("and the connection lives", served.recv(100) == b"still there")
        done = json.loads(run("close", "--yes", f"sport = {port}", "--json").stdout)["rows"]
        check("what was closed is a row", [(row["result"], row["local"]) for row in done] == [("closed", f"127.0.0.1:{port}")], done)
        # Bound or MPTCP sockets among the others end no dump.
        bound = socket.socket()
        bound.bind(("127.0.0.1", 8083))
        with listeners(("127.0.0.1", 8084)):
            rows = json.loads(run("close", "--yes", "state", "all", "sport = 8083 or sport = 8084", "--json", status=1).stdout)["rows"]
            check("each has its result", {(row["local"], row["result"]) for row in rows} ==
                  {("127.0.0.1:8083", "refused"), ("127.0.0.1:8084", "closed")}, rows)
        bound.close()
        served.close()
        client.close()
    run("close", "sport = 8080", status=1)


@case
def exit_statuses_tell_one_thing_each():
    run("i", "sport = 8080", status=1)  # no such socket
    check("without a filter an empty listing is no failure", run("i", "-t").stdout != b"")
    run("i", "--no-such-flag", status=2)
    run("i", "state", "no-such-state", status=2)
    run("i", "sport = ", status=2)
    run("i", "sport = 8080 or", status=2)
    run("i", "-N", "no-such-namespace", status=4)
    run("i", "--from", "/no/such/file", status=4)
    sctp = run("i", "-S")
    if b"cannot list sctp" in sctp.stderr:
        run("i", "-S", "--strict", status=3)


@case
def zones_are_read_as_they_are_printed():
    subprocess.run(["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"], check=True)
    for word in ("v0", "v1"):
        subprocess.run(["ip", "link", "set", word, "addrgenmode", "none"], check=True)
        subprocess.run(["ip", "link", "set", word, "up"], check=True)
    subprocess.run(["ip", "addr", "add", "fe80::1/64", "dev", "v0", "nodad"], check=True)
    with listeners(("fe80::1%v0", 4446)):
        printed = listed("-l")
        check("a zone is printed with its address", printed == ["[fe80::1%v0]:4446"], printed)
        for text in ("src [fe80::1%v0]:4446", "src [fe80::1]%v0:4446", "src fe80::1%v0", "src [fe80::1%v0]", "src [fe80::1]%v0",
                     "local = [fe80::1%v0]:4446", "src fe80::1"):
            for words in ((), ("--no-pushdown",)):
                check(text, listed(text, *words) == printed)
        run("i", "src [fe80::1%v1]:4446", status=1)
        run("i", "src [fe80::1]%v1:4446", status=1)
        told = subprocess.run(["ss", "-Htln"], capture_output=True, check=True).stdout.decode().split()[3]
        check("and as ss prints it", listed(f"src {told}") == printed, told)
    subprocess.run(["ip", "link", "del", "v0"], check=True)


@case
def every_heading_stands_over_its_column():
    with listeners(("127.0.0.1", 8080)):
        for words in ((), ("-e",), ("-m",), ("--fields", "recv_queue,send_queue,accept_queue,accept_limit,foreign,owner")):
            lines = run("i", "-W", *words, "sport = 8080").stdout.decode().splitlines()
            starts = [match.start() for match in re.finditer(r"(?<= )\S|^\S", lines[0])]
            cells = [match.start() for match in re.finditer(r"(?<= )\S|^\S", lines[1])]
            check(f"columns begin where their headings do {words}", all(cell in starts for cell in cells if cell < len(lines[0])), lines)
        row = json.loads(run("i", "sport = 8080", "--ndjson").stdout)
        check("a listener's queue is told by its own words", (row["recv_queue"], row["send_queue"], row["accept_queue"], row["accept_limit"])
              == (None, None, 0, 5), row)


@case
def rows_are_json_where_asked_for():
    with listeners(("127.0.0.1", 8080)):
        document = json.loads(run("i", "--json").stdout)
        check("one document", [row["local"] for row in document["rows"]] == ["127.0.0.1:8080"] and document["notes"] == [], document)
        check("also when there is nothing", json.loads(run("i", "--json", "sport = 1", status=1).stdout)["rows"] == [])
        for word in ("-tulpn", "-x", "-i", "-m", "-e", "-o"):
            check(f"{word} --json", isinstance(json.loads(run("i", word, "--json").stdout)["rows"], list))


@case
def names_never_hold_a_listing_up():
    """A name server that never answers, and forty addresses without names."""
    server = pathlib.Path(SCRATCH, "resolv.conf")
    server.write_text("nameserver 127.0.0.53\n", encoding="ascii")
    services = pathlib.Path(SCRATCH, "nsswitch.conf")
    services.write_text("hosts: files dns\n", encoding="ascii")
    subprocess.run(["mount", "--bind", str(server), "/etc/resolv.conf"], check=True)
    subprocess.run(["mount", "--bind", str(services), "/etc/nsswitch.conf"], check=True)
    hosts_file("127.0.0.1 localhost\n127.9.9.9 named.example\n")
    made = []
    with listeners(("127.0.0.53", 53), kind=socket.SOCK_DGRAM):
        for n in range(40):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((f"127.1.{n}.1", 7777))
            made.append(one)
        last = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        last.bind(("127.9.9.9", 7777))
        done = run("i", "-u", "-r", "-H", "-W", "sport = 7777", seconds=100)
        check("all are there", len(done.stdout.splitlines()) == 41, done.stdout)
        check("numbers stand for names that did not come", b"127.1.39.1:7777" in done.stdout)
        check("names of the hosts file all the same", b"named.example:7777" in done.stdout, done.stdout)
    for one in made:
        one.close()
    last.close()
    for file in ("/etc/resolv.conf", "/etc/nsswitch.conf"):
        subprocess.run(["umount", file], check=True)


@case
def cgroups_are_told_inside_other_namespaces():
    root = next((line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
                 if " - cgroup2 " in line), None)
    if root is None:
        print("ss_faults: left out, no cgroup2 is mounted")
        return
    group = pathlib.Path(root, f"inetctl-{os.getpid()}")
    try:
        group.mkdir()
    except OSError as error:
        print(f"ss_faults: left out: {error}")
        return

    def work():
        pathlib.Path(group, "cgroup.procs").write_text("0", encoding="ascii")
        ctypes.CDLL(None, use_errno=True).unshare(0x40000000)  # CLONE_NEWNET
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return listening_on("127.0.0.1", 8080)
    try:
        with process(b"apart", work) as pid:
            rows = json.loads(run("i", "-N", f"pid:{pid}", "-e", "--json").stdout)["rows"]
            check("its cgroup is that of the process", [row["cgroup"] for row in rows] == [group.stat().st_ino], rows)
            check("and its owner is there", [row["owner"] for row in rows] == [f"{pid}/apart"], rows)
    finally:
        time.sleep(0.1)
        group.rmdir()


@case
def columns_do_not_jump_in_long_listings():
    """Widths are settled after 65,536 rows: what comes later stands under its heading, unless it is wider itself."""
    many = 70_000
    text = "\n".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(many)) + "\n2001:db8:1111:2222:3333:4444:5555:6666\n10.0.0.1\n"
    file = pathlib.Path(SCRATCH, "addresses")
    file.write_text(text, encoding="ascii")
    with open(file, "rb") as whole:  # a pipe that is slow settles the widths earlier, by design
        done = subprocess.run([INETCTL, "parse", "-", "--fields", "in,family,class"], stdin=whole, capture_output=True, timeout=100, check=True)
    lines = done.stdout.decode().splitlines()
    check("all rows are there", len(lines) == many + 3, len(lines))
    places = {line.index(" inet ") for line in lines[1:] if " inet " in line}
    check("the second column never moves", len(places) == 1, sorted(places)[:5])
    check("a wider cell moves only its own row", lines[-2].startswith("2001:") and "6666 inet6" in lines[-2], lines[-2])


def main():
    global INETCTL, SCRATCH
    INETCTL = os.path.abspath(sys.argv[1])
    for tool in ("ss", "ip", "setpriv", "mount", "unshare", "nsenter"):
        if not shutil.which(tool):
            print(f"ss_faults: skipped: no {tool}")
            return 77
    if os.geteuid() != 0:
        print("ss_faults: skipped: only root can set the cases up")
        return 77
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as SCRATCH:
        os.chmod(SCRATCH, 0o755)
        INETCTL = shutil.copy(INETCTL, os.path.join(SCRATCH, "inetctl"))  # where any user can run it
        chosen = [each for each in cases if len(sys.argv) < 3 or sys.argv[2] in each.__name__]
        for each in chosen:
            before = len(failed)
            each()
            while subprocess.run(["umount", "/etc/hosts"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                pass  # each may have put its own there
            print("ok:" if len(failed) == before else "NOT:", each.__name__.replace("_", " "), flush=True)
    return verdict(f"ss_faults: {len(chosen)} cases hold")


if __name__ == "__main__":
    sys.exit(main())
