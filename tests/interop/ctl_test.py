"""Our mandos-ctl does with a server of 1.8 what 1.8's own mandos-ctl does: the same output, the same properties."""

import os
import pty
import re
import select

from tests.interop.ctl_case import ENDLESS_CHECKER, CtlCase, pairs, plain_section
from tests.support.bus import PrivateBus
from tests.support.case import main, program
from tests.support.program import DEADLINE

SHOWN = "\n".join([
    plain_section("main", 1),
    plain_section("appr.example.org", 2, "approved_by_default = False", "approval_delay = PT10S"),
    plain_section("dis", 3, "enabled = False", "timeout = P1DT1H"),
    plain_section("odd", 4, "checker = sh -c \"echo 'ü' %%(host)s; true\\\\\"", host="grüße.example.org"),
])
NAMES = ("appr.example.org", "dis", "main", "odd")  # sorted


class Shows(CtlCase):
    def setUp(self):
        super().setUp()
        self.serve(SHOWN)

    def test_the_same_bytes(self):
        for options in ([], ["--verbose"], ["-v"], ["--dump-json"], ["-j"]):
            for names in (NAMES, ("odd",), ("main", "dis"), ("dis", "main", "dis")):
                with self.subTest(options=options, names=names):
                    self.assertEqual(self.new(*options, *names).stdout, self.old(*options, *names).stdout)

    def test_all_clients_sorted_by_name(self):
        for options in ([], ["-v"], ["-j"]):
            with self.subTest(options):
                self.assertEqual(self.new(*options).stdout, self.old(*options, *NAMES).stdout)
        self.assertEqual(self.new("names").stdout.decode().split(), list(NAMES))

    def test_times_longer_than_a_day_and_fractions_of_a_second(self):
        for number, (option, milliseconds) in enumerate(
            [("Timeout", 1), ("Interval", 59_999), ("ExtendedTimeout", 86_399_999), ("ApprovalDelay", 90_061_001)]
        ):
            self.set_property("main", option, milliseconds)
        self.assertEqual(self.new("-v", "main").stdout, self.old("-v", "main").stdout)
        self.assertEqual(self.new("-j", "main").stdout, self.old("-j", "main").stdout)

    def set_property(self, client, name, milliseconds):
        self.run_program(
            ["dbus-send", "--system", "--print-reply", "--dest=se.recompile.Mandos", f"/clients/{client}",
             "org.freedesktop.DBus.Properties.Set", "string:se.recompile.Mandos.Client", f"string:{name}",
             f"variant:uint64:{milliseconds}"],
            environment=self.bus.environment,
        )

    def test_an_unknown_client(self):
        before = self.clients()
        for arguments in (["nobody"], ["main", "nobody"], ["-j", "nobody"], ["-d", "main", "nobody"], ["-V", "nobody"]):
            with self.subTest(arguments):
                old, new = self.both(*arguments, expect=1)
                self.assertEqual(old.stderr, "Client not found on server: 'nobody'\n")
                self.assertTrue(new.stderr.startswith('mandos-ctl: the server has no client "nobody"\nhint: '), new.stderr)
                self.assertEqual(new.stdout + old.stdout, b"")
        self.assertEqual(self.clients(), before)

    def test_without_clients(self):
        self.new("--remove", "--all")
        self.assertEqual(self.new().stdout, b"Name Enabled Timeout Last Successful Check\n")
        self.assertEqual(self.new("-j").stdout, self.old("-j").stdout)
        self.both("--enable", "--all")
        self.assertEqual(self.new("names").stdout, b"")

    def test_closed_standard_output(self):
        for redirections in (">&-", "<&- >&- 2>&-"):
            shell = ["sh", "-c", f'exec "$@" {redirections}', "sh", program("mandos-ctl")]
            self.run_program(shell, environment=self.bus.environment, expect=1)
        self.assertEqual(len(self.clients()), len(NAMES))

    def test_disabled_clients_are_dim_on_a_terminal_only(self):
        plain = self.new().stdout.replace(b"\n", b"\r\n").decode()
        dim = re.sub(r"^(dis .*)\r\n", "\x1b[2m\\1\x1b[0m\r\n", plain, flags=re.MULTILINE)
        for environment, expected in (
            ({"TERM": "xterm"}, dim),
            ({"TERM": "xterm", "NO_COLOR": ""}, dim),
            ({"TERM": "xterm", "NO_COLOR": "1"}, plain),
            ({"TERM": "dumb"}, plain),
        ):
            with self.subTest(environment):
                self.assertEqual(self.on_a_terminal(environment), expected)

    def on_a_terminal(self, environment):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        variables = [f"{name}={value}" for name, value in environment.items()]
        command = ["env", "-u", "NO_COLOR", *variables, program("mandos-ctl")]
        shell = ["sh", "-c", f'exec "$@" >/dev/fd/{theirs}', "sh", *command]
        self.run_program(shell, environment=self.bus.environment, descriptors=(theirs,))
        os.close(theirs)
        output = b""
        while select.select([ours], [], [], DEADLINE)[0]:
            try:
                output += os.read(ours, 65536)
            except OSError:  # nobody holds the other end any more
                return output.decode()
        raise AssertionError(f"the terminal was not closed after {output!r}")


