"""House rules that concern every file: heads, licence, scripts that parse, sizes, and no trace of where it was made.

Reads: every file of the tree.
"""

import os
import re
import subprocess

from tests.lint.tree import Sample, files, text
from tests.support.case import SOURCE, TestCase, main

MAXIMUM_LINES = 600
# Put together here, so that this file is not found itself.
FORBIDDEN = re.compile("|".join(["/wo" + "rk/", r"\.libr" + "ary/", r"\.\./sha" + "red"]))
TEXT_SUFFIXES = (".h", ".cc", ".py", ".md", ".txt", ".cmake", ".json", ".sh")


def headless(root):
    """Files that do not say at their head what they are."""
    problems = []
    for file in files(root, ".h", ".cc"):
        content = text(file)
        # What implements a header of its folder is described there; a test is described by its name.
        implements = re.search(rf'^#include "[^"]*\b{re.escape(file.parent.name)}/\w+\.h"', content, re.MULTILINE)
        speaks_for_itself = file.suffix == ".cc" and (implements or file.name.endswith("_test.cc"))
        if not speaks_for_itself and not content.startswith("//"):
            problems.append(f"{file.relative_to(root)}: does not begin with a comment that says what it is")
        if file.suffix == ".h" and "\n#pragma once\n" not in content:
            problems.append(f"{file.relative_to(root)}: has no #pragma once")
    for file in files(root, ".py"):
        if text(file) and not text(file).startswith('"""'):
            problems.append(f"{file.relative_to(root)}: does not begin with a docstring that says what it is")
    for file in files(root / "cmake", ".cmake"):
        if not text(file).startswith("#"):
            problems.append(f"{file.relative_to(root)}: does not begin with a comment that says what it is")
    return problems


def scripts(root):
    return [file for file in files(root) if file.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh", b"#!/bin/bash"))]


def broken_scripts(root):
    problems = []
    for file in scripts(root):
        name = file.relative_to(root)
        parsed = subprocess.run(["bash", "-n", file], capture_output=True, text=True, check=False)
        if parsed.returncode != 0:
            problems.append(f"{name}: {parsed.stderr.strip()}")
        if not os.access(file, os.X_OK):
            problems.append(f"{name}: has a #! line, but is not executable")
        if "bash" in text(file).splitlines()[0] and "set -euo pipefail" not in text(file):
            problems.append(f"{name}: does not stop at errors (set -euo pipefail)")
    return problems


def forbidden_words(root):
    return [
        f"{file.relative_to(root)}: {match.group(0)!r}"
        for file in files(root)
        if file.name != "LICENSE"
        for match in FORBIDDEN.finditer(text(file))
    ]


def untidy(root):
    problems = []
    for file in files(root, *TEXT_SUFFIXES):
        if "corpus" in file.parts or "vectors" in file.parts:
            continue
        content = file.read_bytes()
        name = file.relative_to(root)
        if content and not content.endswith(b"\n"):
            problems.append(f"{name}: does not end in a newline")
        if re.search(rb"[ \t]$", content, re.MULTILINE):
            problems.append(f"{name}: has blanks at the end of a line")
        if b"\t" in content:
            problems.append(f"{name}: has a tab")
        if content.count(b"\n") > MAXIMUM_LINES:
            problems.append(f"{name}: has more than {MAXIMUM_LINES} lines; it is two files")
    return problems


def unlicensed(root):
    licence = root / "LICENSE"
    if not licence.exists():
        return ["LICENSE is missing"]
    content = text(licence)
    if "GNU GENERAL PUBLIC LICENSE" not in content or "Version 3, 29 June 2007" not in content or len(content) < 30000:
        return ["LICENSE is not the full GNU General Public License, version 3"]
    return []


CHECKS = (headless, broken_scripts, forbidden_words, untidy, unlicensed)


class Tree(TestCase):
    def test_house_rules(self):
        for check in CHECKS:
            with self.subTest(check.__name__):
                self.assertEqual(check(SOURCE), [])

    def test_the_tree_was_read(self):
        self.assertGreater(len(scripts(SOURCE)), 3)
        self.assertGreater(len(files(SOURCE, ".h")), 10)


class SelfCheck(TestCase):
    """Each rule finds a breach of itself in a made-up tree."""

    def assert_found(self, check, name, content):
        file = Sample(self.folder).write(name, content)
        self.assertEqual(len(check(self.folder)), 1, f"{check.__name__} of {content!r}: {check(self.folder)}")
        file.unlink()
        self.assertEqual(check(self.folder), [])

    def test_heads(self):
        self.assert_found(headless, "src/a.h", "\n#pragma once\n")
        self.assert_found(headless, "src/a.h", "// A header.\n")
        self.assert_found(headless, "src/main.cc", "int main() {}\n")
        self.assert_found(headless, "a.py", "import sys\n")
        self.assert_found(headless, "cmake/a.cmake", "set(A)\n")

    def test_scripts(self):
        good = "#!/usr/bin/env bash\nset -euo pipefail\n"
        self.assert_found(broken_scripts, "run", good)  # not executable
        file = Sample(self.folder).write("run", good)
        file.chmod(0o755)
        self.assertEqual(broken_scripts(self.folder), [])
        for bad in (good + "if true\n", good.splitlines()[0] + "\ntrue\n"):
            file.write_text(bad)
            self.assertEqual(len(broken_scripts(self.folder)), 1, bad)

    def test_words(self):
        self.assert_found(forbidden_words, "a.md", "see /wo" + "rk/main\n")

    def test_tidiness(self):
        for content in ("no newline", "blank \n", "\ttab\n", "x\n" * (MAXIMUM_LINES + 1)):
            self.assert_found(untidy, "a.txt", content)

    def test_licence(self):
        self.assertEqual(len(unlicensed(self.folder)), 1)
        Sample(self.folder).write("LICENSE", "MIT\n")
        self.assertEqual(len(unlicensed(self.folder)), 1)


if __name__ == "__main__":
    main()
