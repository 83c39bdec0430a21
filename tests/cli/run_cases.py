#!/usr/bin/env python3
"""Runs the command lines of cases.json and compares what they print and how they end.

usage: run_cases.py INETCTL [MAKE_SOCKETS] [-k WORD]

A case is an object:
  name      what it shows
  argv      words after the program's name; {data} in them is the folder tests/data
  status    exit status; 0 when not given
  stdout    the very text; "" when neither this nor a pattern is given
  stderr    the same
  stdout_has, stderr_has   a regular expression, or a list of them, found in the text (^ and $ match at lines)
  stdout_lacks             the same, not found
  stdin     what standard input has; nothing when not given
  env       variables besides PATH
  setup     how it is run; several words are combined:
            empty-netns     in a network namespace of its own, without sockets
            sockets:SCENE   in a namespace with the sockets of a scene of make_sockets ("mixed,1")
            nodename:NAME   on a machine of that name, in a namespace of its own
            terminal:COLS   standard output is a terminal of that width
            reader-gone     nobody reads standard output
            disk-full       standard output is /dev/full

Status 77 when no case could be run; those that could not are named.
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import threading


DATA = str(pathlib.Path(__file__).resolve().parent.parent / "data")


class Skip(Exception):
    """Why a case cannot be run here."""


# Names the machine as the first word says and runs the others.
AS_MACHINE = "import os, socket, sys; socket.sethostname(os.fsencode(sys.argv[1])); os.execvp(sys.argv[2], sys.argv[2:])"


def can_unshare(which="-n"):
    """The words that start a program in a namespace of its own, by default one of an empty network."""
    words = ["unshare", which] if os.geteuid() == 0 else ["unshare", "-r", which]
    if not shutil.which("unshare"):
        raise Skip("no unshare(1)")
    if subprocess.run(words + ["true"], capture_output=True, check=False).returncode != 0:
        raise Skip("namespaces are not allowed here")
    return words


def setup_of(case):
    """A case that is refused today must not reach the machine's own sockets on the day that it is not."""
    changes_sockets = {"setopts", "close"} & set(case["argv"][:1])
    return case.get("setup", "empty-netns" if changes_sockets else "")


class Surroundings:
    """What stands around one run: words before the program, and where its standard output goes."""

    def __init__(self, setup, make_sockets):
        self.before = []
        self.columns = None
        self.open = None
        for word in setup.split():
            kind, _, rest = word.partition(":")
            if kind == "empty-netns":
                self.before = can_unshare()
            elif kind == "sockets":
                if not make_sockets:
                    raise Skip("make_sockets was not given")
                self.before = [make_sockets, *rest.split(","), "--"]
            elif kind == "nodename":
                self.before = [*can_unshare("-u"), sys.executable, "-c", AS_MACHINE, rest]
            elif kind == "terminal":
                self.columns = int(rest)
            elif kind == "reader-gone":
                self.open = self.without_reader
            elif kind == "disk-full":
                self.open = lambda: os.open("/dev/full", os.O_WRONLY)
            else:
                raise ValueError(f"unknown setup: {word}")

    @staticmethod
    def without_reader():
        read_end, write_end = os.pipe()
        os.close(read_end)
        return write_end

    def run(self, argv, env, stdin):
        """(status, stdout, stderr) of the command line."""
        words = self.before + argv
        if self.columns:
            return self.run_on_terminal(words, env, stdin)
        if not self.open:
            done = subprocess.run(words, env=env, capture_output=True, input=stdin, timeout=60, check=False)
            return done.returncode, done.stdout, done.stderr
        out = self.open()
        try:
            done = subprocess.run(words, env=env, stdout=out, stderr=subprocess.PIPE, input=stdin,
                                  timeout=60, check=False)
        finally:
            os.close(out)
        return done.returncode, b"", done.stderr

    def run_on_terminal(self, words, env, stdin):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, self.columns, 0, 0))
        text = bytearray()

        def read():
            try:
                while piece := os.read(ours, 65536):
                    text.extend(piece)
            except OSError:  # how Linux says that the other end is closed
                pass

        reader = threading.Thread(target=read)
        reader.start()
        with subprocess.Popen(words, env=env, stdout=theirs, stderr=subprocess.PIPE, stdin=subprocess.PIPE) as child:
            os.close(theirs)
            errors = child.communicate(stdin, timeout=60)[1]
        reader.join()
        os.close(ours)
        return child.returncode, bytes(text).replace(b"\r\n", b"\n"), errors


def patterns(value):
    return [value] if isinstance(value, str) else value


def complaints(case, status, streams):
    """What is not as the case says."""
    found = []
    if status != case.get("status", 0):
        found.append(f"status {status}, not {case.get('status', 0)}")
    for name, data in streams.items():
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            found.append(f"{name} is not UTF-8: {error}")
            continue
        has = patterns(case.get(f"{name}_has", []))
        if name in case or not has:
            expected = case.get(name, "")
            if text != expected:
                found.append(f"{name} is\n{text}instead of\n{expected}")
        for pattern in has:
            if not re.search(pattern, text, re.MULTILINE):
                found.append(f"{name} lacks /{pattern}/:\n{text[:800]}")
        for pattern in patterns(case.get(f"{name}_lacks", [])):
            if re.search(pattern, text, re.MULTILINE):
                found.append(f"{name} has /{pattern}/:\n{text[:800]}")
    return found


def main():
    words = sys.argv[1:]
    wanted = ""
    if "-k" in words:
        at = words.index("-k")
        wanted = words[at + 1]
        del words[at:at + 2]
    if not 1 <= len(words) <= 2:
        sys.exit(__doc__)
    inetctl = str(pathlib.Path(words[0]).resolve())
    make_sockets = str(pathlib.Path(words[1]).resolve()) if len(words) > 1 else None
    cases = json.loads(pathlib.Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
    counts = {"ok": 0, "failed": 0, "skipped": 0}
    for case in cases:
        if wanted not in case["name"]:
            continue
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TERM": "xterm", **case.get("env", {})}
        try:
            surroundings = Surroundings(setup_of(case), make_sockets)
            argv = [word.replace("{data}", DATA) for word in case["argv"]]
            status, out, errors = surroundings.run([inetctl, *argv], env, case.get("stdin", "").encode())
            if status == 77 and surroundings.before:
                raise Skip(errors.decode(errors="replace").strip() or "no namespace can be made")
        except Skip as reason:
            print(f"SKIP {case['name']}: {reason}")
            counts["skipped"] += 1
            continue
        found = complaints(case, status, {"stdout": out, "stderr": errors})
        counts["failed" if found else "ok"] += 1
        for complaint in found:
            print(f"FAIL {case['name']}: inetctl {' '.join(case['argv'])}\n  {complaint}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    if counts["failed"]:
        return 1
    return 0 if counts["ok"] else 77


if __name__ == "__main__":
    sys.exit(main())
