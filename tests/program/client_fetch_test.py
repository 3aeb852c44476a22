"""mandos-client with servers that mean well: what comes out, where it goes, how the client ends."""

import os
import pathlib
import select
import signal
import socket
import subprocess

from tests.program.client_case import LARGEST, MARKER, PASSWORD, ClientCase
from tests.support.case import main
from tests.support.program import DEADLINE


class Output(ClientCase):
    def shell(self, redirection, *addresses):
        """The client with its standard output redirected, or closed."""
        script = f'exec "$@" {redirection}'
        return self.start(["/bin/sh", "-c", script, "sh", *self.command(*addresses)])

    def refuse(self, redirection, why):
        server = self.server("good")
        client = self.shell(redirection, server.address)
        client.wait_for(rf"only 0 bytes of the password could be written to standard output: .*{why}")
        server.wait_for("^sent$", count=2)  # it asks again
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assertEqual(client.stdout, b"")
        self.assert_nothing_leaked(client)

    def test_full(self):
        self.refuse(">/dev/full", "No space left on device")

    def test_closed(self):
        self.refuse(">&-", "Bad file descriptor")

    def test_everything_closed(self):
        """No connection may get the number of standard output or standard error."""
        server = self.server("good")
        client = self.shell("<&- >&- 2>&-", server.address)
        server.wait_for("^bye$", count=2)
        self.assertEqual(client.stop(), -signal.SIGTERM)

    def test_a_part_that_is_written_is_no_success(self):
        server = self.server("good", message=self.keys.encrypt(b"x" * 500_000))
        reading, writing = os.pipe()
        client = subprocess.Popen(self.command(server.address), stdout=writing, stderr=subprocess.PIPE)
        self.addCleanup(client.stderr.close)
        self.addCleanup(client.kill)
        os.close(writing)
        self.assertEqual(os.read(reading, 10), b"x" * 10)
        os.close(reading)
        self.assertEqual(client.wait(DEADLINE), os.EX_IOERR)
        self.assertRegex(client.stderr.read().decode(), r"only \d{4,} bytes of the password could be written")

    def test_is_in_no_argument_and_no_variable_while_nobody_reads_it(self):
        server = self.server("good")
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.set_blocking(writing, False)
        filled = 0
        while True:
            try:
                filled += os.write(writing, b"." * 4096)
            except BlockingIOError:
                break
        client = subprocess.Popen(self.command(server.address), stdout=writing, stderr=subprocess.DEVNULL)
        self.addCleanup(client.kill)
        os.close(writing)
        server.wait_for("^bye$")
        for file in ("cmdline", "environ"):
            self.assertNotIn(MARKER, pathlib.Path(f"/proc/{client.pid}/{file}").read_bytes())
        content = b""
        while piece := os.read(reading, 65536):
            content += piece
        self.assertEqual(content, b"." * filled + PASSWORD)
        self.assertEqual(client.wait(DEADLINE), 0)


class Passwords(ClientCase):
    def check(self, password, *gpg_options):
        server = self.server("good", message=self.keys.encrypt(password, *gpg_options))
        self.assert_gets_password(self.client(server.address), password)
        server.wait_for("^line 1$")
        server.wait_for("^bye$")

    def test_byte_for_byte(self):
        self.check(PASSWORD)

    def test_one_byte(self):
        self.check(b"\0")

    def test_100_kilobytes(self):
        self.check(os.urandom(100_000))

    def test_the_largest(self):
        self.check(b"\n" * LARGEST)

    def test_armoured(self):
        self.check(PASSWORD, "--armor")

    def test_signed(self):
        self.check(PASSWORD, "--passphrase", "", "--sign")

    def test_debug_shows_each_step_but_no_secret(self):
        server = self.server("good")
        client = self.client(server.address, options=["--debug"])
        self.assert_gets_password(client)
        for step in ("connecting", "TLS handshake", "waiting for the answer", "bytes received; decrypting"):
            self.assertIn(step, client.stderr)

    def test_silent_when_all_is_well(self):
        client = self.client(self.server("good").address)
        self.assert_gets_password(client)
        self.assertEqual(client.stderr, "")


