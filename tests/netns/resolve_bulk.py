#!/usr/bin/env python3
"""A hundred thousand names at once over the live network, from a server that drops some: one final answer each.
usage: resolve_bulk.py BULK_NAMES DNS_RESPONDER"""

import os
import subprocess
import sys

from resolve_network import own_namespace

NAMES = 100_000


def look_up(program, responder, drop_percent, window, names, timeout_ms):
    with subprocess.Popen([responder, "127.0.0.1", "53", str(drop_percent)], stdout=subprocess.PIPE) as server:
        try:
            server.stdout.readline()
            done = subprocess.run([program, "127.0.0.1", "53", str(window), str(timeout_ms)], text=True, timeout=100,
                                  input="".join(f"{name}\n" for name in names), capture_output=True, check=True)
        finally:
            server.kill()
    words = done.stderr.split()
    summary = dict(zip(words[::2], map(int, words[1::2])))
    finals = {}
    for line in done.stdout.splitlines():
        name, *outcome = line.split()
        assert name not in finals, f"{name} has two final answers"
        finals[name] = outcome
    assert set(finals) == set(names), f"{len(set(names) - set(finals))} names are lost"
    return finals, summary


def room_of_the_server():
    """How many queries the responder's socket holds; root may give it any buffer."""
    if os.geteuid() == 0:
        return 20_000
    with open("/proc/sys/net/core/rmem_max", encoding="ascii") as limit:
        return 2 * int(limit.read()) // 1600


def main():
    program, responder = map(os.path.abspath, sys.argv[1:3])
    room = int(os.environ.setdefault("INETCTL_TEST_ROOM", str(room_of_the_server())))  # not asked as another root
    own_namespace()
    names = [f"n{n}.{'x' * (n % 37)}y.test" for n in range(NAMES)]

    for window in (1, 100, 1000, 10000):
        if window > room:
            print(f"window {window} left out: the server's socket holds {room}")
            continue
        some = names[:2000] if window == 1 else names
        finals, summary = look_up(program, responder, 0, window, some, 6000)
        assert all(outcome == ["none", "192.0.0.1"] for outcome in finals.values())
        assert summary["answered"] == len(some) and summary["strange"] == 0, summary
        assert summary["unanswered"] == 0, f"window {window}: {summary['unanswered']} replies were lost"
        assert summary["window"] <= window, summary

    finals, summary = look_up(program, responder, 5, 1000, names, 600)
    failed = [name for name, outcome in finals.items() if outcome != ["none", "192.0.0.1"]]
    assert all(finals[name] == ["timeout"] for name in failed), finals[failed[0]]
    assert len(failed) < NAMES * 0.05 ** 3 * 5, f"{len(failed)} failed"
    assert summary["failed"] == len(failed) and summary["retries"] > NAMES * 0.04, summary
    print(f"{NAMES} names, one final answer each; with losses: {summary}")


if __name__ == "__main__":
    main()
