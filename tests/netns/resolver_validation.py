#!/usr/bin/env python3
"""Validation by libunbound against a zone that knot signs, one that is not signed, wrong keys and silence.

usage: resolver_validation.py VALIDATE_NAME, in any network namespace: the test makes its own.
Exit status 77: it could not run here, and says why.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PORT = 5300


def skip(why):
    print(why)
    sys.exit(77)


def wait_for(server, name, seconds=20):
    """Until the server has the zone: knot signs it first."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = subprocess.run(
            ["dig", "@127.0.0.1", "-p", str(PORT), "+short", "+tries=1", "+time=1", name, "DNSKEY" if "signed" in name else "SOA"],
            capture_output=True, text=True).stdout.strip()
        if found and not found.startswith(";"):
            return found
        if server.poll() is not None:
            sys.exit("knotd ended")
        time.sleep(0.1)
    sys.exit(f"knotd has no {name} after {seconds} s")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def configure(place):
    zones = ""
    for name in ("signed.test", "localhost", "plain.test"):
        zone = write(f"{place}/{name}.zone", f"$ORIGIN {name}.\n$TTL 300\n@ SOA ns host 1 3600 600 86400 300\n"
                     "@ NS ns\nns A 127.0.0.1\nwww A 10.0.0.1\nww\\.w A 10.0.0.2\n_443._tcp.www TLSA 3 1 1 aabb\n")
        zones += f'  - domain: {name}.\n    file: "{zone}"\n'
        if name == "signed.test":
            zones += "    dnssec-signing: on\n    dnssec-policy: p\n    zonefile-sync: -1\n"
    os.mkdir(f"{place}/run")
    os.mkdir(f"{place}/db")
    return write(f"{place}/knot.conf", f"""server:
    rundir: "{place}/run"
    listen: 127.0.0.1@{PORT}
    user: root:root
database:
    storage: "{place}/db"
policy:
  - id: p
    algorithm: ecdsap256sha256
    single-type-signing: on
    nsec3: on
zone:
{zones}""")


def main():
    if not os.environ.get("INETCTL_TEST_NAMESPACE"):
        for tool in ("knotd", "dig", "unshare", "ip"):
            if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
                skip(f"there is no {tool}")
        if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
            skip("no network namespace can be made here")
        os.environ["INETCTL_TEST_NAMESPACE"] = "1"
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        os.execvp("unshare", ["unshare", "-rn", sys.executable, *sys.argv])
    validate_name = sys.argv[1]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as place:
        server = subprocess.Popen(["knotd", "-c", configure(place)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            check(validate_name, place, server)
        finally:
            server.terminate()
            server.wait(20)


def check(validate_name, place, server):
    key = wait_for(server, "signed.test")
    wait_for(server, "plain.test")
    anchor = write(f"{place}/anchor", f"signed.test. IN DNSKEY {key}\n")
    other = write(f"{place}/other", "signed.test. IN DS 1 13 2 " + 64 * "0" + "\n")
    garbage = write(f"{place}/garbage", "this is no key\n")
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", PORT + 1))
    failures = []

    def expect(start, name, kind="A", trusted=anchor, port=PORT, limit_ms=10000, least=0.0, most=15.0):
        begin = time.monotonic()
        run = subprocess.run([validate_name, name, kind, "127.0.0.1", str(port), trusted, str(limit_ms)],
                             capture_output=True, text=True, timeout=60)
        took = time.monotonic() - begin
        said = run.stdout.strip()
        if "libunbound.so.8: it is not installed" in said or "built without libunbound" in said:
            skip(said)
        print(f"{name} {kind}: {said} ({took:.2f} s)")
        if not said.startswith(start) or run.stderr or run.returncode or not least <= took <= most:
            failures.append((start, name, said, run.stderr, took))

    expect("secure", "www.signed.test")
    expect("secure", "nosuch.signed.test")  # that there is none is proved as well
    expect("secure", "www.signed.test", "MX")
    expect("secure", "_443._tcp.www.signed.test", "TLSA")
    expect("secure", "ww\\.w.signed.test")
    expect("insecure", "www.plain.test")
    expect("insecure", "www.localhost")
    expect("bogus", "www.signed.test", trusted=other)
    expect("error system", "www.elsewhere.example")  # the server refuses
    expect("error system", "www.signed.test", trusted=garbage)
    expect("error usage", "www.signed.test", trusted=f"{place}/nosuch")
    expect("error system validate www.signed.test A: there is no answer after 500 ms", "www.signed.test",
           port=PORT + 1, limit_ms=500, least=0.5, most=5)
    if failures:
        sys.exit("\n".join(map(str, failures)))


main()
