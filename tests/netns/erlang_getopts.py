#!/usr/bin/env python3
"""Lays `inetctl getopts` beside what inet:getopts/2 of a live Erlang node reports of its own sockets, and ends one of
its connections, which the node must see as econnaborted.

    make_sockets mixed SEED -- erlang_getopts.py INETCTL

Exits 0 when they agree, 1 when not, 77 without escript.
"""

import json
import pathlib
import shutil
import subprocess
import sys


def lines_until_stop(stream):
    for line in stream:
        if line == ".\n":
            return
        yield line.split()


def inetctl_values(inetctl, pid, names):
    """By protocol, local and foreign port, and Erlang's name."""
    done = subprocess.run([inetctl, "getopts", f"pid = {pid}", *names, "--ndjson", "--fields",
                           "protocol,local_port,foreign_port,state,option,value"],
                          capture_output=True, text=True, check=True, timeout=60)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    per_socket = len(names)
    assert rows and len(rows) % per_socket == 0, done.stderr
    return {(row["protocol"], row["local_port"], row["foreign_port"], names[i % per_socket]): row["value"]
            for i, row in enumerate(rows)}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    inetctl = sys.argv[1]
    if not shutil.which("escript"):
        print("erlang_getopts: skipped: no escript (Debian: erlang-base)")
        sys.exit(77)
    script = pathlib.Path(__file__).with_suffix(".escript")
    failures = 0
    with subprocess.Popen(["escript", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        pid = int(node.stdout.readline())
        reported = [(protocol, int(local), int(foreign), name, value)
                    for protocol, local, foreign, name, value in lines_until_stop(node.stdout)]
        values = inetctl_values(inetctl, pid, sorted({name for *_, name, _ in reported}))
        for protocol, local, foreign, name, value in reported:
            ours = values.get((protocol, local, foreign, name))
            # Where the kernel's option is a number, getopts says 0 and 1.
            if value not in (ours, {"0": "false", "1": "true"}.get(ours)):
                print(f"FAIL {protocol} {local} {foreign}: inet:getopts says {{{name},{value}}}, getopts {ours}")
                failures += 1
        tuned = next(row for row in reported if row[3] == "nodelay" and row[4] == "true")
        subprocess.run([inetctl, "close", f"pid = {pid} and sport = {tuned[1]}", "--yes"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        answer = node.stdout.readline().strip()
        if answer != "{error,econnaborted}":
            print(f"FAIL the node got {answer} of the connection that was closed")
            failures += 1
        node.stdin.close()
    print(f"erlang_getopts: {len(reported)} values, {failures} differ")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
