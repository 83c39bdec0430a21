#!/usr/bin/env python3
"""Opens one socket of every sort, records them and writes down what is known about each, by its cookie.

    unshare --net --pid --fork --mount-proc ./known.py INETCTL

writes known.rec and known.json beside itself.
"""

import json
import os
import pathlib
import socket
import struct
import subprocess
import sys

SO_COOKIE, SO_MARK = 57, 36
here = pathlib.Path(__file__).resolve().parent
known = {}
kept = []


def opened(family, kind, *options):
    sock = socket.socket(family, kind)
    for option in options:
        sock.setsockopt(*option)
    kept.append(sock)
    return sock


def remember(sock, **facts):
    cookie = struct.unpack("=Q", sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0]
    local = sock.getsockname()
    known[str(cookie)] = {"inode": os.fstat(sock.fileno()).st_ino, "fd": sock.fileno(), "local_port": local[1], **facts}
    return sock


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
inet, inet6 = socket.AF_INET, socket.AF_INET6

listener = opened(inet, tcp, (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
listener.bind(("127.0.0.1", 1001))
listener.listen(7)
waiting = opened(inet, tcp)
waiting.connect(("127.0.0.1", 1001))
remember(waiting, protocol="tcp", family="inet", state="ESTABLISHED", foreign="127.0.0.1:1001")
remember(listener, protocol="tcp", family="inet", state="LISTEN", local="127.0.0.1:1001", foreign="0.0.0.0:0",
         accept_queue=1, accept_limit=7, recv=0, sent=0)

six = opened(inet6, tcp, (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0))
six.bind(("::", 1002))
six.listen(128)
remember(six, protocol="tcp", family="inet6", state="LISTEN", local="[::]:1002", foreign="[::]:0", accept_limit=128,
         v6only=False)


def pair(family, host):
    client = opened(family, tcp)
    client.connect((host, 1002))
    server, _ = six.accept()
    kept.append(server)
    return client, server


client, server = pair(inet6, "::1")
client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 0x28)
client.sendall(b"x" * 1000)
server.recv(600, socket.MSG_WAITALL)
remember(server, protocol="tcp", family="inet6", state="ESTABLISHED", local="[::1]:1002", recv_queue=400, recv=600,
         sent=0)
remember(client, protocol="tcp", family="inet6", state="ESTABLISHED", foreign="[::1]:1002", recv=0, sent=1000,
         tclass=0x28)

client, server = pair(inet, "127.0.0.1")  # IPv4-mapped at the server
client.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0x10)
client.setsockopt(socket.SOL_SOCKET, SO_MARK, 77)
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
server.sendall(b"y" * 50)
client.recv(50, socket.MSG_WAITALL)
client.shutdown(socket.SHUT_WR)
remember(server, protocol="tcp", family="inet6", state="CLOSE_WAIT", local="[::ffff:127.0.0.1]:1002", recv=0, sent=50)
remember(client, protocol="tcp", family="inet", state="FIN_WAIT2", foreign="127.0.0.1:1002", recv=50, sent=0, tos=0x10,
         mark=77, congestion="reno", shutdown="send")

client, server = pair(inet, "127.0.0.1")
gone = client.getsockname()[1]
client.close()
server.recv(1)
server.close()

datagrams = opened(inet, udp)
datagrams.bind(("127.0.0.1", 1003))
remember(datagrams, protocol="udp", family="inet", state="UNCONN", local="127.0.0.1:1003", foreign="0.0.0.0:0",
         recv=None, sent=None, recv_queue=lambda: queued)
bound = opened(inet6, udp, (socket.SOL_SOCKET, 25, b"lo\0"), (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1))
bound.bind(("::1", 1004))
remember(bound, protocol="udp", family="inet6", state="UNCONN", local="[::1]:1004", interface="lo", v6only=True)
connected = opened(inet, udp)
connected.connect(("127.0.0.1", 1003))
remember(connected, protocol="udp", family="inet", state="ESTABLISHED", foreign="127.0.0.1:1003")
connected.send(b"z" * 100)
# What the kernel accounts for the datagram that waits, with its own overhead.
queued = int(next(line.split()[4].split(":")[1] for line in open("/proc/net/udp") if ":03EB 00000000" in line), 16)
for facts in known.values():
    facts.update({key: value() for key, value in facts.items() if callable(value)})

subprocess.run([sys.argv[1], "record", str(here / "known.rec")], check=True)
with open(here / "known.json", "w", encoding="utf-8") as file:
    json.dump({"pid": os.getpid(), "comm": open("/proc/self/comm").read().strip(), "uid": os.getuid(),
               "time_wait_port": gone, "sockets": known}, file, indent=1)
    file.write("\n")
