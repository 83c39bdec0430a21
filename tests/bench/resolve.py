"""`inetctl resolve` against a c-ares loop, dig, massdns, getent and getaddrinfo(3), in a network namespace with servers
of its own: nsd, and dns_responder, which costs so little that no client waits for it; the system's resolver is also
asked with a responder that stands for a server a millisecond away. Clients have one processor to themselves and servers
the other; contenders take turns, so that a slow minute falls on all alike."""

import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

NSD, RESPONDER, FAR = "127.0.0.1", "127.0.0.2", "127.0.0.3"
FAR_US = 1000
FEW = 2_000  # names for those that ask one after the other
NSS_NAMES = 2_000

Spent = collections.namedtuple("Spent", "cpu wall")
# A ratio: CPU ("cpu", at most the goal) or names a second ("speed", at least the goal).
Row = collections.namedtuple("Row", "work what ours theirs goal")

ROWS = (
    Row("bulk, text, CPU a name", "cpu", "bulk text", "c-ares loop", 0.75),
    Row("bulk, ndjson, CPU a name", "cpu", "bulk ndjson", "c-ares loop", 0.75),
    Row("the bulk engine alone, CPU a name", "cpu", "engine", "c-ares loop", 0.75),
    Row("bulk, text, CPU a name", "cpu", "bulk text", "massdns", 0.9),
    Row("bulk, names a second", "speed", "bulk text", "massdns", 1.0),
    Row("bulk, names a second", "speed", "bulk text", "c-ares loop", None),
    Row("the bulk engine alone, names a second", "speed", "engine", "c-ares loop", None),
    Row("bulk, names a second", "speed", "bulk text", "dig -f", 10),
    Row("bulk, CPU a name", "cpu", "bulk text", "dig -f", 0.1),
    Row("the bulk engine alone, names a second", "speed", "engine", "dig -f", 10),
    Row("the bulk engine alone, CPU a name", "cpu", "engine", "dig -f", 0.1),
    Row("one name, NSS, whole process", "cpu", "one nss", "getent ahosts", 2.0),
    Row("one name, DNS, whole process", "cpu", "one dns", "dig", 0.25),
    # Threads win by waiting together: where nobody waits the processors are all that there is to win.
    Row("NSS in bulk, names a second", "speed", "bulk nss", "gai_loop", None),
    Row("NSS in bulk, a server 1 ms away", "speed", "bulk nss, far", "gai_loop, far", 4.0),
)


def contenders(inetctl, helper, folder, names):
    """{name: (argv, file of names or None, how many names)}"""
    resolve = [inetctl, "resolve"]
    dns = [*resolve, "-", "--lookup", "dns", "--server", RESPONDER, "--type", "A"]
    many, few, nss = (str(folder / word) for word in ("many", "few", "nss"))
    far = ["unshare", "--mount", "sh", "-c",
           f"mount --bind {folder}/far.conf /etc/resolv.conf && exec \"$0\" \"$@\""]
    return {
        "bulk text": ([*dns, "--fields", "name,type,data", "-H"], many, names),
        "bulk ndjson": ([*dns, "--ndjson"], many, names),
        "engine": ([helper("helpers/bulk_names"), RESPONDER, "53", "1000"], many, names),
        "c-ares loop": ([helper("bench/cares_loop"), f"{RESPONDER}:53", "1000"], many, names),
        "massdns": (["massdns", "-q", "-r", str(folder / "resolvers"), "-s", "1000", "--rcvbuf", "8388608", "-o", "S",
                     "-t", "A", many], None, names),
        "dig -f": (["dig", f"@{RESPONDER}", "+short", "-f", few], None, FEW),
        "one nss": ([*resolve, "one.bench.test"], None, 1),
        "one dns": ([*resolve, "one.bench.test", "--lookup", "dns", "--server", NSD, "--type", "A"], None, 1),
        "getent ahosts": (["getent", "ahosts", "one.bench.test"], None, 1),
        "dig": (["dig", f"@{NSD}", "one.bench.test", "A"], None, 1),
        # Both families of each name, as gai_loop asks for.
        "bulk nss": ([*resolve, "-", "--fields", "name,address", "-H"], nss, NSS_NAMES),
        "gai_loop": ([helper("bench/gai_loop")], nss, NSS_NAMES),
        "bulk nss, far": ([*far, *resolve, "-", "--fields", "name,address", "-H"], nss, NSS_NAMES),
        "gai_loop, far": ([*far, helper("bench/gai_loop")], nss, NSS_NAMES),
    }