class Addresses(ClientCase):
    def test_each_form(self):
        server = self.server("good")
        port = server.address.rpartition(":")[2]
        for address in (f"::1:{port}", f"[::1]:{port}", f"[0:0::1%lo]:{port}", f"::1%1:{port}"):
            with self.subTest(address):
                self.assert_gets_password(self.client(address))

    def test_ipv4_and_a_name(self):
        server = self.server("good", family=socket.AF_INET)
        port = server.address.rpartition(":")[2]
        for address in (f"127.0.0.1:{port}", f"[::ffff:127.0.0.1]:{port}", f"localhost:{port}"):
            with self.subTest(address):
                self.assert_gets_password(self.client(address))

    def test_a_server_that_comes_later(self):
        server = self.server("good")
        server.kill()
        client = self.client(server.address)
        client.wait_for("Connection refused")
        self.assertTrue(client.running())
        other = self.server("good")
        self.assert_gets_password(self.client(server.address, other.address))
        self.assertEqual(client.stop(), -signal.SIGTERM)

    def test_an_interface_that_is_not_there_yet(self):
        client = self.client("[fe80::1%nosuch0]:4711")
        self.assert_gets_nothing(client, r'\[fe80::1%nosuch0\]:4711: there is no network interface "nosuch0"; trying')

    def test_a_name_that_is_none(self):
        client = self.client("does-not-exist.invalid:4711")
        self.assert_gets_nothing(client, r'looking up "does-not-exist.invalid": no address found: .*; trying again')


class Signals(ClientCase):
    def test_ends_by_the_signal_that_came(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                server = self.server("silent")
                client = self.client(server.address)
                server.wait_for("^connected$")
                self.assertEqual(client.stop(number=number), -number)
                self.assertEqual(client.stdout, b"")
                server.wait_for("^gone$")

    def test_ends_by_a_signal_that_comes_together_with_the_password(self):
        # The client stands still while its decrypting child ends and the signal comes: it hears of both at once.
        # (It asks again and again, since it cannot write the password.)
        for _ in range(10):
            server = self.server("good")
            client = self.start(["/bin/sh", "-c", 'exec "$@" >&-', "sh", *self.command(server.address)])
            while not (fetcher := self.fetcher_of(client)):
                self.assertTrue(client.running(), client.stderr)
            children = pathlib.Path(f"/proc/{fetcher}/task/{fetcher}/children")
            while not children.read_text():
                self.assertTrue(client.running(), client.stderr)
            os.kill(fetcher, signal.SIGSTOP)
            for child in children.read_text().split():  # none, where it was reaped meanwhile
                self.wait_until_dead(int(child))
            os.kill(fetcher, signal.SIGTERM)
            os.kill(fetcher, signal.SIGCONT)
            self.assertEqual(client.finish(), -signal.SIGTERM, client.stderr)

    @staticmethod
    def wait_until_dead(child):
        """Until it has ended; whoever has to reap it need not have done so."""
        descriptor = os.pidfd_open(child)
        try:
            select.select([descriptor], [], [], DEADLINE)
        finally:
            os.close(descriptor)

    def test_leaves_alone_a_signal_that_was_ignored(self):
        server = self.server("silent")
        command = ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *self.command(server.address)]
        client = self.start(command)
        server.wait_for("^connected$")
        client.send(signal.SIGHUP)
        self.assertEqual(client.stop(), -signal.SIGTERM)

    def test_says_the_same_failure_only_once_in_a_while(self):
        server = self.server("empty")
        client = self.client(server.address, options=["--retry=0"])
        server.wait_for("^connected$", count=10)
        client.stop()
        self.assertEqual(client.stderr.count("it gave no password"), 1, client.stderr)


if __name__ == "__main__":
    main()
