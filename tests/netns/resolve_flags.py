#!/usr/bin/env python3
"""What the flags of `resolve` bring from a real server (knot): validation, the server's name, cookies, TLS, a client's
network, names in other scripts, and what --trace and --search-trace tell.

usage: resolve_flags.py INETCTL. Exit status 77: it could not run here, and says why.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

from checks import check, verdict
from dns_fixture import own_namespace
from resolve_tls import make_certificates

PORT, TLS_PORT = 5300, 8530
RECORDS = """@ SOA ns1 h 1 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.1
a A 192.0.2.7
a AAAA 2001:db8::7
xn--mnchen-3ya A 192.0.2.70
mx MX 10 xn--mnchen-3ya
private TYPE65280 \\# 3 010203
"""


def configure(place):
    zones = ""
    for name in ("signed.test", "plain.test"):
        zone = pathlib.Path(place, name)
        zone.write_text(f"$ORIGIN {name}.\n$TTL 300\n{RECORDS}", encoding="utf-8")
        signing = "    dnssec-signing: on\n    dnssec-policy: p\n    module: mod-cookies\n    zonefile-sync: -1\n"
        zones += f"  - domain: {name}.\n    file: \"{zone}\"\n{signing if name == 'signed.test' else ''}"
    for folder in ("run", "db"):
        os.mkdir(f"{place}/{folder}")
    config = pathlib.Path(place, "knot.conf")
    config.write_text(f"""server:
    rundir: "{place}/run"
    listen: 127.0.0.1@{PORT}
    user: root:root
    nsid: 0x6b6e6f741b5b33316d
database:
    storage: "{place}/db"
policy:
  - id: p
    algorithm: ecdsap256sha256
    single-type-signing: on
