"""askpass-fifo: what is written into cryptsetup's FIFO comes out, whose rights that needs, and what they are then.

With the argument 1.8, what both have to do alike is asked of Debian's Mandos 1.8 instead.
"""

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import threading

from tests.program.plugin_case import NOBODY, PluginCase
from tests.support.case import build_folder, main
from tests.support.own_machine import as_plugin_of, as_user, enter_own_machine

OLD = "1.8" in sys.argv[1:]
FIFO = pathlib.Path("/lib/cryptsetup/passfifo")


class FifoCase(PluginCase):
    def setUp(self):
        super().setUp()
        folder = self.folder / "cryptsetup"
        folder.mkdir(mode=0o755)
        FIFO.parent.is_dir() or self.fail("no /lib/cryptsetup on this machine")
        subprocess.run(["mount", "--bind", folder, FIFO.parent], check=True)
        self.addCleanup(subprocess.run, ["umount", FIFO.parent], check=True)

    def path_of(self, name):
        if not OLD:
            return super().path_of(name)
        return next(pathlib.Path(build_folder() / "debian-mandos").glob(f"usr/lib/*/mandos/plugins.d/{name}"))

    def plugin(self, *options):
        return as_plugin_of(NOBODY, [self.installed("askpass-fifo"), *options])

    def write_into(self, content):
        """Opens the FIFO, which waits until somebody reads, and writes."""
        self.wait_for_fifo()
        with open(FIFO, "wb", buffering=0) as fifo:
            fifo.write(content)

    def wait_for_fifo(self):
        """Until the plugin has made it."""
        while not FIFO.exists():
            os.sched_yield()


class Passed(FifoCase):
    def test_what_is_written(self):
        for made_before in (False, True):
            with self.subTest(made_before=made_before):
                FIFO.unlink(missing_ok=True)
                if made_before:
                    os.mkfifo(FIFO, 0o600)
                reading = self.start(self.plugin())
                self.write_into(b" two\nlines\n\x00")
                self.assertEqual((reading.finish(), reading.stdout), (0, b" two\nlines\n\x00"))
                status = FIFO.stat()
                self.assertTrue(stat.S_ISFIFO(status.st_mode))
                self.assertEqual((status.st_mode & 0o777, status.st_uid), (0o600, 0))

    def test_options_of_all_plugins_are_taken(self):
        reading = self.start(self.plugin("--debug", "--no-such-option", "word"))
        self.write_into(b"secret")
        self.assertEqual((reading.finish(), reading.stdout), (0, b"secret"))

    def test_it_ends_by_a_signal(self):
        reading = self.start(self.plugin())
        self.wait_for_fifo()
        self.assertEqual(reading.stop(), -signal.SIGTERM)

    def test_it_is_its_user_once_the_fifo_is_open(self):
        reading = self.start(self.plugin())
        self.wait_for_fifo()
        with open(FIFO, "wb", buffering=0) as fifo:
            status = pathlib.Path(f"/proc/{reading.pid}/status")
            expected = f"Uid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t"
            while expected not in status.read_text():
                self.assertTrue(reading.running())
                os.sched_yield()
            fifo.write(b"secret")
        self.assertEqual((reading.finish(), reading.stdout), (0, b"secret"))


class Refused(FifoCase):
    def test_without_the_folder(self):
        shutil.rmtree(self.folder / "cryptsetup")
        self.assertEqual(self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE).stdout, b"")


class Mended(FifoCase):
    """What 1.8 does otherwise."""

    def test_without_root_it_does_not_wait_for_what_cannot_be(self):
        alone = as_user(NOBODY, [self.installed("askpass-fifo")])
        refused = self.run_program(alone, expect=os.EX_NOPERM)
        self.assertIn("cannot make /lib/cryptsetup/passfifo: Permission denied", refused.stderr)
        os.mkfifo(FIFO, 0o600)
        refused = self.run_program(alone, expect=os.EX_NOPERM)
        self.assertIn("cannot open /lib/cryptsetup/passfifo: Permission denied", refused.stderr)

    def test_what_is_no_fifo_is_no_password(self):
        FIFO.write_text("secret")
        refused = self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE)
        self.assertEqual(refused.stdout, b"")
        self.assertIn("is no FIFO", refused.stderr)

    def test_a_writer_without_a_word_is_no_password(self):
        reading = self.start(self.plugin())
        self.write_into(b"")
        self.write_into(b"secret")
        self.assertEqual((reading.finish(), reading.stdout), (0, b"secret"))

    def test_a_flood_is_no_password(self):
        reading = self.start(self.plugin())
        writer = threading.Thread(target=self.flood)
        writer.start()
        self.addCleanup(writer.join)
        self.assertEqual((reading.finish(), reading.stdout), (os.EX_DATAERR, b""))

    def flood(self):
        try:
            self.write_into(b"x" * ((1 << 20) + 1))
        except BrokenPipeError:
            pass

    def test_help(self):
        for option in ("--help", "--usage", "--version", "-V"):
            self.assertIn(b"askpass-fifo", self.run_program(self.plugin(option)).stdout)


if OLD:
    del Mended

if __name__ == "__main__":
    enter_own_machine()
    sys.argv[1:] = [word for word in sys.argv[1:] if word != "1.8"]
    main()
