"""mandos-ctl where there is no server of Mandos: what it says, and how it ends."""

import os
import re
import socket

from tests.support.bus import PrivateBus
from tests.support.case import TestCase, main, program

USAGE = """\
usage: mandos-ctl [OPTION...] [CLIENT...]
       mandos-ctl explain [--json] CLIENT
       mandos-ctl log [--client=C] [--since=T] [--verify] [--json]
       mandos-ctl lockdown [on|off]
       mandos-ctl reload
       mandos-ctl add [FILE]
       mandos-ctl names
"""
NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


class CtlCase(TestCase):
    def ctl(self, *arguments, environment=None, **options):
        return self.run_program([program("mandos-ctl"), *arguments], environment={**NO_BUS, **(environment or {})}, **options)


class CommandLine(CtlCase):
    def test_usage_errors(self):
        for message, options in {
            'unknown option "--foo"; see --help': ["--foo"],
            'unknown option "-x"; see --help': ["-x"],
            'option "--appro" is unclear; it could be --approve-by-default, --approval-delay, --approval-duration, --approve':
                ["--appro"],
            'option "--all" takes no argument': ["--all=yes"],
            'option "--timeout" needs an argument; see --help': ["--timeout"],
            'option "-s" needs an argument; see --help': ["-s"],
            "--enable needs names of clients, or --all": ["-e"],
            "--enable and --disable cannot be given together": ["-e", "one", "-d"],
            "--all needs something to do; without it all clients are shown": ["-a"],
            "--remove goes with --deny only": ["-r", "-e", "one"],
            "--is-enabled takes exactly one client": ["-V", "one", "two"],
            'option --timeout: "xyz" is no time span; expected one like "PT5M" or "P1DT2H0M30S" (RFC 3339), '
            'or "5m 30s" with the units s, m, h, d and w': ["-t", "xyz", "one"],
            'option --timeout: the time is empty; expected one like "PT5M" or "5m"': ["-t", "", "one"],
            'option --host: "\\xff" is no UTF-8': ["-H", "\udcff", "one"],
            'option --secret: cannot open file "/nonexistent": No such file or directory': ["-s", "/nonexistent", "one"],
            'option --secret: file "/dev/null" is empty; expected an OpenPGP message, as mandos-keygen makes it':
                ["-s", "/dev/null", "one"],
        }.items():
            with self.subTest(message):
                result = self.ctl(*options, expect=2)
                self.assertEqual(result.stderr, f"mandos-ctl: {message}\n{USAGE}")
                self.assertEqual(result.stdout, b"")

    def test_a_secret_that_is_too_long(self):
        exactly = self.write("exactly", b"x" * (1 << 20))
        more = self.write("more", b"x" * (1 << 20) + b"x")
        self.assertIn("1048576 bytes", self.ctl("-s", more, "one", expect=2).stderr)
        self.assertIn("1048576 bytes", self.ctl("-s", "-", "one", expect=2, stdin=more.read_bytes()).stderr)
        self.assertIn("D-Bus", self.ctl("-s", exactly, "one", expect=1).stderr)

    def test_an_empty_secret_from_standard_input(self):
        self.assertIn("standard input is empty", self.ctl("-s", "-", "one", expect=2).stderr)

    def test_usage_errors_of_subcommands(self):
        for options in (["--foo"], ["one"], ["-a"]):
            with self.subTest(options):
                result = self.ctl("names", *options, expect=2)
                self.assertRegex(result.stderr, r"\Amandos-ctl: .*\n\Z")

    def test_help_and_version(self):
        self.assertRegex(self.ctl("--version").stdout.decode(), r"\Amandos-ctl \d+\.\d+\.\d+\n\Z")
        for words in (["-h"], ["--help"], ["one", "-e", "-h"]):
            shown = self.ctl(*words)
            self.assertTrue(shown.stdout.decode().startswith(USAGE))
            self.assertEqual(shown.stderr, "")
        for option in (
            "--help --version --all --verbose --dump-json --enable --disable --bump-timeout --start-checker --stop-checker "
            "--is-enabled --remove --checker --timeout --extended-timeout --interval --approve-by-default "
            "--deny-by-default --approval-delay --approval-duration --host --secret --approve --deny --debug --check"
        ).split():
            self.assertRegex(shown.stdout.decode(), rf"(?m)^  (-\w,|   ) {option}(=[A-Z]+)?  ")
        for line in shown.stdout.decode().splitlines():
            self.assertLessEqual(len(line), 100, line)

    def test_self_tests(self):
        self.assertEqual(self.ctl("--check").stdout, b"self-tests of times, table and JSON: all well\n")


