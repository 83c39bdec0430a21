#!/usr/bin/env python3
"""`inetctl stat --count` beside inet:getstat/1 of a live Erlang node, in a namespace of its own.

    unshare --net erlang_stat.py INETCTL

Exits 0 when they agree, 1 when not, 77 without escript or without the privilege to count.
"""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time

SENT = ("send_oct", "send_cnt", "send_max", "send_avg")
RECEIVED = ("recv_oct", "recv_cnt", "recv_max", "recv_avg", "recv_dvi")
# What both count the same. With {packet,4} the driver reads headers and bodies by calls of its own, while inet counts
# a message: only the bytes are the same, headers included.
SAME = {"udp-sender": SENT + RECEIVED, "udp-receiver": SENT + RECEIVED, "tcp-raw-sender": SENT + RECEIVED,
        "tcp-raw-receiver": SENT + RECEIVED, "tcp-4-sender": SENT, "tcp-4-receiver": ("recv_oct",)}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which("escript"):
        print("erlang_stat: skipped: no escript (Debian: erlang-base)")
        return 77
    probe = subprocess.run([sys.argv[1], "stat", "--count", "0.01", "udp"], capture_output=True, timeout=60, check=False)
    if b"nothing is counted" in probe.stderr:
        print("erlang_stat: skipped:", probe.stderr.decode().strip())
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    script = pathlib.Path(__file__).with_suffix(".escript")
    failures = 0
    with subprocess.Popen(["escript", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        pid = int(node.stdout.readline())
        with subprocess.Popen([sys.argv[1], "stat", "--count", "forever", f"pid = {pid}", "--json"],
                              stdout=subprocess.PIPE) as counting:
            time.sleep(1.5)
            node.stdin.write("\n")
            node.stdin.flush()
            reported = []
            for line in node.stdout:
                if line == ".\n":
                    break
                name, port, *words = line.split()
                reported.append((name, int(port), dict(zip(words[::2], map(int, words[1::2])))))
            counting.send_signal(signal.SIGINT)
            rows = json.loads(counting.communicate(timeout=60)[0])["rows"]
        node.stdin.write("\n")
        node.stdin.close()
        for name, port, theirs in reported:
            found = [row for row in rows if row["local"].endswith(f":{port}") and row["state"] != "LISTEN"
                     and row["protocol"] == name[:3]]
            ours = found[0] if len(found) == 1 else {}
            for key in SAME[name]:
                if ours.get(key) != theirs[key]:
                    print(f"FAIL {name}: inet:getstat says {key} {theirs[key]}, stat --count {ours.get(key)}")
                    failures += 1
    if len(reported) != len(SAME):
        print("FAIL the node reported", reported)
        failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
