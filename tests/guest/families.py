#!/usr/bin/env python3
"""Sockets that this machine's kernel may not have, opened in a guest with Debian's: SCTP in all its forms, TLS in the
kernel, vsock, TIPC, raw and MPTCP. ss is a judge in the same guest, and what the process itself is told another one.

    families.py RUN_GUEST KERNEL INETCTL OPEN_FAMILIES
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "netns"))
from checks import check, failed, verdict  # noqa: E402

MODULES = ("sctp sctp_diag dummy tls gcm ghash_generic ctr vsock_diag vsock_loopback tipc diag raw_diag tcp_diag "
           "mptcp_diag").split()
# A route on which nobody answers, then each kind of socket with what inetctl and ss say of it.
PROLOGUE = "ip addr add 192.0.2.2/24 dev dummy0; ip link set dummy0 up"
SECTIONS = {
    "sctp": {
        "json": "inetctl i -S --json --fields all",
        "ss": "ss -SanpieoOH",
        "table": "inetctl i -S --wide --no-header",
        "details": "inetctl i -Si",
        "ndjson": "inetctl i -S --format ndjson --fields all",
        "csv": "inetctl i -S --format csv --fields all",
        "erlang": "inetctl i -S --format erlang",
        "unsaid": "inetctl i --json",
        "waiting": "inetctl i -S --json state = COOKIE_WAIT",
        "established": "inetctl i -S --json state established",
        "six": "inetctl i -S6 --json",
        "user": "/bin/setpriv --reuid=65534 --regid=65534 --clear-groups inetctl i -S --json",
        "info": "inetctl info sctp foreign_port = 7002 and local_address = 127.0.0.1",
        "recorded": "inetctl record /tmp/whole >&2; inetctl i -S --json --fields all --from /tmp/whole",
        "redacted": "inetctl record --redact /tmp/redacted >&2; inetctl i -S --json --fields all --from /tmp/redacted",
        # Nobody can answer any more, so the timer runs until both have asked.
        "timer": "ip link set lo down; kill -USR1 $PPID; sleep 0.2; inetctl i -S --json --fields all timer = t3_rtx",
        "timer_ss": "ss -SanoOH; ip link set lo up",
    },
    "tls": {"json": "inetctl i -t --json --fields all", "ss": "ss -tanieOH"},
    "vsock": {"json": "inetctl i --vsock --json --fields all", "ss": "ss --vsock -aeOH"},
    "tipc": {"json": "inetctl i --tipc --json --fields all", "ss": "ss --tipc -aeiOH"},
    "raw": {"json": "inetctl i -w --json --fields all", "ss": "ss -waneOH"},
    "mptcp": {"json": "inetctl i -Mt --json --fields all", "ss": "ss -ManieOH; ss -tanieOH"},
}
STATES = {"ESTAB": "ESTABLISHED", "COOKIE_WAIT": "COOKIE_WAIT", "LISTEN": "LISTEN", "UNCONN": "UNCONN"}
# ss's words for an association and ours; ss leaves out what is zero.
WORDS = {"rwnd": "sctp_rwnd", "prwnd": "sctp_peer_rwnd", "unackdata": "sctp_unackdata", "penddata": "sctp_penddata",
         "instrms": "sctp_instrms", "outstrms": "sctp_outstrms", "inqueue": "sctp_inqueue", "outqueue": "sctp_outqueue",
         "maxburst": "sctp_max_burst", "maxseg": "sctp_maxseg", "pcapable": "sctp_peer_capable", "psack": "sctp_peer_sack"}
SOCKET_WORDS = {"nodelay": "sctp_s_nodelay", "v4mapped": "sctp_s_v4mapped", "autoclose": "sctp_s_autoclose_s"}
CHUNKS = ("isacks osacks rtxchunks outofseqtsns idupchunks gapcnt ouodchunks iuodchunks oodchunks iodchunks").split()
# Heartbeats go on.
GROWING = ("opackets", "ipackets", "octrlchunks", "ictrlchunks")
TICK_MS = 4  # of this kernel: CONFIG_HZ=250
SENDER_PORT = 7005  # to this the helper sends when told to


def command():
    """All in one boot; a line before each answer says whose it is."""
    lines = [PROLOGUE]
    for kind, words in SECTIONS.items():
        inner = "; ".join(f"echo ==== {kind} {name}; {line}" for name, line in words.items())
        lines.append(f"echo ==== {kind} told; open_families {kind} -- sh -c '{inner}'")
    return "\n".join(lines)


def run():
    run_guest, kernel, inetctl, opener = sys.argv[1:]
    options = [word for module in MODULES for word in ("-m", module)]
    options += [word for file in (inetctl, opener, shutil.which("ss"), shutil.which("setpriv")) for word in ("-f", file)]
    done = subprocess.run([run_guest, *options, kernel, command()], capture_output=True, timeout=280, check=False)
    if done.returncode == 77:
        print(done.stdout.decode().strip())
        sys.exit(77)
    output = done.stdout.decode(errors="replace")
    check("the guest came to its end", done.returncode == 0, done.returncode, done.stderr.decode(errors="replace"))
    pieces = re.split(r"^==== (\w+) (\w+)\n", output, flags=re.MULTILINE)
    answers = {(kind, name): text for kind, name, text in zip(pieces[1::3], pieces[2::3], pieces[3::3])}
    for kind, words in SECTIONS.items():
        for name in words:
            check(f"{kind}: {name} was answered", answers.get((kind, name)), done.stderr.decode(errors="replace"))
    if failed:
        sys.exit(1)
    return answers


def rows_of(text):
    return json.loads(text)["rows"]


class Line:
    """A row of ss -O."""

    def __init__(self, text):
        self.association = text.startswith("`- ")
        # The kind of a vsock socket stands before all else.
        self.state, self.recv, self.send, self.local, self.foreign, *rest = re.sub("^(`- |v_str +)", "", text).split()
        rest = " ".join(rest)
        self.rest = rest
        self.words = dict(re.findall(r"(\w+):(\S+)", rest))
        self.inode = int(self.words.get("ino", 0))
        self.holders = sorted((int(pid), int(fd)) for pid, fd in re.findall(r"pid=(\d+),fd=(\d+)", rest))


def lines_of(text):
    return [Line(line) for line in text.splitlines() if line.strip()]


def addresses(row, key):
    """As ss writes them: without brackets and port."""
    listed = [re.sub(r"^\[?(.*?)\]?:\d+$", r"\1", one) for one in row[key] or []]
    return ",".join(listed)


def sctp(answers):
    rows, ss = rows_of(answers["sctp", "json"]), lines_of(answers["sctp", "ss"])
    listeners = [row for row in rows if row["state"] == "LISTEN"]
    ours = {row["sctp_tag"]: row for row in rows if row["sctp_tag"] is not None}
    theirs = {int(line.words["tag"], 16): line for line in ss if line.association}
    check("every row is a listener or an association", len(rows) == len(listeners) + len(ours), len(rows))
    check("ss has the same associations", ours.keys() == theirs.keys(), len(ours), len(theirs))
    check("there are many", len(ours) >= 17, len(ours))

    for tag in ours.keys() & theirs.keys():
        row, line = ours[tag], theirs[tag]
        what = f"{row['local']} to {row['foreign']}"
        check(f"{what}: state", row["state"] == STATES[line.state], row["state"], line.state)
        check(f"{what}: inode, cookie, owner", (row["inode"], f"{row['cookie']:x}", [(o["pid"], o["fd"]) for o in row["owners"]]) ==
              (line.inode, line.words["sk"], line.holders), row["owners"], line.rest)
        check(f"{what}: ports", (line.local.endswith(f":{row['local_port']}"), line.foreign.endswith(f":{row['foreign_port']}")) == (True, True))
        check(f"{what}: all addresses", (addresses(row, "local_addresses"), addresses(row, "foreign_addresses")) ==
              (line.words["locals"], line.words["peers"]), row["local_addresses"], row["foreign_addresses"], line.rest)
        check(f"{what}: the primary path's address", row["sctp_p_address"] in line.words["peers"].split(","), row["sctp_p_address"])
        check(f"{what}: it is the peer's address", row["foreign_address"].removeprefix("::ffff:") == row["sctp_p_address"], row["foreign_address"])
        check(f"{what}: and ours is one of ours", row["local_address"].removeprefix("::ffff:") in line.words["locals"].split(","), row["local_address"])
        check(f"{what}: the peer's tag", f"{row['sctp_peer_tag']:x}" == line.words.get("ptag", "0"), line.rest)
        check(f"{what}: queues", (row["recv_queue"], row["send_queue"]) == (int(line.recv), int(line.send)), line.recv, line.send)
        for word, key in WORDS.items():
            check(f"{what}: {key}", row[key] == int(line.words.get(word, 0)), row[key], line.rest)
        check(f"{what}: bound to no interface", row["interface"] is None, row["interface"])
        check(f"{what}: nothing of TCP is made of it", row["rtt_us"] is None and row["snd_cwnd"] is None and row["recv"] is None)
        check(f"{what}: what no kernel tells is absent", row["sctp_fragmentation_point"] is None and row["sctp_p_sackfreq"] is None)

    # What the kernel tells of the socket, each of its associations has; a socket of associations has no row besides.
    told = {line.inode: line for line in ss if not line.association}
    check("all sockets of ss are there", told.keys() == {row["inode"] for row in rows}, told.keys())
    for row in rows:
        for word, key in SOCKET_WORDS.items():
            check(f"{row['local']}: {key}", row[key] == int(told[row["inode"]].words.get(word, 0)), row[key])
    check("listeners are those of ss", sorted(row["inode"] for row in listeners) == sorted({line.inode for line in ss if line.state == "LISTEN"}))
    for row in listeners:
        line = told[row["inode"]]
        check(f"{row['local']}: the accept queue", (row["accept_queue"], row["accept_limit"]) == (int(line.recv), int(line.send)), line.recv, line.send)
        check(f"{row['local']}: its addresses", addresses(row, "local_addresses") == line.words["locals"], row["local_addresses"])
        check(f"{row['local']}: no association's figures", row["sctp_tag"] is None and row["sctp_p_cwnd"] is None and row["foreign_addresses"] is None)
        check(f"{row['local']}: no timer", row["timer"] is None, row["timer"])
    # Where ss has an address of the last connection.
    check("a listener of both families is bound to none", [row["local"] for row in listeners if row["local_port"] == 7004] == ["[::]:7004"])
    check("kinds", sorted({(row["local_port"], row["type"]) for row in listeners}) ==
          [(7001, "STREAM"), (7002, "SEQPACKET"), (7003, "STREAM"), (7004, "STREAM"), (7005, "STREAM")])
    many = [row for row in rows if row["local_port"] == 7002 and row["sctp_tag"] is not None]
    check("one to many", len(many) == 2 and {row["type"] for row in many} == {"SEQPACKET"} and len({row["inode"] for row in many}) == 1)
    check("several addresses", all(len(row["local_addresses"]) == 3 for row in many), many)
    mapped = [row for row in ours.values() if row["local_port"] == 7004]
    check("an IPv4 peer of an inet6 socket", [(row["local_address"], row["foreign_address"]) for row in mapped] == [("::ffff:127.0.0.1", "::ffff:127.0.0.1")])

    check("no timer runs yet", {row["timer"] for row in ours.values()} == {"off"} and "T3_RTX" not in answers["sctp", "ss"])
    running = rows_of(answers["sctp", "timer"])
    check("the sender's retransmission timer runs", [row["foreign_port"] for row in running] == [SENDER_PORT], running)
    for row in running:
        check("it has a time, and a chunk waits for its acknowledgement", row["timer_expires_ms"] > 0 and row["sctp_unackdata"] == 1 and
              row["send_queue"] > 0 and row["timer_retransmits"] is not None, row)
    check("as ss says", [line.foreign for line in lines_of(answers["sctp", "timer_ss"]) if "T3_RTX" in line.rest] == ["127.0.0.1:7005"],
          answers["sctp", "timer_ss"])
    check("one that is off has no time", all(row["timer_expires_ms"] is None for row in ours.values()))
    sctp_told(answers, ours)
    sctp_formats(answers, rows, ours)


def sctp_told(answers, ours):
    """What the process itself is told; several associations of one socket are told apart by their values alone."""
    told = [json.loads(line) for line in answers["sctp", "told"].splitlines()]
    check("the process told of many", len(told) == 11, len(told))
    by_fd = {}
    for row in ours.values():
        by_fd.setdefault(row["owners"][0]["fd"], []).append(row)

    def same(one, row):
        exact = {"state": row["sctp_state"] + 1, "rwnd": row["sctp_peer_rwnd"], "unackdata": row["sctp_unackdata"],
                 "penddata": row["sctp_penddata"], "instrms": row["sctp_instrms"], "outstrms": row["sctp_outstrms"],
                 "maxseg": row["sctp_maxseg"], "p_state": row["sctp_p_state"], "p_cwnd": row["sctp_p_cwnd"],
                 "p_hbinterval": row["sctp_p_hbinterval_ticks"] * TICK_MS, "p_pathmaxrxt": row["sctp_p_pathmaxrxt"],
                 "p_sackdelay": row["sctp_p_sackdelay_ms"]}
        exact |= {key: row[f"sctp_{key}"] for key in CHUNKS}
        beat = one["ictrlchunks"] != row["sctp_ictrlchunks"]  # then the round-trip time is another
        return (all(one[key] == value for key, value in exact.items()) and one["primary"].removeprefix("::ffff:") == row["sctp_p_address"] and
                (beat or (one["p_srtt"], one["p_rto"]) == (row["sctp_p_srtt_ticks"], row["sctp_p_rto_ms"])) and
                all(one[key] <= row[f"sctp_{key}"] <= one[key] + 20 for key in GROWING))

    for one in told:
        check("what the process is told is what is shown", any(same(one, row) for row in by_fd.get(one["fd"], [])), one, by_fd.get(one["fd"]))
    received = [row for row in ours.values() if row["local_port"] == 7001 and row["recv_queue"]]
    check("a chunk was received and acknowledged", [(row["sctp_iodchunks"], row["sctp_osacks"]) for row in received] == [(1, 1)], received)


def sctp_formats(answers, rows, ours):
    tags = sorted(ours)
    names = sorted((row["local"], row["foreign"]) for row in rows)
    ndjson = [json.loads(line) for line in answers["sctp", "ndjson"].splitlines()]
    check("ndjson has the same", sorted((row["local"], row["foreign"]) for row in ndjson if "local" in row) == names, ndjson[:1])
    table = list(csv.DictReader(io.StringIO(answers["sctp", "csv"])))
    check("csv has the same", sorted(int(row["sctp_tag"]) for row in table if row["sctp_tag"]) == tags)
    lines = [line.split() for line in answers["sctp", "table"].splitlines()]
    check("the table has the same", sorted(line[5:7] for line in lines if line[1].startswith("inet")) ==
          sorted([row["local"], row["foreign"].replace(":0", ":*") if row["foreign_port"] == 0 else row["foreign"]] for row in rows), lines)
    check("Erlang's has as many", len(re.findall(r"^\d+ .* inet6?_sctp ", answers["sctp", "erlang"], re.MULTILINE)) == len(rows) or
          answers["sctp", "erlang"].count("_sctp") == len(rows), answers["sctp", "erlang"])
    details = answers["sctp", "details"]
    check("the details have all tags", sorted(int(tag) for tag in re.findall(r"sctp_tag (\d+)", details)) == tags, details)
    check("and the primary path", details.count("sctp_p_cwnd ") == len(tags))
    check("SCTP is listed unasked", sorted((row["local"], row["foreign"]) for row in rows_of(answers["sctp", "unsaid"])) == names)
    waiting = rows_of(answers["sctp", "waiting"])
    check("a state of SCTP is a filter", [(row["local_address"], row["foreign"], row["inet_state"]) for row in waiting] ==
          [("192.0.2.2", "192.0.2.1:7006", "CG:O")], waiting)
    check("so is ESTABLISHED", len(rows_of(answers["sctp", "established"])) == len(tags) - 1)
    six = rows_of(answers["sctp", "six"])
    check("-6 leaves inet6 sockets", len(six) == 5 and {row["family"] for row in six} == {"inet6"}, six)
    user = rows_of(answers["sctp", "user"])
    check("an ordinary user sees the same, without owners", sorted((row["local"], row["foreign"]) for row in user) == names and
          not any(row["owner"] for row in user))
    info = answers["sctp", "info"]
    for word in ("one-to-one", "active", "sctp_p_cwnd", "127.0.0.1"):
        check(f"info says {word}", word in info, info)
    # The kernel marks an inet6 socket's packets, and with them its type of service, as they leave.
    moving = ("timer_expires_ms", "timer_retransmits", "netns_name", "tos", "tclass", "owner_age_s")

    def steady(some):
        for row in some:
            for owner in row["owners"] or ():
                owner.pop("age_s", None)
        return {(row["inode"], row["sctp_tag"], key, json.dumps(value)) for row in some for key, value in row.items()
                if key not in moving and not key.startswith(("sctp_", "skmem"))}
    recorded = steady(rows_of(answers["sctp", "recorded"]))
    check("a recording shows the same", recorded == steady(rows), recorded ^ steady(rows))
    redacted = answers["sctp", "redacted"]
    check("redacted addresses are gone", "192.0.2." not in redacted and len(rows_of(redacted)) == len(rows), redacted)


def tls(answers):
    rows = [row for row in rows_of(answers["tls", "json"]) if row["ulp"]]
    line = next(line for line in lines_of(answers["tls", "ss"]) if "tcp-ulp-tls" in line.rest)
    check("TLS in the kernel", [(row["ulp"], row["tls_version"], row["tls_cipher"], row["tls_txconf"], row["tls_rxconf"]) for row in rows] ==
          [("tls", "1.3", "AES-GCM-256", "sw", "none")], rows)
    for part in ("version: 1.3", "cipher: aes-gcm-256", "rxconf: none", "txconf: sw", f"ino:{rows[0]['inode']}"):
        check(f"ss says {part}", part in line.rest, line.rest)


def vsock(answers):
    rows, ss = rows_of(answers["vsock", "json"]), lines_of(answers["vsock", "ss"])
    check("ss has the same vsock sockets", sorted((row["state"], row["local"], row["foreign"] or "*:*") for row in rows) ==
          sorted((STATES[line.state], line.local, line.foreign) for line in ss), rows)
    check("with their owners", len(rows) == 3 and all("open_families" in row["owner"] for row in rows), rows)
    listener = next(row for row in rows if row["state"] == "LISTEN")
    check("a listener of any context", (listener["local"], listener["vsock_local_port"], listener["type"]) == ("*:7020", 7020, "STREAM"), listener)


def tipc(answers):
    rows, ss = rows_of(answers["tipc", "json"]), lines_of(answers["tipc", "ss"])
    check("ss has the same TIPC sockets", {row["inode"]: (row["state"], row["local"]) for row in rows} ==
          {line.inode: (STATES[line.state], line.local) for line in ss}, rows, [line.rest for line in ss])
    mine = [row for row in rows if row["owner"]]
    listener = next(row for row in mine if row["state"] == "LISTEN")
    check("a service is published", (listener["tipc_published"], listener["tipc_link_congested"], listener["foreign"]) == (1, 0, None), listener)
    linked = [row for row in mine if row["state"] == "ESTABLISHED"]
    check("two ends name each other", len(linked) == 2 and linked[0]["foreign"] == linked[1]["local"] and linked[1]["foreign"] == linked[0]["local"], linked)
    check("a message waits", sorted(row["tipc_recv_queue"] for row in linked) == [0, 1], linked)
    check("nothing was dropped", {row["tipc_drops"] for row in linked} == {0})
    check("by which service", {(row["tipc_via_type"], row["tipc_via_instance"]) for row in linked} >= {(1000, 5)}, linked)


def raw(answers):
    rows, ss = rows_of(answers["raw", "json"]), lines_of(answers["raw", "ss"])
    check("ss has the same raw sockets", sorted((row["inode"], row["state"]) for row in rows) == sorted((line.inode, STATES[line.state]) for line in ss), rows)
    check("their protocols", sorted((row["local"], row["family"], row["type"]) for row in rows) == [("0.0.0.0:1", "inet", "RAW"), ("[::1]:99", "inet6", "RAW")], rows)
    check("by raw_diag, with cookies", all(row["cookie"] for row in rows), rows)


def mptcp(answers):
    rows, ss = rows_of(answers["mptcp", "json"]), lines_of(answers["mptcp", "ss"])
    ours = {f"{row['msk_token']:x}" for row in rows if row["protocol"] == "mptcp" and row["state"] == "ESTABLISHED"}
    theirs = {line.words["token"] for line in ss if "write_seq" in line.rest and line.state == "ESTAB"}
    check("ss has the same connections", ours == theirs and len(ours) == 2, ours, theirs)
    subflows = {f"{row['mptcp_token_local']:x}" for row in rows if row["ulp"] == "mptcp" and row["state"] == "ESTABLISHED"}
    told = {found for line in ss for found in re.findall(r"token:\w+\(id:\d+\)/(\w+)\(", line.rest) if line.state == "ESTAB"}
    check("and subflows", subflows == told == ours, subflows, told)


def main():
    if not shutil.which("ss"):
        print("guest: skipped: no ss (Debian: iproute2)")
        return 77
    answers = run()
    for family in (sctp, tls, vsock, tipc, raw, mptcp):
        family(answers)
    return verdict("guest: all as they should be")


if __name__ == "__main__":
    sys.exit(main())
