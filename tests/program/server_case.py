"""What tests of the server program share: a configuration folder, and the server started on it."""

import base64
import socket

from tests.support.case import TestCase, program
from tests.support.listener import Listener

KEY_ID = "a63b0d1a3daf451cc13d4b3699482028ae5d9c21f25730ee0af011ab43fc6e63"
OTHER_KEY_ID = "b" + KEY_ID[1:]
SECRET = base64.b64encode(b"not a real message, but bytes are bytes").decode()
NOTHING_KEY_ID = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def section(name, key_id=KEY_ID, secret=SECRET, **options):
    lines = [f"[{name}]", f"key_id = {key_id}", f"secret = {secret}"]
    return "\n".join(lines + [f"{option} = {value}" for option, value in options.items()]) + "\n"


class ServerCase(TestCase):
    def setUp(self):
        super().setUp()
        self.mandos = program("mandos")

    def configure(self, clients=None, conf=None):
        """Writes the two files; None: no such file. Returns the options that name them."""
        for name, content in (("clients.conf", clients), ("mandos.conf", conf)):
            if content is not None:
                self.write(name, content)
        return ["--configdir", self.folder, "--statedir", self.folder / "state"]

    def check(self, *, clients=None, conf=None, expect, options=()):
        """Runs mandos --check; returns its findings, a line each, the folder's name cut off."""
        result = self.run_program(
            [self.mandos, "--check", *self.configure(clients, conf), *options], expect=expect
        )
        self.assertRegex(result.stdout.decode(), r"^\d+ clients, \d+ errors, \d+ warnings; self-tests of GnuTLS and OpenPGP done\n$")
        return [line.replace(f"{self.folder}/", "") for line in result.stderr.splitlines()]

    def listener(self):
        return Listener(self.addCleanup, socket.AF_INET)

    def serve(self, clients=None, conf=None, *, options=(), wait=True, environment=None):
        """Starts the server on a socket of the test's own."""
        listener = self.listener()
        server = self.start(
            [self.mandos, "--foreground", "--debuglevel=INFO", "--no-zeroconf", f"--socket={listener.descriptor}",
             *self.configure(clients, conf), *options],
            descriptors=[listener.descriptor], environment=environment,
        )
        server.address = listener.socket.getsockname()
        if wait:
            server.wait_for(r"INFO: listening on ")
        return server

    def ask(self, server, line=b"1\r\n"):
        """Connects and sends LINE; returns the socket."""
        connection = socket.create_connection(server.address, timeout=20)
        self.addCleanup(connection.close)
        connection.sendall(line)
        return connection

    def assert_serves(self, server):
        """A peer that sends the protocol line is answered with a ClientHello."""
        self.assertEqual(self.ask(server).recv(1), b"\x16")
