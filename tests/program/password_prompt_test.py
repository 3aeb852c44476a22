"""password-prompt on a terminal: what it asks, what it writes, how it ends, and that the terminal is as before.

With the argument 1.8, what both have to do alike is asked of Debian's Mandos 1.8 instead.
"""

import os
import pathlib
import resource
import signal
import subprocess
import sys

from tests.program.plugin_case import NOBODY, PluginCase
from tests.support.case import build_folder, main
from tests.support.own_machine import as_user, enter_own_machine

OLD = "1.8" in sys.argv[1:]
DEFAULT = "Enter passphrase to unlock the disk: "


class PromptCase(PluginCase):
    def path_of(self, name):
        if not OLD:
            return super().path_of(name)
        return next(pathlib.Path(build_folder() / "debian-mandos").glob(f"usr/lib/*/mandos/plugins.d/{name}"))

    def ask(self, *options, **environment):
        return self.on_terminal([self.installed("password-prompt"), *options], **environment)

    def prompted(self, *options, **environment):
        """What it asks."""
        asking = self.ask(*options, **environment)
        asking.wait_for(r": $")
        asking.type("secret\r")
        self.assertEqual(asking.finish(), (0, b"secret"))
        self.assertTrue(asking.screen.endswith(b"\r\n"))
        return asking.screen.decode(errors="backslashreplace").removesuffix("\r\n")


class Refused(PromptCase):
    def test_without_a_terminal(self):
        asked = self.run_program([self.installed("password-prompt")], stdin=b"secret\n", expect=os.EX_UNAVAILABLE)
        self.assertEqual(asked.stdout, b"")

    def test_where_plymouth_has_the_console(self):
        for name in ("plymouthd", "/usr/sbin/plymouthd"):
            daemon = subprocess.Popen([name, "infinity"], executable="/bin/sleep")  # returns once it is called so
            self.addCleanup(daemon.wait)
            self.addCleanup(daemon.kill)
            asking = self.ask()
            self.assertEqual(asking.finish(), (1, b""))
            self.assertEqual(asking.screen, b"")
            daemon.kill()
            daemon.wait()
        self.assertEqual(self.prompted(), DEFAULT)

    def test_usage_errors(self):
        for options in (["--foo"], ["-x"], ["word"], ["--prompt"], ["--debug=yes"]):
            with self.subTest(options):
                asking = self.ask(*options)
                self.assertEqual(asking.finish(), (os.EX_USAGE, b""))
                self.assertTrue(asking.screen)

    def test_help_is_no_password(self):
        for option in ("--help", "-?", "--usage", "--version", "-V"):
            with self.subTest(option):
                status, output = self.ask(option).finish()
                self.assertEqual(status, os.EX_USAGE)
                self.assertIn(b"password-prompt", output)


class Asked(PromptCase):
    def test_prompts(self):
        for expected, options, environment in (
            (DEFAULT, [], {}),
            ("Hi: ", ["--prompt=Hi"], {}),
            ("Hi: ", ["--prompt", "Hi"], {"CRYPTTAB_NAME": "root"}),
            ("Before " + DEFAULT, ["-pBefore"], {}),
            ("Before Hi: ", ["--prefix=Before", "--pro=Hi"], {}),
            ("Unlocking the disk /dev/sda1 (root)\r\nEnter passphrase: ", [], {"CRYPTTAB_SOURCE": "/dev/sda1", "CRYPTTAB_NAME": "root"}),
            ("Unlocking the disk /dev/sda1 (root)\r\nEnter passphrase: ", [], {"cryptsource": "/dev/sda1", "crypttarget": "root"}),
            ("Unlocking the disk new (name)\r\nEnter passphrase: ", [], {"cryptsource": "old", "CRYPTTAB_SOURCE": "new", "crypttarget": "old", "CRYPTTAB_NAME": "name"}),
            ("Unlocking the disk new (old)\r\nEnter passphrase: ", [], {"CRYPTTAB_SOURCE": "new", "crypttarget": "old"}),
            ("Before Unlocking the disk (root)\r\nEnter passphrase: ", ["--prefix=Before"], {"CRYPTTAB_NAME": "root"}),
            ("Unlocking the disk /dev/sda1\r\nEnter passphrase: ", [], {"CRYPTTAB_SOURCE": "/dev/sda1"}),
            ("Unlocking the disk /dev/my\\x20disk\r\nEnter passphrase: ", [], {"CRYPTTAB_SOURCE": "/dev/my\\x20disk"}),
            ("Unlocking the disk größe (⛁)\r\nEnter passphrase: ", [], {"CRYPTTAB_SOURCE": "größe", "CRYPTTAB_NAME": "⛁"}),
        ):
            with self.subTest(expected):
                self.assertEqual(self.prompted(*options, **environment), expected)

    def test_the_password_is_not_on_the_screen_and_goes_out_as_typed(self):
        for typed in ("  blanks \t", "back\\slash", "größe", "%s%n", "-n", "x" * 4094):
            with self.subTest(typed):
                asking = self.ask()
                asking.wait_for(DEFAULT)
                asking.type(typed + "\r")
                self.assertEqual(asking.finish(), (0, typed.encode()))
                self.assertEqual(asking.screen, DEFAULT.encode() + b"\r\n")
                self.assertTrue(asking.echoes())

    def test_an_end_of_input_asks_again(self):
        asking = self.ask()
        for count in range(1, 4):
            asking.wait_for(DEFAULT, count=count)
            self.assertFalse(asking.echoes())
            asking.type("\x04")
        asking.wait_for(DEFAULT, count=4)
        asking.type("secret\r")
        self.assertEqual(asking.finish(), (0, b"secret"))

    def test_as_a_user_without_rights(self):
        asking = self.on_terminal(as_user(NOBODY, [self.installed("password-prompt")]))
        asking.wait_for(DEFAULT)
        asking.type("secret\r")
        self.assertEqual(asking.finish(), (0, b"secret"))


