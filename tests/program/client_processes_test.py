"""mandos-client's two processes: what is brought up is taken down again, however either of them ends."""

import os
import signal
import time

from tests.program.client_case import PASSWORD
from tests.program.network_case import PASSWORD_AGENT, ProcessesCase
from tests.support.case import main

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Undone(ProcessesCase):
    def test_after_the_password(self):
        self.serve()
        began = time.monotonic()
        client = self.fetch(self.connect())
        client.wait_for_output(PASSWORD[-10:-1])
        written = time.monotonic()
        self.assert_gets_password(client)
        print(f"password after {(written - began) * 1000:.0f} ms, end after {(time.monotonic() - began) * 1000:.0f} ms")
        self.assert_undone()

    def test_after_a_signal_to_the_manager(self):
        client = self.waiting()
        for number in SIGNALS:
            with self.subTest(number.name):
                self.assertEqual(client.stop(number=number), -number, client.stderr)
                self.assert_undone()
                self.assertEqual(client.stdout, b"")
            client = self.fetch(self.connect(), "--debug")
            client.wait_for("TLS handshake")

    def test_after_a_signal_to_the_whole_group(self):
        client = self.waiting()
        os.killpg(client.pid, signal.SIGINT)
        self.assertEqual(client.finish(), -signal.SIGINT, client.stderr)
        self.assert_undone()

    def test_after_a_signal_to_the_fetcher(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGABRT):
            with self.subTest(number.name):
                client = self.fetch(self.connect(4712), "--debug")
                client.wait_for("can be used")
                os.kill(self.fetcher_of(client), number)
                self.assertEqual(client.finish(), -number, client.stderr)
                self.assert_undone()

    def test_after_a_signal_that_the_fetcher_does_not_obey(self):
        client = self.waiting()
        os.kill(self.fetcher_of(client), signal.SIGSTOP)
        self.assertEqual(client.stop(), -signal.SIGTERM, client.stderr)
        self.assert_undone()

    def test_with_bad_keys(self):
        junk = self.write("junk", "no key")
        client = self.fetch(self.connect(), f"--seckey={junk}")
        self.assertEqual(client.finish(), os.EX_UNAVAILABLE)
        self.assert_undone()

    def test_what_was_up_stays_up(self):
        self.here.prepare("eth0")
        self.here.ip("link set eth0 up")
        self.serve()
        self.assert_gets_password(self.fetch(self.connect()))
        self.assertIn("UP", self.flags())

    def test_when_the_manager_is_killed_the_fetcher_ends(self):
        client = self.waiting()
        fetcher = self.fetcher_of(client)
        os.kill(client.pid, signal.SIGKILL)
        self.wait_until_ended(fetcher)
        self.assertEqual(client.finish(), -signal.SIGKILL)
        self.assertIn("UP", self.flags())  # nobody is left who could take it down


class Hooks(ProcessesCase):
    def hook(self, *lines):
        shown = 'echo "$1 $MODE $DEVICE $DELAY $CONNECT $VERBOSITY $(id -u) $(cat /sys/class/net/eth0/flags)" >>%s/log'
        self.write("hooks/net", "\n".join(["#!/bin/sh", shown % self.folder, *lines, ""]), mode=0o700)

    def log(self):
        return (self.folder / "log").read_text().splitlines()

    def assert_ran(self):
        """Around the time that the interface is up: IFF_UP is the last bit of its flags."""
        words = [line.split() for line in self.log()]
        server = "[fe80::4711%eth0]:4711"
        self.assertEqual(
            [line[:-1] for line in words],
            [[mode, mode, "eth0", "1.500000", server, "0", "0"] for mode in ("start", "stop")],
        )
        self.assertEqual([int(line[-1], 16) & 1 for line in words], [0, 1])

    def options(self):
        return [self.connect(), "--interface=eth0", "--delay=1.5"]

    def test_are_run_around_the_network(self):
        self.hook()
        self.serve()
        self.assert_gets_password(self.fetch(*self.options()))
        self.assert_ran()
        self.assert_undone()

    def test_are_run_as_root_where_root_is_the_effective_user_alone(self):
        self.hook()
        self.serve()
        self.assert_gets_password(self.fetch(*self.options(), prefix=PASSWORD_AGENT))
        self.assert_ran()
        self.assert_undone()

    def test_are_stopped_after_a_signal(self):
        self.hook()
        client = self.waiting(*self.options()[1:])
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assert_ran()

    def test_nobody_waits_for_one_that_starts_when_there_is_no_more_need(self):
        self.hook('[ "$1" = stop ] || exec sleep 1000')
        client = self.fetch(*self.options())
        while not (self.folder / "log").exists():
            self.assertTrue(client.running(), client.stderr)
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assertEqual([line.split()[0] for line in self.log()], ["start", "stop"])
        self.assert_undone()

    def test_one_that_does_not_end_at_the_end_is_not_waited_for_without_end(self):
        self.hook('[ "$1" = start ] || exec sleep 1000')
        self.serve()
        self.assert_gets_password(self.fetch(*self.options()))
        self.assert_undone()

    def test_one_that_fails_at_the_end_does_not_spoil_the_password(self):
        self.hook('[ "$1" = start ]')
        self.serve()
        self.assert_gets_password(self.fetch(*self.options()))


if __name__ == "__main__":
    main()
