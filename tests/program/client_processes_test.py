"""mandos-client's two processes: what is brought up is taken down again, however either of them ends; and who has which rights."""

import os
import pathlib
import signal
import time

from tests.program.client_case import PASSWORD
from tests.program.network_case import NetworkCase
from tests.support.case import build_folder, main
from tests.support.program import run

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PASSWORD_AGENT = ["setpriv", "--ruid=65534", "--rgid=65534", "--clear-groups"]  # effective and saved: root
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
MANAGER_RIGHTS = 1 << 5 | 1 << 12 | 1 << 34  # CAP_KILL, CAP_NET_ADMIN, CAP_SYSLOG


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


class ProcessesCase(NetworkCase):
    def setUp(self):
        super().setUp()
        self.cable()
        self.before = self.state()

    def waiting(self, *options, **more):
        """A client that has brought the interface up, and whose server keeps it waiting."""
        server = self.serve("silent")
        client = self.fetch(self.connect(), *options, **more)
        server.wait_for("^connected$")
        self.assertIn("UP", self.flags())
        return client

    def assert_undone(self):
        self.assertEqual(self.state(), self.before)


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
        self.assertEqual(client.stderr, "")

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
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
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

    def test_one_that_fails_at_the_end_does_not_spoil_the_password(self):
        self.hook('[ "$1" = start ]')
        self.serve()
        self.assert_gets_password(self.fetch(*self.options()))


class Rights(ProcessesCase):
    def assert_manager(self, client, real):
        status = status_of(client.pid)
        self.assertEqual(status["Uid"][:2], [str(real), "0"])
        self.assertEqual(status["Gid"][:2], [str(real), "0"])
        self.assertEqual(status["Groups"], [])
        for rights in ("CapEff", "CapPrm"):
            self.assertEqual(int(status[rights][0], 16), MANAGER_RIGHTS & int(status["CapBnd"][0], 16), rights)
        self.assertEqual(os.readlink(f"/proc/{client.pid}/fd/1"), "/dev/null")  # not where the password goes

    def assert_fetcher(self, client, *, real=None):
        status = status_of(self.fetcher_of(client))
        for numbers in (status["Uid"], status["Gid"]):
            self.assertEqual(len(set(numbers)), 1)
            self.assertNotEqual(numbers[0], "0")
            if real is not None:
                self.assertEqual(numbers[0], str(real))
        self.assertEqual(status["Groups"], [])
        for rights in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[rights][0], 16), 0, rights)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), (["1"], ["2"]))

    def test_as_root(self):
        client = self.waiting()
        self.assert_manager(client, 0)
        self.assert_fetcher(client)
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assert_undone()

    def test_with_root_as_the_effective_user_alone(self):
        client = self.waiting(prefix=PASSWORD_AGENT)
        self.assert_manager(client, 65534)
        self.assert_fetcher(client, real=65534)
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assert_undone()

    def test_without_any_with_the_network_up(self):
        self.here.prepare("eth0")
        self.here.ip("link set eth0 up")
        links_and_settings = self.state()[::4]
        for path in (self.keys.folder, *self.keys.folder.glob("*.*")):
            os.chown(path, 65534, 65534)
            self.addCleanup(os.chown, path, 0, 0)
        os.chmod(self.keys.folder.parent, 0o711)
        self.addCleanup(os.chmod, self.keys.folder.parent, 0o700)
        self.serve()
        client = self.fetch(self.connect(), prefix=NOBODY)
        self.assert_gets_password(client)
        self.assertEqual(self.state()[::4], links_and_settings)

    def test_the_manager_does_not_read_what_others_send(self):
        """It has no socket of the Internet's."""
        client = self.waiting()
        net = "".join((pathlib.Path(f"/proc/{client.pid}/net") / name).read_text() for name in ("tcp6", "tcp", "udp6", "udp"))
        for path in pathlib.Path(f"/proc/{client.pid}/fd").iterdir():
            target = os.readlink(path)
            if target.startswith("socket:"):
                self.assertNotIn(f" {target[8:-1]} ", net)
        self.assertEqual(client.stop(), -signal.SIGTERM)


class TakenOver(ProcessesCase):
    def test_nonsense_from_the_fetcher_ends_both(self):
        loopback = "04" + "00" * 3 + "02000000" + "00" * 15 + "01" + "00" * 16
        for message in ("00" * 40, "01" * 40, "04" * 39, "04" * 400, loopback):
            with self.subTest(message):
                client = self.fetch(self.connect(4712), "--debug")
                client.wait_for("trying again")
                fetcher = self.fetcher_of(client)
                # It is killed before take_over knows that it has sent.
                run([build_folder() / "tests/take_over", fetcher, self.channel_of(fetcher), message], expect=None)
                self.assertEqual(client.finish(), os.EX_PROTOCOL, client.stderr)
                self.assertIn("is ended, since it was taken over", client.stderr)
                self.assert_undone()


if __name__ == "__main__":
    main()