class Acts(CtlCase):
    """Each command line goes to both programs, for twins; then the twins are compared."""

    COMMANDS = (
        ["-t", "PT10M"],
        ["--timeout=5m"],
        ["--timeout", "5m 30s"],
        ["-tP24D"],
        ["--extended-timeout", "P1DT2H0M30S"],
        ["-i", "PT1H"],
        ["--interval=2h"],
        ["--approval-delay", "PT5S"],
        ["--approval-delay", "0s"],
        ["--approval-duration", "P1W"],
        ["-c", "fping -q -- %(host)s; \"$x\" 'ü'"],
        ["--checker="],
        ["-H", "grüße.example.org"],
        ["--host", ""],
        ["--host=-x"],
        ["--deny-by-default"],
        ["--approve-by-default"],
        ["-d"],
        ["-e"],
        ["--disable"],
        ["--enable"],
        ["-A"],
        ["--deny"],
        ["--is-enabled"],
        ["-t", "PT1M", "-e", "-H", "several", "--approval-delay=PT2S", "--deny-by-default", "-t", "PT3M", "-D"],
        ["--enab"],
        ["--debug", "-d"],
    )

    def test_every_option(self):
        self.serve(pairs("one", "two"), checker=ENDLESS_CHECKER)
        # At its start the server gives each client a random part of its timeout, from here on the whole of it.
        self.new("--disable", "--all")
        self.new("--enable", "--all")
        for number, command in enumerate(self.COMMANDS):
            with self.subTest(command):
                clients = ["SIDE-one"] if number % 2 == 0 or "--is-enabled" in command else ["SIDE-one", "SIDE-two"]
                old, new = self.both(*command, *clients)
                self.assertEqual(new.stdout, old.stdout)
                if "--debug" not in command:
                    self.assertEqual(new.stderr, "")
                self.assert_pairs_are_alike()

    def test_the_debug_output_names_the_same_calls(self):
        self.serve(pairs("one"))
        old, new = self.both("--debug", "-t", "PT1M", "-d", "-A", "SIDE-one")
        calls = [
            re.findall(r"^(?:mandos-ctl: )?D-Bus: (se\.recompile\.Mandos:\S+?)\(", run.stderr.replace("old", "new"), re.M)
            for run in (old, new)
        ]
        self.assertEqual(calls[1], calls[0])
        self.assertEqual(len(calls[1]), 4)

    def test_the_checker_starts_and_stops(self):
        self.serve(pairs("one"), checker=ENDLESS_CHECKER)
        self.both("--stop-checker", "SIDE-one")
        self.assertEqual(self.assert_pairs_are_alike()["one"]["CheckerRunning"], False)
        self.both("--start-checker", "SIDE-one")
        self.assertEqual(self.assert_pairs_are_alike()["one"]["CheckerRunning"], True)
        self.both("--stop-checker", "SIDE-one")
        self.assertEqual(self.assert_pairs_are_alike()["one"]["CheckerRunning"], False)

    def test_a_bumped_client_was_checked(self):
        self.serve(pairs("one"), checker=ENDLESS_CHECKER)
        self.assertEqual(self.assert_pairs_are_alike()["one"]["LastCheckedOK"], "")
        self.both("-b", "SIDE-one")
        self.assertEqual(self.assert_pairs_are_alike()["one"]["LastCheckedOK"], "TIME")

    def test_removed_clients_are_gone(self):
        self.serve(pairs("one", "two", "three"))
        self.both("-r", "SIDE-one")
        self.both("--remove", "--deny", "SIDE-two")
        self.assertEqual(list(self.assert_pairs_are_alike()), ["three"])

    def test_all(self):
        for expected, run, arguments in ((False, self.new, ["-d", "-a"]), (True, self.old, ["-e", "-a"])):
            with self.subTest(arguments):
                if expected is False:
                    self.serve(pairs("one", "two"))
                run(*arguments)
                self.assertEqual({c["Enabled"] for c in self.clients().values()}, {expected})

    def test_is_enabled(self):
        self.serve(pairs("one"))
        for command, status in ((["-e"], 0), (["-d"], 1)):
            self.both(*command, "SIDE-one")
            for run in self.both("-V", "SIDE-one", expect=status):
                self.assertEqual((run.stdout, run.stderr), (b"", ""))
        # 1.8 answers from before what is done in the same command.
        self.new("-e", "-V", "new-one")
        self.new("-d", "-V", "new-one", expect=1)

    def test_times_that_1_8_cannot_send_arrive(self):
        self.serve(pairs("one"), checker=ENDLESS_CHECKER)
        self.new("-d", "new-one")  # the server of 1.8 counts down an enabled client's with 32 bits
        self.new("-t", "P999W", "--extended-timeout=P4000D", "new-one")
        client = self.clients()["new-one"]
        self.assertEqual(client["Timeout"], 999 * 7 * 86_400_000)
        self.assertEqual(client["ExtendedTimeout"], 4000 * 86_400_000)


