"""The plugin for Plymouth: what it has Plymouth ask, what becomes of the question when the plugin is ended, and whose
rights it needs. With a stand-in that writes down what it is called with, and with the real Plymouth on a terminal.

With the argument 1.8, what both have to do alike is asked of Debian's Mandos 1.8 instead.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

from tests.program.plugin_case import NOBODY, PluginCase
from tests.support.case import build_folder, main
from tests.support.own_machine import MACHINES_SBIN, as_plugin_of, as_user, enter_own_machine, stand_in, take_back
from tests.support.terminal import OnTerminal

OLD = "1.8" in sys.argv[1:]
CLIENT = "/usr/bin/plymouth"
DAEMON = "/sbin/plymouthd"
LOG = pathlib.Path("/run/calls")
# Separated by bytes that no argument has; the user, effective and real, last.
SCRIPT = r"""#!/bin/sh
{ printf '%s' "${0##*/}"; printf '\001%s' "$@"; printf '\001%s/%s\002' "$(id -u)" "$(id -ru)"; } >>/run/calls
case "$1" in
--ping) exit "$(cat /run/ping 2>/dev/null || echo 0)" ;;
ask-for-password)
    [ ! -e /run/hang ] || { echo asked >&2; exec sleep infinity; }
    cat /run/answer
    exit "$(cat /run/status 2>/dev/null || echo 0)" ;;
