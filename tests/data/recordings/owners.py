#!/usr/bin/env python3
"""Makes owners.rec of known.rec: its sockets, held by two processes of which all is known.

    owners.py

One is a service of the system, the other in a container of Docker; they share a listener, and one socket is held by a
thread alone.
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
ID = "3f2a91c04d7e5b8890aa17c2d3e4f5061728394a5b6c7d8e9f00112233445566"


def chunks(data):
    """Name and body of each."""
    at = data.index(b"\n") + 1
    while at < len(data):
        end = data.index(b"\n", at)
        name, size = data[at:end].rsplit(b" ", 1)
        yield name.decode(), data[end + 1:end + 1 + int(size)]
        at = end + 1 + int(size) + 1


def stat(pid, comm, parent, ticks):
    return f"{pid} ({comm}) S {parent} {pid} {pid} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {ticks} 0 0\n".encode()


def main():
    recording = list(chunks((HERE / "known.rec").read_bytes()))
    descriptors = next(body for name, body in recording if name == "proc/1/fd").decode().splitlines()
    shared, thread = descriptors[0], descriptors[-1]
    meta = json.loads(next(body for name, body in recording if name == "meta"))
    meta["uptime_us"] = 100_000_000
    kept = [(name, body) for name, body in recording if not name.startswith("proc/") and name not in ("meta", "users")]
    kept += [
        ("meta", json.dumps(meta, separators=(",", ":")).encode()),
        ("users", b"0 root\n33 www-data\n"),
        ("proc/640/comm", b"nginx"),
        ("proc/640/fd", "".join(line + "\n" for line in descriptors[:5]).encode()),
        ("proc/640/stat", stat(640, "nginx", 1, 2000)),
        ("proc/640/cmdline", b"nginx: master process /usr/sbin/nginx -g daemon off;\0"),
        ("proc/640/cgroup", b"0::/system.slice/nginx.service\n"),
        ("proc/640/exe", b"/usr/sbin/nginx"),
        ("proc/640/uid", b"33"),
        ("proc/812/comm", b"two\nlines"),
        ("proc/812/fd", "".join(line + "\n" for line in [shared, *descriptors[5:-1]]).encode()),
        ("proc/812/threads", (thread.split(" ", 1)[1] + "\n").encode()),
        ("proc/812/stat", stat(812, "two\nlines", 640, 5000)),
        ("proc/812/cmdline", b"/bin/app\0--title\0\x1b[31mred\0"),
        ("proc/812/cgroup", f"0::/system.slice/docker-{ID}.scope\n".encode()),
        ("proc/812/uid", b"0"),
    ]
    with open(HERE / "owners.rec", "wb") as file:
        file.write(b"inetctl recording 1\n")
        for name, body in kept:
            file.write(f"{name} {len(body)}\n".encode() + body + b"\n")


if __name__ == "__main__":
    main()
