#!/usr/bin/env python3
"""The numbers of the table of socket options against the system's headers, for each name that they have.

    option_numbers.py INETCTL [COMPILER]

Exits 0 when they agree, 1 when not, 77 where there are no headers, or no table for this machine.
"""

import csv
import io
import re
import subprocess
import sys

HEADERS = ("sys/socket.h netinet/in.h netinet/tcp.h netinet/udp.h linux/in.h linux/in6.h linux/tcp.h linux/udp.h "
           "linux/icmp.h linux/icmpv6.h linux/if_packet.h linux/netlink.h linux/vm_sockets.h linux/mptcp.h linux/tls.h "
           "linux/sctp.h").split()


def skip(why):
    print(f"option numbers: skipped: {why}")
    sys.exit(77)


def macros(compiler):
    """Name and text of each macro; headers that contradict each other are read apart, missing ones passed over."""
    found = {}
    for header in HEADERS:
        done = subprocess.run([compiler, "-x", "c++", "-D_GNU_SOURCE", "-dM", "-E", "-"], input=f"#include <{header}>\n",
                              capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found.update(re.findall(r"^#define (\w+) (\S+)$", done.stdout, re.MULTILINE))
    return found


def number(found, word):
    """A macro may be defined by another one; None when there is none, or it is no number."""
    for _ in range(4):
        if re.fullmatch(r"\d+|0x[0-9a-fA-F]+", word or ""):
            return int(word, 0)
        word = found.get(word)
    return None


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    try:
        found = macros(sys.argv[2] if len(sys.argv) == 3 else "c++")
    except OSError as error:
        skip(str(error))
    if "TCP_NODELAY" not in found:
        skip("no headers of the C library")
    listed = subprocess.run([sys.argv[1], "setopt-probe", "--list", "--format", "csv", "--fields", "option,optname"],
                            capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        skip(listed.stderr.strip())
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    compared = {row["option"]: (int(row["optname"]), number(found, row["option"])) for row in rows
                if number(found, row["option"]) is not None}
    wrong = {name: pair for name, pair in compared.items() if pair[0] != pair[1]}
    for name, (ours, theirs) in wrong.items():
        print(f"option numbers: {name} is {ours} here and {theirs} in the headers")
    print(f"option numbers: {len(compared)} of {len(rows)} names are in the headers, {len(wrong)} otherwise")
    sys.exit(1 if wrong or len(compared) < 100 else 0)


if __name__ == "__main__":
    main()
