"""What the server has said holds: through SIGKILL, restarts and full disks. And it says no to a state that it cannot trust."""

import os
import pathlib
import re
import signal
import sqlite3
import unittest

from tests.program.state_case import StateCase
from tests.support.case import main

ROOT = os.geteuid() == 0


class Lives(StateCase):
    def kill_and_restart(self, server, clients, **options):
        server.send(signal.SIGKILL)
        server.finish()
        return self.serve(clients, **options)

    def test_who_was_not_heard_of_stays_disabled_after_a_kill(self):
        """Mandos 1.8 hands the secret out again."""
        clients = self.section("away", timeout="PT1S", interval="PT1H")
        server = self.serve(clients)
        self.assert_given_or_expired(server, "away")
        server = self.kill_and_restart(server, clients)
        self.assert_refused(server, "away", "is disabled")
        self.assertEqual(server.stop(), 0)
        server = self.serve(clients)
        self.assert_refused(server, "away", "is disabled")

    def assert_given_or_expired(self, server, name):
        server.wait_for(rf'client "{name}": expired \(no sign of life within the timeout of PT1S\)')
        self.assert_refused(server, name, "is disabled")

    def test_a_kill_gives_nobody_more_time(self):
        clients = self.section("here", timeout="PT4S", interval="PT1H", extended_timeout="PT4S")
        server = self.serve(clients)
        server = self.kill_and_restart(server, clients)
        server.wait_for(r'client "here": expired', deadline=20)
        self.assert_refused(server, "here", "is disabled")

    def test_every_release_is_in_the_audit_log_before_the_client_has_it(self):
        clients = self.section("one") + self.section("two")
        server = self.serve(clients)
        for name in ("one", "two", "one"):
            self.assert_given(server, name)
            self.assertEqual(self.audit()[-1 if self.audit()[-1][0] == "secret-released" else -2], ("secret-released", name))
        server.send(signal.SIGKILL)
        server.finish()
        released = [client for event, client in self.audit() if event == "secret-released"]
        self.assertEqual(released, ["one", "two", "one"])

    def test_what_left_the_configuration_is_gone(self):
        both = self.section("stays") + self.section("goes")
        stays = both[: both.index("[goes]")]
        server = self.serve(both)
        self.assert_given(server, "goes")
        self.assertEqual(server.stop(), 0)
        server = self.serve(stays)
        client = self.client(server, "goes")
        server.wait_for("refused: unknown key ID")
        client.kill()
        self.assertEqual(client.stdout, b"")
        self.assert_given(server, "stays")
        self.assertIn(("client-removed", "goes"), self.audit())

    def test_without_the_stored_state_everything_begins_anew(self):
        clients = self.section("away", timeout="PT1S", interval="PT1H")
        server = self.serve(clients)
        server.wait_for('client "away": expired')
        self.assertEqual(server.stop(), 0)
        patient = clients.replace("timeout = PT1S", "timeout = PT1H")
        server = self.serve(patient)
        self.assert_refused(server, "away", "is disabled")
        self.assertEqual(server.stop(), 0)
        server = self.serve(patient, options=["--no-restore"])
        self.assert_given(server, "away")

    def test_it_says_how_it_ended_before(self):
        """In the log and in the audit log, which goes on where the state is not restored too."""
        expected = ["for the first time", "after a crash", "after a clean stop", "after a clean stop"]
        for count, how in enumerate(expected, 1):
            server = self.serve("", options=["--no-restore"] if count == len(expected) else [])
            server.wait_for(rf"NOTICE: server-started \({how}\)$")
            started = "SELECT cause FROM audit WHERE event = 'server-started' ORDER BY number"
            self.assertEqual([cause for cause, in self.database().execute(started)], expected[:count])
            if how == "for the first time":
                server.send(signal.SIGKILL)
                server.finish()
            else:
                self.assertEqual(server.stop(), 0)

    def test_an_administrator_enables_through_the_configuration(self):
        clients = self.section("one", enabled="no")
        server = self.serve(clients)
        self.assert_refused(server, "one", "is disabled")
        self.assertEqual(server.stop(), 0)
        server = self.serve(clients.replace("enabled = no", "enabled = yes"))
        self.assert_given(server, "one")


