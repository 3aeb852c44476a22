"""Compares src/wire/checker_command with what Mandos 1.8 runs on: Python's % operator, str() and shlex.quote()."""
import datetime
import json
import os
import random
import shlex
import subprocess
import unittest
from pathlib import Path

DUMP = Path(os.environ["MANDOS_BUILD_DIR"]) / "tests/checker_dump"
ATTRIBUTES = {"host": "db1.example.org", "name": "it's $db1", "expires": "None", "empty": "", "ü": "é"}
PIECES = ["%(host)s", "%(name)s", "%(expires)s", "%(empty)s", "%(ü)s", "%%", "%%(host)s", "fping -q -- ", '"', "'", " ", "s", "é"]
BROKEN = ["%", "%(", "%(host)", "%(nobody)s", "%()s", "%(host", "%(Host)s", "%s"]


def by_python(command):
    try:
        return command % {name: shlex.quote(value) for name, value in ATTRIBUTES.items()}
    except (KeyError, ValueError, TypeError):
        return None


class Checker(unittest.TestCase):
    def setUp(self):
        seed = int(os.environ.get("MANDOS_TEST_SEED", random.SystemRandom().randrange(2**32)))
        print(f"MANDOS_TEST_SEED={seed}", flush=True)
        self.rng = random.Random(seed)

    def compare(self, questions, expected):
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        output = subprocess.run([DUMP], input=lines.encode(), check=True, capture_output=True, timeout=120).stdout
        answers = [json.loads(line) for line in output.decode().split("\n")[:-1]]
        self.assertEqual(len(answers), len(expected))
        for question, answer, right in zip(questions, answers, expected):
            self.assertEqual(answer, right, question)

    def test_quoting(self):
        characters = [chr(code) for code in range(1, 0x80)] + ["ü", "\u0660", "\u2028", "\U0001F511"]
        words = [""] + characters + ["".join(self.rng.choices(characters, k=self.rng.randrange(1, 12))) for _ in range(5000)]
        self.compare([["quote", word] for word in words], [shlex.quote(word) for word in words])

    def test_quoted_words_are_what_a_shell_reads(self):
        characters = [chr(code) for code in range(1, 0x80)]
        words = ["".join(self.rng.choices(characters, k=self.rng.randrange(12))) for _ in range(300)]
        lines = "".join(json.dumps(["quote", word]) + "\n" for word in words)
        output = subprocess.run([DUMP], input=lines.encode(), check=True, capture_output=True, timeout=120).stdout
        command = "printf '%s\\0' " + " ".join(json.loads(line) for line in output.decode().split("\n")[:-1])
        read = subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True, timeout=60).stdout
        self.assertEqual(read.decode().split("\0")[:-1], words)

    def test_expansion(self):
        right = ["".join(self.rng.choices(PIECES, k=self.rng.randrange(8))) for _ in range(5000)]
        # Python knows more conversions than %(x)s; of those made here, all that it takes is the same.
        wrong = [self.rng.choice(["", "x ", "%%"]) + broken + end for broken in BROKEN for end in ["", "%%", "/"]]
        wrong = [command for command in wrong if by_python(command) is None]
        self.assertGreater(len(wrong), 10)
        commands = right + wrong
        self.compare([["expand", command, ATTRIBUTES] for command in commands], [by_python(c) for c in commands])

    def test_time_spans(self):
        day = 86400 * 10**6
        spans = [0, 1, -1, day, -day, day - 1, 2 * day, 300 * 10**6, 36500 * day]
        spans += [self.rng.randrange(-40 * day, 40 * day) for _ in range(3000)]
        self.compare([["span", s] for s in spans], [str(datetime.timedelta(microseconds=s)) for s in spans])

    def test_times(self):
        epoch = datetime.datetime(1970, 1, 1)
        times = [0, 10**6, 951782400 * 10**6] + [self.rng.randrange(0, 4 * 10**15) for _ in range(3000)]
        self.compare([["time", t] for t in times], [str(epoch + datetime.timedelta(microseconds=t)) for t in times])


if __name__ == "__main__":
    unittest.main(verbosity=2)
