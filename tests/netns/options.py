#!/usr/bin/env python3
"""What `inetctl setopt-probe` says of this kernel's socket options, against what is known of them: facts that hold on
every Linux from 5.10 on, and on the release that was measured by another program, every value of its ladders.

    options.py INETCTL [MEASURED.json.gz]

Exits 0 when all agree, 1 when not, 77 when sockets cannot be tried here.
"""

import gzip
import json
import os
import re
import struct
import subprocess
import sys

# Option, socket, value that is set, value that reads back, verdict.
EVERYWHERE = [
    ("TCP_LINGER2", "tcp", 30, 30, "accepted"), ("TCP_LINGER2", "tcp", 120, 120, "accepted"),
    ("TCP_LINGER2", "tcp", 121, 120, "adjusted"), ("TCP_LINGER2", "tcp", 1000, 120, "adjusted"),
    ("TCP_LINGER2", "tcp", 0, None, "adjusted"), ("TCP_LINGER2", "tcp", -1, -1, "accepted"),
    ("TCP_LINGER2", "tcp", -5, -1, "adjusted"), ("TCP_KEEPIDLE", "tcp", 32767, 32767, "accepted"),
    ("TCP_KEEPIDLE", "tcp", 32768, None, "rejected"), ("TCP_THIN_DUPACK", "tcp", 1, 0, "ignored"),
    ("SO_BSDCOMPAT", "tcp", 1, 0, "ignored"), ("IP_TOS", "tcp", 255, 252, "adjusted"),
    ("IP_TOS", "udp", 255, 255, "accepted"), ("IP_TTL", "tcp", 0, None, "rejected"),
    ("IP_TTL", "tcp", 256, None, "rejected"), ("IP_TTL", "tcp", 77, 77, "accepted"),
    ("SO_RCVBUF", "tcp", 4096, 8192, "adjusted"), ("TCP_NODELAY", "tcp", 1, 1, "accepted"),
    ("TCP_NODELAY", "udp", 1, None, "unsupported"), ("SO_TYPE", "tcp", 1, 1, "read_only"),
]
# What depends on the moment or on the process (descriptors, interfaces, automatic ports), is not read unasked, or is
# read with more bytes than the measurement had.
MOVING = {"SO_INCOMING_CPU", "TCP_TIMESTAMP", "SO_ATTACH_BPF", "SO_ATTACH_REUSEPORT_EBPF", "IPV6_MULTICAST_IF",
          "IP_PROTOCOL", "SO_ERROR", "SO_MAX_PACING_RATE"}
WORDS_AT_ONCE = 2000


