#!/usr/bin/env python3
"""Nothing of the machine stays in a redacted recording, and it shows the same sockets: as many, in the same shape, with
one name for one name.

    make_sockets families SEED -- redact.py INETCTL
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from checks import check, verdict

SECRET = "Zanzibar"  # in every name that this test gives
HERE4, THERE4 = "198.51.100.77", "198.51.100.78"
HERE6, THERE6 = "2001:db9:7a6e:7a69:6261:7200:1:2", "2001:db9:7a6e:7a69:6261:7200:1:3"


def scene(scratch):
    """A socket of each family with an address or a name that is this machine's alone."""
    made = []

    def open_one(family, kind, protocol=0):
        try:
            made.append(socket.socket(family, kind, protocol))
        except OSError:  # not on this kernel
            return None
        return made[-1]

    for address in (f"{HERE4}/24", f"{HERE6}/64"):
        subprocess.run(["ip", "addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else [])], check=True)
    subprocess.run(["ip", "link", "add", f"if{SECRET}", "type", "veth", "peer", "name", f"of{SECRET}"], check=True)
    subprocess.run(["ip", "link", "set", f"if{SECRET}", "up"], check=True)
    for family, here, there in ((socket.AF_INET, HERE4, THERE4), (socket.AF_INET6, HERE6, THERE6)):
        for kind, protocol in ((socket.SOCK_STREAM, 0), (socket.SOCK_DGRAM, 0), (socket.SOCK_DGRAM, 136), (socket.SOCK_RAW, 99),
                               (socket.SOCK_STREAM, 262), (socket.SOCK_DGRAM, 1 if family == socket.AF_INET else 58)):
            one = open_one(family, kind, protocol)
            if one is None:
                continue
            one.bind((here, 0))
            if kind == socket.SOCK_STREAM:
                one.listen()
                peer = open_one(family, kind, protocol)
                peer.bind((here, 0))
                peer.connect(one.getsockname())
            else:
                subprocess.run(["ip", "addr", "replace", f"{there}/{128 if ':' in there else 32}", "dev", "lo"], check=True)
                one.connect((there, 9))
    for name in (os.path.join(scratch, f"{SECRET} path"), f"\0{SECRET}\0abstract", f"{SECRET}-relative"):
        one = open_one(socket.AF_UNIX, socket.SOCK_STREAM)
        os.chdir(scratch)
        one.bind(name)
        one.listen()
        open_one(socket.AF_UNIX, socket.SOCK_STREAM).connect(name)
    one = open_one(socket.AF_PACKET, socket.SOCK_RAW)
    one.bind((f"if{SECRET}", 3))
    open_one(socket.AF_NETLINK, socket.SOCK_RAW).bind((0, 1))
    vsock = open_one(40, socket.SOCK_STREAM)
    if vsock is not None:
        vsock.bind((0xffffffff, 5000))
        vsock.listen()
    pathlib.Path("/proc/self/comm").write_text(f"{SECRET}d", encoding="ascii")
    return made


def forbidden(live):
    """What must not be found, as bytes: names, and addresses as text, in network order and as /proc/net has them."""
    found = {SECRET.encode(), os.uname().nodename.encode()}
    for address in (HERE4, THERE4, HERE6, THERE6):
        packed = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
        words = b"".join(packed[i:i + 4][::-1] for i in range(0, len(packed), 4))
        found |= {address.encode(), packed, packed.hex().encode(), words.hex().upper().encode()}
    for row in live:
        for end in ("local", "foreign"):
            # Names of unix sockets; the kernel's own choices are five digits, and an address by number says nothing.
            if row["protocol"] == "unix" and row[end] and len(row[end]) > 8 and not row[end].startswith("inode:"):
                found.add(row[end].encode("utf-8", "surrogateescape").lstrip(b"@"))
    return {each for each in found if len(each) > 3}


def rows(inetctl, *words):
    done = subprocess.run([inetctl, "i", "all", "-a", "--ndjson", *words], capture_output=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.decode("utf-8", "surrogateescape").splitlines()]


KEPT = ("protocol", "family", "state", "type", "port", "local_port", "foreign_port", "recv_queue", "send_queue", "accept_queue",
        "accept_limit", "uid", "cookie", "peer_inode", "netlink_groups", "netlink_portid", "packet_protocol", "skmem_rcvbuf", "drops")
RENAMED = ("local_address", "foreign_address", "owner", "interface", "local", "foreign")


def shape(text):
    """What kind of thing a name is; digits and letters aside."""
    if not text:
        return text
    if text.startswith(("inode:", "@", "/")):
        return text[0]
    kind = "[" if ":" in text and "." not in text else "."
    return kind + ("%" if "%" in text else "")


def compare(whole, redacted):
    check("there are as many sockets", len(whole) == len(redacted), len(whole), len(redacted))
    one_for_one = {}
    for before, after in zip(whole, redacted):
        for key in KEPT:
            check(f"{key} stays", before[key] == after[key], before, after)
        for key in RENAMED:
            check(f"{key} is there or not", (before[key] is None) == (after[key] is None), before[key], after[key])
        for key in ("local_address", "foreign_address"):
            if before["family"] in ("inet", "inet6"):
                check(f"{key} keeps its kind", shape(before[key]) == shape(after[key]), before[key], after[key])
        for key in ("local_address", "foreign_address", "interface"):
            if before[key]:
                known = one_for_one.setdefault(before[key], after[key])
                check("the same name for the same", known == after[key], before[key], known, after[key])
        if before["protocol"] == "unix" and before["local"]:
            known = one_for_one.setdefault(("unix", before["local"]), after["local"])
            check("the same name for the same unix socket", known == after["local"] and shape(known) == shape(before["local"]),
                  before["local"], known, after["local"])
    values = list(one_for_one.values())
    check("different names for different ones", len(set(values)) == len(values), values)


def lives(owner):
    return owner is not None and os.path.exists("/proc/" + owner.split("/")[0])


def main():
    inetctl = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        made = scene(scratch)
        whole, redacted, small = (os.path.join(scratch, name) for name in ("whole", "redacted", "redacted.zst"))
        for _ in range(3):  # until nothing moved between the two
            subprocess.run([inetctl, "record", whole], check=True, timeout=60)
            said = subprocess.run([inetctl, "record", redacted, "--redact"], check=True, capture_output=True, timeout=60).stderr.decode()
            before, after = (rows(inetctl, "--fields", "all,-netns_name", "--from", file) for file in (whole, redacted))
            # The inspecting program's own socket is another one each time.
            before, after = ([row for row in each if row["protocol"] != "netlink" or lives(row["owner"])] for each in (before, after))
            if [row["port"] for row in before] == [row["port"] for row in after]:
                break
        compare(before, after)
        check("there is something of each family", {row["protocol"] for row in before} >= {"tcp", "udp", "unix", "raw", "netlink", "packet"},
              sorted({row["protocol"] for row in before}))
        left_out = re.search(r"cannot be redacted: (.*)", said)
        check("nothing of a socket is left out", left_out is None or not re.search(r"diag/|described/|net/(raw|unix|icmp|udp|tcp|packet|netlink)",
                                                                                  left_out[1]), said)
        subprocess.run([inetctl, "record", small, "--redact"], check=True, capture_output=True, timeout=60)
        bare = subprocess.run(["zstd", "-dc", small], capture_output=True, check=False).stdout if shutil.which("zstd") else b""
        original = pathlib.Path(whole).read_bytes()
        there = 0
        for secret in sorted(forbidden(before)):
            there += secret in original
            for what, text in (("", pathlib.Path(redacted).read_bytes()), ("compressed ", bare)):
                check(f"{secret!r} is not in the {what}recording", secret not in text)
        check("the search finds what is there", there > 20, there)
        del made
    return verdict("redact: nothing of the machine stays")


if __name__ == "__main__":
    sys.exit(main())
