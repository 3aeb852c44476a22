"""A server with its state directory, and real clients with real keys that ask it: what every test of lives and state needs."""

import re
import sqlite3

from tests.program.server_case import ServerCase
from tests.support.case import program

PASSWORD = b"what opens the disk"


class StateCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.state = self.folder / "state"
        self.password = self.write("password", PASSWORD)

    def section(self, name, **options):
        """Makes keys for a client and returns its section of clients.conf; `true` is its checker if none is given."""
        keys = self.folder / f"keys-{name}"
        keys.mkdir()
        self.run_program([program("mandos-keygen"), "--dir", keys, "--name", name], expect=0)
        text = self.run_program(
            [program("mandos-keygen"), "--dir", keys, "--name", name, "--no-ssh", "--passfile", self.password], expect=0
        ).stdout.decode()
        options = {"checker": "true", **options}
        return text + "".join(f"{option} = {value}\n" for option, value in options.items())

    def client(self, server, name):
        """Starts the client; it asks until it is answered or ended."""
        keys = self.folder / f"keys-{name}"
        host, port = server.address[:2]
        return self.start(
            [program("mandos-client"), f"--connect={host}:{port}", "--interface=none", "--retry=60",
             f"--seckey={keys}/seckey.txt", f"--pubkey={keys}/pubkey.txt", f"--tls-privkey={keys}/tls-privkey.pem",
             f"--tls-pubkey={keys}/tls-pubkey.pem"]
        )

    def assert_given(self, server, name):
        client = self.client(server, name)
        self.assertEqual(client.finish(), 0, client.stderr)
        self.assertEqual(client.stdout, PASSWORD)

    def assert_refused(self, server, name, why):
        """The server says so in its log, and the client has got nothing."""
        pattern = rf'refused: client "{re.escape(name)}" {why}'
        seen = len(re.findall(pattern, server.stderr))
        client = self.client(server, name)
        server.wait_for(pattern, count=seen + 1)
        client.kill()
        self.assertEqual(client.stdout, b"")

    def database(self):
        connection = sqlite3.connect(f"file:{self.state}/state.db?mode=ro", uri=True)
        self.addCleanup(connection.close)
        return connection

    def audit(self):
        """The events of the audit log with their clients, in order."""
        return [tuple(row) for row in self.database().execute("SELECT event, client FROM audit ORDER BY number")]
