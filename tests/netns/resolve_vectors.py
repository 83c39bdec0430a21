#!/usr/bin/env python3
"""What a real node answered and which queries it sent, line by line through the command line: tests/data/resolver's
lookups files, against a server with the same zone. usage: resolve_vectors.py INETCTL

Calls that no command line can say (tuples as names, families that are none, inet_res's own errors) are counted, not run.
Exit status 77: it could not run here, and says why.
"""

import ipaddress
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

from dns_fixture import Server, own_namespace

DATA = pathlib.Path(__file__).parent.parent / "data" / "resolver"
LINE = re.compile(r"^(inet|inet_res):(\w+)\((.*)\) -> (.*?)   \[(\d+)ms(?:; q: (.*))?\]$")
FLAGS = {"getaddr": ["--forward", "--one"], "getaddrs": ["--forward"], "gethostbyname": ["--forward", "--hostent"],
         "gethostbyaddr": ["--reverse"], "lookup": []}


def address_text(tuple_text):
    """"{10,0,0,1}" as an address; None when it is none."""
    numbers = [int(n) for n in tuple_text.strip("{}").split(",")]
    if len(numbers) == 4 and all(n < 256 for n in numbers):
        return ".".join(map(str, numbers))
    if len(numbers) == 8:
        return str(ipaddress.IPv6Address(b"".join(n.to_bytes(2, "big") for n in numbers)))
    return None


def words_of(module, function, arguments):
    """The command line for a call, or None."""
    parts = re.findall(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|[^,]+', arguments)
    name = parts[0]
    if module == "inet_res" and (function != "lookup" or len(parts) != 3):
        return None
    if function not in FLAGS:
        return None
    words = list(FLAGS[function])
    if name.startswith("{"):
        if function != "gethostbyaddr" and (function, parts[-1]) != ("lookup", "ptr"):
            return None
        if (name := address_text(name)) is None:
            return None
    else:
        name = "" if name == "[]" else name.strip('"')
    if function == "lookup":
        return [*words, "--type", parts[2], "--", name]
    for part in parts[1:]:
        if part == "inet":
            words.append("-4")
        elif part == "inet6":
            words.append("-6")
        elif part.isdigit():
            words += ["--deadline", part]
        else:
            return None
    return [*words, "--", name]


def sections():
    """(inetrc, keeps answers, lines)"""
    yield "rcfile", False, (DATA / "lookups-file-dns-25.txt").read_text(encoding="utf-8").splitlines()
    inetrc, lines = None, []
    for line in (DATA / "lookups-edns-vc-25.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            if inetrc:
                yield inetrc, True, lines
            inetrc, lines = line[4:], []
        else:
            lines.append(line)
    yield inetrc, True, lines


def main():
    inetctl = str(pathlib.Path(sys.argv[1]).resolve())
    own_namespace()
    socket.sethostname("vm")
    server = Server(5399)
    counts = {"agree": 0, "not to be said": 0}
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        hosts = pathlib.Path(place, "hosts")
        hosts.write_text("127.0.0.1 localhost vm\n", encoding="utf-8")
        # The node asked the libc for its own name: that one must not send queries.
        switch = pathlib.Path(place, "nsswitch.conf")
        switch.write_text("hosts: files\n", encoding="utf-8")
        for path, own in (("/etc/hosts", hosts), ("/etc/nsswitch.conf", switch)):
            subprocess.run(["mount", "--bind", str(own), path], check=True)
        for inetrc, caches, lines in sections():
            rules = pathlib.Path(place, inetrc)
            text = (DATA / inetrc).read_text(encoding="utf-8")
            rules.write_text(text.replace("/run/inet-dnsfx/hosts.txt", str(DATA / "hosts.txt")), encoding="utf-8")
            for line in lines:
                if not (call := LINE.match(line)):
                    continue
                module, function, arguments, expected, milliseconds, queries = call.groups()
                words = words_of(module, function, arguments)
                if words is None:
                    counts["not to be said"] += 1
                    continue
                server.take_log()
                began = time.monotonic()
                done = subprocess.run([inetctl, "resolve", "--inetrc", str(rules), "--format", "erlang", *words],
                                      capture_output=True, text=True, timeout=60, check=False)
                took = (time.monotonic() - began) * 1000
                asked = server.take_log()
                said = done.stdout.rstrip("\n")
                if function == "lookup":
                    said = said.removeprefix("{ok,").removesuffix("}")
                problems = []
                if said != expected:
                    problems.append(f"says {said} {done.stderr.strip()}")
                # A node keeps answers from one call to the next; each process here begins anew.
                if queries is not None or not caches:
                    if asked != (queries.split(" | ") if queries else []):
                        problems.append(f"asked {asked}")
                    if took < int(milliseconds) - 50:
                        problems.append(f"took only {took:.0f} ms")
                if problems:
                    wrong.append(f"{line}\n    {'; '.join(problems)}")
                else:
                    counts["agree"] += 1
    print(counts)
    print("\n".join(wrong))
    sys.exit(1 if wrong or counts["agree"] < 120 else 0)


if __name__ == "__main__":
    main()
