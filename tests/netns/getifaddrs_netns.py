#!/usr/bin/env python3
"""Other network namespaces: entered by name, path and process, found all, refused with the errno's name.

    getifaddrs_scene.sh getifaddrs_netns.py INETCTL
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from checks import check, verdict


def run(*words):
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows(*words):
    status, out, errors = run(*words, "--json")
    check(f"{words} ends well", status == 0, status, errors)
    return json.loads(out)["rows"] if status == 0 else []


def refused(inetctl, word, name):
    status, out, errors = run(inetctl, "getifaddrs", "--netns", word)
    check(f"--netns {word} is refused with {name}", status == 4 and not out and f"({name})" in errors, status, errors)
    check("in one line", errors.count("\n") == 1, errors)


def main():
    inetctl = os.path.abspath(sys.argv[1])
    for words in (["ip", "netns", "add", "other"], ["ip", "-n", "other", "link", "set", "lo", "up"],
                  ["ip", "link", "add", "out", "type", "veth", "peer", "name", "in", "netns", "other"],
                  ["ip", "-n", "other", "addr", "add", "10.66.0.1/24", "dev", "in"]):
        subprocess.run(words, check=True)
    inside = run("ip", "netns", "exec", "other", inetctl, "getifaddrs", "--format", "erlang")
    check("the listing inside is whole", inside[0] == 0 and "10,66,0,1" in inside[1], inside)
    with subprocess.Popen(["ip", "netns", "exec", "other", "sleep", "60"]) as sleeper:
        try:
            entered(inetctl, inside, sleeper.pid)
            everything(inetctl, sleeper.pid)
        finally:
            sleeper.terminate()
    refused(inetctl, "missing", "ENOENT")
    refused(inetctl, "pid:4194305", "ENOENT")
    refused(inetctl, "/proc/self/ns/uts", "EINVAL")
    refused(inetctl, "/dev/null", "EINVAL")
    with tempfile.TemporaryDirectory() as scratch:
        pipe = os.path.join(scratch, "pipe")
        os.mkfifo(pipe)
        refused(inetctl, pipe, "EINVAL")  # and does not wait for a writer
        ordinary_user(inetctl, scratch)
    return verdict("getifaddrs: other namespaces are as they should be")


def entered(inetctl, inside, pid):
    for word in ("other", "/run/netns/other", f"pid:{pid}", f"/proc/{pid}/ns/net"):
        entered_by = run(inetctl, "getifaddrs", "--format", "erlang", "--netns", word)
        check(f"--netns {word} shows what is seen inside", entered_by == inside, entered_by, inside)
    inode = os.stat("/run/netns/other").st_ino
    for row in rows(inetctl, "getifaddrs", "--netns", f"pid:{pid}"):
        check("a row says where it is from", (row["netns"], row["netns_name"]) == (inode, "other"), row)
    there = {row["name"]: row for row in rows(inetctl, "getifaddrs", "--fields", "all", "--netns", "other")}
    check("the other end is elsewhere", there["in"]["peer"] is None and there["in"]["link_netnsid"] is not None)
    check("its speed is asked there", there["in"]["speed_mbps"] == 10000, there["in"]["speed_mbps"])
    # Nothing of this program has moved: its own namespace is still where it looks by default.
    check("the own namespace is the default", "v0" in [row["name"] for row in rows(inetctl, "getifaddrs")])


def everything(inetctl, pid):
    every = rows(inetctl, "getifaddrs", "--all-netns")
    pairs = [(row["netns"], row["index"], row["name"]) for row in every]
    check("no interface comes twice", len(pairs) == len(set(pairs)))
    own, other = os.stat("/proc/self/ns/net").st_ino, os.stat(f"/proc/{pid}/ns/net").st_ino
    names = {inode: [row["name"] for row in every if row["netns"] == inode] for inode in (own, other)}
    check("all namespaces have the own one", names[own] == [row["name"] for row in rows(inetctl, "getifaddrs")], names)
    check("and the named one", names[other] == ["lo", "in"], names)
    check("by its name", {row["netns_name"] for row in every if row["netns"] == other} == {"other"})


def ordinary_user(inetctl, scratch):
    if os.geteuid() != 0 or not shutil.which("setpriv") or open("/proc/self/uid_map").read().split()[0:3] != ["0", "0", "4294967295"]:
        print("getifaddrs: left out: an ordinary user's view needs root")
        return
    os.chmod(scratch, 0o755)
    program = shutil.copy(inetctl, os.path.join(scratch, "inetctl"))
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", program, "getifaddrs"]
    status, _, errors = run(*nobody, "--netns", "other")
    check("an ordinary user may not enter", status == 4 and "EPERM" in errors or "EACCES" in errors, status, errors)
    status, out, errors = run(*nobody, "--all-netns")
    check("but sees the own one", status == 0 and "v0" in out and "left out" in errors, status, errors)
    status, _, _ = run(*nobody, "--all-netns", "--strict")
    check("which is an answer in part", status == 3, status)


if __name__ == "__main__":
    sys.exit(main())
