"""plugin-runner's command line, configuration file, and what a plugin is started with. Run with an argument, it is held
to Debian's plugin-runner of 1.8 instead: what they share is the same."""

import os
import pathlib
import sys
import unittest

from tests.program.runner_case import GIVE, PASSWORD, RunnerCase
from tests.support.case import build_folder, main, program

DEBIAN = None
if sys.argv[1:2] == ["1.8"]:
    sys.argv.pop(1)
    DEBIAN = next((build_folder() / "debian-mandos/usr/lib").glob("*/mandos/plugin-runner"))


class Shared(RunnerCase):
    """What 1.8 does too."""

    runner_program = DEBIAN

    def test_the_password_is_passed_on_byte_for_byte(self):
        self.plugin("good", GIVE)
        self.plugin("failing", "printf wrong; exit 1")
        self.plugin("killed", "printf wrong; kill -9 $$")
        self.assertEqual(self.get(), PASSWORD)

    def test_names_that_are_no_plugins(self):
        for name in (".hidden", "#edited#", "old~", "a.dpkg-new", "a.dpkg-old", "a.dpkg-bak", "a.dpkg-divert"):
            self.plugin(name, "printf wrong")
        self.plugin("mode", "printf wrong", 0o644)
        self.plugin("of-root-alone", "printf wrong", 0o700)
        (self.plugins / "folder").mkdir()
        os.mkfifo(self.plugins / "fifo", 0o777)
        (self.plugins / "dangling").symlink_to("nowhere")
        self.plugin("a b\n", "read line </dev/null; sleep 0.2; " + GIVE)
        self.assertEqual(self.get(), PASSWORD)

    def test_a_link_to_a_plugin_is_one(self):
        (self.plugins / "link").symlink_to(self.write("elsewhere", f"#!/bin/sh\n{GIVE}", 0o755))
        self.assertEqual(self.get(), PASSWORD)

    def test_arguments(self):
        """Its own before all plugins'; what the file says before what the command line says."""
        self.plugin("show", "for each; do printf '<%s>' \"$each\"; done")
        configuration = "--options-for=show:own1,own2 # comment --global-options=never\n\t-gall1\n-o other:x"
        self.assertEqual(
            self.get("-g", "all2,all3", "-oshow:a:b", configuration=configuration),
            b"<own1><own2><a:b><all1><all2><all3>",
        )

    def test_argument_zero_is_the_name(self):
        binary = self.plugins / "showname"
        binary.write_bytes(pathlib.Path("/bin/sh").read_bytes())
        binary.chmod(0o755)
        self.assertEqual(self.get("--options-for=showname:-c,printf %s $0"), b"showname")

    def test_environment(self):
        self.plugin("show", 'printf "%s." "$A" "$B" "$C" "$MANDOSPLUGINHELPERDIR"')
        options = ["--env-for=show:B=own", "-G", "A=all", "-GB=all", "-Eother:C=wrong", "--plugin-helper-dir=/h"]
        self.assertEqual(self.get(*options, environment={"A": "inherited", "C": "inherited"}), b"all.own.inherited./h.")

    def test_disabling_the_last_word_counts(self):
        self.plugin("bad", "printf wrong")
        self.plugin("good", "read line </dev/null; sleep 0.2; " + GIVE)
        self.assertEqual(self.get("--disable=good", "-dbad", "-e", "good"), PASSWORD)
        self.assertEqual(self.get("-e", "bad", "-d", "bad", configuration="--disable=good\n--enable=good"), PASSWORD)

    def test_descriptors(self):
        """Standard input is handed on."""
        self.plugin("cat", "exec cat")
        self.assertEqual(self.get(stdin=b"typed"), b"typed")

    def test_signal_settings(self):
        self.plugin("show", "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '0[:space:]'")
        self.assertEqual(self.get(), b"SigBlk:SigIgn:")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_the_user(self):
        self.plugin("show", "grep -E '^(Uid|Gid):' /proc/self/status | tr -d '\\n'")
        self.assertEqual(self.get(), b"Uid:\t65534\t65534\t65534\t65534Gid:\t65534\t65534\t65534\t65534")
        shown = self.get("--userid=4711", "--groupid=4712")
        self.assertEqual(shown, b"Uid:\t4711\t4711\t4711\t4711Gid:\t4712\t4712\t4712\t4712")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_a_bad_number_of_a_user(self):
        self.plugin("show", "id -u")
        for bad in ("root", "-1", "1x", "99999999999"):
            with self.subTest(bad):
                runner = self.run_runner(f"--userid={bad}")
                self.assertEqual(runner.stdout, b"65534\n")
                self.assertNotEqual(runner.stderr, "")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_the_groups_plugin_of_the_user_is_executed(self):
        path = self.plugin("groups", GIVE, 0o750)
        os.chown(path, 0, 4712)
        self.assertEqual(self.get("--userid=4711", "--groupid=4712"), PASSWORD)

    def test_a_missing_configuration_file_is_none(self):
        self.plugin("good", GIVE)
        self.assertEqual(self.get("--config-file=/nonexistent"), PASSWORD)

    def test_a_configuration_file_names_no_other(self):
        self.plugin("show", 'printf "%s" "$@"')
        other = self.write("other", "--global-options=wrong", 0o644)
        self.assertEqual(self.get(configuration=f"--config-file={other} -gright"), b"right")