ONE_NAME_RUNS = 5  # times as many runs, for they take milliseconds
BOTH_CORES = ("bulk nss", "gai_loop", "bulk nss, far", "gai_loop, far")


def spend(argv, stdin, cores):
    """CPU and wall seconds of a command that writes to /dev/null; None: it failed."""
    files = [(os.POSIX_SPAWN_OPEN, 0, stdin or os.devnull, os.O_RDONLY, 0),
             (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    os.sched_setaffinity(0, cores)  # the child has it from here
    began = time.monotonic()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) != 0:
        print(f"bench: left out: {' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}", file=sys.stderr)
        return None
    return Spent(usage.ru_utime + usage.ru_stime, wall)


def median_of(runs):
    return Spent(statistics.median(run.cpu for run in runs), statistics.median(run.wall for run in runs))


def measure(everybody, runs):
    """Medians of each contender a name, in rotating order."""
    cores = sorted(os.sched_getaffinity(0))
    ours = {cores[0]}
    times = {name: [] for name in everybody}
    order = collections.deque(everybody)
    for turn in range(runs * ONE_NAME_RUNS):
        for name in order:
            argv, stdin, count = everybody[name]
            if times[name] is None or (count > 1 and turn % ONE_NAME_RUNS):
                continue
            spent = spend(argv, stdin, set(cores) if name in BOTH_CORES else ours)
            if spent is None:  # what failed once is no measure
                times[name] = None
                continue
            times[name].append(Spent(spent.cpu / count, spent.wall / count))
        order.rotate(-1)
    return {name: median_of(spent) for name, spent in times.items() if spent}


def write_inputs(folder, names):
    for name, count in (("many", names), ("few", FEW), ("nss", NSS_NAMES)):
        lines = (f"{'abcdefghijkl'[:n % 11 + 1]}{n}.bench.test\n" for n in range(count))
        (folder / name).write_text("".join(lines), encoding="ascii")
    (folder / "resolvers").write_text(f"{RESPONDER}:53\n", encoding="ascii")
    (folder / "resolv.conf").write_text(f"nameserver {NSD}\n", encoding="ascii")
    (folder / "far.conf").write_text(f"nameserver {FAR}\n", encoding="ascii")
    (folder / "bench.test.zone").write_text(
        "$TTL 300\n@ SOA ns.bench.test. root.bench.test. 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n"
        "* A 192.0.2.1\n", encoding="ascii")
    (folder / "nsd.conf").write_text(
        f"server:\n  ip-address: {NSD}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{folder}\"\n  database: \"\"\n"
        f"  pidfile: \"{folder}/nsd.pid\"\n  xfrdfile: \"{folder}/xfrd\"\n  zonelistfile: \"{folder}/zones\"\n"
        f"  logfile: \"{folder}/nsd.log\"\n  server-count: 1\n"
        # Otherwise it drops what one client asks more often than 200 times a second.
        "  rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\nremote-control:\n  control-enable: no\n"
        "zone:\n  name: bench.test\n  zonefile: bench.test.zone\n", encoding="ascii")


class Servers:
    """nsd and the responders, pinned away from the clients, for the length of a `with`."""

    def __init__(self, responder, folder):
        core = str(max(os.sched_getaffinity(0)))
        self.argvs = ([*("taskset", "-c", core), responder, RESPONDER, "53"],
                      [*("taskset", "-c", core), responder, FAR, "53", "0", str(FAR_US)],
                      [*("taskset", "-c", core), "nsd", "-d", "-c", str(folder / "nsd.conf")])
        self.processes = []

    def __enter__(self):
        for argv in self.argvs:
            self.processes.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for server in (RESPONDER, FAR, NSD):
            self.wait_for(server)

    @staticmethod
    def wait_for(server):
        query = ["dig", f"@{server}", "one.bench.test", "+short", "+tries=1", "+time=1"]
        for _ in range(20):
            if subprocess.run(query, stdout=subprocess.DEVNULL, check=False).returncode == 0:
                return
            time.sleep(0.2)
        sys.exit(f"bench: no answer from the server at {server}")

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()


def lost(engine, stdin, window):
    """Replies that were lost for want of room, by the summary of a run of the engine."""
    # Waited for long enough that a slow minute of the machine is no loss.
    done = subprocess.run([*engine[:3], str(window), "6000"], stdin=open(stdin, "rb"), capture_output=True, check=True)
    words = done.stderr.decode().split()
    summary = dict(zip(words[::2], map(int, words[1::2])))
    return summary["unanswered"] + summary["asked"] - summary["answered"]


def inside(inetctl, build, names, runs):
    """Everything that is measured, as JSON, from within the namespace."""
    def helper(path):
        return str(pathlib.Path(build) / "tests" / path)

    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        write_inputs(folder, names)
        subprocess.run(["mount", "--bind", str(folder / "resolv.conf"), "/etc/resolv.conf"], check=True)
        with Servers(helper("bench/dns_responder"), folder):
            everybody = contenders(inetctl, helper, folder, names)
            has_resolve = subprocess.run([inetctl, "resolve", "--help"], capture_output=True, check=False).returncode == 0
            there = {name for name, one in everybody.items()
                     if shutil.which(one[0][0]) and (one[0][0] != inetctl or has_resolve)}
            pairs = [{row.ours, row.theirs} for row in ROWS]
            everybody = {name: one for name, one in everybody.items()
                         if any(name in pair and pair <= there for pair in pairs)}
            spent = measure(everybody, runs)
            losses = {window: lost(contenders(inetctl, helper, folder, names)["engine"][0], str(folder / "many"), window)
                      for window in (100, 1000, 10000)}
    return {"spent": spent, "losses": losses, "has_resolve": has_resolve}


def results(inetctl, build, names, runs):
    """(work, names, measured, goal, met or None, detail) for each row."""
    call = json.dumps([str(inetctl), str(build), names, runs])
    script = "ip link set lo up && exec \"$0\" \"$@\""
    # root needs no namespace of users, in which large buffers are not allowed.
    users = ["--user", "--map-root-user"] if os.geteuid() else []
    argv = ["unshare", "--net", "--mount", *users, "sh", "-c", script, sys.executable, __file__, call]
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: resolve ended with {done.returncode}")
    answer = json.loads(done.stdout)
    if not answer["has_resolve"]:
        print("bench: this inetctl has no command resolve: only its engine is measured", file=sys.stderr)
    spent = {name: Spent(*both) for name, both in answer["spent"].items()}
    for row in ROWS:
        if row.ours not in spent or row.theirs not in spent:
            continue
        count = 1 if row.ours.startswith("one") else NSS_NAMES if "nss" in row.ours else names
        if row.theirs == "c-ares loop" and "massdns" in spent:  # which it stands in for
            row = row._replace(goal=None)
        yield result(row, spent[row.ours], spent[row.theirs], count)
    for window, count in answer["losses"].items():
        yield (f"replies lost, window {window}", names, str(count), "0", count == 0, "")


def result(row, ours, theirs, count):
    if row.what == "cpu":
        ratio, met = ours.cpu / theirs.cpu, row.goal and ours.cpu / theirs.cpu <= row.goal
        detail = f"{ours.cpu * 1e6:.2f} : {theirs.cpu * 1e6:.2f} us"
    else:
        ratio, met = theirs.wall / ours.wall, row.goal and theirs.wall / ours.wall >= row.goal
        detail = f"{1 / ours.wall:,.0f} : {1 / theirs.wall:,.0f} a second"
        if row.theirs in BOTH_CORES:
            detail += f"; the processors allow {len(os.sched_getaffinity(0)) * theirs.wall / theirs.cpu:.1f} ×"
    limit = "-" if row.goal is None else f"{'≤' if row.what == 'cpu' else '≥'} {row.goal:g} ×"
    return (row.work, count, f"{ratio:.3f} × {row.theirs}", limit, None if row.goal is None else bool(met), detail)


if __name__ == "__main__":
    print(json.dumps(inside(*json.loads(sys.argv[1]))))
