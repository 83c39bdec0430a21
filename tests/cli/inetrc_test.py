#!/usr/bin/env python3
"""What a real node made of directives of inetrc (tests/data/resolver/rc-*.txt), through the command line.

    inetrc_test.py INETCTL

Each line there is `DIRECTIVES -> ANSWER => get_rc()`, asked by inet_db:add_rc_list/1 after a reset, which leaves the two
files of the line before: so each inetrc begins with what sets that state. {file,...} and {registry,...} are left out, for which an
inetrc has its own rule, and the empty list, which no reset came before.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "resolver"
FILES = re.compile(r'\{(?:resolv_conf|hosts_file),(?:\[\]|"[^"]*")\}')


def terms_of(text):
    """The elements of a list of tuples and atoms."""
    terms, depth, start = [], 0, 0
    inner = text[1:-1]
    for i, c in enumerate(inner):
        depth += (c in "{[") - (c in "}]")
        if c == "," and depth == 0:
            terms.append(inner[start:i])
            start = i + 1
    return [*terms, inner[start:]] if inner else []


def run(program, rc, otp):
    env = {"PATH": os.environ.get("PATH", ""), "ERL_INETRC": str(rc)}
    return subprocess.run([program, "get-rc", "--format", "erlang", "--otp", otp], capture_output=True, text=True, env=env,
                          check=False, timeout=60)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    cases = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        rc = pathlib.Path(folder) / "inetrc"
        for otp in ("25", "27"):
            state = []
            for line in (DATA / f"rc-{otp}.txt").read_text().splitlines():
                match = re.fullmatch(r"(\[.*\]) -> (.*) => (\[.*\])", line)
                if not match:
                    continue
                directives, answer, after = match.groups()
                if directives != "[]" and not re.search(r"\{(file|registry),", directives):
                    # The usual ones are there anyway, and a directive would have them read at once.
                    rc.write_text("".join(term + ".\n" for term in ["reset", *state, *terms_of(directives)]))
                    done = run(program, rc, otp)
                    cases += 1
                    if done.stdout != after + "\n" or (done.returncode == 0) != (answer == "ok"):
                        wrong += 1
                        print(f"inetrc: {line}\n  inetctl {done.stdout!r} {done.stderr!r} status {done.returncode}")
                state = [file for file in FILES.findall(after) if '"/etc/' not in file]
    if cases < 140:
        sys.exit(f"inetrc: only {cases} cases: have the data changed?")
    print(f"inetrc: {cases} cases, {wrong} otherwise than the node")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
