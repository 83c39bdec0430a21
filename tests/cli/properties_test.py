#!/usr/bin/env python3
"""Lays `inetctl parse` beside Python's ipaddress and the C library's inet_pton and inet_aton, on random texts.

usage: properties_test.py INETCTL [SEED [COUNT]]

The texts are addresses in many spellings, and such with a mistake or two. Status 77 where the C library is not glibc, whose
readers are the judges.
"""

import ipaddress
import platform
import random
import re
import socket
import sys

from inetctl_parse import Inetctl, Judge

MISTAKES = ["0", "00", ".", ":", "::", "x", "0x", "+", "-", "g", " ", "%", "%1", "%eth0", "/8", "1", "f", "\t", "é", "[",
            "]", "1.2.3.4", "~"]
EDGES = [0, 1, 2, 9, 10, 255, 256, 0x7fff, 0xfe80, 0xff02, 0xffff]


def random_v4(chance):
    edges = [0, 1, 0x7f000001, 0xffffffff]
    return ipaddress.IPv4Address(chance.choice([*edges, *(chance.getrandbits(32) for _ in edges)]))


def random_v6(chance):
    """Often with runs of zeros, and in the blocks that are special."""
    groups = [chance.choice([0, 0, 0, chance.getrandbits(16), chance.choice(EDGES)]) for _ in range(8)]
    if chance.random() < 0.2:
        groups[:6] = [0, 0, 0, 0, 0, chance.choice([0, 0xffff])]
    return ipaddress.IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))


def spelling(chance, address):
    """The same address as somebody else might write it, for a strict reader."""
    if address.version == 4:
        return str(address)
    groups = address.exploded.split(":")
    if chance.random() < 0.5:
        groups = [group.lstrip("0") or "0" for group in groups]
    tail = [str(ipaddress.IPv4Address(address.packed[12:]))] if chance.random() < 0.3 else []
    if tail:
        groups = groups[:6]
    runs = [(first, last) for first in range(len(groups)) for last in range(first + 1, len(groups) + 1)
            if all(int(group, 16) == 0 for group in groups[first:last])]
    if runs and chance.random() < 0.7:
        first, last = chance.choice(runs)
        text = ":".join(groups[:first]) + "::" + ":".join(groups[last:] + tail)
    else:
        text = ":".join(groups + tail)
    return chance.choice([str, str.upper, str.lower])(text)


def loose_v4(chance):
    """As inet_aton might read it: few fields, octal, hexadecimal."""
    fields = []
    for _ in range(chance.randint(1, 4)):
        value = chance.choice([0, 1, 8, 127, 255, 256, 65535, 65536, 0xffffff, 0x1000000, 0xffffffff, 0x100000000,
                               chance.getrandbits(8)])
        fields.append(chance.choice(["{}", "0{:o}", "000{:o}", "0x{:x}", "0X{:X}", "0x00{:x}", "{:03}"]).format(value))
    return ".".join(fields)


def mistaken(chance, text):
    pieces = list(text)
    for _ in range(chance.randint(1, 2)):
        at = chance.randint(0, len(pieces))
        if pieces and chance.random() < 0.4:
            del pieces[min(at, len(pieces) - 1)]
        else:
            pieces.insert(at, chance.choice(MISTAKES))
    return "".join(pieces)


def random_texts(chance, count):
    for _ in range(count):
        text = chance.choice([lambda: spelling(chance, random_v4(chance)), lambda: spelling(chance, random_v6(chance)),
                              lambda: loose_v4(chance)])()
        yield mistaken(chance, text) if chance.random() < 0.6 else text


def libc_pton(text):
    for family, kind in ((socket.AF_INET, ipaddress.IPv4Address), (socket.AF_INET6, ipaddress.IPv6Address)):
        try:
            return kind(socket.inet_pton(family, text))
        except OSError:
            pass
    return None


def libc_aton(text):
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def rfc5952(address):
    """Python before 3.13 writes the IPv4 address in a mapped one as two groups."""
    if address.version == 6 and address.ipv4_mapped:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def address_of(row):
    return ipaddress.ip_address(row["canonical"]) if row["canonical"] else None


def expected_note(text, ours, pton, aton):
    """What the note says of how the two others read the text."""
    def reading(name, theirs):
        return f"{name} refuses it" if theirs is None else f"{name} reads {rfc5952(theirs)}"
    silent = aton is None and ":" in text  # inet_aton knows no IPv6
    if pton == ours and (silent or aton == ours):
        return None
    if silent:
        return reading("inet_pton", pton)
    if pton is None and aton is None:
        return "inet_pton and inet_aton refuse it"
    return f"{reading('inet_pton', pton)}, {reading('inet_aton', aton)}"


