"""Each program needs the shared libraries that are written down for it, and no other.

Reads: BUILD/bin/* and tests/lint/shared_libraries.txt. What mandos-client needs has to fit into an initramfs, so a new
library is a decision: change the list in the commit that explains it. Registered for the release preset.
"""

import re
import subprocess

from tests.support.case import SOURCE, TestCase, build_folder, main


def needed(program):
    dynamic = subprocess.run(["readelf", "--dynamic", "--wide", program], check=True, capture_output=True, text=True)
    return set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.+?)\]", dynamic.stdout))


def written_list(text):
    """Lines of "PROGRAM: LIBRARY LIBRARY ..."; # begins a comment."""
    programs = {}
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if line:
            name, _, libraries = line.partition(":")
            programs[name.strip()] = set(libraries.split())
    return programs


def differences(actual, written):
    problems = []
    for name in sorted(actual.keys() | written.keys()):
        if name not in written:
            problems.append(f"{name} is not in the list")
        elif name not in actual:
            problems.append(f"{name} is in the list, but was not built")
        else:
            problems += [f"{name} needs {library}, which is not in the list" for library in sorted(actual[name] - written[name])]
            problems += [f"{name} does not need {library} any more" for library in sorted(written[name] - actual[name])]
    return problems


class SharedLibraries(TestCase):
    def test_each_program_needs_what_is_written_down(self):
        actual = {program.name: needed(program) for program in (build_folder() / "bin").iterdir()}
        written = written_list((SOURCE / "tests/lint/shared_libraries.txt").read_text())
        self.assertEqual(differences(actual, written), [])


class SelfCheck(TestCase):
    def test_needed_libraries_are_read(self):
        source = self.write("sample.cc", "int main() {}")
        sample = self.folder / "sample"
        self.run_program(["g++", "-Wl,--no-as-needed", "-lm", "-o", sample, source])
        self.assertLessEqual({"libc.so.6", "libm.so.6"}, needed(sample))

    def test_each_difference_is_found(self):
        written = written_list("# list\na: x y # why\n\nb: z\n")
        self.assertEqual(written, {"a": {"x", "y"}, "b": {"z"}})
        self.assertEqual(differences(written, written), [])
        self.assertEqual(differences({"a": {"x", "q"}, "c": set()}, written), [
            "a needs q, which is not in the list",
            "a does not need y any more",
            "b is in the list, but was not built",
            "c is not in the list",
        ])


if __name__ == "__main__":
    main()