class NoServer(CtlCase):
    COMMANDS = ([], ["one"], ["-j"], ["-v"], ["-e", "one"], ["-V", "one"], ["-r", "-D", "--all"], ["names"])

    def test_no_bus(self):
        for command in self.COMMANDS:
            with self.subTest(command):
                result = self.ctl(*command, expect=1)
                self.assertEqual(
                    result.stderr,
                    "mandos-ctl: cannot connect to the system's message bus (D-Bus): No such file or directory\n"
                    "hint: is D-Bus running on this machine? the Mandos server is reached over it\n",
                )
                self.assertEqual(result.stdout, b"")

    def test_a_bus_address_that_is_none(self):
        for address in ("nonsense", "tcp:host=no", "unix:path="):
            with self.subTest(address):
                result = self.ctl(environment={"DBUS_SYSTEM_BUS_ADDRESS": address}, expect=1)
                self.assertTrue(result.stderr.startswith("mandos-ctl: "), result.stderr)

    def test_nobody_on_the_bus(self):
        bus = PrivateBus(self.addCleanup, self.folder)
        for command in self.COMMANDS:
            with self.subTest(command):
                result = self.ctl(*command, environment=bus.environment, expect=1)
                self.assertTrue(
                    re.fullmatch(
                        r"mandos-ctl: could not connect to the Mandos server: "
                        r"org\.freedesktop\.DBus\.Error\.ServiceUnknown: .*\n"
                        r"hint: is the Mandos server running, with D-Bus \(without --no-dbus\)\?\n",
                        result.stderr,
                    ),
                    result.stderr,
                )
                self.assertEqual(result.stdout, b"")

    def test_standard_output_that_is_full(self):
        full = os.open("/dev/full", os.O_WRONLY)
        self.addCleanup(os.close, full)
        shell = ["sh", "-c", f'exec "$@" >/dev/fd/{full}', "sh", program("mandos-ctl"), "--version"]
        result = self.run_program(shell, descriptors=(full,), expect=1)
        self.assertEqual(result.stderr, "mandos-ctl: standard output: cannot write: No space left on device\n")

    def test_a_bus_that_says_nothing(self):
        """Only for completion there is a short limit: nobody waits for 25 s after the Tab key."""
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(self.folder / "silent"))
            silent.listen()
            address = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/silent"}
            result = self.ctl("names", environment=address, expect=1, deadline=20)
        self.assertIn("the system's message bus (D-Bus) does not answer\n", result.stderr)

    def test_closed_standard_descriptors(self):
        """The connection to the bus must not get the number of standard output, and the table then go to the bus."""
        bus = PrivateBus(self.addCleanup, self.folder)
        for redirections, option in ((">&-", "--version"), ("<&- >&- 2>&-", "--version"), ("<&- >&- 2>&-", "-v")):
            with self.subTest(redirections=redirections, option=option):
                shell = ["sh", "-c", f'exec "$@" {redirections}', "sh", program("mandos-ctl"), option]
                result = self.run_program(shell, environment=bus.environment, expect=1)
                if "2>" not in redirections:
                    self.assertIn("standard output: cannot write: Bad file descriptor", result.stderr)


if __name__ == "__main__":
    main()
