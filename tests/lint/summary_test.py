"""The last line of tools/check can be relied on: real ctest runs with known results add up to what they should.

Reads: tests/support/summarize.py.
"""

import sys

from tests.support.case import SOURCE, TestCase, main

PROJECT = """\
cmake_minimum_required(VERSION 3.25)
project(sample LANGUAGES NONE)
enable_testing()
foreach(test {tests})
  add_test(NAME ${{test}} COMMAND sh ${{CMAKE_SOURCE_DIR}}/${{test}}.sh)
  set_tests_properties(${{test}} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1)
endforeach()
"""
SCRIPTS = {
    "passes": "exit 0",
    "fails": "exit 1",
    "skips": "echo 'skipped: no such device'; exit 77",
    "crashes": "kill -SEGV $$",
    "hangs": "exec tail -f /dev/null",
    "gtest": "echo '[  SKIPPED ] Suite.Case'; exit 0",
}


class Summary(TestCase):
    def ctest(self, *tests):
        """Runs a project of these tests; returns ctest's JUnit file."""
        self.write("CMakeLists.txt", PROJECT.format(tests=" ".join(tests)))
        for test in tests:
            self.write(f"{test}.sh", SCRIPTS[test])
        build = self.folder / "build"
        self.run_program(["cmake", "-G", "Ninja", "-S", self.folder, "-B", build])
        self.run_program(["ctest", "--test-dir", build, "--output-junit", self.folder / "junit.xml"], expect=None)
        return self.folder / "junit.xml"

    def summarize(self, junit, skips="", failed_steps=0, *, expect):
        file = self.write("skips.txt", skips)
        command = [sys.executable, "-B", SOURCE / "tests/support/summarize.py", file, failed_steps, *junit]
        return self.run_program(command, expect=expect).stdout.decode().splitlines()

    def test_every_kind_of_result_is_counted(self):
        junit = self.ctest(*SCRIPTS)
        lines = self.summarize([junit, junit], failed_steps=1, expect=1)
        self.assertEqual(lines[-1], "2 passed, 7 failed, 4 skipped")
        for words in ("FAILED fails", "FAILED crashes", "FAILED hangs", "no such device", "Suite.Case", "NOT LISTED"):
            self.assertTrue(any(words in line for line in lines), words)

    def test_what_passes_is_a_success(self):
        self.assertEqual(self.summarize([self.ctest("passes")], expect=0), ["1 passed, 0 failed, 0 skipped"])

    def test_a_failed_step_is_a_failure(self):
        lines = self.summarize([self.ctest("passes")], failed_steps=1, expect=1)
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_a_skip_has_to_be_listed_with_its_reason(self):
        junit = self.ctest("passes", "skips")
        self.assertEqual(self.summarize([junit], expect=1)[-1], "1 passed, 0 failed, 1 skipped")
        self.assertEqual(self.summarize([junit], "skips for want of a device\n", expect=0)[-1], "1 passed, 0 failed, 1 skipped")
        self.summarize([junit], "skips\n", expect=1)

    def test_no_test_at_all_is_a_failure(self):
        self.summarize([], expect=1)


if __name__ == "__main__":
    main()
