"""mandos-monitor and terminals: it fits in, resizes, works with plain ASCII, and always gives the terminal back."""

import os
import select
import signal

from tests.interop.monitor_case import MonitorCase, section, three_clients
from tests.support.bus import PrivateBus
from tests.support.case import main, program
from tests.support.program import DEADLINE

DESCRIBE_TERMINAL = "stty -a | cksum"


class Refusals(MonitorCase):
    def test_it_needs_a_terminal(self):
        run = self.run_program([program("mandos-monitor")], environment=self.bus.environment, expect=69)
        self.assertEqual(run.stderr, "mandos-monitor: standard input and output are no terminal\n")
        self.assertEqual(run.stdout, b"")

    def test_it_takes_no_arguments(self):
        run = self.run_program([program("mandos-monitor"), "--no-such"], expect=64)
        self.assertIn("--no-such", run.stderr)

    def test_it_refuses_a_terminal_that_nothing_is_known_about(self):
        terminal = self.terminal()
        # ncurses itself keeps memory then, which a build with sanitizers would tell of.
        terminal.type(f"clear; ASAN_OPTIONS=detect_leaks=0 TERM=no-such {program('mandos-monitor')}; echo ended=$?")
        terminal.wait_for("type \"no-such\"")
        terminal.wait_for("^ended=69$")

    def test_help_and_version_need_no_terminal(self):
        self.assertIn(b"Usage: mandos-monitor", self.run_program([program("mandos-monitor"), "--help"]).stdout)
        self.assertRegex(self.run_program([program("mandos-monitor"), "--version"]).stdout, rb"^mandos-monitor \d")


class GivingBack(MonitorCase):
    def setUp(self):
        super().setUp()
        self.window = self.terminal()
        self.window.type(f"clear; {DESCRIBE_TERMINAL}")
        self.before = self.window.wait_for(r"^(\d+ \d+)$").group(1)
        self.window.type(f"clear; {program('mandos-monitor')}; echo ended=$?; {DESCRIBE_TERMINAL}")
        self.window.wait_for("No Mandos server is running")

    def assert_given_back(self, status):
        self.window.wait_for(f"^ended={status}$")
        self.window.wait_for(f"^{self.before}\nshell>$")
        self.window.wait_for_none("No Mandos server")  # the shell's own screen is back
        self.window.type("echo typ''ed")
        self.window.wait_for("^shell> echo typ''ed$")
        self.window.wait_for("^typed$")

    def test_after_q(self):
        self.window.press("q")
        self.assert_given_back(0)

    def test_after_capital_q(self):
        self.window.press("Q")
        self.assert_given_back(0)

    def test_after_control_c(self):
        self.window.press("C-c")
        self.assert_given_back(0)

    def test_after_each_signal_that_ends_it(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                os.kill(self.window.child("mandos-monitor"), number)
                self.assert_given_back(128 + number)
            self.window.type(f"clear; {program('mandos-monitor')}; echo ended=$?; {DESCRIBE_TERMINAL}")
            self.window.wait_for("No Mandos server is running")

    def test_after_a_bug_that_ends_it(self):
        os.kill(self.window.child("mandos-monitor"), signal.SIGABRT)
        self.assert_given_back(128 + signal.SIGABRT)

    def test_a_terminal_that_goes_away_ends_it(self):
        process = os.pidfd_open(self.window.child("mandos-monitor"))
        self.addCleanup(os.close, process)
        self.window.close()
        self.assertTrue(select.select([process], [], [], DEADLINE)[0], "it goes on without a terminal")

    def test_while_it_is_stopped(self):
        self.window.press("C-z")
        self.window.wait_for("Stopped")
        self.window.type("clear; echo typ''ed")
        self.window.wait_for("^typed$")
        self.window.type("fg")
        self.window.wait_for("No Mandos server is running")
        self.window.press("q")
        self.window.wait_for_none("No Mandos server")


class Sizes(MonitorCase):
    def test_it_follows_the_size_of_the_terminal(self):
        self.serve("".join(section(f"c{number:02}", number + 1) for number in range(40)))
        terminal = self.monitor(rows=30, columns=100)
        terminal.wait_for("^c09: ")
        terminal.wait_for_none("^c25: ")
        terminal.resize(60, 120)
        terminal.wait_for("^c25: ")
        terminal.wait_for(f"^{'─' * 120}$")
        terminal.resize(12, 40)
        terminal.wait_for(f"^{'─' * 40}$")
        terminal.wait_for_none("^c09: ")
        terminal.press("End")
        terminal.wait_for("^c39: ")
        terminal.resize(3, 10)
        terminal.wait_until(lambda screen: len(screen.rstrip("\n").split("\n")) <= 3, "three rows")
        terminal.resize(30, 100)
        terminal.wait_for("^c39: ")
        terminal.wait_for(f"^{'─' * 100}$")


class Plain(MonitorCase):
    def test_a_vt100_without_utf_8_shows_the_same_in_ascii(self):
        self.serve(three_clients())
        terminal = self.monitor(prefix="env LC_ALL=C TERM=vt100", term="xterm")
        terminal.wait_for("^carl: DISABLED$")
        terminal.wait_for("^_{100}$")
        terminal.wait_for(r"^anna: enabled.* \d:\d\d:\d\d \[[#.]{16}\]$")
        self.assertTrue("\n".join(terminal.screen()).isascii())
        self.select(terminal, "bert")
        terminal.press("PageDown")
        terminal.wait_until(lambda _: self.is_selected(terminal, "carl"), "carl selected")
        terminal.press("M-v")
        terminal.wait_until(lambda _: self.is_selected(terminal, "anna"), "anna selected")
        terminal.press("q")
        terminal.wait_for("ended=0")


class NoBus(MonitorCase):
    def test_without_a_bus_it_waits_for_one(self):
        self.bus.kill()
        os.unlink(self.folder / "bus-socket")
        terminal = self.monitor(columns=150)
        terminal.wait_for("cannot connect to the system's message bus .*; trying again")
        terminal.wait_for("^Mandos: no message bus")
        terminal.press("q")
        terminal.wait_for("^ended=0$")

    def test_a_bus_that_ends_is_told_and_looked_for(self):
        self.serve(three_clients())
        terminal = self.monitor(columns=150)
        terminal.wait_for("^carl: DISABLED$")
        self.bus.kill()
        terminal.wait_for("the connection to the message bus has ended.*; trying again")
        terminal.wait_for("^No clients$")
        (self.folder / "bus-socket").unlink()
        self.bus = PrivateBus(self.addCleanup, self.folder)  # at the same address
        self.serve(three_clients())
        terminal.wait_for("^carl: DISABLED$")


if __name__ == "__main__":
    main()