def check_readers(inetctl, judge, texts):
    strict = inetctl.rows(["--fn", "strict"], texts)
    sane = inetctl.rows(["--fn", "strict", "--no-quirks"], texts)
    loose = inetctl.rows(["--fn", "ipv4"], texts)
    either = inetctl.rows([], texts)
    for text, strict_row, sane_row, loose_row, row in zip(texts, strict, sane, loose, either):
        pton, aton = libc_pton(text), libc_aton(text)
        judge.expect(address_of(sane_row) == pton, f"{text!r} without quirks: {sane_row['ok']}, inet_pton {pton}")
        quirk = re.search(r"[-+%]", text)
        judge.expect(address_of(strict_row) == pton or quirk, f"{text!r} strictly: {strict_row['ok']}, inet_pton {pton}")
        # Blanks and what follows them inet_aton ignores; zeros behind 0x are stripped by inet, and none is left.
        other = quirk or re.search(r"\s", text) or re.search(r"0[xX]0*(\.|$)", text)
        judge.expect(address_of(loose_row) == aton or other, f"{text!r} loosely: {loose_row['ok']}, inet_aton {aton}")
        if pton:
            judge.expect(row["canonical"] == rfc5952(pton), f"{text!r}: {row['canonical']}, not {rfc5952(pton)}")
        if not (row["note"] or "").startswith("a block"):
            note = expected_note(text, address_of(row), pton, aton)
            judge.expect(row["note"] == note, f"{text!r}: the note is {row['note']!r}, not {note!r}")


def check_facts(inetctl, judge, addresses):
    rows = inetctl.rows(["--fields", "canonical,expanded,integer,hex,reverse"], [str(address) for address in addresses])
    for address, row in zip(addresses, rows):
        facts = {"canonical": rfc5952(address), "expanded": address.exploded, "integer": int(address),
                 "hex": f"0x{int(address):0{address.max_prefixlen // 4}x}", "reverse": address.reverse_pointer}
        judge.expect(row == facts, f"{address}: {row}, not {facts}")


def check_networks(inetctl, judge, chance, addresses):
    texts, networks = [], []
    for address in addresses:
        length = chance.randint(0, address.max_prefixlen)
        texts.append(f"{address}/{length}")
        networks.append(ipaddress.ip_network(texts[-1], strict=False))
    for text, network, row in zip(texts, networks, inetctl.rows(["--network"], texts)):
        facts = {"network": f"{rfc5952(network.network_address)}/{network.prefixlen}", "prefix_length": network.prefixlen,
                 "netmask": str(network.netmask), "first": rfc5952(network[0]), "last": rfc5952(network[-1]),
                 "count": network.num_addresses}
        got = {key: row[key] for key in facts}
        judge.expect(got == facts, f"{text}: {got}, not {facts}")


def check_sets(inetctl, judge, chance):
    """The fewest blocks that are a set, and what is in it."""
    for version in (4, 6):
        bits = 32 if version == 4 else 128
        kind, network = (ipaddress.IPv4Address, ipaddress.IPv4Network) if version == 4 else \
            (ipaddress.IPv6Address, ipaddress.IPv6Network)
        base = chance.getrandbits(bits - 12) << 12
        networks = [network((base | chance.getrandbits(12), chance.randint(bits - 10, bits)), strict=False)
                    for _ in range(60)]
        rows = inetctl.some_rows(["--aggregate"], [str(n) for n in networks])
        fewest = [str(n) for n in ipaddress.collapse_addresses(networks)]
        judge.expect([row["network"] for row in rows] == fewest, f"aggregate of {networks}: {rows}, not {fewest}")
        addresses = [kind(base | chance.getrandbits(12)) for _ in range(300)]
        inside = [str(a) for a in addresses if any(a in n for n in networks)]
        flags = [word for n in networks for word in ("--in", str(n))]
        rows = inetctl.some_rows([*flags, "--fields", "canonical"], [str(a) for a in addresses])
        got = [row["canonical"] for row in rows]
        judge.expect(got == inside, f"--in: {got}, not {inside}")


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    if platform.libc_ver()[0] != "glibc":
        print("properties: skipped: the C library is not glibc")
        return 77
    inetctl, judge = Inetctl(sys.argv[1]), Judge("properties")
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    addresses = [chance.choice([random_v4, random_v6])(chance) for _ in range(count // 10)]
    check_readers(inetctl, judge, list(random_texts(chance, count)))
    check_facts(inetctl, judge, addresses)
    check_networks(inetctl, judge, chance, addresses)
    check_sets(inetctl, judge, chance)
    return judge.verdict()


if __name__ == "__main__":
    sys.exit(main())
