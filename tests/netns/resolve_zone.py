#!/usr/bin/env python3
"""Every type of record from a real server (knot): what `inetctl resolve` prints beside dig's and kdig's answers.

usage: resolve_zone.py INETCTL. Exit status 77: it could not run here, and says why.
"""

import ipaddress
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from dns_fixture import own_namespace

PORT = 5300
RECORDS = r"""
@ SOA ns1 host\.master 2024010101 3600 600 86400 300
@ NS ns1
@ NS ns2.other.example.
ns1 A 192.0.2.1
a A 192.0.2.7
a A 192.0.2.8
aaaa AAAA 2001:db8::7
aaaa AAAA ::ffff:192.0.2.9
cname CNAME a
mx MX 10 mail
mx MX 0 .
txt TXT "plain" "two words" "quote \" backslash \\ semicolon ;" "\001\200bytes"
txt TXT ""
spf SPF "v=spf1 -all"
srv SRV 1 2 443 a
ptr PTR a
caa CAA 0 issue "ca.example; account=7"
caa CAA 128 iodef "mailto:x@example.org"
naptr NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:info@example.com!" _sip._udp
uri URI 10 1 "https://example.org/a b"
svcb SVCB 0 a
svcb SVCB 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1 mandatory=alpn,port
https HTTPS 1 . alpn=h2 no-default-alpn ech=AEX+DQA=
https HTTPS 16 foo.example.net. key667=hello
ds DS 12345 13 2 49FD46E6C4B45C55D4AC 69CB81EF2B8B4F3D66D3B1A9AF4B4C0B4DD6F5D2C9A1
dnskey DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
tlsa TLSA 3 1 1 49FD46E6C4B45C55D4AC69CB81EF2B8B4F3D66D3B1A9AF4B4C0B4DD6F5D2C9A1
sshfp SSHFP 4 2 49FD46E6C4B45C55D4AC69CB81EF2B8B4F3D66D3B1A9AF4B4C0B4DD6F5D2C9A1
smimea SMIMEA 3 0 1 49FD46E6C4B45C55
hinfo HINFO "PC" "Linux 6"
minfo MINFO rm em
rp RP mbox txt
afsdb AFSDB 1 a
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
loc LOC 42 21 54.500 S 71 06 18.000 W 24m 30m
kx KX 10 a
cert CERT PKIX 1 5 aabbccdd
dname DNAME other.example.
cds CDS 12345 13 2 49FD46E6C4B45C55D4AC69CB81EF2B8B4F3D66D3B1A9AF4B4C0B4DD6F5D2C9A1
cdnskey CDNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
openpgpkey OPENPGPKEY aabbccddeeff
csync CSYNC 66 3 A NS AAAA
dhcid DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
apl APL 1:192.0.2.0/24 !2:2001:db8::/32
ipseckey IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
nid NID 10 0014:4fff:ff20:ee64
l32 L32 10 10.1.2.0
l64 L64 10 2001:0db8:1140:1000
lp LP 10 l64
eui48 EUI48 00-00-5e-00-53-2a
eui64 EUI64 00-00-5e-ef-10-00-00-2a
zonemd ZONEMD 2018031500 1 1 49FD46E6C4B45C55D4AC69CB81EF2B8B4F3D66D3B1A9AF4B4C0B4DD6F5D2C9A1FEBE2C62B5C8F4D3A1B2C3D4E5F60718
private TYPE65280 \# 4 0a0b0c0d
odd\.label A 192.0.2.60
*.wild TXT "wild"
"""
# Names whose owner has several types, or is no plain label.
EXTRA = [("odd\\.label", "A"), ("x.wild", "TXT"), ("a", "AAAA"), ("nosuch", "A"), ("cname", "A"), ("a", "TYPE1"),
         ("x.dname", "A"), ("A", "a")]
JUDGES = (["dig", "+nosplit"], ["kdig"])


