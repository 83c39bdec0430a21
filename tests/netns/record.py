#!/usr/bin/env python3
"""A recording shows what the live system showed: the same rows, with every field, in the same formats.

    make_sockets mixed SEED -- record.py INETCTL

Exits 0 when it does, 1 when not.
"""

import json
import os
import subprocess
import sys
import tempfile

ATTEMPTS = 3  # what differs in each of them is no accident of timing
# What goes on while we look: clocks, and figures of our own netlink socket's effect on memory.
MOVING = ("timer_expires_ms", "last_data_sent_ms", "last_ack_sent_ms", "last_data_recv_ms", "last_ack_recv_ms")


def run(*words):
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"record: {words} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout


# The name of a namespace is looked for now, and is in no recording.
def rows(program, *words):
    listed = {}
    for line in run(program, "i", "-a", "--ndjson", "--fields", "all,-netns_name", *words).splitlines():
        row = json.loads(line)
        for key in MOVING:
            row.pop(key, None)
        listed[row["cookie"], row["local"], row["foreign"]] = row
    return listed


def differences(program, path):
    before = rows(program)
    run(program, "record", path)
    after = rows(program)
    recorded = rows(program, "--from", path)
    # Sockets that came or went meanwhile, or that changed between the two live listings, prove nothing.
    steady = {key: row for key, row in before.items() if after.get(key) == row}
    wrong = []
    for key, row in steady.items():
        got = recorded.get(key)
        if got != row:
            what = [name for name in row if got is None or got.get(name) != row[name]]
            wrong.append((key, {name: (row[name], got and got.get(name)) for name in what}))
    wrong += [(key, "only recorded") for key in recorded.keys() - before.keys() - after.keys()]
    return wrong, len(steady), len(before)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "recording")
        for _ in range(ATTEMPTS):
            wrong, steady, total = differences(program, path)
            if not wrong and steady >= 20:
                print(f"record: {steady} of {total} sockets stood still, and are the same in the recording")
                return 0
        for key, what in wrong[:20]:
            print(f"record: {key}: {what}")
        print(f"record: {len(wrong)} of {steady} steady sockets differ (of {total})")
        return 1


if __name__ == "__main__":
    sys.exit(main())
