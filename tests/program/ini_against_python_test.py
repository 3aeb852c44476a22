"""Compares src/wire/ini and interpolation with Python's own ConfigParser, which defines the dialect: thousands of random
files, made of what is likely to be read differently. Both accept or refuse each, and all values are the same."""
import configparser
import json
import os
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

DUMP = Path(os.environ["MANDOS_BUILD_DIR"]) / "tests/ini_dump"
FILES = int(os.environ.get("MANDOS_TEST_FILES", "6000"))
NAMES = ["a", "b", "Host", "key id", "ünï", "%", "a b", "", "x.y"]
SECTIONS = ["s", "t", "DEFAULT", "a]b", " x ", "ü", "", "s"]
SPACES = ["", "", " ", "  ", "\t", " \t ", "\u00a0", "\x0c", "\u2003"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]
WORDS = ["1", "x y", "%(a)s", "%(b)s", "%(HOST)s", "%%", "%", "%(", "%(a)", "%(nobody)s", "é", "a=b", "c:d", "# no",
         "; no", "[x]", "=", ":", "", "%(a)s%(b)s", "\u2028", "\x1c", "\x85"]


def value(rng):
    return rng.choice(SPACES).join(rng.choice(WORDS) for _ in range(rng.randrange(4)))


def line(rng):
    kind = rng.randrange(20)
    indent = rng.choice(SPACES)
    if kind < 3:
        return f"{rng.choice(['', '', indent])}[{rng.choice(SECTIONS)}]{rng.choice(['', '', ' junk', ']'])}"
    if kind < 13:
        name = rng.choice(NAMES) + rng.choice(["", "", "", str(rng.randrange(100))])
        delimiter = rng.choice("==:")
        return f"{rng.choice(['', '', '', indent])}{name}{rng.choice(SPACES)}{delimiter}{rng.choice(SPACES)}{value(rng)}"
    if kind < 16:
        return rng.choice([" ", "  ", "\t", "\u00a0", "    "]) + value(rng)
    if kind < 17:
        return rng.choice(SPACES) + rng.choice(["#", ";"]) + value(rng)
    if kind < 19:
        return indent
    return rng.choice(["nonsense", "= x", ": y", "[", "[]", "[s"])


def generate(rng):
    lines = [] if rng.randrange(8) == 0 else [f"[{rng.choice(['DEFAULT', 's', 'ü'])}]"]
    # Mostly short files, and names that differ: long ones are nearly all refused for something given twice.
    lines += [line(rng) for _ in range(rng.randrange(1, 12))]
    return "".join(text + rng.choice(ENDS) for text in lines[:-1]) + lines[-1] + rng.choice(["", "\n"])


def by_python(path):
    parser = configparser.ConfigParser()
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (configparser.Error, UnicodeDecodeError):
        return "error"
    result = {}
    for name in parser.sections():
        result[name] = {}
        for option in list(parser.defaults()) + parser.options(name):
            try:
                result[name][option] = parser.get(name, option)
            except configparser.InterpolationError:
                result[name][option] = None
    return result


class AgainstPython(unittest.TestCase):
    def compare(self, texts):
        """Returns how many were accepted."""
        accepted = 0
        with tempfile.TemporaryDirectory() as directory:
            paths = []
            for number, text in enumerate(texts):
                path = Path(directory) / str(number)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                paths.append(path)
            output = subprocess.run([DUMP, *paths], check=True, capture_output=True, timeout=120).stdout
            # JSON escapes no U+2028 and the like, so lines are split at "\n" alone.
            answers = output.decode().split("\n")[:-1]
            self.assertEqual(len(answers), len(texts))
            for text, path, answer in zip(texts, paths, answers):
                expected = by_python(path)
                self.assertEqual(json.loads(answer), expected, f"file: {text!r}")
                accepted += expected != "error"
        return accepted

    def test_invalid_utf8_is_refused(self):
        self.assertEqual(self.compare([b"[s]\na = \xff\n", b"\xff", b"[s]\na = \xc0\xaf\n", b"[s]\na=\xed\xa0\x80"]), 0)

    def test_known_traps(self):
        texts = ["", "\n", "# x\n", "[s]", "[s]\na", "[s]\na=\n\n\n b\n", "[s]\na=1\n\n\n\n[t]", "[s]\na=1\n #c\n b\n",
                 "\ufeff[s]\na=1\n", "[s]\na = 1\n   b = 2\n  c = 3\n d = 4\n", "[DEFAULT]\nx=%(y)s\n[s]\ny=1\n",
                 "[s]\nA=1\n%(a)s=2", "[s]\n\ta=1\n\t\tb\n", "[s]\na=1\r\n b\r\n\r\n c\r\nd=2\r\n",
                 "[s]\nk\u0130=1\n", "[s]\na =\n b\n\n\n", "[s]\na=x\n[DEFAULT]\na=y\n[t]\n"]
        self.assertGreater(self.compare([t for t in texts if "\u0130" not in t]), 5)

    def test_random_files_are_read_alike(self):
        seed = int(os.environ.get("MANDOS_TEST_SEED", random.SystemRandom().randrange(2**32)))
        print(f"MANDOS_TEST_SEED={seed}", flush=True)
        rng = random.Random(seed)
        accepted = 0
        for _ in range(FILES // 500):
            accepted += self.compare([generate(rng) for _ in range(500)])
        self.assertGreater(accepted, FILES // 20, "too few files were valid to compare values")


if __name__ == "__main__":
    unittest.main(verbosity=2)
