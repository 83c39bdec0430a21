#!/usr/bin/env python3
"""Pipes the answers of a real Erlang, tests/data/inet/inet-parse.jsonl.gz, through `inetctl parse`.

usage: vectors_test.py INETCTL

Each text with each of inet's six parsers, each tuple with ntoa, ipv4_mapped_ipv6_address and the three questions whether
it is an address: as rows, and as Erlang terms. Everything must agree.
"""

import collections
import gzip
import json
import pathlib
import sys

from inetctl_parse import FUNCTIONS, Inetctl, Judge, tuple_text

VECTORS = pathlib.Path(__file__).parents[1] / "data/inet/inet-parse.jsonl.gz"
ASKED = {"ip": "is_ip_address", "ipv4": "is_ipv4_address", "ipv6": "is_ipv6_address"}


def check_parsers(inetctl, judge, function, vectors):
    texts = [vector["in"] for vector in vectors]
    rows = inetctl.rows(["--fn", function], texts)
    terms = inetctl.lines(["--fn", function, "--format", "erlang"], texts)
    canonical = inetctl.lines(["--fn", function, "--fields", "canonical", "-H", "--csv"], texts)
    for vector, row, term, line in zip(vectors, rows, terms, canonical):
        expected = {key: vector.get(key) for key in ("in", "fn", "ok", "tuple", "error")}
        got = {key: row[key] for key in expected}
        judge.expect(got == expected, f"{function} {vector['in']!r}: {got}, not {expected}")
        expected = f"{{ok,{tuple_text(vector['tuple'])}}}" if vector["tuple"] else "{error,einval}"
        judge.expect(term == expected, f"{function} {vector['in']!r} as Erlang: {term}, not {expected}")
        judge.expect(line == (row["canonical"] or ""), f"{function} {vector['in']!r}: csv {line}, not {row['canonical']}")
        family = {4: "inet", 8: "inet6"}.get(len(vector["tuple"] or []))
        judge.expect(row["family"] == family, f"{function} {vector['in']!r}: family {row['family']}, not {family}")


def check_ntoa(inetctl, judge, function, vectors):
    texts = [tuple_text(vector["tuple"]) for vector in vectors]
    rows = inetctl.rows(["--fn", function], texts)
    terms = inetctl.lines(["--fn", function, "--format", "erlang"], texts)
    for vector, row, term in zip(vectors, rows, terms):
        error = None if vector["ok"] else "einval"  # inet may fail otherwise, a program answers
        got = (row["ok"], row["error"])
        judge.expect(got == (vector["ok"], error), f"{function} {vector['tuple']}: {got}, not {(vector['ok'], error)}")
        result = vector.get("result", vector["tuple"])
        if error:
            expected = "{error,einval}"
        elif function == "ntoa":
            expected = f'"{vector["ok"]}"'
        else:
            expected = tuple_text(result)
        judge.expect(term == expected, f"{function} {vector['tuple']} as Erlang: {term}, not {expected}")
        judge.expect(row["tuple"] == (None if error else result), f"{function} {vector['tuple']}: tuple {row['tuple']}")


def check_questions(inetctl, judge, _, vectors):
    for key, function in ASKED.items():
        texts = [tuple_text(vector["tuple"]) for vector in vectors]
        rows = inetctl.rows(["--fn", function], texts)
        terms = inetctl.lines(["--fn", function, "--format", "erlang"], texts)
        for vector, row, term in zip(vectors, rows, terms):
            judge.expect(row["result"] is vector[key], f"{function} {vector['tuple']}: {row['result']}")
            judge.expect(term == str(vector[key]).lower(), f"{function} {vector['tuple']} as Erlang: {term}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    inetctl, judge = Inetctl(sys.argv[1]), Judge("vectors")
    by_function = collections.defaultdict(list)
    with gzip.open(VECTORS, "rt", encoding="utf-8") as file:
        for line in file:
            vector = json.loads(line)
            by_function[vector["fn"]].append(vector)
    checks = {**dict.fromkeys(FUNCTIONS, check_parsers), "ntoa": check_ntoa, "ipv4_mapped_ipv6_address": check_ntoa,
              "is_ip_address": check_questions}
    judge.expect(set(by_function) == set(checks), f"the functions of the vectors are {sorted(by_function)}")
    for function, vectors in by_function.items():
        checks[function](inetctl, judge, function, vectors)
    return judge.verdict()


if __name__ == "__main__":
    sys.exit(main())