esac
"""


class PlymouthCase(PluginCase):
    def path_of(self, name):
        if not OLD:
            return super().path_of(name)
        return next(pathlib.Path(build_folder() / "debian-mandos").glob(f"usr/lib/*/mandos/plugins.d/{name}"))

    def plugin(self, *options):
        words = [self.installed("plymouth"), *options]
        # 1.8 leaves its real user what it calls, and a shell makes that its only one.
        return words if OLD else as_plugin_of(NOBODY, words)


class StandIn(PlymouthCase):
    def setUp(self):
        super().setUp()
        for path in (CLIENT, DAEMON):
            stand_in(path, SCRIPT)
        self.addCleanup(take_back, CLIENT)
        LOG.write_bytes(b"")
        self.set("answer", "secret")

    def set(self, name, value):
        file = pathlib.Path("/run") / name
        file.write_text(value)
        self.addCleanup(file.unlink, missing_ok=True)

    def calls(self):
        """What was called, each with its arguments, and by whom."""
        calls = [call.split("\x01") for call in LOG.read_text().split("\x02")[:-1]]
        return [call[:-1] for call in calls], {call[-1].split("/")[0] for call in calls}

    def prompt(self, *options, **environment):
        LOG.write_bytes(b"")
        asked = self.run_program(self.plugin(*options), environment=environment)
        self.assertEqual(asked.stdout, b"secret")
        calls, users = self.calls()
        self.assertEqual([call[:2] for call in calls], [["plymouth", "--ping"], ["plymouth", "ask-for-password"]])
        self.assertEqual(users, {"0"})
        return calls[1][2].removeprefix("--prompt=")

    def interrupt(self, number=signal.SIGTERM):
        """Ends the plugin by a signal while it asks; returns its status and what was called from then on."""
        self.set("hang", "")
        asking = self.start(self.plugin())
        asking.wait_for("asked")
        status = asking.stop(number=number)
        self.assertEqual(asking.stdout, b"")
        return status, self.calls()[0][2:]


class Refused(StandIn):
    def test_without_plymouth(self):
        self.set("ping", "1")
        asked = self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE)
        self.assertEqual(asked.stdout, b"")
        self.assertEqual(self.calls()[0], [["plymouth", "--ping"]])

    def test_usage_errors(self):
        for options in (["--foo"], ["-x"], ["word"], ["--prompt"]):
            with self.subTest(options):
                self.assertEqual(self.run_program(self.plugin(*options), expect=os.EX_USAGE).stdout, b"")
        self.assertEqual(self.calls()[0], [])

    def test_plymouth_that_gives_no_answer(self):
        self.set("status", "3")
        self.set("answer", "")
        self.assertEqual(self.run_program(self.plugin(), expect=1 if OLD else os.EX_TEMPFAIL).stdout, b"")


class Asked(StandIn):
    def test_prompts(self):
        for expected, options, environment in (
            ("Unlocking the disk\nEnter passphrase", [], {}),
            ("Unlocking the disk /dev/sda1 (root)\nEnter passphrase", [], {"cryptsource": "/dev/sda1", "crypttarget": "root"}),
            ("Unlocking the disk /dev/sda1\nEnter passphrase", [], {"cryptsource": "/dev/sda1"}),
            ("Unlocking the disk (root)\nEnter passphrase", [], {"crypttarget": "root"}),
            ("Hi", ["--prompt=Hi"], {"crypttarget": "root"}),
        ):
            with self.subTest(expected):
                self.assertEqual(self.prompt(*options, **environment), expected)

    def test_the_answer_goes_out_as_it_is(self):
        self.set("answer", " two\nlines ")
        self.assertEqual(self.run_program(self.plugin()).stdout, b" two\nlines ")

    def test_help(self):
        for option in ("--help", "-?", "--usage", "--version", "-V"):
            self.run_program(self.plugin(option))


class Interrupted(StandIn):
    AGAIN = [["plymouth", "quit"], ["plymouthd", "--mode=boot", "--attach-to-session"], ["plymouth", "show-splash"]]

    def test_plymouth_is_started_again(self):
        self.assertEqual(self.interrupt(), (1, self.AGAIN))

    def test_by_each_signal(self):
        for number in (signal.SIGINT, signal.SIGHUP):
            LOG.write_bytes(b"")
            self.assertEqual(self.interrupt(number), (1, self.AGAIN))


class Mended(StandIn):
    """What 1.8 does otherwise."""

    def test_the_variables_of_crypttab(self):
        prompt = self.prompt(CRYPTTAB_SOURCE="/dev/sdb", CRYPTTAB_NAME="home", cryptsource="/dev/sda", crypttarget="root")
        self.assertEqual(prompt, "Unlocking the disk /dev/sdb (home)\nEnter passphrase")

    def test_names_reach_the_screen_as_text_only(self):
        prompt = self.prompt(CRYPTTAB_SOURCE="\x1b[2J", CRYPTTAB_NAME="two\nlines")
        self.assertEqual(prompt, "Unlocking the disk \\x1b[2J (two\\nlines)\nEnter passphrase")

    def test_a_prompt_is_never_longer_than_plymouth_takes(self):
        prompt = self.prompt(CRYPTTAB_SOURCE="x" * 1000, CRYPTTAB_NAME="y" * 1000)
        self.assertLess(len(prompt), 255)

    def test_with_the_arguments_it_had(self):
        arguments = ["--mode=boot", "--pid-file=/run/x", "two words"]
        daemon = subprocess.Popen(["plymouthd", *arguments], executable=self.takes_any_arguments())
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        _, calls = self.interrupt()
        self.assertEqual(calls[1], ["plymouthd", *arguments])

    def takes_any_arguments(self):
        path = self.folder / "waits"
        self.run_program(["gcc", "-x", "c", "-o", path, "-"], stdin=b"#include <unistd.h>\nint main(void) { for (;;) pause(); }\n")
        return path

    def test_what_a_user_calls_plymouthd_is_not_believed(self):
        waits = self.takes_any_arguments()
        waits.chmod(0o755)
        daemon = subprocess.Popen(["plymouthd", "--evil"], executable=waits, user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        status, calls = self.interrupt()
        self.assertEqual((status, calls), (1, Interrupted.AGAIN))

    def test_without_root_it_says_what_it_misses(self):
        self.set("ping", "1")
        asked = self.run_program(as_user(NOBODY, [self.installed("plymouth")]), expect=os.EX_UNAVAILABLE)
        self.assertIn(f"does not listen to user {NOBODY}", asked.stderr)

    def test_plymouth_that_hangs(self):
        stand_in(CLIENT, "#!/bin/sh\nexec sleep infinity\n")
        self.addCleanup(take_back, CLIENT)
        self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE)

    def test_no_plymouth_at_all(self):
        stand_in(CLIENT, "no program")
        self.addCleanup(take_back, CLIENT)
        os.chmod(CLIENT, 0o644)
        asked = self.run_program(self.plugin(), expect=os.EX_UNAVAILABLE)
        self.assertIn("there is no program plymouth", asked.stderr)


class RealPlymouth(PlymouthCase):
    def setUp(self):
        super().setUp()
        shutil.copy(MACHINES_SBIN / "plymouthd", "/sbin/plymouthd")
        pathlib.Path("/run/plymouth").mkdir(exist_ok=True)
        self.console = OnTerminal(self, ["sleep", "infinity"])
        subprocess.run(
            ["/sbin/plymouthd", "--mode=boot", f"--tty={self.console.name}", "--pid-file=/run/plymouth/pid",
             "--kernel-command-line=plymouth.ignore-udev plymouth.ignore-serial-consoles"],
            check=True,
        )
        subprocess.run([CLIENT, "show-splash"], check=True)
        self.addCleanup(subprocess.run, [CLIENT, "quit"], check=True)

    def daemon(self):
        return int(pathlib.Path("/run/plymouth/pid").read_text())

    def test_it_asks_and_the_answer_comes(self):
        asking = self.start(self.plugin(), environment={"CRYPTTAB_SOURCE": "/dev/sda1", "CRYPTTAB_NAME": "root"})
        self.console.wait_for(r"Unlocking the disk /dev/sda1 \(root\)\s+Enter passphrase:")
        self.console.type("secret\r")
        self.assertEqual((asking.finish(), asking.stdout), (0, b"secret"))

    def test_a_question_that_was_taken_back_gets_no_answer(self):
        """Plymouth itself would give the next answer to the asker that is gone."""
        before = self.daemon()
        given_up = self.start(self.plugin("--prompt=First"))
        self.console.wait_for("First")
        self.assertEqual(given_up.stop(), 1)
        self.assertNotEqual(self.daemon(), before)
        asking = self.start(self.plugin("--prompt=Second"))
        self.console.wait_for("Second")
        self.console.type("secret\r")
        self.assertEqual((asking.finish(), asking.stdout), (0, b"secret"))

    def test_it_does_not_listen_to_who_is_not_root(self):
        asked = self.run_program(as_user(NOBODY, [self.installed("plymouth")]), expect=os.EX_UNAVAILABLE)
        self.assertIn(f"does not listen to user {NOBODY}", asked.stderr)


if OLD:
    del Mended, RealPlymouth

if __name__ == "__main__":
    enter_own_machine()
    sys.argv[1:] = [word for word in sys.argv[1:] if word != "1.8"]
    main()
