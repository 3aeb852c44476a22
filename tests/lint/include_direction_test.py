"""The floor plan holds: every #include and every link in src/ goes along an arrow that is allowed.

Reads: src/**/*.{h,cc} and src/**/CMakeLists.txt.
"""

import re

from tests.lint.tree import Sample, files, text
from tests.support.case import SOURCE, TestCase, main

# A folder of src/ may use itself and what stands here; "adapters" and "programs" stand for each folder below them.
ARROWS = {
    "base": (),
    "core": ("base",),
    "wire": ("core", "base"),
    "loop": ("core", "base"),
    "adapters": ("loop", "wire", "core", "base"),
    "programs": ("adapters", "loop", "wire", "core", "base"),
}
# Programs share nothing with each other but the headers right in programs/ and these libraries: client and keygen are
# built on the one, the plugins that ask a person on the other.
SHARED_BY_PROGRAMS = ("programs", "programs/fetch", "programs/prompt_plugins")

# What comes from outside has one home. Headers not listed here are the C and C++ libraries', or fmt's.
HOMES = {
    "gnutls/": ("adapters/tls", "adapters/openpgp", "adapters/store"),  # openpgp: ciphers and hashes, which librnp does not hand out
    "rnp/": ("adapters/openpgp",),
    "libcryptsetup": ("adapters/luks",),
    "libssh/": ("adapters/ssh",),
    "systemd/sd-bus": ("adapters/bus",),
    "asio": ("loop", "adapters", "programs"),
    "systemd/": ("adapters",),
    "curses": ("adapters/screen",),
    "nlohmann/": ("wire", "adapters", "programs"),
}
# core decides; it neither reads a clock nor touches the outside world.
NOT_IN_CORE = re.compile(
    r"#include <(unistd|fcntl|poll|netdb|fstream|iostream|filesystem|thread|cstdio|sys/(?!types|socket)\w+)"
    r"|::now\(\)|\bclock_gettime\b"
)
COMMENT = re.compile(r"//.*")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
TARGET = re.compile(r"add_mandos_(library|program)\(\s*([\w-]+)(.*?)\)", re.DOTALL)
LINKS = re.compile(r"\bLINKS\b(.*)", re.DOTALL)


def home(relative):
    """The folder of src/ that a file or an include path belongs to: base, adapters/tls, programs/mandos, ..."""
    folders = relative.split("/")[:-1]
    return "/".join(folders[:2] if folders[0] in ("adapters", "programs") else folders[:1])


def allowed(source, target):
    """May the folder `source` use the folder `target`?"""
    if source == target:
        return True
    layer, target_layer = source.split("/")[0], target.split("/")[0]
    if layer == "programs" and target in SHARED_BY_PROGRAMS:
        return True
    return target_layer in ARROWS.get(layer, ())


def may_include_outside(source, header):
    for prefix, homes in HOMES.items():
        if header.startswith(prefix):
            return any(source == folder or source.startswith(folder + "/") for folder in homes)
    return True


def libraries(root):
    """Library name -> (folder, names of the libraries of ours that it links), by src/**/CMakeLists.txt."""
    found = {}
    for file in files(root / "src", "CMakeLists.txt"):
        if file.parent == root / "src":
            continue
        folder = home(str(file.relative_to(root / "src")))
        for kind, name, rest in TARGET.findall(re.sub(r"#.*", "", text(file))):
            links = LINKS.search(rest)
            ours = re.findall(r"\bmandos_(\w+)", links.group(1)) if links else []
            found[name if kind == "library" else f"program {name}"] = (folder, [n for n in ours if n != "asio"])
    return found


def wrong_includes(root):
    problems = []
    for file in files(root / "src", ".h", ".cc"):
        relative = str(file.relative_to(root / "src"))
        source = home(relative)
        for bracket, header in INCLUDE.findall(text(file)):
            if bracket == "<":
                if not may_include_outside(source, header):
                    problems.append(f"src/{relative}: <{header}> is wrapped elsewhere: {HOMES}")
            elif "/" not in header:
                problems.append(f'src/{relative}: "{header}" is not a path from src/')
            elif home(header).split("/")[0] not in ARROWS:
                problems.append(f'src/{relative}: "{header}" is in no folder of src/')
            elif not allowed(source, home(header)):
                problems.append(f'src/{relative}: {source} may not include "{header}"')
        if source == "core":
            code = COMMENT.sub("", text(file))
            problems += [f"src/{relative}: core may not use {match.group(0)}" for match in NOT_IN_CORE.finditer(code)]
    return problems


def wrong_links(root):
    known = libraries(root)
    problems = []
    for name, (folder, links) in known.items():
        for link in links:
            if link not in known:
                problems.append(f"src/{folder}: {name} links mandos_{link}, which no folder makes")
            elif not allowed(folder, known[link][0]):
                problems.append(f"src/{folder}: {name} may not link mandos_{link} ({known[link][0]})")
    return problems


