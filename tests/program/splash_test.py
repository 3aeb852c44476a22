"""The plugins for the boot screens Splashy and Usplash, with stand-ins: these are in no distribution any more."""

import os
import pathlib
import shutil
import signal
import subprocess

from tests.program.plugin_case import NOBODY, PluginCase
from tests.support.case import main
from tests.support.own_machine import as_plugin_of, as_user, enter_own_machine, stand_in

# Started the second time it says so with a file and ends, as a daemon's first process does.
DAEMON = "[ ! -e /run/started ] || { touch /run/started-again; exit 0; }; touch /run/started; echo up; while :; do sleep 1000 & wait; done"
UPDATE = r"""#!/bin/sh
printf '%s|' "$@" >/run/calls
[ ! -e /run/hang ] || { echo asked >&2; exec sleep infinity; }
printf secret
exit "$(cat /run/status 2>/dev/null || echo 0)"
"""


class SplashCase(PluginCase):
    name = ""

    def setUp(self):
        super().setUp()
        for name in ("started", "started-again", "hang", "status", "calls"):
            self.addCleanup(pathlib.Path("/run", name).unlink, missing_ok=True)

    def start_daemon(self, **options):
        path = f"/sbin/{self.name}"
        shutil.copy(os.path.realpath("/bin/sh"), path)
        self.addCleanup(os.unlink, path)
        daemon = self.start([path, "-c", DAEMON], **options)
        daemon.wait_for_output("up")
        return daemon

    def plugin(self, *options):
        return as_plugin_of(NOBODY, [self.installed(self.name), *options])

    def check_not_running(self):
        for options in ([], ["--debug"], ["--no-such-option", "word"]):
            refused = self.run_program(self.plugin(*options), expect=os.EX_UNAVAILABLE)
            self.assertEqual(refused.stdout, b"")
        someone = subprocess.Popen([f"/sbin/{self.name}", "infinity"], executable="/bin/sleep", user=NOBODY, group=NOBODY)
        self.addCleanup(someone.wait)
        self.addCleanup(someone.kill)
        self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE)


class Splashy(SplashCase):
    name = "splashy"

    def setUp(self):
        super().setUp()
        stand_in("/sbin/splashy_update", UPDATE)

    def test_not_running(self):
        self.check_not_running()

    def test_it_asks(self):
        self.start_daemon()
        for prompt, environment in (
            ("Enter passphrase to unlock the disk: ", {}),
            ("Unlocking the disk /dev/sda1 (root)\nEnter passphrase: ", {"cryptsource": "/dev/sda1", "crypttarget": "root"}),
            ("Unlocking the disk \\x1b[2J\nEnter passphrase: ", {"CRYPTTAB_SOURCE": "\x1b[2J"}),
        ):
            asked = self.run_program(self.plugin(), environment=environment)
            self.assertEqual(asked.stdout, b"secret")
            self.assertEqual(pathlib.Path("/run/calls").read_text(), f"getpass {prompt}|")

    def test_no_answer(self):
        self.start_daemon()
        pathlib.Path("/run/status").write_text("1")
        self.assertIn("no answer", self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE).stderr)

    def interrupt(self, command):
        pathlib.Path("/run/hang").touch()
        asking = self.start(command)
        asking.wait_for("asked")
        self.assertEqual(asking.stop(), -signal.SIGTERM)
        return asking

    def test_interrupted_it_is_started_again(self):
        daemon = self.start_daemon()
        self.interrupt(self.plugin())
        self.assertFalse(daemon.running())
        self.assertTrue(pathlib.Path("/run/started-again").exists())

    def test_without_root_it_goes_on_asking(self):
        daemon = self.start_daemon()
        pathlib.Path("/run/calls").touch()
        pathlib.Path("/run/calls").chmod(0o666)
        asking = self.interrupt(as_user(NOBODY, [self.installed("splashy")]))
        self.assertIn("only root can start it again", asking.stderr)
        self.assertTrue(daemon.running())


class Usplash(SplashCase):
    name = "usplash"
    COMMANDS = pathlib.Path("/dev/.initramfs/usplash_fifo")
    ANSWERS = pathlib.Path("/dev/.initramfs/usplash_outfifo")

    def setUp(self):
        super().setUp()
        self.COMMANDS.parent.mkdir(mode=0o755)
        self.addCleanup(shutil.rmtree, self.COMMANDS.parent)
        for fifo in (self.COMMANDS, self.ANSWERS):
            os.mkfifo(fifo)
            fifo.chmod(0o666)

    def read_commands(self, reader, count):
        """COUNT of them; each ends in a NUL."""
        text = b""
        while text.count(b"\0") < count:
            text += os.read(reader, 1)
        return [command.decode() for command in text.split(b"\0")[:-1]]

    def open_commands(self):
        """For writing too, so that it never is at its end."""
        reader = os.open(self.COMMANDS, os.O_RDWR)
        self.addCleanup(os.close, reader)
        return reader

    def test_not_running(self):
        self.check_not_running()

    def test_it_asks(self):
        self.start_daemon()
        reader = self.open_commands()
        for answer in (b"secret\0", b"secret", b"two\nlines\0and more"):
            with self.subTest(answer):
                asking = self.start(self.plugin(), environment={"CRYPTTAB_SOURCE": "/dev/sda1", "CRYPTTAB_NAME": "root"})
                self.assertEqual(
                    self.read_commands(reader, 2),
                    ["TIMEOUT 0", "INPUTQUIET Unlocking the disk /dev/sda1 (root)\nEnter passphrase: "],
                )
                with open(self.ANSWERS, "wb", buffering=0) as fifo:
                    fifo.write(answer)
                self.assertEqual(self.read_commands(reader, 2), ["TIMEOUT 15", "PULSATE"])
                self.assertEqual((asking.finish(), asking.stdout), (0, answer.split(b"\0")[0]))

    def test_interrupted_it_is_started_again(self):
        daemon = self.start_daemon()
        reader = self.open_commands()
        asking = self.start(self.plugin())
        self.read_commands(reader, 2)
        self.assertEqual(asking.stop(), -signal.SIGTERM)
        self.assertEqual(asking.stdout, b"")
        self.assertFalse(daemon.running())
        self.assertTrue(pathlib.Path("/run/started-again").exists())
        self.assertEqual(self.read_commands(reader, 2), ["TIMEOUT 15", "PULSATE"])

    def test_nobody_reads_its_commands(self):
        self.start_daemon()
        refused = self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE)
        self.assertIn("cannot open /dev/.initramfs/usplash_fifo", refused.stderr)


if __name__ == "__main__":
    enter_own_machine()
    main()
