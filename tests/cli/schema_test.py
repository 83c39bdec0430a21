#!/usr/bin/env python3
"""Validates what INETCTL prints as JSON against the schemas that it generates.

usage: schema_test.py INETCTL [MAKE_SOCKETS]

Every command with rows, with several choices of fields, on this machine and on a population of sockets made for it;
as a document and as lines. What changes sockets meets the population alone. Status 77 where python3-jsonschema is
missing.
"""

import json
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("SKIP: no python3-jsonschema")
    sys.exit(77)

DATA = str(pathlib.Path(__file__).resolve().parent.parent / "data" / "diff")
TEXTS = ["127.1", "010.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "2001:0:1:2:3:4:5:6", "fe80::0211:22ff:fe33:4455"]
FLAGS = {
    "parse": [TEXTS, [*TEXTS, "1.2.3.256", "", "\x1b[1m"], ["--fields", "all", *TEXTS, "10.0.0.0/8"],
              ["--network", "10.0.0.0/8", "::/0", "1.2.3.4-1.2.3.9", "1.2.3.4/33"], ["-c", *TEXTS],
              ["--in", "::/0", "--in", "127.0.0.0/8", "--fields", "all", *TEXTS], ["--aggregate", "10.0.0.1-10.0.0.9", "::1"],
              ["--grep", "--fields", "all", "at 10.0.0.1:80"], ["--fn", "is_ip_address", "{1,2,3,4}", "1.2.3.4"],
              ["--fn", "ntoa", "{1,2,3,4}", "{0,0,0,0,0,0,0,2}", "{1}"], ["--sort", "-integer", *TEXTS]],
    "i": [[], ["-a"], ["-tulpn"], ["-tanp"], ["-o", "-e", "-m", "-i"], ["--fields", "all"], ["--fields", "+rtt_us,-port"],
          ["--fields", "state,owners,local,foreign,drops"], ["--sort", "-local_port"], ["-l"], ["state", "all"], ["--count-by", "state,owner.comm"],
          ["--all-netns"], ["-N", "/proc/self/ns/net"], ["--all-netns", "--count-by", "netns_name,protocol"],
          ["all", "-e", "-m"], ["-x", "--fields", "all"], ["netlink", "packet", "-e"], ["--count-by", "protocol,type", "all"],
          ["-s"], ["-s", "--all-netns"], ["-s", "-N", "/proc/self/ns/net", "tcp", "--fields", "all"]],
    "hostname": [[], ["--fields", "all"]],
    "get-rc": [[], ["--changed", "--otp", "27"], ["--fields", "all", "--sort", "setting"]],
    "resolve": [["--lookup", "file", "localhost", "nosuch.invalid"], ["--fields", "all", "127.0.0.1", "--lookup", "file"],
                ["--services", "--fields", "all", "--forward", "127.0.0.1", "::1"], ["--server", "127.0.0.1:9", "--type", "a,mx", "x.test"],
                ["--compare", "--server", "127.0.0.1:9", "localhost", "--fields", "all"],
                ["--server", "127.0.0.1:9", "--fields", "+attempts,searched", "--search", "a.test", "x"]],
    "strerror": [[], ["enoent", "-2", "nxdomain"], ["--sort", "-errno"]],
    "getifaddrs": [[], ["-s", "-d"], ["--fields", "all"], ["--sort", "-name"], ["--all-netns"],
                   ["--rate", "0.05", "--count", "2"]],
    "info": [["state", "all"], ["state", "listening", "--fields", "all"], ["--decode", "linux", "01000000"],
             ["--decode", "windows:v2", "04000000b4050000", "--fields", "+rtt_us"]],
    "stat": [["state", "all"], ["--proto"], ["--proto", "tcp", "--interval", "0.05", "--rounds", "2"],
             ["--interval", "0.05", "--rounds", "2", "state", "all"], ["--sizes", "1,2,3"], ["state", "all", "--fields", "all"]],
    "getopts": [["state", "all"], ["--changed", "state", "all"], ["state", "all", "nodelay", "raw:6:11:92", "SO_BINDTODEVICE"],
                ["state", "all", "--fields", "all"]],
    "setopts": [["state", "connected", "nodelay=true", "TCP_LINGER2=130", "active=true", "raw:6:999=hex:01", "--dry-run"],
                ["state", "connected", "nodelay=true", "TCP_LINGER2=130", "SO_RCVBUF=9k", "--yes", "--fields", "all"]],
    "close": [["--dry-run", "state", "connected"], ["--dry-run", "state", "connected", "--fields", "+uid,+cookie"]],
    "diff": [[f"{DATA}/sockets-before.json", f"{DATA}/sockets-after.json"],
             [f"{DATA}/options-before.json", f"{DATA}/options-after.json", "--fields", "all"]],
    "monitor": [["--initial", "--timeout", "10ms"], ["--initial", "--timeout", "10ms", "--fields", "all", "--source", "polling"]],
    "wait": [["state", "all", "--timeout", "200ms"], ["--gone", "inode", "=", "1"]],
    "setopt-probe": [["--all"], ["--all", "--on", "tcp", "--range", "--lengths", "--extract", "0:u32", "--fields", "all"],
                     ["--list"], ["nodelay=true", "active=true", "--allow", "runtime"]],
}
CHANGES_SOCKETS = {"setopts", "close"}


def no_twins(pairs):
    """An object with a key twice is legal JSON and still wrong."""
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key occurs twice: {keys}"
    return dict(pairs)


def loads(text):
    return json.loads(text, object_pairs_hook=no_twins)


def output_of(words):
    """Standard output as text; it must be valid UTF-8."""
    done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    # 1 is a negative answer: a filter that matches nothing, on a machine without sockets; a text that is no address;
    # a difference; a name that nobody knows. 4 is what a machine without name servers says of any name.
    negative = done.returncode == 1 and any(word in words for word in ("state", "parse", "diff", "resolve"))
    if done.returncode != 0 and not negative and not (done.returncode == 4 and "resolve" in words):
        raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def validator_for(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def enums_of(schema):
    """The keys of fields, members of others included, that are one of some words."""
    for key, field in schema.get("properties", {}).items():
        if "enum" in field or "enum" in field.get("items", {}):
            yield key
        yield from enums_of(field)
        yield from enums_of(field.get("items", {}))


class Checker:
    """One command's schema, and what went wrong against it."""

    def __init__(self, inetctl, name, schema):
        self.inetctl = inetctl
        self.name = name
        self.document = validator_for(schema)
        self.row = validator_for(schema["properties"]["rows"]["items"])
        self.enums = set(enums_of(schema["properties"]["rows"]["items"]))
        self.seen = set()
        self.shapes = set()
        self.known = set()
        self.rows = 0
        self.failures = 0

    def complain(self, words, validator, value):
        for error in list(validator.iter_errors(value))[:3]:
            print(f"FAIL {' '.join(words)}: at {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
            self.failures += 1

    def likeness(self, key, value):
        """All that a schema can tell about a value: two that are alike are both valid, or neither is."""
        if isinstance(value, list):
            return frozenset(self.likeness(key, one) for one in value)
        if isinstance(value, dict):
            return tuple((member, self.likeness(member, one)) for member, one in value.items())
        return value if key in self.enums else (type(value), isinstance(value, (int, float)) and value < 0)

    def check_row(self, words, row):
        """In full where there is something new in it: a schema judges each field by itself, and the keys together."""
        alike = {(key, self.likeness(key, value)) for key, value in row.items()}
        if tuple(row) not in self.shapes or not alike <= self.known:
            self.complain(words, self.row, row)
            self.shapes.add(tuple(row))
            self.known |= alike

    def check(self, before, words):
        """As a document and as lines: both valid, and every row with the same keys in the same order."""
        document = loads(output_of([*before, *words, "--json"]))
        lines = [loads(line) for line in output_of([*before, *words, "--ndjson"]).splitlines()]
        self.complain(words, self.document, {**document, "rows": []})
        for row in [*document["rows"], *lines]:
            self.check_row(words, row)
        shapes = {tuple(row) for row in document["rows"] + lines}
        if len(shapes) > 1:
            print(f"FAIL {' '.join(words)}: rows have different keys: {sorted(shapes)[:2]}")
            self.failures += 1
        self.rows += len(document["rows"]) + len(lines)
        for row in document["rows"]:
            self.seen.update(key for key, value in row.items() if value is not None)


def commands_of(inetctl):
    listing = output_of([inetctl, "help"]).split("Commands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\S+)", listing, re.MULTILINE)


def schema_of(inetctl, name):
    """None for a command without rows."""
    done = subprocess.run([inetctl, "generate", "schema", name], capture_output=True, check=False)
    return loads(done.stdout.decode()) if done.returncode == 0 else None


def schema_is_strict(checker):
    """A schema that takes anything proves nothing: it must refuse what is wrong."""
    good = {"schema": f"inetctl/{checker.name}/1", "time": "2026-01-01T00:00:00Z", "rows": [{}], "notes": []}
    bad = [{**good, "schema": "x"}, {**good, "more": 1}, {**good, "rows": [{"no_such_field": 1}]}, {**good, "notes": [1]},
           {key: value for key, value in good.items() if key != "rows"}]
    assert checker.document.is_valid(good), "the schema refuses an empty row"
    for document in bad:
        assert not checker.document.is_valid(document), f"the schema takes {document}"


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    inetctl = sys.argv[1]
    surroundings = [[]]
    if len(sys.argv) > 2:
        made = [sys.argv[2], "mixed", "1", "--"]
        probe = subprocess.run([*made, "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            surroundings.append(made)
        else:
            print(f"SKIP the made population: {probe.stderr.decode(errors='replace').strip()}")

    failures = 0
    for name in commands_of(inetctl):
        schema = schema_of(inetctl, name)
        if schema is None:
            continue
        checker = Checker(inetctl, name, schema)
        schema_is_strict(checker)
        for before in surroundings:
            if name in CHANGES_SOCKETS and not before:
                continue
            for flags in FLAGS.get(name, [[]]):
                checker.check(before, [inetctl, name, *flags])
        about = Checker(inetctl, "fields", schema_of(inetctl, "fields"))
        about.check([], [inetctl, name, "--fields", "help"])
        keys = set(schema["properties"]["rows"]["items"]["properties"])
        print(f"{name}: {checker.rows} rows valid; {len(checker.seen)} of {len(keys)} fields had a value")
        failures += checker.failures + about.failures
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
