#!/usr/bin/env python3
"""What ip(8) says of links, counters and addresses, inetctl says too.

    getifaddrs_scene.sh getifaddrs_ip.py INETCTL

Both read the same kernel and are programs of their own. Counters move, so they are compared until they agree.
"""

import ipaddress
import json
import subprocess
import sys
import time

ATTEMPTS = 20
FOR_EVER = 4294967295
# ip's names of facts that inetctl names otherwise, or the same.
FACTS = {"ifindex": "index", "mtu": "mtu", "link_type": "link_type", "qdisc": "qdisc", "txqlen": "txqueuelen",
         "master": "master", "promiscuity": "promiscuity", "min_mtu": "min_mtu", "max_mtu": "max_mtu",
         "num_tx_queues": "num_tx_queues", "num_rx_queues": "num_rx_queues", "gso_max_size": "gso_max_size",
         "gso_max_segs": "gso_max_segs", "tso_max_size": "tso_max_size", "tso_max_segs": "tso_max_segs",
         "gro_max_size": "gro_max_size", "permaddr": "permaddr", "ifalias": "alias"}
FLAGS = {"pointopoint": "POINTOPOINT", "lower_up": "LOWER_UP"}
ADDRESS_FLAGS = ("secondary", "temporary", "tentative", "deprecated", "dadfailed", "nodad", "mngtmpaddr",
                 "noprefixroute", "optimistic", "autojoin", "home")


def run(*words):
    return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)


def link_of(theirs):
    """ip's link in inetctl's words."""
    expected = {ours: theirs[key] for key, ours in FACTS.items() if key in theirs}
    expected["operstate"] = theirs["operstate"].lower()
    expected["altnames"] = theirs.get("altnames", [])
    # ip does not print RUNNING: it says NO-CARRIER of what is up without it. M-DOWN is its own, too.
    flags = set(theirs["flags"]) - {"NO-CARRIER", "M-DOWN"}
    if "UP" in flags and "NO-CARRIER" not in theirs["flags"]:
        flags.add("RUNNING")
    expected["kernel_flags"] = sorted(flags)
    info = theirs.get("linkinfo", {})
    expected["kind"] = info.get("info_kind")
    expected["port_kind"] = info.get("info_slave_kind")
    if expected["kind"] == "vlan":
        expected["vlan_id"] = info["info_data"]["id"]
    if expected["kind"] == "vxlan":
        expected["vni"] = info["info_data"]["id"]
    if theirs["group"].isdigit() or theirs["group"] == "default":
        expected["group"] = 0 if theirs["group"] == "default" else int(theirs["group"])
    if theirs["link_type"] != "none":
        expected["hwaddr"] = theirs["address"]
    if theirs.get("link"):
        expected["peer" if expected["kind"] == "veth" else "link"] = theirs["link"]
    stats = theirs["stats64"]
    for direction in ("rx", "tx"):
        for key, value in stats[direction].items():
            alone = key in ("multicast", "collisions")
            if key in ("over_errors",):  # ip adds some up
                continue
            expected[key if alone else f"{direction}_{key}"] = value
    return expected


def address_of(theirs):
    expected = {"family": theirs["family"], "address": theirs["local"], "prefix_length": theirs["prefixlen"],
                "scope": theirs["scope"], "broadcast": theirs.get("broadcast"), "peer": theirs.get("address"),
                "label": theirs.get("label"), "metric": theirs.get("metric"),
                "flags": sorted(flag for flag in ADDRESS_FLAGS if theirs.get(flag))}
    for key, ours in (("valid_life_time", "valid_lft_s"), ("preferred_life_time", "preferred_lft_s")):
        expected[ours] = None if theirs[key] == FOR_EVER else theirs[key]
    network = ipaddress.ip_network((0, theirs["prefixlen"])) if theirs["family"] == "inet" else None
    if network:
        expected["netmask"] = str(network.netmask)
    return expected


def differences(inetctl):
    wrong = []
    theirs = {link["ifname"]: link for link in run("ip", "-j", "-d", "-s", "addr", "show")}
    rows = {row["name"]: row for row in run(inetctl, "getifaddrs", "--fields", "all", "--json")["rows"]}
    ours = {name: row for name, row in rows.items() if row["index"] is not None}
    if list(theirs) != list(ours):
        wrong.append(("the links", list(theirs), list(ours)))
    for name, link in theirs.items():
        row = ours.get(name, {})
        for key, value in link_of(link).items():
            got = row.get(key)
            if key == "kernel_flags":
                got = sorted(FLAGS.get(flag, flag.upper()) for flag in got)
            if got != value:
                wrong.append((name, key, value, got))
        # inet has labels as interfaces; ip has their addresses at the link.
        entries = [row] + [r for r in rows.values() if r["link"] == name and r["index"] is None]
        addresses = {(a["address"], a["prefix_length"]): a for entry in entries for a in entry.get("addresses", [])}
        for entry in link["addr_info"]:
            if entry.get("label") and entry["label"] != name and entry["label"] in theirs:
                entries = rows[entry["label"]]["addresses"]
                addresses.update({(a["address"], a["prefix_length"]): a for a in entries})
            address = addresses.get((entry["local"], entry["prefixlen"]))
            if address is None:
                wrong.append((name, entry["local"], "missing"))
                continue
            for key, value in address_of(entry).items():
                got = address[key]
                if key == "flags":
                    got = sorted(flag for flag in got if flag in ADDRESS_FLAGS)
                if got != value:
                    wrong.append((name, entry["local"], key, value, got))
    return wrong, len(theirs), sum(len(link["addr_info"]) for link in theirs.values())


def main():
    for _ in range(ATTEMPTS):
        wrong, links, addresses = differences(sys.argv[1])
        if not wrong and links >= 8:
            print(f"getifaddrs: {links} links and {addresses} addresses, as ip(8) has them")
            return 0
        time.sleep(0.2)
    for one in wrong[:20]:
        print("getifaddrs: ip(8) differs:", *one)
    return 1


if __name__ == "__main__":
    sys.exit(main())