zone:
{zones}""", encoding="utf-8")
    return config


def await_zones(place, server):
    """Until both are served; the keys of the one that is signed, as a trust anchor."""
    dig = ["dig", "@127.0.0.1", "-p", str(PORT), "+tries=1", "+time=1", "+noall", "+answer"]
    end = time.monotonic() + 20
    while time.monotonic() < end and server.poll() is None:
        keys = subprocess.run([*dig, "signed.test", "DNSKEY"], capture_output=True, text=True, check=False).stdout
        plain = subprocess.run([*dig, "plain.test", "SOA"], capture_output=True, text=True, check=False).stdout
        if "DNSKEY" in keys and "SOA" in plain:
            anchor = pathlib.Path(place, "anchor")
            anchor.write_text(keys, encoding="utf-8")
            return anchor
        time.sleep(0.1)
    sys.exit("resolve_flags: knotd does not serve")


def serve_tls(folder):
    """DNS over TLS in front of the server's TCP."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "good.pem", folder / "good.key")
    listener = socket.create_server(("127.0.0.1", TLS_PORT))

    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        sink.close()

    def accept():
        while True:
            connection, _ = listener.accept()
            try:
                secured = context.wrap_socket(connection, server_side=True)
            except OSError:
                continue
            plain = socket.create_connection(("127.0.0.1", PORT))
            for one, other in ((secured, plain), (plain, secured)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


class Resolver:
    def __init__(self, inetctl):
        self.inetctl = inetctl

    def run(self, *words, port=PORT):
        return subprocess.run([self.inetctl, "resolve", "--server", f"127.0.0.1:{port}", *words], capture_output=True,
                              text=True, timeout=60, check=False)

    def rows(self, *words, status=0, port=PORT):
        done = self.run(*words, "--ndjson", port=port)
        check(f"{words} ends with {status}", done.returncode == status, done)
        return [json.loads(line) for line in done.stdout.splitlines()]


def validates(resolver, anchor, place):
    both = resolver.rows("a.signed.test", "--trust-anchor", str(anchor))
    check("both families are secure", {(row["address"], row["dnssec"]) for row in both} ==
          {("192.0.2.7", "secure"), ("2001:db8::7", "secure")}, both)
    check("validation is no part of the time that a query took", all(row["rtt_us"] < 1_000_000 for row in both), both)
    none = resolver.rows("nosuch.signed.test", "--type", "a", "--trust-anchor", str(anchor), status=1)
    check("that there is none is proved", [(row["error"], row["dnssec"]) for row in none] == [("nxdomain", "secure")], none)
    plain = resolver.rows("a.plain.test", "--type", "a", "--trust-anchor", str(anchor))
    check("what is not signed is insecure", [row["dnssec"] for row in plain] == ["insecure"], plain)
    other = pathlib.Path(place, "other")
    other.write_text("signed.test. IN DS 1 13 2 " + 64 * "0" + "\n", encoding="utf-8")
    bogus = resolver.rows("a.signed.test", "--trust-anchor", str(other), status=4)
    check("what does not validate is bogus, and none of it is lost",
          {(row["address"], row["dnssec"], row["error"]) for row in bogus} ==
          {("192.0.2.7", "bogus", "bogus"), ("2001:db8::7", "bogus", "bogus")}, bogus)
    table = resolver.run("a.signed.test", "--type", "a", "--trust-anchor", str(anchor))
    check("a table has a column for it", re.search(r" DNSSEC Error\n.* secure -\n", table.stdout), table)


def tells_of_the_server(resolver):
    named = resolver.rows("a.signed.test", "--type", "a", "--nsid")
    check("the server's name", [row["nsid"] for row in named] == ["knot\x1b[31m"], named)
    table = resolver.run("a.signed.test", "--type", "a", "--nsid")
    check("it cannot speak to a terminal", "NSID" in table.stdout and "\x1b" not in table.stdout, table)
    traced = resolver.run("a.signed.test", "--type", "a", "--cookie", "--trace", "-H")
    check("a cookie is asked for, and sent", re.findall(r": ([A-Z]+) [\d.]+ ms", traced.stderr) == ["BADCOOKIE", "NOERROR"],
          traced)
    network = resolver.rows("a.signed.test", "--type", "a", "--subnet", "198.51.100.0/24")
    check("a client's network does no harm", [row["address"] for row in network] == ["192.0.2.7"], network)


def reads_names(resolver):
    town = resolver.rows("MÜNCHEN.signed.test", "--type", "a")
    check("a name in another script", [row["address"] for row in town] == ["192.0.2.70"], town)
    mx = resolver.rows("mx.signed.test", "--type", "mx", "--fields", "data,unicode")
    check("a name of another script stays as it is in data", mx[0]["data"] == "10 xn--mnchen-3ya.signed.test.", mx)
    private = resolver.rows("private.signed.test", "--type", "TYPE65280")
    check("a type without a name", [row["data"] for row in private] == ["\\# 3 010203"], private)
    searched = resolver.run("a", "--search", "none.signed.test", "--search", "plain.test", "--type", "a", "--search-trace")
    check("the names that were tried", "searched: a.none.signed.test. a.plain.test." in searched.stdout
          and searched.returncode == 0, searched)


def says_why(resolver):
    """An extended error (RFC 8914) of a server that fails: its code in words, its text harmless."""
    why = b"expired \x1b[31m"
    option = struct.pack(">HHH", 15, 2 + len(why), 7) + why
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            for _ in range(4):  # with EDNS and without, for each of two lookups
                query, peer = server.recvfrom(4096)
                end = query.index(b"\0", 12) + 5
                edns = b"\0" + struct.pack(">HHIH", 41, 1232, 0, len(option)) + option
                server.sendto(query[:2] + struct.pack(">HHHHH", 0x8182, 1, 0, 0, 1) + query[12:end] + edns, peer)

        threading.Thread(target=serve, daemon=True).start()
        words = ["a.test", "--type", "a", "--edns", "1232", "--retry", "1"]
        rows = resolver.rows(*words, port=server.getsockname()[1], status=4)
        check("an extended error", [row["ede"] for row in rows] == [["Signature Expired: expired \x1b[31m"]], rows)
        table = resolver.run(*words, port=server.getsockname()[1])
        check("it is told, and harmless", "Signature Expired: expired \\x1b[31m" in table.stdout, table)


def speaks_tls(resolver, folder):
    os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
    serve_tls(folder)
    rows = resolver.rows("a.signed.test", "--type", "a", "--tls", port=TLS_PORT)
    check("by TLS", [(row["address"], row["transport"]) for row in rows] == [("192.0.2.7", "tls")], rows)
    rows = resolver.rows("a.signed.test", "--tls-name", "dns.test", port=TLS_PORT)
    check("by TLS and a name", {row["address"] for row in rows} == {"192.0.2.7", "2001:db8::7"}, rows)
    os.environ["SSL_CERT_FILE"] = os.devnull
    rows = resolver.rows("a.signed.test", "--type", "a", "--tls", port=TLS_PORT, status=4)
    check("nobody is trusted without an authority", [row["error"] for row in rows] == ["untrusted"], rows)
    rows = resolver.rows("a.signed.test", "--type", "a", "--tls", "--tls-unverified", port=TLS_PORT)
    check("unless it is said", [row["address"] for row in rows] == ["192.0.2.7"], rows)


def main():
    own_namespace()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool in ("knotd", "dig", "openssl"):
        if not shutil.which(tool):
            print(f"resolve_flags: skipped: there is no {tool}")
            sys.exit(77)
    resolver = Resolver(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        make_certificates(folder)
        server = subprocess.Popen(["knotd", "-c", str(configure(place))], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            anchor = await_zones(place, server)
            if "libunbound" in resolver.run("a.signed.test", "--trust-anchor", str(anchor)).stdout:
                print("resolve_flags: without libunbound nothing is validated")
            else:
                validates(resolver, anchor, place)
            tells_of_the_server(resolver)
            reads_names(resolver)
            says_why(resolver)
            speaks_tls(resolver, folder)
        finally:
            server.terminate()
            server.wait(20)
    sys.exit(verdict("resolve_flags: all holds"))


if __name__ == "__main__":
    main()
