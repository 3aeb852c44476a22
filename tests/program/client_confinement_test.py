"""mandos-client once it talks to strangers: it is nobody, it can do next to nothing, and it still gets its password."""

import os
import pathlib
import socket

from tests.program.client_case import ClientCase
from tests.support.case import build_folder, main
from tests.support.listener import Listener
from tests.support.program import run


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


class Confinement(ClientCase):
    def talking(self, *addresses, **options):
        """A client whose connection has been taken and is not answered; and the socket it is on."""
        listener = Listener(self.addCleanup)
        client = self.client(listener.address, *addresses, **options)
        listener.socket.settimeout(60)
        connection, _ = listener.socket.accept()
        self.addCleanup(connection.close)
        self.assertEqual(connection.recv(64), b"1\r\n")
        return client, connection

    def taken_over(self, *addresses):
        client, _connection = self.talking(*addresses)
        attempts = run([build_folder() / "tests/take_over", self.fetcher_of(client)]).stdout.decode().splitlines()
        self.assertEqual(client.stop(), -15)
        return dict(attempt.split(": ") for attempt in attempts)

    def test_who_takes_it_over_can_do_nothing(self):
        attempts = self.taken_over()
        done = {what for what, result in attempts.items() if result == "done"}
        self.assertEqual(done, {"make an IPv4 socket", "close it"})
        self.assertGreater(len(attempts), 10)

    def test_names_to_look_up_make_it_read_what_that_takes_and_no_more(self):
        attempts = self.taken_over("localhost:1")
        done = {what for what, result in attempts.items() if result == "done"}
        self.assertEqual(done, {"make an IPv4 socket", "close it", "make a local socket", "read a file"})

    def test_it_is_no_longer_root(self):
        client, _connection = self.talking()
        status = status_of(self.fetcher_of(client))
        self.assertEqual(len(set(status["Uid"])), 1)
        self.assertNotEqual(status["Uid"][0], "0")
        self.assertNotEqual(status["Gid"][0], "0")
        self.assertEqual(status["Groups"], [])
        for capabilities in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[capabilities][0], 16), 0, capabilities)
        self.assertEqual(status["NoNewPrivs"], ["1"])
        self.assertEqual(status["Seccomp"], ["2"])

    def test_with_rights_by_its_file_alone_it_becomes_who_started_it(self):
        # As password-agent starts it: the real user has no rights, the effective one is root.
        listener = Listener(self.addCleanup)
        started = ["setpriv", "--ruid=65534", "--rgid=65534", "--clear-groups", *self.command(listener.address)]
        client = self.start(started)
        listener.socket.settimeout(60)
        connection, _ = listener.socket.accept()
        self.addCleanup(connection.close)
        self.assertEqual(connection.recv(64), b"1\r\n")
        self.assertEqual(status_of(self.fetcher_of(client))["Uid"], ["65534"] * 4)
        self.assertEqual(client.stop(), -15)

    def test_without_any_rights_it_gets_its_password_too(self):
        server = self.server("good")
        for path in (self.keys.folder, *self.keys.folder.glob("*.*")):
            os.chown(path, 65534, 65534)
            self.addCleanup(os.chown, path, 0, 0)
        parent = self.keys.folder.parent
        os.chmod(parent, 0o711)
        self.addCleanup(os.chmod, parent, 0o700)
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        client = self.start([*user, *self.command(server.address)])
        self.assert_gets_password(client)

    def test_a_name_is_looked_up_and_asked(self):
        server = self.server("good", family=socket.AF_INET)
        port = server.address.rpartition(":")[2]
        client = self.client(f"localhost:{port}")
        self.assert_gets_password(client)


if __name__ == "__main__":
    main()