@unittest.skipUnless(ROOT, "only root can make a small disk")
class FullDisk(StateCase):
    """The state is on a disk that is full: nobody gets anything, and everything goes on when there is room again."""

    def test_nothing_is_released_that_cannot_be_recorded(self):
        clients = self.section("one")
        disk = self.folder / "disk"
        disk.mkdir()
        listener = self.listener()
        script = 'mount -t tmpfs -o size=400k,mode=755 none "$1"; shift; exec "$@"'
        self.write("clients.conf", clients)
        server = self.start(
            ["unshare", "--mount", "sh", "-c", script, "sh", disk, self.mandos, "--foreground", "--debuglevel=INFO",
             "--no-zeroconf", "--no-dbus", f"--socket={listener.descriptor}", "--configdir", self.folder,
             "--statedir", disk / "state"],
            descriptors=[listener.descriptor])
        server.address = listener.socket.getsockname()
        server.wait_for("listening on ")
        self.assert_given(server, "one")
        filler = pathlib.Path(f"/proc/{server.pid}/root{disk}/filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass  # full
        # What is in the journal already has room; soon there is none.
        refused = r'refused: client "one" gets nothing: the audit record cannot be written'
        while not re.search(refused, server.stderr):
            seen = len(re.findall("secret sent to|" + refused, server.stderr))
            client = self.client(server, "one")
            server.wait_for("secret sent to|" + refused, count=seen + 1)
            client.kill()
        server.wait_for("CRITICAL: the state cannot be written: .*; nothing is released until it can be")
        filler.unlink()
        server.wait_for("the state can be written again: secrets are released again")
        self.assert_given(server, "one")
        self.assertEqual(server.stop(), 0)


class BadState(StateCase):
    """A state that cannot be trusted keeps the server from starting, and is left as it is."""

    def setUp(self):
        super().setUp()
        self.clients = self.section("one")
        server = self.serve(self.clients)
        self.assert_given(server, "one")
        self.assertEqual(server.stop(), 0)
        self.file = self.state / "state.db"

    def refused(self, *expected):
        before = self.file.read_bytes()
        server = self.serve(self.clients, wait=False)
        self.assertEqual(server.finish(), 1)
        for text in (str(self.state), *expected):
            self.assertIn(text, server.stderr)
        self.assertNotIn("listening on", server.stderr)
        self.assertEqual(self.file.read_bytes(), before)

    def test_not_a_database(self):
        self.file.write_bytes(b"This is no database, but somebody's shopping list: " * 100)
        self.refused("file is not a database")

    def test_truncated(self):
        self.file.write_bytes(self.file.read_bytes()[:-4096])
        self.refused("it is damaged")

    def test_somebody_elses_database(self):
        self.file.unlink()
        owner = self.state.stat()
        other = sqlite3.connect(self.file)
        other.execute("CREATE TABLE shopping (item TEXT)")
        other.commit()
        other.close()
        os.chown(self.file, owner.st_uid, owner.st_gid)
        self.file.chmod(0o600)
        self.refused("not one of Mandos")

    def test_a_newer_version(self):
        self.change("PRAGMA user_version = 99")
        self.refused("version 99", "newer Mandos")

    def test_an_audit_log_that_was_cut(self):
        self.change("DROP TRIGGER audit_is_never_deleted", "DELETE FROM audit WHERE number > 2")
        self.refused("the audit log ends with record 2")

    def test_a_key_id_of_the_wrong_length(self):
        self.change("UPDATE settings SET key_id = x'00'")
        self.refused('client "one"', "key_id has 1 bytes")

    def test_readable_by_others(self):
        self.file.chmod(0o644)
        self.refused("mode 0644", "chmod 600")

    def test_a_directory_that_others_can_write(self):
        self.state.chmod(0o777)
        self.refused("mode 0777", "chmod 700")

    @unittest.skipUnless(ROOT, "only root can give files away")
    def test_of_another_user(self):
        os.chown(self.file, 12345, 12345)
        self.refused("belongs to user 12345", "chown")

    def test_in_use_by_another_server(self):
        first = self.serve(self.clients)
        second = self.serve(self.clients, wait=False)
        self.assertEqual(second.finish(), 1)
        self.assertIn("another Mandos server uses the state directory", second.stderr)
        self.assert_given(first, "one")

    def change(self, *statements):
        connection = sqlite3.connect(self.file)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        owner = self.state.stat()
        for path in pathlib.Path(self.state).iterdir():
            os.chown(path, owner.st_uid, owner.st_gid)


if __name__ == "__main__":
    main()
