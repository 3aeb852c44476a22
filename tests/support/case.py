"""What every test script is made of: a test case with a folder of its own that is gone afterwards, and main().

ctest's idea of a script's result: 0 passed, 77 something was skipped (the reasons are printed), else failed.
"""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from tests.support.program import Program, run

SOURCE = pathlib.Path(os.environ.get("MANDOS_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SKIPPED = 77


def build_folder():
    """The build tree whose programs are tested."""
    folder = os.environ.get("MANDOS_BUILD_DIR")
    if not folder:
        raise AssertionError("MANDOS_BUILD_DIR is not set; run this test through ctest")
    return pathlib.Path(folder)


def program(name):
    """The path of a program of ours."""
    path = build_folder() / "bin" / name
    if not path.exists():
        raise AssertionError(f"{path} was not built")
    return path


class StartsPrograms:
    """For what has a folder and addCleanup(): what start() started is ended by a clean-up."""

    def start(self, arguments, **options):
        started = Program(arguments, **options)
        self.addCleanup(started.kill)
        return started

    def run_program(self, arguments, **options):
        return run(arguments, **options)

    def write(self, name, content, mode=0o600):
        """Writes a file below the folder; returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path


class TestCase(StartsPrograms, unittest.TestCase):
    """Has self.folder; ends what self.start() started, also after a failure."""

    maxDiff = None

    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)


def temporary_folder(add_cleanup, prefix="mandos-test-"):
    """A new folder that others may pass through (servers drop their privileges), removed by a clean-up."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    add_cleanup(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return folder


def main():
    """Runs the tests of the script that calls it and ends the process with ctest's status."""
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful() or result.unexpectedSuccesses:
        sys.exit(1)
    if result.testsRun == 0:
        print("no test was run", file=sys.stderr)
        sys.exit(1)
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    sys.exit(SKIPPED if result.skipped else 0)
