#!/usr/bin/env python3
"""Makes interfaces.rec, a recording of rtnetlink alone, and interfaces.term, what inet:getifaddrs() returned then.

    tests/netns/getifaddrs_scene.sh tests/data/recordings/interfaces.py INETCTL
"""

import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KEPT = ("meta", "route/", "link_speeds")


def chunks(data):
    first, rest = data.split(b"\n", 1)
    yield b"", first + b"\n"
    while rest:
        line, rest = rest.split(b"\n", 1)
        name, size = line.rsplit(b" ", 1)
        yield name, line + b"\n" + rest[:int(size) + 1]
        rest = rest[int(size) + 1:]


def main():
    time.sleep(3)  # duplicate addresses have been looked for by then
    erlang = ["erl", "-noinput", "-eval", 'io:format("~w", [inet:getifaddrs()]), halt().']
    (HERE / "interfaces.term").write_bytes(subprocess.run(erlang, capture_output=True, check=True).stdout + b"\n")
    with tempfile.NamedTemporaryFile() as whole:
        subprocess.run([sys.argv[1], "record", whole.name], check=True)
        data = pathlib.Path(whole.name).read_bytes()
    kept = [text for name, text in chunks(data) if not name or name.decode().startswith(KEPT)]
    (HERE / "interfaces.rec").write_bytes(b"".join(kept))


if __name__ == "__main__":
    main()
