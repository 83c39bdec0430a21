#!/usr/bin/env python3
"""The live network of the resolver against servers that misbehave: one event for each query, no answer by a trick, no
hang. usage: resolve_network.py ASK_SERVER"""

import os
import subprocess
import sys
import time

STRANGE = ("wrongid", "wrongquestion", "wrongtype", "nord", "notaresponse", "opcode")
SILENT = (*STRANGE, "silence", "wrongport", "wrongaddress")
WAIT_MS = 400


def own_namespace():
    """Runs this script again in a namespace with loopback up."""
    if os.environ.get("INETCTL_TEST_NETNS"):
        return
    # root needs no namespace of users, in which large buffers are not allowed.
    unshare = ["unshare", "--net", *(["--user", "--map-root-user"] if os.geteuid() else [])]
    if subprocess.run(unshare + ["true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("no network namespace can be made here", file=sys.stderr)
        sys.exit(77)
    argv = [*unshare, "sh", "-c", "ip link set lo up; exec \"$0\" \"$@\"", sys.executable, *sys.argv]
    os.environ["INETCTL_TEST_NETNS"] = "1"
    os.execvp(argv[0], argv)


def ask(program, transport, names, address="127.0.0.1", port=53, wait_ms=WAIT_MS):
    began = time.monotonic()
    done = subprocess.run([program, transport, address, str(port), str(wait_ms), *names], stdout=subprocess.PIPE,
                          text=True, timeout=60, check=True)
    *lines, counts = done.stdout.splitlines()
    events = {}
    for line in lines:
        slot, outcome, size, rtt, *detail = line.split(" ", 4)
        assert names[int(slot)] not in events, f"two events for {names[int(slot)]}"
        events[names[int(slot)]] = (outcome, int(size), int(rtt), detail[0] if detail else "")
    assert len(events) == len(names), f"{transport} {names}: no event for {set(names) - set(events)}"
    words = counts.split()
    return events, dict(zip(words[::2], map(int, words[1::2]))), time.monotonic() - began


def check_udp(program, address):
    silent = [kind for kind in SILENT if address == "127.0.0.1" or kind != "wrongaddress"]
    events, counts, seconds = ask(program, "udp", [f"{kind}.test" for kind in silent] + ["good.test"], address)
    for kind in silent:
        outcome, _, rtt, _ = events[f"{kind}.test"]
        assert outcome == "timeout", (kind, outcome)
        assert WAIT_MS * 1000 <= rtt < (WAIT_MS + 3000) * 1000, (kind, rtt)
    assert events["good.test"][0] == "ok"
    assert seconds < 15, seconds
    # Those from a wrong port or address never reach the connected socket.
    assert counts["strange"] == len(STRANGE) and counts["received"] == 1, counts

    events, counts, _ = ask(program, "udp", ["thengood.test", "garbage.test", "twice.test"], address)
    assert events["thengood.test"][0] == "ok" and events["twice.test"][0] == "ok", events
    assert events["garbage.test"][0] == "timeout", events
    assert counts["strange"] >= 11, counts


def check_icmp(program, address):
    names = [f"n{n}.test" for n in range(20)]
    events, _, seconds = ask(program, "udp", names, address, port=9, wait_ms=20000)
    for name in names:
        assert events[name][0] == "unreachable" and "ECONNREFUSED" in events[name][3], events[name]
    assert seconds < 15, "a refused query was waited for"


def check_unreachable(program):
    events, _, seconds = ask(program, "udp", ["a.test", "b.test"], "192.0.2.9", wait_ms=20000)
    assert all(event[0] == "unreachable" and "ENETUNREACH" in event[3] for event in events.values()), events
    events, _, seconds = ask(program, "udp", ["a.test"], "fe80::1%nosuchlink", wait_ms=20000)
    assert events["a.test"][0] == "unreachable" and seconds < 5, events


def check_tcp(program, address):
    names = [f"{kind}.test" for kind in ("good", "rst", "half", "closes", "hangs", "dribble", "thengood")]
    events, counts, seconds = ask(program, "tcp", names, address)
    outcomes = {name.split(".")[0]: event[0] for name, event in events.items()}
    assert outcomes == {"good": "ok", "rst": "closed", "half": "closed", "closes": "closed", "hangs": "timeout",
                        "dribble": "ok", "thengood": "ok"}, events
    assert "ECONNRESET" in events["rst.test"][3], events
    assert " of " in events["half.test"][3], events
    assert counts["strange"] == 3, counts
    assert seconds < 15, seconds

    events, _, _ = ask(program, "tcp", ["a.test"], address, port=9, wait_ms=20000)
    assert events["a.test"][0] == "unreachable" and "ECONNREFUSED" in events["a.test"][3], events
    # More than there may be connections at once: the others wait for their turn, or use one again.
    many = [f"n{n}.test" for n in range(500)]
    events, _, _ = ask(program, "tcp", many, address, wait_ms=20000)
    assert all(event[0] == "ok" for event in events.values()), events
    many = [f"once{n % 2 and '.' or '.x'}{n}.test" for n in range(300)]
    events, _, _ = ask(program, "tcp", many, address, wait_ms=20000)
    assert all(event[0] == "ok" for event in events.values()), [e for e in events.values() if e[0] != "ok"]


def main():
    program = os.path.abspath(sys.argv[1])
    own_namespace()
    from misbehaving_server import Server  # it binds only here
    for address in ("127.0.0.1", "::1"):
        Server(address)
        check_udp(program, address)
        check_icmp(program, address)
        check_tcp(program, address)
    check_unreachable(program)
    print("every query had one event, and no trick an answer")


if __name__ == "__main__":
    main()