def configure(place):
    zone = pathlib.Path(place, "zone")
    zone.write_text(f"$ORIGIN test.\n$TTL 300\n{RECORDS}", encoding="utf-8")
    for folder in ("run", "db"):
        os.mkdir(f"{place}/{folder}")
    config = pathlib.Path(place, "knot.conf")
    config.write_text(f"""server:
    rundir: "{place}/run"
    listen: 127.0.0.1@{PORT}
    user: root:root
database:
    storage: "{place}/db"
zone:
  - domain: test.
    file: "{zone}"
    semantic-checks: soft
""", encoding="utf-8")
    return config


def judge(command, name, kind):
    """(data, TTL) of the answers of this type, as dig or kdig prints them, sorted; not those of a CNAME on the way."""
    done = subprocess.run([*command, "@127.0.0.1", "-p", str(PORT), "+noall", "+answer", name, kind], capture_output=True,
                          text=True, timeout=20, check=False)
    wanted = "A" if kind == "TYPE1" else kind.upper()
    records = [line.split(None, 4) for line in done.stdout.splitlines() if line and not line.startswith(";")]
    return sorted((meaning(wanted, data), int(ttl)) for _, ttl, _, own, data in records if own == wanted)


def number(word):
    """"4", "04.000" and "4.00m" are one number."""
    try:
        return f"{float(word.removesuffix('m')):g}"
    except ValueError:
        return word


def network(word):
    """An address list's item with its address in one form."""
    family, _, block = word.partition(":")
    address, _, length = block.partition("/")
    return f"{family}:{ipaddress.ip_address(address)}/{length}"


# Where the judges spell the same differently, from us or from each other.
MEANINGS = {
    "SVCB": lambda data: data.replace('"', ""),
    "HTTPS": lambda data: data.replace('"', ""),
    "LOC": lambda data: " ".join(map(number, data.split())),
    "CERT": lambda data: data.replace("PKIX", "1").replace("RSASHA1", "5"),
    "APL": lambda data: " ".join(map(network, data.split())),
    "NID": lambda data: re.sub(r"\b0+(?=[0-9a-f])", "", data.lower()),
    "L64": lambda data: re.sub(r"\b0+(?=[0-9a-f])", "", data.lower()),
}


def meaning(kind, data):
    """Without what differs between programs: blanks and case in hexadecimal and base 64, and the spellings above."""
    data = MEANINGS.get(kind, str)(data)
    return data.strip() if '"' in data else re.sub(r"\s+", "", data).lower()


def main():
    inetctl = str(pathlib.Path(sys.argv[1]).resolve())
    for program in ("knotd", "dig", "kdig"):
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin"):
            print(f"no {program} here")
            sys.exit(77)
    own_namespace(("--net",))
    with tempfile.TemporaryDirectory() as place:
        knot = shutil.which("knotd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        server = subprocess.Popen([knot, "-c", str(configure(place))], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            until = time.monotonic() + 20
            while not judge(["dig", "+tries=1", "+time=1"], "test.", "SOA"):
                if server.poll() is not None or time.monotonic() > until:
                    sys.exit(f"knotd has no zone: {server.stderr.read().decode()}")
                time.sleep(0.1)
            compare(inetctl)
        finally:
            server.terminate()
            server.wait(20)


def compare(inetctl):
    questions = []
    for line in RECORDS.strip().splitlines():
        owner, kind, _ = line.split(None, 2)
        name = "test." if owner == "@" else f"{owner}.test."
        if "*" not in name and (name, kind) not in questions:
            questions.append((name, kind))
    questions += [(f"{owner}.test.", kind) for owner, kind in EXTRA]
    problems = []
    for name, kind in questions:
        done = subprocess.run([inetctl, "resolve", "--server", f"127.0.0.1:{PORT}", "--type", kind, "--json", "--", name],
                              capture_output=True, text=True, timeout=20, check=False)
        rows = json.loads(done.stdout)["rows"]
        ours = sorted((meaning(row["type"], row["data"]), row["ttl"]) for row in rows if not row["error"])
        for command in JUDGES:
            theirs = judge(command, name, kind)
            if ours != theirs:
                problems.append(f"{name} {kind}: {ours}, but {command[0]} says {theirs}")
        expected = 0 if ours else 1
        if done.returncode != expected:
            problems.append(f"{name} {kind}: status {done.returncode}, not {expected}: {done.stdout}")
    print(f"{len(questions)} questions, {len(problems)} differences")
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
