#!/usr/bin/env python3
"""What `inetctl setopt-probe` says that inet:setopts/2 would have answered, and what reads back, against a live node.

    erlang_options.py INETCTL

Exits 0 when they agree, 1 when not, 77 where there is no Erlang.
"""

import json
import pathlib
import shutil
import subprocess
import sys

OPTIONS = [f"{{{name},{value}}}" for name, values in {
    "reuseaddr": ("true", "false"), "keepalive": ("true",), "dontroute": ("true",), "broadcast": ("true",),
    "linger": ("{true,5}", "{false,7}"), "sndbuf": ("4096", "100", "100000"), "recbuf": ("4096", "100", "100000"),
    "priority": ("0", "6"), "tos": ("16", "255", "256"), "ttl": ("1", "0", "255", "256"), "tclass": ("0",),
    "recvtos": ("true",), "recvttl": ("true",), "nodelay": ("true", "false"), "nopush": ("true",),
    "ipv6_v6only": ("true",), "multicast_ttl": ("5",), "bind_to_device": ('<<"lo">>', '<<"nosuch">>'),
}.items() for value in values]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which("escript"):
        print("erlang_options: skipped: no escript (Debian: erlang-base)")
        sys.exit(77)
    script = pathlib.Path(__file__).with_suffix(".escript")
    text = "".join(f"{option}.\n" for option in OPTIONS)
    node = subprocess.run(["escript", script], input=text, capture_output=True, text=True, check=False, timeout=100)
    if node.returncode != 0:
        sys.exit(f"erlang_options: the node failed: {node.stdout}{node.stderr}")
    probe = subprocess.run([sys.argv[1], "setopt-probe", "--here", "--on", "tcp", "--state", "listening", "--ndjson", *OPTIONS],
                           capture_output=True, text=True, check=False)
    if probe.returncode not in (0, 1):
        print(f"erlang_options: skipped: {probe.stderr.strip()}")
        sys.exit(77)
    wrong = 0
    rows = [json.loads(line) for line in probe.stdout.splitlines()]
    for option, line, row in zip(OPTIONS, node.stdout.splitlines(), rows, strict=True):
        _, answer, after = line.split(" ", 2)
        ours = row["after"] if row["after"] is not None else "none"
        if after.startswith("<<"):  # io:format's ~w of a name
            after = bytes(int(byte) for byte in after[2:-2].split(",") if byte).decode()
        if (row["erlang_answer"], ours) != (answer, after):
            wrong += 1
            print(f"erlang_options: {option}: {row['erlang_answer']}, {ours}; the node says {answer}, {after}")
    print(f"erlang_options: {len(rows)} options, {wrong} otherwise")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
