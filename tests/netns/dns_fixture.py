"""What the resolver's tests share: a namespace of their own, and a name server on 127.0.0.1 that answers by the zone of
tests/data/resolver/zone.json, misbehaves where that says so, and keeps a log of what it was asked."""

import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import threading

ZONE = pathlib.Path(__file__).parent.parent / "data" / "resolver" / "zone.json"
TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "TXT": 16, "AAAA": 28}


def own_namespace(flags=("--net", "--mount", "--uts")):
    """Runs the script again as root of namespaces of its own, with loopback up."""
    if os.environ.get("INETCTL_TEST_NETNS"):
        return
    words = ["unshare", *flags] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        print("no namespaces can be made here")
        sys.exit(77)
    inside = 'ip link set lo up && exec "$0" "$@"'
    os.environ["INETCTL_TEST_NETNS"] = "1"
    os.execvp(words[0], [*words, "sh", "-c", inside, sys.executable, *sys.argv])


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def record(name, number, value, ttl):
    if number == 1:
        data = socket.inet_aton(value)
    elif number == 28:
        data = socket.inet_pton(socket.AF_INET6, value)
    elif number == 16:
        data = bytes([len(value)]) + value.encode()
    else:
        data = wire_name(value)
    return wire_name(name) + struct.pack(">HHIH", number, 1, ttl, len(data)) + data


class Server:
    """Answers on one port, by UDP and TCP. mode: "zone", or "silent" to say nothing."""

    def __init__(self, port, address="127.0.0.1", mode="zone", more=()):
        zone = json.loads(ZONE.read_text(encoding="utf-8"))
        self.ttl = zone["ttl"]
        self.misbehaviours = zone["misbehaviours"]
        self.records = {}
        for name, kind, values in [(r["name"], r["type"], r["values"]) for r in zone["records"]] + list(more):
            self.records.setdefault((name.lower(), TYPES[kind]), []).extend(values)
        self.mode = mode
        self.log = []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, port))
        self.tcp = socket.create_server((address, port))
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def take_log(self):
        taken, self.log = self.log, []
        return taken

    def serve_udp(self):
        while True:
            query, peer = self.udp.recvfrom(65535)
            if reply := self.reply(query, "udp"):
                self.udp.sendto(reply, peer)

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            with connection, connection.makefile("rb") as stream:
                length = stream.read(2)
                if len(length) == 2 and (reply := self.reply(stream.read(struct.unpack(">H", length)[0]), "tcp")):
                    connection.sendall(struct.pack(">H", len(reply)) + reply)

    def reply(self, query, transport):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += query[at] + 1
        name = ".".join(labels)
        number = struct.unpack(">H", query[at + 1:at + 3])[0]
        question = query[12:at + 5]
        edns = struct.unpack(">H", query[10:12])[0]
        wants_recursion = query[2] & 1
        self.log.append(f"{transport} {name} type={number} rd={wants_recursion} edns={edns}")
        if self.mode == "silent":
            return None

        def message(rcode=0, answers=(), flags=0x8400, identity=query[:2]):
            head = struct.pack(">HHHHH", flags | wants_recursion << 8 | rcode, 1, len(answers), 0, 0)
            return identity + head + question + b"".join(answers)

        trouble = next((m for m in self.misbehaviours if name.lower().startswith(m["prefix"])), None)
        if trouble:
            own = [record(name, 1, trouble.get("address", ""), self.ttl)] if number == 1 and "address" in trouble else []
            match trouble["does"]:
                case "silence":
                    return None
                case "rcode":
                    return message(trouble["rcode"])
                case "rcode_to_edns":
                    return message(trouble["rcode"]) if edns else message(0, own)
                case "truncate_udp":
                    return message(0, (), 0x8600) if transport == "udp" else message(0, own)
                case "wrong_id":
                    return message(0, own, identity=struct.pack(">H", struct.unpack(">H", query[:2])[0] ^ 1))
        return message(*self.look_up(name.lower(), number))

    def look_up(self, name, number):
        """The answer's code and records; a chain is followed for four links."""
        answers, current = [], name
        for _ in range(4):
            if (current, number) in self.records:
                answers += [record(current, number, value, self.ttl) for value in self.records[current, number]]
                break
            if (current, 5) not in self.records:
                break
            target = self.records[current, 5][0]
            answers.append(record(current, 5, target, self.ttl))
            current = target.lower()
        known = answers or any(own == name for own, _ in self.records)
        return (0 if known else 3), answers
