#!/usr/bin/env python3
"""Asks `inetctl parse` what other projects test their readers of addresses with, tests/data/conformance.

usage: conformance_test.py INETCTL [--list]

Where inet's grammar differs from theirs, differences.json says so, text by text, with the reason of each group. A
difference that is not listed fails, and so does one that is listed and no longer is; --list prints the present ones. What
Erlang 25 said of the same texts has to agree without exception.
"""

import collections
import json
import pathlib
import sys

from inetctl_parse import FUNCTIONS, Inetctl, Judge

DATA = pathlib.Path(__file__).parents[1] / "data/conformance"
FILES = ["cares_inet_net_pton", "erlang_inet_SUITE", "glibc_inet_aton", "glibc_inet_pton", "go_net_ip", "rfc_text",
         "whatwg_url_host"]


def question(vector):
    """(flags, text): how a case of that kind is put to us."""
    text = vector["in"]
    if vector["kind"] == "erl":
        return ["--fn", vector["func"]], text
    if vector["kind"] == "aton":
        return ["--fn", "ipv4"], text
    if vector["kind"] == "net_pton":
        return ["--fn", "strict", "--network"], text
    if vector["kind"] == "url-host":  # brackets are the URL's, not the address's
        bracketed = text.startswith("[") and text.endswith("]")
        return (["--fn", "ipv6-strict"], text[1:-1]) if bracketed else (["--fn", "ipv4"], text)
    assert vector["kind"] == "addr", vector
    return ["--fn", "strict"], text


def answer(vector, row):
    """What we say, in the words of the case."""
    if row["ok"] is None:
        return None
    if vector["kind"] == "net_pton":
        return f"{row['canonical']}/{row['prefix_length']}"
    return row["canonical"]


def expected(vector):
    """The text that the case wants, None when none; "any" when it only wants to be read."""
    if not vector["ok"]:
        return None
    if vector["kind"] == "net_pton" and vector["canonical"] is None:
        return f"any/{vector['bits']}" if vector["bits"] is not None else "any"
    return vector["canonical"] or "any"


def agrees(wanted, got):
    if wanted is None or got is None:
        return wanted == got
    if wanted.startswith("any"):
        return got.endswith(wanted[3:])
    return wanted == got


def load(name):
    with open(DATA / f"{name}.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def differences(inetctl, judge):
    """{(file, text): what we say} of what differs."""
    found = {}
    for name in FILES:
        groups = collections.defaultdict(list)
        for vector in load(name):
            flags, text = question(vector)
            groups[tuple(flags)].append((vector, text))
        for flags, asked in groups.items():
            rows = inetctl.rows(list(flags), [text for _, text in asked])
            for (vector, _), row in zip(asked, rows):
                got = answer(vector, row)
                judge.compared += 1
                if not agrees(expected(vector), got):
                    found[name, vector["in"]] = got
                if vector["kind"] == "erl":
                    judge.expect(row["tuple"] == vector["tuple"], f"{vector['func']} {vector['in']!r}: {row['tuple']}")
    return found


def listed_differences():
    listed, reasons = {}, 0
    for group in json.loads((DATA / "differences.json").read_text(encoding="utf-8")):
        assert group["reason"], group
        reasons += 1
        for text, ours in group["texts"].items():
            assert (group["file"], text) not in listed, f"{group['file']} {text!r} is listed twice"
            listed[group["file"], text] = ours
    return listed, reasons


def check_erlang(inetctl, judge):
    """What Erlang 25 said of all these texts, by each of its parsers."""
    for name in FILES:
        vectors = [vector for vector in load(name) if "otp25" in vector]
        for function in FUNCTIONS:
            rows = inetctl.rows(["--fn", function], [vector["in"] for vector in vectors])
            for vector, row in zip(vectors, rows):
                wanted = vector["otp25"][function]
                judge.expect(row["tuple"] == wanted, f"{function} {vector['in']!r}: {row['tuple']}, Erlang {wanted}")
                if function == "parse_address":
                    wanted = vector["otp25"]["ntoa"]
                    judge.expect(row["ok"] == wanted, f"ntoa of {vector['in']!r}: {row['ok']}, Erlang {wanted}")


def main():
    words = [word for word in sys.argv[1:] if word != "--list"]
    if len(words) != 1:
        sys.exit(__doc__)
    inetctl, judge = Inetctl(words[0]), Judge("conformance")
    found = differences(inetctl, judge)
    if "--list" in sys.argv:
        for (name, text), ours in found.items():
            print(json.dumps([name, text, ours], ensure_ascii=False))
        return 0
    listed, reasons = listed_differences()
    for key, ours in found.items():
        judge.expect(listed.get(key, "not listed") == ours, f"{key[0]} {key[1]!r}: a difference that is not listed: {ours}")
    for key, ours in listed.items():
        judge.expect(key in found, f"{key[0]} {key[1]!r}: listed as a difference ({ours}), and is none")
    check_erlang(inetctl, judge)
    print(f"{len(found)} differences, as listed, for {reasons} reasons")
    return judge.verdict()


if __name__ == "__main__":
    sys.exit(main())
