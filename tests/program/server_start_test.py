"""How the server starts and ends: its command line, its socket, its user, as a daemon, and by signals."""

import grp
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import unittest

from tests.program.server_case import KEY_ID, SECRET, ServerCase, section
from tests.support.case import main

ROOT = os.geteuid() == 0


class CommandLine(ServerCase):
    def test_usage_errors_end_with_2(self):
        for words, options in {
            'unknown option "--prot"': ["--prot"],
            "option --port: \"http\" is no number from 0 to 65535": ["--port=http"],
            "option --port: \"65536\" is no number from 0 to 65535": ["-p", "65536"],
            "option --debuglevel: \"LOUD\" is no log level": ["--debuglevel=LOUD"],
            'option "--no-dbus" takes no argument': ["--no-dbus=yes"],
            'option "--no" is unclear; it could be --no-dbus, --no-ipv6, --no-restore, --no-zeroconf': ["--no"],
            'unexpected argument "start"': ["start"],
            "without Zeroconf nobody can find a port that the kernel chooses: give --port or --socket": ["--no-zeroconf", "--port=0"],
        }.items():
            with self.subTest(words):
                result = self.run_program([self.mandos, "--configdir", self.folder, *options], expect=2)
                self.assertIn(words, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1)
                self.assertEqual(result.stdout, b"")

    def test_version_and_help(self):
        self.assertRegex(self.run_program([self.mandos, "--version"]).stdout.decode(), r"^mandos \d+\.\d+\.\d+\n$")
        text = self.run_program([self.mandos, "-h"]).stdout.decode()
        for option in ("interface", "address", "port", "check", "debug", "debuglevel", "priority", "servicename", "configdir",
                       "no-dbus", "no-ipv6", "no-restore", "statedir", "socket", "foreground", "no-zeroconf", "version"):
            self.assertIn(f"--{option}", text)

    def test_the_command_line_goes_before_the_file(self):
        conf = "[DEFAULT]\ndebuglevel = CRITICAL\nservicename = From file\nforeground = no\nsocket = 77\n"
        server = self.serve(section("a"), conf)
        self.assertIn("INFO: listening on", server.stderr)

    def test_the_file_goes_before_the_defaults(self):
        listener = self.listener()
        conf = f"[DEFAULT]\nforeground = yes\nzeroconf = off\ndebuglevel = info\nsocket = {listener.descriptor}\n"
        server = self.start([self.mandos, *self.configure(section("a"), conf)], descriptors=[listener.descriptor])
        server.wait_for(f"INFO: listening on 127.0.0.1:{listener.port}, 1 clients")


class Start(ServerCase):
    def test_a_missing_interface_ends_it(self):
        server = self.run_program(
            [self.mandos, "--foreground", "--interface=mandos-none", *self.configure(section("a"))], expect=1)
        self.assertIn('there is no network interface "mandos-none"; see: ip link', server.stderr)

    def test_a_second_one_on_the_port_says_so(self):
        first = self.listener()
        server = self.run_program(
            [self.mandos, "--foreground", "--no-ipv6", f"--port={first.port}", *self.configure(section("a"))], expect=1)
        self.assertIn(f"port {first.port} is taken, perhaps by another mandos", server.stderr)

    def test_a_wrong_descriptor_ends_it(self):
        server = self.run_program([self.mandos, "--foreground", "--socket=99", *self.configure(section("a"))], expect=1)
        self.assertIn("descriptor 99 cannot be used: Bad file descriptor", server.stderr)

    def test_it_serves_as_another_user_with_what_only_root_could_read(self):
        if not ROOT:
            self.skipTest("only root can become another user")
        secret = self.write("secret", b"an OpenPGP message", mode=0o600)
        server = self.serve(f"[a]\nkey_id = {KEY_ID}\nsecfile = {secret}\n")
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        for kind in ("Uid", "Gid"):
            numbers = set(re.search(rf"^{kind}:\s+(.*)$", status, re.MULTILINE).group(1).split())
            self.assertEqual(len(numbers), 1)
            self.assertNotEqual(numbers, {"0"})
        self.assertRegex(status, r"(?m)^Groups:\s*$")
        self.assertRegex(status, r"(?m)^CapEff:\s*0+$")
        self.assertRegex(status, r"(?m)^CapPrm:\s*0+$")
        self.assert_serves(server)

    def test_secret_files_are_found_through_variables(self):
        self.write("home/secret", b"an OpenPGP message")
        text = f"[a]\nkey_id = {KEY_ID}\nsecfile = $MANDOS_TEST/${{MANDOS_TEST_2}}\n"
        home = f"[b]\nkey_id = b{KEY_ID[1:]}\nsecfile = ~/secret\n"
        result = self.run_program(
            [self.mandos, "--check", *self.configure(text + home)],
            environment={"MANDOS_TEST": str(self.folder), "MANDOS_TEST_2": "home/secret", "HOME": str(self.folder / "home")})
        self.assertEqual(result.stderr, "")

    def test_signals_end_it_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                server = self.serve(section("a"))
                # The silent ones first: once those behind them are answered, they have been accepted too.
                held = [self.ask(server, b"") for _ in range(5)] + [self.ask(server) for _ in range(5)]
                for connection in held[5:]:
                    self.assertEqual(connection.recv(1), b"\x16")
                # Sooner than those in their handshake are let go anyway.
                self.assertEqual(server.stop(number=number, deadline=15), 0)
                for connection in held:
                    while connection.recv(65536):
                        pass  # and then they see the end

    def test_approval_that_never_comes(self):
        """Whoever waits for approval does not keep the server from stopping; 1.8 hung."""
        server = self.serve(section("a", approval_delay="PT1H"))
        self.assert_serves(server)
        self.assertEqual(server.stop(), 0)


class Daemon(ServerCase):
    """In a mount namespace with a /run of its own, so that the machine's pid file is left alone."""

    def setUp(self):
        super().setUp()
        if not ROOT:
            self.skipTest("only root can make a mount namespace")

    def in_own_run(self, script, *, expect=0, listener=None):
        command = f"mount -t tmpfs none /run && {script}"
        return self.run_program(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec", command],
            expect=expect, descriptors=[listener.descriptor] if listener else [])

    def test_a_start_that_fails_is_told(self):
        options = " ".join(map(str, self.configure(section("a", timeout="x"))))
        result = self.in_own_run(f"{self.mandos} --port=1 --no-zeroconf {options} && exit 7; status=$?; ls -A /run; exit $status", expect=1)
        self.assertIn("option timeout", result.stderr)
        self.assertEqual(result.stdout, b"")  # no pid file

    def test_a_daemon_lets_go_and_leaves_its_pid(self):
        listener = self.listener()
        options = " ".join(map(str, self.configure(section("a"))))
        script = (
            f"{self.mandos} --no-zeroconf --socket={listener.descriptor} {options}; pid=$(cat /run/mandos.pid); "
            "stat -c '%a %U' /run/mandos.pid; readlink /proc/$pid/cwd /proc/$pid/fd/0 /proc/$pid/fd/1 /proc/$pid/fd/2; "
            "ps -o sid= -p $pid | tr -d ' ' | grep -qvx $$ && echo own session; grep -c . /proc/$pid/comm; kill $pid"
        )
        result = self.in_own_run(script, listener=listener)
        self.assertEqual(result.stdout.decode(), "644 root\n/\n/dev/null\n/dev/null\n/dev/null\nown session\n1\n", result.stderr)


if __name__ == "__main__":
    main()
