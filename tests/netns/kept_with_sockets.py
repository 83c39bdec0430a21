#!/usr/bin/env python3
"""What the kernel keeps with a socket besides its own figures: the storage of BPF programs, the path of its cgroup, what
a packet socket has joined. Each is put there by this test, and ss is a second judge of the first two.

    unshare --net kept_with_sockets.py INETCTL
"""

import ctypes
import errno
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile

from checks import check, verdict

MAP_CREATE, UPDATE_ELEM, BTF_LOAD = 0, 2, 18  # enum bpf_cmd
SK_STORAGE = 24  # enum bpf_map_type
NUMBER_OF_BPF = {"x86_64": 321, "aarch64": 280, "s390x": 351}.get(os.uname().machine, 321)
TCP_AO_ADD_KEY = 38  # include/uapi/linux/tcp.h
SOL_PACKET, ADD_MEMBERSHIP, MULTICAST, PROMISCUOUS = 263, 1, 0, 1


def bpf(command, attributes):
    room = ctypes.create_string_buffer(attributes, len(attributes))
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(NUMBER_OF_BPF, command, room, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def address_of(text):
    return ctypes.addressof(text)


def make_map(types, names, size, value_type):
    blob = ctypes.create_string_buffer(struct.pack("=HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(names)) + types + names)
    btf = bpf(BTF_LOAD, struct.pack("=QQIII", address_of(blob), 0, 24 + len(types) + len(names), 0, 0) + bytes(4))
    return bpf(MAP_CREATE, struct.pack("=IIIIIII16sIIII", SK_STORAGE, 4, size, 0, 1, 0, 0, b"kept", 0, btf, 1, value_type) + bytes(60))


def new_map():
    """A map of storages; the kernel wants types for it, and an int is enough: of key and value alike."""
    return make_map(struct.pack("=IIII", 1, 1 << 24, 4, 1 << 24 | 32), b"\0int\0", 4, 1)


def new_typed_map():
    """One whose values are `struct seen { unsigned char tries; char name[7]; }`."""
    names = b"\0int\0u8\0char\0seen\0tries\0name\0"
    at = {name: names.index(b"\0" + name + b"\0") + 1 for name in (b"int", b"u8", b"char", b"seen", b"tries", b"name")}
    integer, array, structure = 1 << 24, 3 << 24, 4 << 24
    types = struct.pack("=IIII", at[b"int"], integer, 4, 1 << 24 | 32)
    types += struct.pack("=IIII", at[b"u8"], integer, 1, 8)
    types += struct.pack("=IIII", at[b"char"], integer, 1, 2 << 24 | 8)
    types += struct.pack("=IIIIII", 0, array, 0, 3, 1, 7)
    types += struct.pack("=III", at[b"seen"], structure | 2, 8) + struct.pack("=IIIIII", at[b"tries"], 2, 0, at[b"name"], 4, 8)
    return make_map(types, names, 8, 5)


def keep(kept, which, value):
    key, room = ctypes.c_int(which.fileno()), ctypes.create_string_buffer(value, len(value))
    bpf(UPDATE_ELEM, struct.pack("=I4xQQQ", kept, ctypes.addressof(key), ctypes.addressof(room), 0))


def id_of(kept):
    with open(f"/proc/self/fdinfo/{kept}", encoding="ascii") as info:
        return int(re.search(r"^map_id:\s*(\d+)$", info.read(), re.MULTILINE)[1])


def rows(inetctl, *words, **more):
    done = subprocess.run([inetctl, "i", *words, "--json"], capture_output=True, timeout=60, check=False, **more)
    document = json.loads(done.stdout)
    return {row["port"]: row for row in document["rows"]}, document["notes"]


def inode(which):
    return os.fstat(which.fileno()).st_ino


def listener():
    made = socket.create_server(("127.0.0.1", 0))
    return made


def storages(inetctl):
    with_two, with_none = listener(), listener()
    try:
        maps = [new_map(), new_typed_map()]
    except OSError as error:
        print(f"kept: left out, no storages of BPF here: {error}")
        return
    values = (-5).to_bytes(4, sys.byteorder, signed=True), b"\x07a\x1b\"b\0\0\0"
    for kept, value in zip(maps, values):
        keep(kept, with_two, value)
    seen, notes = rows(inetctl, "-t", "--fields", "port,bpf_storages")
    # What is not printable is no text.
    texts = "-5", "{tries=7, name=[97, 27, 34, 98, 0, 0, 0]}"
    expected = sorted([{"map_id": id_of(kept), "size": len(value), "value": value.hex(), "map_name": "kept", "value_text": text}
                       for kept, value, text in zip(maps, values, texts)], key=lambda one: one["map_id"])
    found = sorted(seen[inode(with_two)]["bpf_storages"] or [], key=lambda one: one["map_id"])
    check("both storages are told, with their values", found == expected, found, expected, notes)
    check("where there is none, nothing is invented", not seen[inode(with_none)]["bpf_storages"], seen[inode(with_none)])
    check("nobody else asks for them", rows(inetctl, "-ti")[0][inode(with_two)].get("bpf_storages") is None)
    for version in ("-4", "-6"):
        check(f"{version} too", (inode(with_two) in rows(inetctl, "-t", version, "--fields", "port,bpf_storages")[0]) == (version == "-4"))
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "whole")
        subprocess.run([inetctl, "record", path], capture_output=True, timeout=60, check=True)
        again = rows(inetctl, "-t", "--fields", "port,bpf_storages", "--from", path)[0]
        check("a recording has the same", again == seen, again, seen)
    told = subprocess.run(["ss", "-tlnH", "--bpf-maps"], capture_output=True, timeout=60, check=False)
    if told.returncode == 0 and b"map_id" in told.stdout:
        check("ss has the same maps", all(f"map_id:{one['map_id']}".encode() in told.stdout for one in expected), told.stdout)
    # An ordinary user is refused and gets the rest.
    user, notes = rows(inetctl, "-t", "--fields", "port,bpf_storages", preexec_fn=ordinary)
    check("an ordinary user sees the sockets", inode(with_two) in user and user[inode(with_two)]["bpf_storages"] is None, user)
    check("and is told why not all", any("CAP_BPF" in note for note in notes), notes)


def tcp_ao(inetctl):
    """On a kernel that has TCP-AO one of the sockets gets a key; elsewhere nothing is known of either."""
    plain, keyed = listener(), listener()
    # struct tcp_ao_add: address, algorithm, interface, flags and reserved bits, prefix, ids, lengths, key
    key = struct.pack("=128s64siI", struct.pack("=HH4s", socket.AF_INET, 0, bytes(4)), b"hmac(sha1)", 0, 0)
    key += struct.pack("=HBBBBBB80s", 0, 0, 100, 100, 12, 0, 4, b"test")
    try:
        keyed.setsockopt(socket.IPPROTO_TCP, TCP_AO_ADD_KEY, key)
        has_keys = True
    except OSError as error:
        check("only a kernel without TCP-AO refuses the key", error.errno == errno.ENOPROTOOPT, error)
        has_keys = False
    seen, notes = rows(inetctl, "-tl", "--fields", "port,tcp_ao")
    told = [seen[inode(one)]["tcp_ao"] for one in (plain, keyed)]
    said = [note for note in notes if "CONFIG_TCP_AO" in note]
    check("who has TCP-AO", told == [False, True] if has_keys else told == [None, None], told)
    check("a kernel without it is said to be one, once", len(said) == (0 if has_keys else 1), notes)
    user, notes = rows(inetctl, "-tl", "--fields", "port,tcp_ao", preexec_fn=ordinary)
    check("an ordinary user knows nothing of another's sockets", user[inode(keyed)]["tcp_ao"] is None, user)
    check("and is told why", any("root may see more" in note for note in notes), notes)
    quiet = rows(inetctl, "-tl", "--fields", "port")[1]
    check("nobody else asks for it", not any("tcp_ao" in note for note in quiet), quiet)


def ordinary():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def cgroup_root():
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        for line in mounts:
            if " - cgroup2 " in line:
                return line.split()[4]
    return None


def cgroups(inetctl):
    root = cgroup_root()
    try:
        where = tempfile.mkdtemp(prefix="inetctl test\x1b[1m", dir=root or "/nowhere")
    except OSError as error:
        print(f"kept: left out, no cgroup can be made: {error}")
        return
    with open("/proc/self/cgroup", encoding="utf-8") as groups:
        before = next(line.split(":", 2)[2].rstrip("\n") for line in groups if line.startswith("0::"))
    try:
        with open(os.path.join(where, "cgroup.procs"), "w", encoding="ascii") as processes:
            processes.write(str(os.getpid()))
        inside = listener()
        with open(root + before + "/cgroup.procs", "w", encoding="ascii") as processes:
            processes.write(str(os.getpid()))
        seen, _ = rows(inetctl, "-te", "--fields", "port,cgroup,cgroup_path")
        row = seen[inode(inside)]
        check("the path of the cgroup, as it is", row["cgroup_path"] == where.removeprefix(root), row)
        check("its number is the directory's", row["cgroup"] == os.stat(where).st_ino, row)
        text = subprocess.run([inetctl, "i", "-t", "--fields", "cgroup_path", "--no-header"], capture_output=True, timeout=60, check=True).stdout
        check("nothing in it commands the terminal", len(text.splitlines()) == len(seen) and rb"\x1b" in text and b"\x1b" not in text, text)
        other, _ = rows(inetctl, "-t", "-N", f"pid:{os.getpid()}", "--fields", "port,cgroup_path")
        check("also when asked from elsewhere", other[inode(inside)]["cgroup_path"] == row["cgroup_path"], other)
        inside.close()
    finally:
        os.rmdir(where)


def memberships(inetctl):
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    index = socket.if_nametoindex("lo")
    plain = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, struct.pack("=iHH8s", index, PROMISCUOUS, 0, b""))
    for _ in range(2):
        made.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, struct.pack("=iHH8s", index, MULTICAST, 6, b"\x33\x33\0\0\0\x09"))
    code = (ctypes.c_ubyte * 16)(*struct.pack("=HBBIHBBI", 0x28, 0, 0, 12, 0x06, 0, 0, 65535))
    made.setsockopt(socket.SOL_SOCKET, 26, struct.pack("@HP", 2, ctypes.addressof(code)))  # SO_ATTACH_FILTER
    seen, _ = rows(inetctl, "-0", "--fields", "port,packet_memberships,filter_code,filter_instructions")
    row = seen[inode(made)]
    expected = [{"ifindex": index, "type": PROMISCUOUS, "address": "", "count": 1},
                {"ifindex": index, "type": MULTICAST, "address": "333300000009", "count": 2}]
    check("what a packet socket has joined", sorted(row["packet_memberships"], key=lambda one: one["count"]) == expected, row)
    check("one that joined nothing", seen[inode(plain)]["packet_memberships"] == [], seen[inode(plain)])
    check("its filter, as tcpdump writes it", (row["filter_code"], row["filter_instructions"]) == ("2,40 0 0 12,6 0 0 65535", 2), row)
    check("none where there is none", seen[inode(plain)]["filter_code"] is None)


def main():
    inetctl = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        print("kept: skipped: not root")
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for part in (storages, tcp_ao, cgroups, memberships):
        part(inetctl)
    return verdict("kept: all as they should be")


if __name__ == "__main__":
    sys.exit(main())
