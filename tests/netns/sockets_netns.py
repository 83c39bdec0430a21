#!/usr/bin/env python3
"""Sockets of other network namespaces: one that has a name, one that only a process is in, and the own one; each
socket with its namespace and its owner, who is found from outside.

    getifaddrs_scene.sh sockets_netns.py INETCTL
"""

import json
import os
import socket
import subprocess
import sys

from checks import check, verdict

# Listens on the port, says so, and waits for the end of its input.
HOLDER = "import socket,sys; s=socket.socket(); s.bind(('0.0.0.0',int(sys.argv[1]))); s.listen(); print(flush=True); sys.stdin.read()"


def run(*words):
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows(*words):
    status, out, errors = run(*words, "--json")
    check(f"{words} ends well", status == 0, status, errors)
    return json.loads(out)["rows"] if status == 0 else []


def holder(port, *enter):
    process = subprocess.Popen([*enter, sys.executable, "-c", HOLDER, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def facts(row):
    return row["local"], row["netns"], row["netns_name"], row["owner"].split("/")[0] if row["owner"] else None


def main():
    inetctl = os.path.abspath(sys.argv[1])
    subprocess.run(["ip", "netns", "add", "other"], check=True)
    own = socket.create_server(("127.0.0.9", 4301))
    named = holder(4302, "ip", "netns", "exec", "other")
    unnamed = holder(4303, "unshare", "-n")
    try:
        look(inetctl, named.pid, unnamed.pid)
        refusals(inetctl)
    finally:
        for process in (named, unnamed):
            process.communicate()
        own.close()
    return verdict("i: other namespaces are as they should be")


def look(inetctl, named, unnamed):
    inode = {pid: os.stat(f"/proc/{pid}/ns/net").st_ino for pid in ("self", named, unnamed)}
    of_named = ("0.0.0.0:4302", inode[named], "other", str(named))
    of_unnamed = ("0.0.0.0:4303", inode[unnamed], f"pid:{unnamed}", str(unnamed))
    for word in ("other", "/run/netns/other", f"pid:{named}"):
        check(f"-N {word}", [facts(row) for row in rows(inetctl, "i", "-N", word)] == [of_named])
    check("one without a name", [facts(row) for row in rows(inetctl, "i", "--netns", f"pid:{unnamed}")] == [of_unnamed])
    check("tcp_info of elsewhere is whole", rows(inetctl, "i", "-N", "other", "--fields", "rcv_mss")[0].keys() == {"rcv_mss"})

    every = [facts(row) for row in rows(inetctl, "i", "--all-netns", "-t", "sport", "in", "(4301,4302,4303)")]
    mine = [row for row in every if row[0] == "127.0.0.9:4301"]
    check("the own namespace is among all", len(mine) == 1 and mine[0][1] == inode["self"] and mine[0][3] == str(os.getpid()), every)
    check("so are the others, each once", sorted(every) == sorted([*mine, of_named, of_unnamed]), every)
    # By what they are called, sorted, counted, and only those of one process.
    chosen = rows(inetctl, "i", "--all-netns", "netns_name = other")
    check("the name is a word of filters", [facts(row) for row in chosen] == [of_named], chosen)
    ports = [row["local_port"] for row in rows(inetctl, "i", "--all-netns", "--sort", "-local_port", "sport", "in", "(4301,4302,4303)")]
    check("sorted over all", ports == [4303, 4302, 4301], ports)
    held = rows(inetctl, "i", "--all-netns", "--pid", str(unnamed))
    check("of one process", [facts(row) for row in held] == [of_unnamed], held)
    counts = rows(inetctl, "i", "--all-netns", "--count-by", "netns_name", "sport", "in", "(4302,4303)")
    check("counted", sorted((row["netns_name"], row["count"]) for row in counts) == sorted([("other", 1), (f"pid:{unnamed}", 1)]), counts)
    _, table, _ = run(inetctl, "i", "--all-netns", "sport = 4302")
    check("a table begins with the name", table.splitlines()[0].startswith("Netns") and table.splitlines()[1].startswith("other "), table)
    _, table, _ = run(inetctl, "i", "-N", "other")
    check("where all are of one, it has no such column", not table.startswith("Netns"), table)
    check("nothing has moved", rows(inetctl, "i", "sport = 4301") and not rows_or_none(inetctl, "sport = 4302"))


def rows_or_none(inetctl, text):
    return json.loads(run(inetctl, "i", text, "--json")[1])["rows"]


def refusals(inetctl):
    for word, name in (("missing", "ENOENT"), ("pid:4194305", "ENOENT"), ("/dev/null", "EINVAL")):
        status, out, errors = run(inetctl, "i", "-N", word)
        check(f"-N {word} is refused with {name}", status == 4 and not out and f"({name})" in errors, status, errors)
    # A file left over in /run/netns is no namespace, and keeps no one from the others.
    open("/run/netns/leftover", "w").close()
    status, _, errors = run(inetctl, "i", "--all-netns")
    check("a left-over is passed over", status == 0 and "leftover" not in errors, status, errors)


if __name__ == "__main__":
    sys.exit(main())
