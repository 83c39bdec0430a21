"""Asks `inetctl parse` about many texts at once: what the tests of its answers share."""

import json
import subprocess

FUNCTIONS = ["parse_address", "parse_strict_address", "parse_ipv4_address", "parse_ipv4strict_address",
             "parse_ipv6_address", "parse_ipv6strict_address"]


def tuple_text(numbers):
    """As Erlang writes it."""
    return "{" + ",".join(map(str, numbers)) + "}"


class Inetctl:
    """The program under test."""

    def __init__(self, path):
        self.path = path

    def run(self, words, text):
        """What it prints, which may only be answers."""
        done = subprocess.run([self.path, "parse", *words, "-"], timeout=300, check=False, capture_output=True, input=text)
        notes = [line for line in done.stderr.splitlines() if not line.startswith(b"inetctl: note: ")]
        if done.returncode not in (0, 1) or notes:
            raise RuntimeError(f"parse {' '.join(words)}: status {done.returncode}: {done.stderr.decode()[:500]}")
        return done.stdout.decode().splitlines()

    def lines(self, words, texts):
        """One line of output for each text, which are str or bytes. A text with a NUL goes as a line, any other before a
        NUL; none may have both, or its own end of a line."""
        texts = [text if isinstance(text, bytes) else text.encode() for text in texts]
        answers = [None] * len(texts)
        for flags, end in (["-0"], b"\0"), ([], b"\n"):
            numbers = [i for i, text in enumerate(texts) if (b"\0" in text) == (end == b"\n")]
            assert not any(texts[i].endswith(b"\r") or end in texts[i] for i in numbers if end == b"\n")
            lines = self.run([*words, *flags], b"".join(texts[i] + end for i in numbers)) if numbers else []
            if len(lines) != len(numbers):
                raise RuntimeError(f"parse {' '.join(words)}: {len(lines)} lines for {len(numbers)} texts")
            for i, line in zip(numbers, lines):
                answers[i] = line
        return answers

    def some_rows(self, words, texts):
        """However many there are, where they are selected or made anew."""
        lines = self.run([*words, "-0", "--ndjson"], b"".join(text.encode() + b"\0" for text in texts))
        return [json.loads(line) for line in lines]

    def rows(self, words, texts):
        return [json.loads(line) for line in self.lines([*words, "--ndjson"], texts)]


class Judge:
    """Counts what was compared, and prints the first differences."""

    def __init__(self, name):
        self.name = name
        self.compared = 0
        self.failures = 0

    def expect(self, same, message):
        self.compared += 1
        if same:
            return
        self.failures += 1
        if self.failures <= 20:
            print(f"FAIL {message}")

    def verdict(self):
        print(f"{self.name}: {self.compared} answers, {self.failures} differences")
        return 1 if self.failures or not self.compared else 0
