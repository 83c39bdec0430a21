"""A name server on loopback that misbehaves by the first label of the name that it is asked about; UDP and TCP on one
port. Used by tests that run in a network namespace of their own."""

import os
import socket
import struct
import threading
import time

GOOD, BAD = "192.0.2.1", "203.0.113.66"  # an answer that came by a trick would hold BAD


def query_id(query):
    return query[:2]


def labels(query):
    at, found = 12, []
    while query[at]:
        found.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return found, at + 5  # and where the question ends


def question(query):
    return query[12:labels(query)[1]]


def wire_name(*words):
    return b"".join(bytes([len(word)]) + word.encode() for word in words) + b"\0"


def address_record(address, name=b"\xc0\x0c"):
    return name + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address)


def reply(query, flags=0x8180, records=(address_record(GOOD),), counts=None, asked=None, number=None):
    """A reply to `query`; what is not given is right."""
    counts = counts or (1, len(records), 0, 0)
    return ((query_id(query) if number is None else number) + struct.pack(">H4H", flags, *counts) +
            (question(query) if asked is None else asked) + b"".join(records))


def has_edns(query):
    return struct.unpack(">H", query[10:12])[0] > 0


# What the server sends to a query over UDP, by the first label: a list of datagrams.
def udp_replies(query):
    kind = labels(query)[0][0]
    other_id = bytes([query[0] ^ 0x55, query[1]])
    bad = (address_record(BAD),)
    pointer_to_itself = b"\xc0\x0c"  # at 12, where the question's name begins
    return {
        "good": [reply(query)],
        "wrongid": [reply(query, records=bad, number=other_id)],
        "wrongquestion": [reply(query, records=bad, asked=wire_name("other", "test") + b"\0\1\0\1")],
        "wrongtype": [reply(query, records=bad, asked=question(query)[:-4] + b"\0\x1c\0\1")],
        "noquestion": [reply(query, records=bad, asked=b"", counts=(0, 1, 0, 0))],
        "nord": [reply(query, flags=0x8080, records=bad)],
        "notaresponse": [reply(query, flags=0x0100, records=bad)],
        "opcode": [reply(query, flags=0xa980, records=bad)],
        "thengood": [reply(query, records=bad, number=other_id), os.urandom(64), reply(query)],
        "twice": [reply(query), reply(query), reply(query)],
        "truncated": [reply(query, flags=0x8380, records=())],
        "truncatedrst": [reply(query, flags=0x8380, records=())],
        "truncatedhalf": [reply(query, flags=0x8380, records=())],
        "truncatedsilent": [reply(query, flags=0x8380, records=())],
        "loop": [reply(query, records=(pointer_to_itself[:1] + bytes([len(query) if not has_edns(query) else
                                       12 + len(question(query))]) + struct.pack(">HHIH", 1, 1, 60, 4) + b"\1\2\3\4",))],
        "counts": [reply(query, counts=(1, 0xffff, 0xffff, 0xffff))],
        "cut": [reply(query)[:-3]],
        "rdatalength": [reply(query)[:-6] + b"\xff\xff" + b"\1\2\3\4"],
        "headeronly": [reply(query)[:12]],
        "garbage": [os.urandom(n) for n in (0, 1, 2, 11, 12, 13, 100, 512, 1400)],
        "garbagetail": [query_id(query) + b"\x81\x80" + os.urandom(300)],
        "silence": [],
        "nxdomain": [reply(query, flags=0x8183, records=())],
        "nodata": [reply(query, records=())],
        "servfail": [reply(query, flags=0x8182, records=())],
        "refused": [reply(query, flags=0x8185, records=())],
        "formerr": [reply(query, flags=0x8181, records=())],
        "noedns": [reply(query, flags=0x8181, records=()) if has_edns(query) else reply(query)],
        "cnameloop": [reply(query, records=(b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 60, 2) + b"\xc0\x0c",))],
        "othersrecord": [reply(query, records=(address_record(BAD, wire_name("other", "test")),))],
        "anyhow": [reply(query)],
    }.get(kind, [reply(query)])


class Server:
    """Serves until the process ends."""

    def __init__(self, address="127.0.0.1", port=53):
        self.address, self.port = address, port
        self.queries = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.udp.bind((address, port))
        self.tcp = socket.socket(family, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, port))
        self.tcp.listen(100)
        threading.Thread(target=self.serve_udp, daemon=True).start()
        threading.Thread(target=self.serve_tcp, daemon=True).start()

    def serve_udp(self):
        late = None
        while True:
            query, sender = self.udp.recvfrom(4096)
            kind = labels(query)[0][0]
            self.queries.append(("udp", kind))
            if kind == "wrongport":
                with socket.socket(self.udp.family, socket.SOCK_DGRAM) as other:
                    other.bind((self.address, 0))
                    other.sendto(reply(query, records=(address_record(BAD),)), sender)
            elif kind == "wrongaddress":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.bind(("127.0.0.9", self.port))
                    other.sendto(reply(query, records=(address_record(BAD),)), sender)
            elif kind == "late":  # the reply to the first query comes after the second query
                if late:
                    self.udp.sendto(late, sender)
                    self.udp.sendto(reply(query), sender)
                else:
                    late = reply(query, records=(address_record(BAD),))
            else:
                for datagram in udp_replies(query):
                    self.udp.sendto(datagram, sender)

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            threading.Thread(target=self.serve_connection, args=(connection,), daemon=True).start()

    def serve_connection(self, connection):
        with connection:
            try:
                while self.serve_one(connection):
                    pass
            except (OSError, IndexError):
                pass

    def serve_one(self, connection):
        head = self.exactly(connection, 2)
        if not head:
            return False
        query = self.exactly(connection, struct.unpack(">H", head)[0])
        kind = labels(query)[0][0]
        self.queries.append(("tcp", kind))

        def framed(message):
            return struct.pack(">H", len(message)) + message

        whole = framed(reply(query))
        if kind in ("rst", "truncatedrst"):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if kind in ("half", "truncatedhalf"):
            connection.sendall(whole[:len(whole) // 2])
            return False
        if kind == "closes":
            return False
        if kind in ("hangs", "truncatedsilent"):
            connection.sendall(whole[:5])
            time.sleep(30)
            return False
        if kind == "dribble":
            for byte in whole:
                connection.sendall(bytes([byte]))
                time.sleep(0.002)
        elif kind == "thengood":
            other = reply(query, records=(address_record(BAD),), number=bytes([query[0] ^ 0x55, query[1]]))
            connection.sendall(framed(b"") + framed(other) + framed(os.urandom(30)) + whole)
        elif kind == "once":  # a server that keeps a connection and closes it just when it is used again
            connection.sendall(whole)
            return False
        else:
            connection.sendall(whole)
        return True

    @staticmethod
    def exactly(connection, size):
        data = b""
        while len(data) < size:
            part = connection.recv(size - len(data))
            if not part:
                return b""
            data += part
        return data