class Fallback(RunnerCase):
    """Whatever is wrong, a person can type the password; the status says what was."""

    def falls_back(self, status, words, *options, **rest):
        runner = self.run_runner(*options, stdin=b"typed\nrest", expect=status, **rest)
        self.assertEqual(runner.stdout, b"typed")
        for word in words if isinstance(words, tuple) else (words,):
            self.assertIn(word, runner.stderr)
        self.assertIn("no plugin gives a password", runner.stderr)

    def test_usage_errors(self):
        self.plugin("good", GIVE)
        cases = {
            'unknown option "--foo"': ["--foo"],
            'option "--debug" takes no argument': ["--debug=1"],
            'option "--userid" needs an argument': ["--userid"],
            'unexpected argument "word"': ["word"],
            '"name" does not say for which plugin': ["--options-for=name"],
            '"" is no name of a plugin': ["-d", ""],
            '"a/b" is no name of a plugin': ["--options-for=a/b:c"],
            '"VAR" is no variable': ["--global-env=VAR"],
            '"=x" is no variable': ["--env-for=a:=x"],
            'option "--plugin=x" is unclear': ["--plugin=x"],
        }
        for words, options in cases.items():
            with self.subTest(words):
                self.falls_back(os.EX_USAGE, words, *options)

    def test_nonsense_in_the_configuration_file(self):
        self.plugin("good", GIVE)
        for configuration in ("nonsense", "--nonsense", "\0\0", "--userid", "\xff"):
            with self.subTest(configuration):
                self.falls_back(os.EX_USAGE, "plugin-runner.conf", configuration=configuration)
        self.falls_back(os.EX_USAGE, "larger than", configuration="#" * (1 << 20) + "#")

    def test_no_directory(self):
        self.falls_back(os.EX_UNAVAILABLE, ("/nonexistent", "No such file"), "--plugin-dir=/nonexistent")
        self.falls_back(os.EX_UNAVAILABLE, "Not a directory", "--plugin-dir=/bin/sh")

    def test_no_plugin(self):
        self.falls_back(0, ())

    def test_none_that_can_be_executed(self):
        self.plugin("mode", GIVE, 0o644)
        self.write("plugins/junk", b"\x7fELFjunk", 0o755)
        self.write("plugins/interpreter", b"#!/nonexistent\n", 0o755)
        self.falls_back(
            0,
            (
                'plugin "mode" is not started: it cannot be executed',
                'plugin "junk": cannot be executed: ',
                'plugin "interpreter": cannot be executed: ',
            ),
        )

    def test_each_fails(self):
        self.plugin("status", "printf wrong; exit 3")
        self.plugin("signal", "printf wrong; kill -SEGV $$")
        self.plugin("empty", "exit 0")
        self.falls_back(
            0,
            (
                'plugin "status" ended with status 3',
                'plugin "signal" was ended by signal 11 (Segmentation fault)',
                'plugin "empty": it gave an empty password, which is not used',
            ),
        )

    def test_nobody_answers(self):
        runner = self.run_runner(expect=1)
        self.assertEqual(runner.stdout, b"")
        self.assertIn("there is no password", runner.stderr)
        self.run_runner("--foo", expect=os.EX_USAGE)


class Information(RunnerCase):
    def test_information(self):
        runner = program("plugin-runner")
        self.assertRegex(self.run_program([runner, "-V"]).stdout, rb"^plugin-runner \d+\.\d+\.\d+\n$")
        for option in ("--help", "-?", "--usage"):
            told = self.run_program([runner, option])
            self.assertTrue(told.stdout.startswith(b"Usage: plugin-runner"))
            self.assertIn(b"--plugin-helper-dir=DIR", told.stdout)
            self.assertEqual(told.stderr, "")


if DEBIAN:
    del Fallback, Information

if __name__ == "__main__":
    main()