class Refuses(CtlCase):
    """What is wrong for 1.8 is wrong for ours: exit status 2, and nothing was done."""

    BOTH = (
        ["--foo", "SIDE-one"],
        ["-x"],
        ["--approv", "SIDE-one"],
        ["--all=yes", "-e"],
        ["-t"],
        ["--timeout"],
        ["-e"],
        ["-b"],
        ["-V"],
        ["-r"],
        ["-D"],
        ["-s", "/dev/null"],
        ["--approve-by-default"],
        ["-a"],
        ["-a", "SIDE-one"],
        ["-a", "-v"],
        ["-a", "-j"],
        ["-j", "-v"],
        ["-j", "-d", "SIDE-one"],
        ["-v", "-d", "SIDE-one"],
        ["-v", "-V", "SIDE-one"],
        ["-j", "-V", "SIDE-one"],
        ["-V", "SIDE-one", "SIDE-two"],
        ["-e", "-d", "SIDE-one"],
        ["-d", "-e", "SIDE-one"],
        ["--start-checker", "--stop-checker", "SIDE-one"],
        ["--approve-by-default", "--deny-by-default", "SIDE-one"],
        ["-A", "-D", "SIDE-one"],
        ["-r", "-e", "SIDE-one"],
        ["-r", "-A", "SIDE-one"],
        ["-r", "-V", "SIDE-one"],
        ["-s", "/nonexistent", "-d", "SIDE-one"],
        ["-t", "-5m", "SIDE-one"],
    )
    # 1.8 does something harmful, or dies.
    OURS = (
        ["-t", "xyz", "new-one"],
        ["-t", "", "new-one"],
        ["-t", " ", "new-one"],
        ["--timeout=-5m", "new-one"],
        ["-i", "1x2s3", "new-one"],
        ["-i", "5m30s", "new-one"],
        ["--extended-timeout", "PT5.5S", "new-one"],
        ["--approval-delay", "PT99999999999H", "new-one"],
        ["-s", "/dev/null", "new-one"],
        ["-H", "\udcff", "new-one"],
        ["-V", "-d", "new-one"],
        ["-V", "-a"],
        ["-r", "-t", "PT5M", "-D", "new-one"],
        ["names", "new-one"],
    )

    def setUp(self):
        super().setUp()
        self.serve(pairs("one", "two"))
        self.before = self.clients()

    def assert_refused(self, run):
        self.assertEqual(run.stdout, b"")
        self.assertRegex(run.stderr, r"(?m)^mandos-ctl: ")
        self.assertEqual(self.clients(), self.before)

    def test_usage_errors(self):
        for command in self.BOTH:
            with self.subTest(command):
                for run in self.both(*command, expect=2):
                    self.assertIn("usage: mandos-ctl", run.stderr)
                self.assert_refused(run)

    def test_what_1_8_should_have_refused(self):
        for command in self.OURS:
            with self.subTest(command):
                self.assert_refused(self.new(*command, expect=2))


class NoServer(CtlCase):
    def test_nobody_on_the_bus(self):
        for command in ([], ["-j"], ["-e", "one"], ["-V", "one"], ["-d", "-a"]):
            with self.subTest(command):
                old, new = self.both(*command, expect=1)
                self.assertTrue(old.stderr.startswith("Could not connect to Mandos server: "), old.stderr)
                self.assertRegex(
                    new.stderr,
                    r"\Amandos-ctl: could not connect to the Mandos server: org\.freedesktop\.DBus\.Error\.ServiceUnknown: .+\n"
                    r"hint: is the Mandos server running, .*\n\Z",
                )

    def test_the_server_went_away(self):
        self.serve(pairs("one")).stop()
        self.both("-e", "SIDE-one", expect=1)

    def test_access_denied(self):
        self.serve(pairs("one"))
        folder = self.folder / "strict"
        folder.mkdir()
        strict = PrivateBus(self.addCleanup, folder, '<deny send_destination="se.recompile.Mandos"/>')
        owner = self.start(
            ["/usr/bin/python3", "-B", "-c", OWN_THE_NAME], environment=strict.environment
        )
        owner.wait_for_output("owned")
        denied = self.run_program([program("mandos-ctl")], environment=strict.environment, expect=1)
        self.assertIn("org.freedesktop.DBus.Error.AccessDenied: ", denied.stderr)
        self.assertIn("hint: only root and members of the group _mandos may talk to the server\n", denied.stderr)


# Somebody who has the server's name on the bus.
OWN_THE_NAME = """
import dbus, threading
bus = dbus.SystemBus()
bus.request_name("se.recompile.Mandos")
print("owned", flush=True)
threading.Event().wait()
"""


if __name__ == "__main__":
    main()
