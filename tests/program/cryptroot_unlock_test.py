"""mandos-to-cryptroot-unlock beside Debian's own askpass, whose paths cannot be changed: in a mount namespace, in which
/sys is empty, since askpass reads no FIFO where systemd has a control group there."""

import os
import signal
import unittest

from tests.program.runner_case import GIVE, PASSWORD
from tests.support.case import TestCase, main, program
from tests.support.terminal import OnTerminal

_HOLD = (
    "cp /lib/cryptsetup/askpass {folder}/askpass && mount -t tmpfs none /lib/cryptsetup && cp {folder}/askpass /lib/cryptsetup/"
    " && mount -t tmpfs none /run && mount -t tmpfs none /sys && echo ready && exec sleep infinity"
)
UNLOCK = "mandos-to-cryptroot-unlock: "


class UnlockCase(TestCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can make mount namespaces")
        self.holder = self.start(["unshare", "--mount", "sh", "-ec", _HOLD.format(folder=self.folder)])
        self.holder.wait_for_output("ready")
        self.crypttab = self.write("crypttab", "root /dev/sda2 none luks\n")
        self.runner()

    def inside(self, *arguments):
        return ["nsenter", f"--target={self.holder.pid}", "--mount", *map(str, arguments)]

    def runner(self, script=f"echo ran >&2\n{GIVE}"):
        """What takes the place of plugin-runner."""
        self.write("runner", f"#!/bin/sh\n{script}\n", 0o755)

    def command(self, *options):
        return self.inside(
            program("mandos-to-cryptroot-unlock"),
            f"--plugin-runner={self.folder}/runner",
            f"--crypttab={self.crypttab}",
            *options,
        )

    def unlock(self, *options):
        return self.start(self.command(*options))

    def ask(self, volume="root", tried=0, tries=None):
        environment = {"CRYPTTAB_NAME": volume, "CRYPTTAB_TRIED": str(tried)}
        if tries is not None:
            environment["CRYPTTAB_OPTION_tries"] = str(tries)
        asking = OnTerminal(self, self.inside("/lib/cryptsetup/askpass", "Please unlock: "), environment=environment)
        asking.wait_for("Please unlock: ")
        return asking

    def root_is_there(self, unlock):
        """As the script in local-premount says it."""
        self.run_program(self.inside("rm", "/run/mandos-keep-running"))
        self.assertEqual(unlock.finish(), 0)
        self.assert_nothing_left()

    def assert_nothing_left(self):
        self.assertEqual(self.run_program(self.inside("find", "/run", "-name", "mandos*")).stdout, b"")


class Volumes(UnlockCase):
    def test_who_asks_gets_the_password_byte_for_byte(self):
        unlock = self.unlock()
        self.assertEqual(self.ask().finish(), (0, PASSWORD))
        unlock.wait_for(f'{UNLOCK}volume "root" was given the password')
        self.root_is_there(unlock)
        self.assertNotIn("sesame", unlock.stderr)

    def test_the_question_may_come_before_the_password(self):
        os.mkfifo(self.folder / "go")
        self.runner(f"read line <{self.folder}/go\n{GIVE}")
        asking = self.ask()
        unlock = self.unlock()
        self.run_program(["sh", "-c", f"echo >{self.folder}/go"])
        self.assertEqual(asking.finish(), (0, PASSWORD))
        self.root_is_there(unlock)

    def test_the_longest_password_that_cryptsetup_reads(self):
        """Half a megabyte is more than a FIFO holds, so it is written and read in turn."""
        self.runner("head -c 524288 /dev/zero")
        unlock = self.unlock()
        status, got = self.ask().finish()
        self.assertEqual((status, len(got)), (0, 524288))
        self.root_is_there(unlock)

    def test_several_volumes_ask_in_turn(self):
        unlock = self.unlock()
        for volume in ("root", "swap", "home"):
            self.assertEqual(self.ask(volume).finish(), (0, PASSWORD))
        self.assertEqual(unlock.stderr.count("ran\n"), 1)
        self.root_is_there(unlock)

    def test_the_real_plugin_runner(self):
        plugins = self.folder / "plugins"
        plugins.mkdir(mode=0o755)
        self.write("plugins/good", f"#!/bin/sh\n{GIVE}", 0o755)
        self.write("plugins/password-prompt", "#!/bin/sh\nprintf wrong", 0o755)
        unlock = self.unlock(
            f"--plugin-runner={program('plugin-runner')}", "--", f"--plugin-dir={plugins}", "--config-file=/nonexistent"
        )
        self.assertEqual(self.ask().finish(), (0, PASSWORD))
        self.root_is_there(unlock)


class Refused(UnlockCase):
    def test_a_refused_password_is_not_given_again_but_another_one_is(self):
        count = self.write("count", "")
        self.runner(f"echo >>{count}; printf 'password %s' $(wc -l <{count})")
        unlock = self.unlock()
        self.assertEqual(self.ask(tries=0).finish(), (0, b"password 1"))
        again = self.ask(tried=1, tries=0)
        unlock.wait_for('volume "root" does not open with the password that it was given')
        self.assertEqual(again.finish(), (0, b"password 2"))
        unlock.wait_for("was given the password\n", count=2)
        self.root_is_there(unlock)

    def test_the_last_try_is_the_persons(self):
        self.runner("printf $$")
        unlock = self.unlock()
        first = self.ask().finish()
        again = self.ask(tried=2)
        unlock.wait_for("does not open with the password")
        again.type(b"typed\n")
        self.assertEqual(again.finish(), (0, b"typed"), (first, unlock.stderr))
        self.root_is_there(unlock)


class ByHand(UnlockCase):
    def setUp(self):
        super().setUp()
        self.runner("trap 'echo put back >&2; exit 1' TERM; echo running >&2; while :; do sleep 0.1; done")

    def test_what_is_typed_is_taken_and_the_network_put_back(self):
        unlock = self.unlock()
        unlock.wait_for("running")
        file = "/run/mandos-plugin-runner.pid"  # written when it runs
        number = self.run_program(self.inside("sh", "-c", f"until [ -s {file} ]; do :; done; cat {file}")).stdout
        self.assertTrue(os.path.exists(f"/proc/{int(number)}"))
        asking = self.ask()
        asking.type(b"typed\n")
        self.assertEqual(asking.finish(), (0, b"typed"))
        self.root_is_there(unlock)
        self.assertIn("put back\n", unlock.stderr)

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                unlock = self.unlock()
                unlock.wait_for("running")
                self.assertEqual(unlock.stop(number=number), 0)
                self.assertIn("put back\n", unlock.stderr)
                self.assert_nothing_left()

    def test_a_runner_that_puts_the_network_back_is_not_hurried(self):
        os.mkfifo(self.folder / "go")
        self.runner(f"trap 'echo hurried >&2' TERM\n{GIVE}\nexec >&-; read line <{self.folder}/go; echo put back >&2")
        unlock = self.unlock()
        self.assertEqual(self.ask().finish(), (0, PASSWORD))  # before it has ended
        self.run_program(self.inside("rm", "/run/mandos-keep-running"))
        self.assertTrue(unlock.running())
        self.run_program(["sh", "-c", f"echo >{self.folder}/go"])
        self.assertEqual(unlock.finish(), 0)
        self.assertIn("put back\n", unlock.stderr)
        self.assertNotIn("hurried", unlock.stderr)


class NothingToDo(UnlockCase):
    def test_no_askpass(self):
        unlock = self.run_program(self.command("--askpass=/nonexistent"))
        self.assertIn("there is no \"/nonexistent\"", unlock.stderr)
        self.assertNotIn("ran", unlock.stderr)
        self.assert_nothing_left()

    def test_no_volume_that_asks(self):
        self.crypttab.write_text("root /dev/sda2 /key luks\nswap /dev/sda3 /dev/urandom swap\n")
        unlock = self.run_program(self.command())
        self.assertIn("asks for a password; nothing is done", unlock.stderr)
        self.assertNotIn("ran", unlock.stderr)
        self.assert_nothing_left()

    def test_without_a_table_it_is_ready(self):
        self.crypttab.unlink()
        unlock = self.unlock()
        self.assertEqual(self.ask().finish(), (0, PASSWORD))
        self.root_is_there(unlock)

    def test_a_runner_that_fails(self):
        for script, words in (("exit 69", "ended with status 69"), ("kill -9 $$", "ended by signal 9"),
                              ("exit 0", "it gave no password"), ("printf half; exit 1", "ended with status 1"),
                              ("exec head -c 1048577 /dev/zero", "more than 1048576 bytes")):
            with self.subTest(script):
                self.runner(script)
                unlock = self.unlock()
                unlock.wait_for(f"plugin-runner: .*{words}")
                asking = self.ask()
                asking.type(b"typed\n")
                self.assertEqual(asking.finish(), (0, b"typed"))
                self.root_is_there(unlock)

    def test_no_runner(self):
        unlock = self.unlock("--plugin-runner=/nonexistent")
        unlock.wait_for("\"/nonexistent\": cannot be executed: No such file")
        self.root_is_there(unlock)

    def test_usage(self):
        self.assertIn("unknown option", self.run_program(self.command("--foo"), expect=os.EX_USAGE).stderr)
        self.assertIn(b"Usage: mandos-to", self.run_program(self.command("--help")).stdout)
        self.assertRegex(self.run_program(self.command("-V")).stdout, rb"^mandos-to-cryptroot-unlock \d")


if __name__ == "__main__":
    main()