def unlinked_includes(root):
    """Includes of a folder whose library is not linked, directly or through another."""
    known = libraries(root)
    reached = {}
    for name, (folder, _) in known.items():
        reached.setdefault(folder, {folder})
        waiting = [name]
        seen = set()
        while waiting:
            current = waiting.pop()
            if current in seen or current not in known:
                continue
            seen.add(current)
            reached[folder].add(known[current][0])
            waiting += known[current][1]
    problems = []
    for file in files(root / "src", ".cc"):
        relative = str(file.relative_to(root / "src"))
        source = home(relative)
        for bracket, header in INCLUDE.findall(text(file)):
            if bracket == "<" or "/" not in header or home(header) == "programs":  # no library of its own
                continue
            if home(header) not in reached.get(source, {source}):
                problems.append(f'src/{relative}: includes "{header}", but nothing in src/{source} links {home(header)}')
    return problems


class FloorPlan(TestCase):
    def test_includes_follow_the_arrows(self):
        self.assertEqual(wrong_includes(SOURCE), [])

    def test_links_follow_the_arrows(self):
        self.assertEqual(wrong_links(SOURCE), [])

    def test_what_is_included_is_linked(self):
        self.assertEqual(unlinked_includes(SOURCE), [])

    def test_the_tree_was_read(self):
        self.assertGreater(len(files(SOURCE / "src", ".h", ".cc")), 20)
        self.assertIn("base", libraries(SOURCE))


class SelfCheck(TestCase):
    """Each rule finds a breach of itself in a made-up tree, and nothing in a clean one."""

    def setUp(self):
        super().setUp()
        self.sample = Sample(self.folder)
        self.sample.write("src/base/CMakeLists.txt", "add_mandos_library(base SOURCES a.cc LINKS fmt::fmt)")
        self.sample.write("src/core/CMakeLists.txt", "add_mandos_library(core SOURCES c.cc LINKS mandos_base)")
        self.sample.write("src/adapters/tls/CMakeLists.txt", "add_mandos_library(tls SOURCES t.cc LINKS mandos_core)")
        self.sample.write("src/adapters/tls/t.cc", '#include <gnutls/gnutls.h>\n#include "core/c.h"\n#include "base/a.h"')
        self.sample.write("src/core/c.cc", '#include "core/c.h"\n#include <string>\n#include "base/a.h"')

    def found(self):
        return wrong_includes(self.folder) + wrong_links(self.folder) + unlinked_includes(self.folder)

    def assert_found(self, words):
        self.assertEqual(len(self.found()), 1, self.found())
        self.assertIn(words, self.found()[0])

    def test_a_clean_tree_is_clean(self):
        self.assertEqual(self.found(), [])

    def test_an_include_upwards_is_found(self):
        self.sample.write("src/base/a.cc", '#include "core/c.h"')
        self.assertIn('src/base/a.cc: base may not include "core/c.h"', self.found())

    def test_an_adapter_that_knows_another_is_found(self):
        self.sample.write("src/adapters/net/n.cc", '#include "adapters/tls/tls.h"')
        self.assertTrue(any("adapters/net may not include" in problem for problem in self.found()))

    def test_a_program_that_uses_another_is_found_but_not_the_shared_library(self):
        self.sample.write("src/programs/mandos/m.h", '#include "programs/mandos-client/x.h"\n#include "programs/fetch/f.h"')
        self.assert_found("programs/mandos-client/x.h")

    def test_a_foreign_library_away_from_home_is_found(self):
        self.sample.write("src/core/d.h", "#include <gnutls/gnutls.h>")
        self.assert_found("<gnutls/gnutls.h>")

    def test_a_clock_in_core_is_found(self):
        self.sample.write("src/core/d.h", "auto t = std::chrono::steady_clock::now();")
        self.assert_found("::now()")

    def test_an_include_without_its_folder_is_found(self):
        self.sample.write("src/core/d.h", '#include "c.h"')
        self.assert_found('"c.h" is not a path from src/')

    def test_a_link_upwards_is_found(self):
        self.sample.write("src/base/CMakeLists.txt", "add_mandos_library(base SOURCES a.cc LINKS mandos_core)")
        self.assert_found("base may not link mandos_core")

    def test_an_include_that_nothing_links_is_found(self):
        self.sample.write("src/adapters/tls/CMakeLists.txt", "add_mandos_library(tls SOURCES t.cc)")
        self.assertTrue(all("nothing in src/adapters/tls links" in problem for problem in self.found()))
        self.assertEqual(len(self.found()), 2)


if __name__ == "__main__":
    main()