class Mended(PromptCase):
    """What 1.8 does otherwise."""

    def test_names_reach_the_terminal_as_text_only(self):
        for name, shown in (
            (b"\x1b[31mred\x07", "\\x1b[31mred\\x07"),
            (b"two\nlines\r", "two\\nlines\\r"),
            (b"latin-1 \xe4 and C1 \x9b2J", "latin-1 \\xe4 and C1 \\x9b2J"),
            ("C1 \u009b2J".encode(), "C1 \\xc2\\x9b2J"),
            ("\u202eturned".encode(), "\\xe2\\x80\\xaeturned"),
            (b"q\"uote \\ and %s", 'q"uote \\ and %s'),
            (b"x" * 200, "x" * 96 + "..."),
        ):
            with self.subTest(name):
                asked = self.prompted(CRYPTTAB_SOURCE=os.fsdecode(name), CRYPTTAB_NAME=os.fsdecode(name))
                self.assertEqual(asked, f"Unlocking the disk {shown} ({shown})\r\nEnter passphrase: ")

    def test_a_pid_file_that_is_left_over(self):
        folder = pathlib.Path("/run/plymouth")
        folder.mkdir()
        self.addCleanup(folder.rmdir)
        for content in ("", "nonsense\n", "0\n", "-1\n", "99999999999999999999\n", f"{os.getpid()}\n", "1" * 100):
            with self.subTest(content):
                (folder / "pid").write_text(content)
                self.assertEqual(self.prompted(), DEFAULT)
        (folder / "pid").unlink()

    def test_an_empty_variable_says_nothing(self):
        self.assertEqual(self.prompted(CRYPTTAB_SOURCE="", CRYPTTAB_NAME=""), DEFAULT)
        self.assertEqual(
            self.prompted(CRYPTTAB_SOURCE="", cryptsource="old"), "Unlocking the disk old\r\nEnter passphrase: "
        )

    def test_an_empty_line_asks_again(self):
        asking = self.ask()
        asking.wait_for(DEFAULT)
        asking.type("\r")
        asking.wait_for(DEFAULT, count=2)
        asking.type("secret\r")
        self.assertEqual(asking.finish(), (0, b"secret"))

    def test_a_line_that_the_terminal_may_have_cut_is_not_used(self):
        asking = self.ask()
        asking.wait_for(DEFAULT)
        asking.type("x" * 4095 + "\r")
        asking.wait_for("longer than 4094 bytes; it is not used")
        asking.wait_for(DEFAULT, count=2)
        asking.type("secret\r")
        self.assertEqual(asking.finish(), (0, b"secret"))

    def test_a_terminal_that_is_gone_is_no_busy_loop(self):
        """A hang-up comes as a signal only to who has it as the controlling terminal."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        asking = self.on_terminal(["setpriv", "--nnp", "sh", "-c", 'trap "" HUP; exec "$0"', self.installed("password-prompt")])
        asking.wait_for(DEFAULT)
        asking.hang_up()
        self.assertEqual(asking.finish(), (os.EX_IOERR, b""))
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 5)

    def test_a_signal_ends_it_at_any_time(self):
        """1.8 can miss one that comes just before it waits for the keyboard."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                asking = self.ask()
                asking.wait_for(DEFAULT)
                self.assertFalse(asking.echoes())
                asking.type("half of i")
                asking.send(number)
                self.assertEqual(asking.finish(), (-number, b""))
                self.assertTrue(asking.echoes())
                self.assertNotIn(b"half", asking.screen)

    def test_from_the_keyboard(self):
        asking = self.ask()
        asking.wait_for(DEFAULT)
        asking.type("half of i\x03")
        self.assertEqual(asking.finish(), (-signal.SIGINT, b""))
        self.assertTrue(asking.echoes())

    def test_quit_gives_the_echo_back(self):
        asking = self.ask()
        asking.wait_for(DEFAULT)
        asking.type("half\x1c")
        self.assertEqual(asking.finish(), (-signal.SIGQUIT, b""))
        self.assertTrue(asking.echoes())

    def test_it_leaves_no_core_and_is_not_swapped_out(self):
        asking = self.ask()
        asking.wait_for(DEFAULT)
        limits = pathlib.Path(f"/proc/{asking.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        if "libasan" not in pathlib.Path(f"/proc/{asking.pid}/maps").read_text():  # with it, nothing can be locked
            self.assertRegex(pathlib.Path(f"/proc/{asking.pid}/status").read_text(), r"VmLck:\s+[1-9]")

    def test_a_closed_output_is_an_error(self):
        command = 'exec "$0" >&-'
        asking = self.on_terminal(["sh", "-c", command, self.installed("password-prompt")])
        asking.wait_for(DEFAULT)
        asking.type("secret\r")
        self.assertEqual(asking.finish(), (os.EX_IOERR, b""))
        self.assertNotIn(b"secret", asking.screen)


if OLD:
    del Mended

if __name__ == "__main__":
    enter_own_machine()
    sys.argv[1:] = [word for word in sys.argv[1:] if word != "1.8"]
    main()
