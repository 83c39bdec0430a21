#!/usr/bin/env python3
"""`inetctl get-rc --format erlang` beside inet:get_rc() of a live node that starts with the same files.

    get_rc.py INETCTL [SEED [COUNT]]

In a namespace of its own without a network: random inetrc files with the hosts, resolv.conf and other files that they
name, the environment's variables, and machine names with a domain of their own or one that the system
resolver knows. Exits 0 when all agree, 1 when not, 77 where there is
no Erlang or no namespace.
"""

import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile

PRINT = 'io:format("~0p~n", [inet:get_rc()]), halt().'


def skip(why):
    print(f"get_rc: skipped: {why}")
    sys.exit(77)


def enter_namespace():
    """Runs this program again, without a network and with a machine name of its own."""
    if os.environ.get("GET_RC_INSIDE"):
        return
    words = ["unshare", "-n", "-u", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-n", "-u", "-m"]
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        skip("namespaces are not allowed here")
    done = subprocess.run([*words, sys.executable, *sys.argv], env={**os.environ, "GET_RC_INSIDE": "1"}, check=False)
    sys.exit(done.returncode)


def address(pick):
    return pick.choice(["{1,1,1,1}", "{8,8,4,4}", "{10,0,0,300}", "{0,0,0,0,0,0,0,1}", "{65152,0,0,0,0,0,0,1}", '"1.1.1.1"',
                        "{1,2,3}", "{127,0,0,1}"] + ["{9,9,9,9}"] * 6)


def domain(pick):
    return pick.choice(['"ex.org"', '"a"', '"b.c"', '""', '"a b"', "atom", '"\xe9"'] + ['"d.net"'] * 6)


def directive(pick, folder):
    """One directive, right more often than wrong."""
    number = pick.choice(["1", "2", "600", "1500", "2000", "99999"] * 3 + ["0", "-1", "511", "512", "1280", "x", "16#ff", "$a"])
    words = pick.choice(["[file,dns]", "[native]", "[native,file]", "[bogus,dns]", '["files","bind"]', "[yp,nis,nisplus]", "[]",
                         "[string,dns]", "dns", "[hosts,bind]", "[native,file,dns]", '[{a},"dns"]'])
    path = pick.choice([f'"{folder}/resolv"', f'"{folder}/odd"', f'"{folder}/hosts"', '"/nonexist"', '""', '"relative"', "5",
                        f"'{folder}/resolv'", f'<<"{folder}/resolv">>', f'["{folder}/","resolv"]'])
    truth = pick.choice(["true", "false", "true", "1"])
    return pick.choice([
        f"{{nameserver,{address(pick)}}}", f"{{nameserver,{address(pick)},{pick.choice(['53', '5353', '0', '70000', 'x'])}}}",
        f"{{alt_nameserver,{address(pick)}}}", f"{{alt_nameserver,{address(pick)},99}}", f"{{domain,{domain(pick)}}}",
        f"{{search,[{','.join(domain(pick) for _ in range(pick.randrange(4)))}]}}", f"{{search,{domain(pick)}}}",
        f"{{lookup,{words}}}", f"{{timeout,{number}}}", f"{{retry,{number}}}", f"{{servfail_retry_timeout,{number}}}",
        f"{{cache_size,{number}}}", f"{{cache_refresh,{number}}}", f"{{udp_payload_size,{number}}}", f"{{inet6,{truth}}}",
        f"{{usevc,{truth}}}", f"{{edns,{pick.choice(['0', 'false', '1'])}}}", f"{{resolv_conf,{path}}}", f"{{hosts_file,{path}}}",
        f"{{udp,{pick.choice(['inet6_udp', 'inet_udp', '5'])}}}", "{tcp,inet6_tcp}", "{sctp,inet6_sctp}",
        f"{{socks5_server,{address(pick)}}}", f"{{socks5_port,{number}}}", "{socks5_noproxy,{1,1,1,1},{255,0,0,0}}",
        f"{{file,resolv,{path}}}", f"{{file,{pick.choice(['nsswitch_conf', 'host_conf_linux', 'host_conf_freebsd'])},\"{folder}/order\"}}",
        f'{{file,host_conf_bsdos,"{folder}/order"}}', f'{{file,{pick.choice(["resolv", "bogus"])},"{folder}/odd"}}',
        "{host,{1,2,3,4},[\"finwe\",\"Curufinwe\"]}", "{host,{1,2,3,4},[\"other\"]}", "{host,{1,2,3,4},[]}", "{host,{1,2,3,4},[x]}",
        *[f'{{file,hosts,"{folder}/hosts"}}'] * 3, "clear_hosts",
        *[f'{{host,{{10,{pick.randrange(3)},{pick.randrange(256)},1}},["h{pick.randrange(9)}"]}}' for _ in range(3)],
        "{host,{0,0,0,0,0,0,0,1},[\"ip6\",\"loop\"]}", "clear_ns", "clear_search", "clear_cache", "reset", "{registry,win32}",
        f'{{replace_search,["{pick.choice("xyz")}"]}}', "{replace_ns,[{{7,7,7,7},53},{{7,7,7,7},54}]}", "{load_hosts_file,[]}",
    ] + ["bogus", "{bogus,1}", "{socks5_methods,[none]}", "[]"] * pick.choice([0, 0, 0, 1]))


def write_files(folder, pick):
    lines = ["nameserver 10.1.1.1", "nameserver 0x0a010102", "nameserver fe80::1%lo", "nameserver bad", "nameserver 1.1.1.1 # x",
             "nameserver 1.1.1.1 2.2.2.2", "domain one.org", "search two.org three.org", "search", "lookup file bind", "options ndots:3",
             "\tsearch four.org#five.org", "sortlist 10.0.0.0"]
    (folder / "resolv").write_text("".join(pick.choice(lines) + pick.choice(["\n", "\r\n"]) for _ in range(6)), newline="")
    (folder / "odd").write_text("search \xe9.org ok.org\nnameserver 6.6.6.6\ndomain a\x7fb\nnameserver 5.5.5.5\n")
    (folder / "hosts").write_text("1.2.3.4 " + pick.choice(["a b", "a # b", "c\td", ""]) + "\nbad x\n1.2.3.4 last\n"
                                  + "".join(f"10.{pick.randrange(256)}.{pick.randrange(256)}.1 n{i}\n" for i in range(pick.randrange(200)))
                                  + "::1 six\nfe80::7%1 link\n")
    (folder / "order").write_text(pick.choice(["hosts: files [NOTFOUND=return] dns\n", "order hosts,bind , nis\nmulti on\n",
                                               "hosts\nbind\n#x\ntwo words\n", "hosts dns merge, local continue\nhosts nis\n"]))


def inetrc(pick, folder):
    terms = [directive(pick, folder) for _ in range(pick.randrange(7))]
    text = "".join(term + pick.choice([".\n"] * 8 + [". ", ".% c\n", ".\t", ".\r\n", "  .\n"]) for term in terms)
    if pick.random() < 0.1:
        text = pick.choice(["%% comment\n", "\n\n", " "]) + text
    if pick.random() < 0.05:
        text += pick.choice(["{retry,5}", "{retry,5}.{retry,6}.", "{retry,.", "\r\n", "\x01", "% end", '{domain,"']) 
    return text


def node(path, env):
    words = ["erl", "-noinput", "-noshell", *(["-kernel", "inetrc", f'"{path}"'] if path else []), "-eval", PRINT]
    done = subprocess.run(words, capture_output=True, text=True, env=env, check=False, timeout=60)
    lines = [line for line in done.stdout.splitlines() if re.match(r"\[.*\]$", line)]
    return lines[-1] if lines and done.returncode == 0 else f"the node did not start: {done.stdout[-300:]}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not shutil.which("erl"):
        skip("no erl (Debian: erlang-base)")
    enter_namespace()
    program = pathlib.Path(sys.argv[1]).resolve()
    pick = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    wrong = refused = 0
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        # The system's resolver knows one of the names with a domain.
        (folder / "etc_hosts").write_text("127.0.0.1 localhost plain\n127.0.1.1 vm.canon.example vm\n")
        if subprocess.run(["mount", "--bind", folder / "etc_hosts", "/etc/hosts"], capture_output=True, check=False).returncode:
            skip("no mount over /etc/hosts")
        for i in range(count):
            write_files(folder, pick)
            rc = folder / "rc"
            rc.write_text(inetrc(pick, folder), newline="")
            socket.sethostname(pick.choice(["plain", "vm", "vm.example.org", "vm.", "a.b.c"]))
            env = {"PATH": os.environ["PATH"], "HOME": made, "ERL_CRASH_DUMP": "/dev/null", "LC_ALL": "C.UTF-8"}
            by_variable = pick.random() < 0.2
            if by_variable:
                env["ERL_INETRC"] = str(rc)
            if pick.random() < 0.2:
                env["ERL_INET_ETC_DIR"] = pick.choice([made, made + "/", "relative"])
            theirs = node(None if by_variable else rc, env)
            ours = subprocess.run([program, "get-rc", "--format", "erlang", *([] if by_variable else ["--inetrc", rc])],
                                  capture_output=True, text=True, env=env, check=False, timeout=60)
            refused += ours.returncode != 0
            if ours.stdout.rstrip("\n") != theirs:
                wrong += 1
                print(f"get_rc: run {i}: {rc.read_text()!r}\n  inetctl {ours.stdout!r} {ours.stderr!r}\n  node    {theirs!r}")
    if not 0 < refused < count:
        sys.exit(f"get_rc: {refused} of {count} files are wrong: these prove too little")
    print(f"get_rc: {count} files, {refused} of them wrong, {wrong} told otherwise than by the node")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