def probe(program, *words):
    done = subprocess.run([program, "setopt-probe", "--ndjson", *words], capture_output=True, check=False, timeout=110)
    if done.returncode not in (0, 1):
        sys.exit(f"options: {words[:6]}: status {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()], done


def int_of(digits):
    """The int in the bytes, as getsockopt(2) gave them; None for other lengths."""
    raw = bytes.fromhex(digits or "")
    return struct.unpack("i", raw)[0] if len(raw) == 4 else raw[0] if len(raw) == 1 else None


def check_everywhere(program):
    wrong = 0
    for name, socket, value, after, verdict in EVERYWHERE:
        rows, _ = probe(program, "--on", socket, f"{name}=i32:{value}")
        row = rows[0]
        if row["verdict"] != verdict or after is not None and int_of(row["after_hex"]) != after:
            wrong += 1
            print(f"options: {name}={value} on {socket}: {row['verdict']}, reads {row['after']}: "
                  f"should be {verdict}, {after}")
    print(f"options: {len(EVERYWHERE)} facts, {wrong} wrong")
    return wrong


def check_ranges(program):
    rows, _ = probe(program, "--range", "TCP_LINGER2", "TCP_KEEPCNT", "SO_KEEPALIVE")
    found = [[(item["low"], item["high"], item["is"]) for item in row["ranges"]] for row in rows]
    low, high = str(-2**31), str(2**31 - 1)
    expected = [
        [(low, "-2", "adjusted"), ("-1", "-1", "accepted"), ("0", "0", "adjusted"), ("1", "120", "accepted"),
         ("121", high, "adjusted")],
        [(low, "0", "rejected"), ("1", "127", "accepted"), ("128", high, "rejected")],
        [(low, high, "adjusted")],
    ]
    if found != expected:
        print(f"options: ranges are {found}")
    return int(found != expected)


def check_privilege(program):
    """What root may and others may not."""
    if os.geteuid() != 0:
        print("options: only root can give up privileges: not tried")
        return 0

    def drop():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    with open(program, "rb") as file:
        descriptor = os.memfd_create("inetctl")
        os.write(descriptor, file.read())
    done = subprocess.run([f"/proc/self/fd/{descriptor}", "setopt-probe", "--ndjson", "SO_PRIORITY=6", "SO_PRIORITY=7"],
                          capture_output=True, check=False, preexec_fn=drop, pass_fds=[descriptor])
    verdicts = [json.loads(line)["verdict"] for line in done.stdout.splitlines()]
    said = done.stderr.decode()
    if verdicts != ["accepted", "denied"] or "no network namespace could be made (EPERM)" not in said:
        print(f"options: without privileges: {verdicts}, said {said!r}")
        return 1
    return 0


def check_apart(program):
    """The sockets are in a namespace of their own, and --here in ours."""
    ours, _ = probe(program, "--here", "SO_NETNS_COOKIE")
    apart, done = probe(program, "SO_NETNS_COOKIE")
    if b"no network namespace" in done.stderr:
        print("options: no namespace can be made here: not tried")
        return 0
    if ours[0]["verdict"] != "read":
        print("options: this kernel tells no namespace: not tried")
        return 0
    again, _ = probe(program, "--here", "SO_NETNS_COOKIE")
    good = ours[0]["before"] == again[0]["before"] != apart[0]["before"]
    if not good:
        print(f"options: namespaces: {ours[0]['before']}, {again[0]['before']}, apart {apart[0]['before']}")
    return int(not good)


def check_all(program):
    rows, done = probe(program, "--all")
    by_name = {row["option"]: row for row in rows}
    harmful = ("SO_ERROR", "TCP_SAVED_SYN", "TCP_ZEROCOPY_RECEIVE", "PACKET_STATISTICS", "SO_PEERPIDFD")
    wrong = [name for name in harmful if by_name[name]["verdict"] != "untried" or by_name[name]["before"] is not None]
    shown = [row["option"] for row in rows if row["option"] == "TCP_FASTOPEN_KEY" and row["after_hex"] is not None]
    accepted = sum(row["verdict"] == "accepted" for row in rows)
    if wrong or shown or accepted < 80 or done.returncode != 0:
        print(f"options: --all: read unasked {wrong}, keys shown {shown}, {accepted} accepted")
        return 1
    print(f"options: --all: {len(rows)} rows, {accepted} accepted")
    return 0


def check_measured(program, path):
    with gzip.open(path, "rt") as file:
        measured = json.load(file)
    if not os.uname().release.startswith(measured["release"]):
        print(f"options: this is {os.uname().release}, {measured['release']} was measured: ladders not compared")
        return 0
    _, done = probe(program, "SO_TYPE")
    if os.geteuid() != 0 or b"no network namespace" in done.stderr:
        print("options: root of the host measured, which we are not: ladders not compared")
        return 0
    wrong = compared = 0
    for kind in measured["kinds"]:
        expected = [(name, f"raw:{level}:{number}=i32:{value}", error, after)
                    for name, level, number, ladder in kind["options"] if name not in MOVING
                    for value, error, after in ladder]
        for start in range(0, len(expected), WORDS_AT_ONCE):
            part = expected[start:start + WORDS_AT_ONCE]
            rows, _ = probe(program, "--on", kind["socket"], "--state", kind["state"], *[word for _, word, _, _ in part])
            for row, (name, word, error, after) in zip(rows, part, strict=True):
                compared += 1
                got = None if row["get_error"] else int_of(row["after_hex"])
                said = re.sub(r" .*", "", row["set_error"] or "") or None
                if said != error or got != after:
                    wrong += 1
                    if wrong <= 30:
                        print(f"options: {kind['socket']} {kind['state']} {name} {word}: "
                              f"{said}, reads {got}: measured {error}, {after}")
    print(f"options: {compared} measured values, {wrong} otherwise")
    return wrong


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    done = subprocess.run([program, "setopt-probe", "SO_TYPE"], capture_output=True, check=False)
    if done.returncode != 0:
        print(f"options: skipped: {done.stderr.decode().strip()}")
        sys.exit(77)
    wrong = (check_everywhere(program) + check_ranges(program) + check_privilege(program) + check_apart(program) +
             check_all(program))
    if len(sys.argv) == 3:
        wrong += check_measured(program, sys.argv[2])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
