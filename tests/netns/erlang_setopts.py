#!/usr/bin/env python3
"""Lays `inetctl setopts --erlang-order` beside inet:setopts/2 of a live Erlang node: random lists of options, one half set
by the node on a connection of its own, the other from outside on its twin. The node must read the same values from both,
and both must have answered the same. Also, a plain setopts and a shutdown from outside are seen by the node.

    make_sockets mixed SEED -- erlang_setopts.py INETCTL [LISTS]

Exits 0 when they agree, 1 when not, 77 without escript.
"""

import pathlib
import random
import shutil
import subprocess
import sys

NAMES = ["reuseaddr", "keepalive", "dontroute", "linger", "priority", "tos", "ttl", "nodelay", "recbuf", "sndbuf",
         "{raw,6,8,4}"]
# As Erlang's terms; some of them the kernel refuses, and of those inet:setopts tells some and hides others.
VALUES = {
    "reuseaddr": ["true", "false"], "keepalive": ["true", "false"], "dontroute": ["true", "false"],
    "linger": ["{true,5}", "{true,0}", "{false,0}"], "priority": ["0", "3", "6", "15"], "tos": ["0", "8", "16", "184", "255"],
    "ttl": ["1", "64", "255", "0", "256"], "nodelay": ["true", "false"], "recbuf": ["1", "4096", "100000"],
    "sndbuf": ["1", "4096", "100000"], "broadcast": ["true"], "ipv6_v6only": ["true"], "tclass": ["1"],
}


def random_option(source):
    if source.random() < 0.15:
        return f"{{raw,6,8,<<{source.choice([30, 130, 0])}:32/native>>}}"
    name = source.choice(sorted(VALUES))
    return f"{{{name},{source.choice(VALUES[name])}}}"


class Node:
    """The node, which answers a line for each term."""

    def __init__(self, process):
        self.process = process
        self.pid = int(process.stdout.readline())
        self.ports = process.stdout.readline().split()

    def ask(self, term):
        self.process.stdin.write(term + ".\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def fresh(self):
        self.ports = self.ask("fresh").split()


def differ(inetctl, node, source, at):
    """What differs for one random list, as text; empty when nothing."""
    options = "[" + ",".join(random_option(source) for _ in range(source.randint(1, 6))) + "]"
    if at % 10 == 0:
        node.fresh()
    theirs = node.ask(f"{{set,1,{options}}}")
    done = subprocess.run([inetctl, "setopts", f"pid = {node.pid} and sport = {node.ports[1]}", options, "--erlang-order",
                           "--format", "erlang"], capture_output=True, text=True, check=False, timeout=60)
    values = [node.ask(f"{{get,{which},[{','.join(NAMES)}]}}") for which in (1, 2)]
    if done.stdout.strip() == theirs and values[0] == values[1]:
        return ""
    return f"{options}: inet:setopts says {theirs} and the socket reads {values[0]}; " \
           f"setopts {done.stdout.strip()}{done.stderr.strip()}, {values[1]}"


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    inetctl = sys.argv[1]
    lists = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    if not shutil.which("escript"):
        print("erlang_setopts: skipped: no escript (Debian: erlang-base)")
        sys.exit(77)
    script = pathlib.Path(__file__).with_suffix(".escript")
    source = random.Random(8)
    failures = 0
    with subprocess.Popen(["escript", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        node = Node(process)
        for at in range(lists):
            found = differ(inetctl, node, source, at)
            if found:
                print(f"FAIL {found}")
                failures += 1
        node.fresh()
        first = f"pid = {node.pid} and sport = {node.ports[0]}"
        subprocess.run([inetctl, "setopts", first, "nodelay=true", "keepalive=true", "linger={true,9}"], check=True,
                       timeout=60, stdout=subprocess.DEVNULL)
        seen = node.ask("{get,1,[nodelay,keepalive,linger]}")
        if seen != "{ok,[{nodelay,true},{keepalive,true},{linger,{true,9}}]}":
            print(f"FAIL the node reads {seen} of what was set from outside")
            failures += 1
        subprocess.run([inetctl, "close", first, "--shutdown", "--yes"], check=True, timeout=60, stdout=subprocess.DEVNULL)
        answer = node.ask("{recv,1}")
        if answer != "{error,closed}":
            print(f"FAIL the node got {answer} of the connection that was shut down")
            failures += 1
        process.stdin.close()
    print(f"erlang_setopts: {lists} lists, {failures} differ")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
