#!/usr/bin/env python3
"""Rules and live network together against servers that misbehave: every name has one final answer in bounded time, the
right one or a failure that says what happened, and never what a trick offered. usage: resolve_misbehaving.py BULK_NAMES INETCTL"""

import json
import os
import subprocess
import sys
import time

from resolve_network import own_namespace
import misbehaving_server

TIMEOUT_MS = 300
RIGHT = ["none", misbehaving_server.GOOD]
NOTHING = ["none"]  # answered, and no record of the type

EXPECTED = {
    **dict.fromkeys(("good", "thengood", "twice", "anyhow", "truncated", "late"), RIGHT),
    # Silence, as far as the query is concerned.
    **dict.fromkeys(("wrongid", "wrongquestion", "wrongtype", "noquestion", "nord", "notaresponse", "opcode", "silence",
                     "wrongport", "wrongaddress", "garbage", "headeronly", "garbagetail", "truncatedsilent"),
                    ["timeout"]),
    # What answers the query and cannot be read.
    **dict.fromkeys(("loop", "counts", "cut", "rdatalength"), ["malformed"]),
    **dict.fromkeys(("truncatedrst", "truncatedhalf"), ["closed"]),
    "nxdomain": ["nxdomain"], "nodata": NOTHING, "servfail": ["servfail"], "refused": ["refused"],
    "formerr": ["formerr"], "noedns": RIGHT, "cnameloop": NOTHING,
}


def look_up(program, names):
    began = time.monotonic()
    done = subprocess.run([program, "127.0.0.1", "53", "50", str(TIMEOUT_MS)], text=True, timeout=60, check=True,
                          input="".join(f"{name}\n" for name in names), capture_output=True)
    finals = {}
    for line in done.stdout.splitlines():
        name, *outcome = line.split()
        assert name not in finals, f"two final answers for {name}"
        finals[name] = outcome
    assert set(finals) == set(names), set(names) - set(finals)
    return finals, time.monotonic() - began


def look_up_by_command(inetctl, kinds):
    """The same through the command line: a row or more for each name, an error word where there is no answer."""
    argv = [inetctl, "resolve", "-", "--lookup", "dns", "--server", "127.0.0.1:53", "--timeout", str(TIMEOUT_MS),
            "--type", "A", "--ndjson"]
    done = subprocess.run(argv, input="".join(f"{kind}.test.\n" for kind in kinds), text=True, timeout=60,
                          capture_output=True, check=False)
    assert done.returncode == 4, (done.returncode, done.stderr)  # the worst of them
    assert misbehaving_server.BAD not in done.stdout, done.stdout
    rows = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        assert rows.setdefault(row["name"].rstrip("."), row) is row, f"two rows for {row['name']}"
    return rows


def check_command(inetctl):
    kinds = [kind for kind in EXPECTED if kind != "late"]  # its first query was another one's
    rows = look_up_by_command(inetctl, [*kinds, "othersrecord"])
    for kind in kinds:
        row, expected = rows[f"{kind}.test"], EXPECTED[kind]
        if expected == RIGHT:
            assert row["address"] == misbehaving_server.GOOD and row["error"] is None, row
        else:
            assert row["address"] is None, row
            assert expected == NOTHING or row["error"] == expected[0], row
    assert rows["othersrecord.test"]["address"] is None, rows["othersrecord.test"]


def main():
    program, inetctl = map(os.path.abspath, sys.argv[1:3])
    own_namespace()
    misbehaving_server.Server()
    finals, seconds = look_up(program, [f"{kind}.test" for kind in EXPECTED])
    wrong = {kind: (finals[f"{kind}.test"], expected) for kind, expected in EXPECTED.items()
             if finals[f"{kind}.test"] != expected}
    assert not wrong, wrong
    assert seconds < 20, seconds
    check_command(inetctl)
    print(f"{len(finals)} kinds of trouble in {seconds:.1f} s: {finals}")


if __name__ == "__main__":
    main()
