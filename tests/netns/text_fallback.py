#!/usr/bin/env python3
"""Without sock_diag's modules the texts of /proc/net show the same sockets: a recording of this moment, whose answers of
sock_diag are taken out and whose texts are put in, beside the recording as it was.

    make_sockets families SEED -- text_fallback.py INETCTL
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from checks import check, verdict

ATTEMPTS = 3  # what differs in each of them is no accident of timing
MAGIC = b"inetctl recording 1\n"
TEXTS = ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "unix", "netlink", "packet")
# What the texts have of each protocol; the limit of a listener, peers and cookies are in none.
COMMON = ("protocol", "state", "type", "port", "local", "foreign", "recv_queue", "send_queue", "owner", "uid", "drops",
          "skmem_rmem_alloc", "interface", "netlink_groups", "packet_protocol", "timer")
UNTOLD = {  # by protocol: other than in sock_diag, or absent
    "tcp": {"drops", "skmem_rmem_alloc", "interface"},
    "udp": {"interface"},
    "unix": {"foreign", "recv_queue", "send_queue", "uid", "drops", "skmem_rmem_alloc"},
    "netlink": {"uid", "state", "foreign", "type"},
    "packet": {"drops", "send_queue", "uid"},
}


def chunks_of(path):
    rest = pathlib.Path(path).read_bytes()[len(MAGIC):]
    while rest:
        line, _, rest = rest.partition(b"\n")
        name, _, size = line.rpartition(b" ")
        yield name, rest[:int(size)]
        rest = rest[int(size) + 1:]


def write(path, chunks):
    with open(path, "wb") as file:
        file.write(MAGIC)
        for name, body in chunks:
            file.write(b"%s %d\n%s\n" % (name, len(body), body))


def rows(inetctl, file, *words):
    done = subprocess.run([inetctl, "i", "-a", *words, "--json", "--from", file, "--fields", ",".join(COMMON)],
                          capture_output=True, timeout=60, check=True)
    document = json.loads(done.stdout)
    return document["rows"], document["notes"]


def by_socket(listed):
    """The kernel's own netlink sockets, connection requests and what is closing have no inode; those of the inspecting
    programs themselves come and go."""
    return {row["port"]: common_form(row) for row in listed
            if row["port"] and row["owner"] and os.path.exists("/proc/" + row["owner"].split("/")[0])}


def common_form(row):
    if row["protocol"] == "unix" and row["local"]:
        # A text has @ for each zero byte of an abstract name, and ends a name at a line feed, which its note says.
        row["local"] = row["local"].replace("\0", "@").split("\n")[0].rstrip("@")
    if row["protocol"] in ("tcp", "udp"):  # no text has the interface, and so no zone
        for end in ("local", "foreign"):
            row[end] = re.sub("%[^]]*", "", row[end])
    row["netlink_groups"] = row["netlink_groups"] or []
    return row


def differences(inetctl, scratch):
    whole, texts = os.path.join(scratch, "whole"), os.path.join(scratch, "texts")
    subprocess.run([inetctl, "record", whole], check=True, stdout=subprocess.DEVNULL, timeout=60)
    kept = [(name, body) for name, body in chunks_of(whole) if not name.startswith(b"diag/")]
    kept += [(b"net/" + name.encode(), pathlib.Path("/proc/net", name).read_bytes()) for name in TEXTS]
    write(texts, kept)
    found, compared = [], 0
    for word in ("tcp", "udp", "udplite", "unix", "netlink", "packet"):
        told, said = by_socket(rows(inetctl, whole, word)[0]), rows(inetctl, texts, word)
        read = by_socket(said[0])
        # No text has what is bound and neither listens nor is connected.
        told = {key: row for key, row in told.items() if row["state"] != "BOUND_INACTIVE"}
        found += [f"{word}: only in {where}: {key}" for key in told.keys() ^ read.keys()
                  for where in ["sock_diag" if key in told else "text"]]
        for key in told.keys() & read.keys():
            compared += 1
            same = [field for field in COMMON if field not in UNTOLD.get(word, ())]
            if word == "tcp" and told[key]["state"] == "LISTEN":
                same = [field for field in same if field not in ("recv_queue", "send_queue")]
            if word == "packet":
                same = [field for field in same if field not in ("recv_queue",)]
            found += [f"{word} {key}: {field} is {told[key][field]!r} in sock_diag, {read[key][field]!r} in the text"
                      for field in same if told[key][field] != read[key][field]]
        if word in ("tcp", "udp", "unix"):
            check(f"{word}: that a text is read is said", any("/proc/net/" in note for note in said[1]), said[1])
    return found, compared


def long_lines(inetctl, scratch):
    """Names with blanks, and lines that are longer than any buffer."""
    file = os.path.join(scratch, "long")
    name = "/run/" + "a name with blanks " * 200 + "end"
    line = f"0000000000000000: 00000002 00000000 00010000 0001 01 4711 {name}\n"
    write(file, [(b"net/unix", b"Num       RefCount Protocol Flags    Type St Inode Path\n" + line.encode()), (b"meta", b"{}")])
    listed, _ = rows(inetctl, file, "unix")
    check("a long name is whole", [row["local"] for row in listed] == [name], listed)


def main():
    inetctl = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        lasting = None
        for _ in range(ATTEMPTS):
            found, compared = differences(inetctl, scratch)
            lasting = set(found) if lasting is None else lasting & set(found)
            if not lasting and compared > 20:
                break
        for difference in sorted(lasting):
            check("sock_diag and text agree", False, difference)
        check("there is something to compare", compared > 20, compared)
        long_lines(inetctl, scratch)
    return verdict(f"text_fallback: {compared} sockets are the same in both")


if __name__ == "__main__":
    sys.exit(main())
