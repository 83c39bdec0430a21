#!/usr/bin/env python3
"""Whatever the kernel is asked to filter, the answer stays the same: random filters, made from the addresses,
ports and states of the living sockets, must choose the same rows with and without --no-pushdown, and those
that the filter's words mean.

    make_sockets mixed SEED -- pushdown.py INETCTL [SEED]

Exits 0 when they do, 1 when not.
"""

import collections
import ipaddress
import json
import operator
import random
import subprocess
import sys

FILTERS = 60
ATTEMPTS = 3  # what differs in each of them is no accident of timing
FIELDS = ("protocol,state,local_address,local_port,foreign_address,foreign_port,"
          "recv_queue,send_queue,inode,uid,cookie,interface")

# A filter in text, and what it means: a function of a row.
Filter = collections.namedtuple("Filter", "text means")

# The comparisons, as ss's users spell them.
COMPARISONS = (
    (operator.eq, ("=", "==", "eq")),
    (operator.ne, ("!=", "ne", "neq")),
    (operator.gt, (">", "gt")),
    (operator.lt, ("<", "lt")),
    (operator.ge, (">=", "ge", "geq")),
    (operator.le, ("<=", "le", "leq")),
)


def listing(program, *words):
    """The chosen rows by cookie; nothing chosen is an answer too (status 1)."""
    command = [program, "i", "-a", "--ndjson", "--fields", FIELDS, *words]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"pushdown: {command} ended with {done.returncode}: {done.stderr.decode()}")
    return {row["cookie"]: row for row in map(json.loads, done.stdout.splitlines())}


# --- single conditions

def spaced(chance, *words):
    """Blanks are free around signs."""
    text = words[0]
    for word in words[1:]:
        free = text[-1] in "=!<>" or word[0] in "=!<>"
        text += word if free and chance.random() < 0.5 else " " + word
    return text


def port_condition(chance, rows):
    side, field = chance.choice((("sport", "local_port"), ("dport", "foreign_port")))
    compare, spellings = chance.choice(COMPARISONS)
    port = chance.choice([chance.choice(rows)[field], chance.randrange(65536), 0, 65535])
    colon = chance.choice(("", ":"))
    return Filter(spaced(chance, side, chance.choice(spellings), f"{colon}{port}"),
                  lambda row: compare(row[field], port))


def address_condition(chance, rows):
    side, end = chance.choice((("src", "local"), ("dst", "foreign")))
    row = chance.choice(rows)
    address, _, _ = row[f"{end}_address"].partition("%")
    bits = ipaddress.ip_address(address).max_prefixlen
    length = chance.choice((bits, bits, chance.randrange(bits + 1)))
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    text = address if length == bits else f"{address}/{length}"
    port = chance.choice((None, row[f"{end}_port"]))
    if port is not None:
        text = f"[{text}]:{port}" if ":" in address else f"{text}:{port}"
    comparison = chance.choice(("", "=", "!="))

    def matches(row):
        return in_network(row[f"{end}_address"], network) and port in (None, row[f"{end}_port"])

    return Filter(" ".join(filter(None, (side, comparison, text))),
                  (lambda row: not matches(row)) if comparison == "!=" else matches)


def in_network(text, network):
    """An IPv4 prefix also holds the IPv4-mapped addresses of IPv6 sockets, as in ss; an IPv6 one no IPv4."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if network.version == 4 and address.version == 6:
        address = address.ipv4_mapped
    return address is not None and address.version == network.version and address in network


def state_condition(chance, rows):
    states = chance.sample(sorted({row["state"] for row in rows}), k=2)
    if chance.random() < 0.5:
        return Filter(f"state = {states[0]}", lambda row: row["state"] == states[0])
    words = ", ".join(state.lower().replace("_", "-") for state in states)
    return Filter(f"state in ({words})", lambda row: row["state"] in states)


def field_condition(chance, rows):
    field = chance.choice(("protocol", "inode", "uid", "interface", "recv_queue", "local_port"))
    value = chance.choice([row[field] for row in rows if row[field] is not None])
    compare, spellings = chance.choice(COMPARISONS if isinstance(value, int) else COMPARISONS[:2])
    return Filter(f"{field} {chance.choice(spellings)} {value}",
                  lambda row: row[field] is not None and compare(row[field], value))


def device_condition(chance, rows):
    device = chance.choice([row["interface"] for row in rows if row["interface"]])
    return Filter(f"dev {device}", lambda row: row["interface"] == device)


CONDITIONS = (port_condition, port_condition, address_condition, address_condition, state_condition,
              field_condition, device_condition)


# --- expressions

def expression(chance, rows, depth):
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(CONDITIONS)(chance, rows)
    return chance.choice((conjunction, disjunction, negation))(chance, rows, depth - 1)


def conjunction(chance, rows, depth):
    left, right = expression(chance, rows, depth), expression(chance, rows, depth)
    word = chance.choice((" and ", " & ", " && ", " "))
    return Filter(f"({left.text}){word}({right.text})", lambda row: left.means(row) and right.means(row))


def disjunction(chance, rows, depth):
    """Without brackets, so that precedence is tested too: `and` binds its neighbours first."""
    first, second, third = (expression(chance, rows, 0) for _ in range(3))
    rest = expression(chance, rows, depth)
    words = chance.choice((("or", "and"), ("|", "&"), ("||", "&&")))
    return Filter(f"({rest.text}) {words[0]} {first.text} {words[1]} {second.text} {words[0]} {third.text}",
                  lambda row: rest.means(row) or first.means(row) and second.means(row) or third.means(row))


def negation(chance, rows, depth):
    inner = expression(chance, rows, depth)
    return Filter(f"{chance.choice(('not ', '!'))}({inner.text})", lambda row: not inner.means(row))


# --- the property

def disagreements(program, made):
    """The rows in which an answer is unlike the one without push-down, and how many that one has."""
    everything = listing(program)
    answers = {
        "pushed down": listing(program, made.text).keys(),
        "--no-pushdown": listing(program, "--no-pushdown", made.text).keys(),
        "its meaning": {cookie for cookie, row in everything.items() if made.means(row)},
    }
    reference = answers["--no-pushdown"]
    found = set()
    for name, chosen in answers.items():
        for cookie in chosen ^ reference:
            word = "only" if cookie in chosen else "not"
            found.add(f"{word} {name}: {brief(everything.get(cookie), cookie)}")
    return found, len(reference)


def brief(row, cookie):
    return "{protocol} {state} {local_address} {local_port} > {foreign_address} {foreign_port}".format(
        **row) if row else f"cookie {cookie}"


def lasting_disagreements(program, made):
    lasting, chosen = disagreements(program, made)
    for _ in range(ATTEMPTS - 1):
        if lasting:
            lasting &= disagreements(program, made)[0]
    return lasting, chosen


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = sys.argv[1]
    chance = random.Random(sys.argv[2] if len(sys.argv) == 3 else "1")
    rows = list(listing(program).values())
    failed = matched = 0
    for _ in range(FILTERS):
        made = expression(chance, rows, depth=2)
        lasting, chosen = lasting_disagreements(program, made)
        matched += 0 < chosen < len(rows)
        if lasting:
            failed += 1
            print("\n  ".join([f"pushdown: {made.text}", *sorted(lasting)]))
    print(f"pushdown: {FILTERS} filters on {len(rows)} sockets, {matched} of them chose some and not all; "
          f"{failed} disagreed")
    sys.exit(1 if failed or matched == 0 else 0)


if __name__ == "__main__":
    main()
