"""The state that Mandos 1.8 left is taken over at the first start, once: who was disabled there stays so."""

import datetime
import os
import pickle

from tests.program.state_case import StateCase
from tests.support.case import main

NOW = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


class Import(StateCase):
    def setUp(self):
        super().setUp()
        self.clients = self.section("fine") + self.section("out")
        # What 1.8's directory looks like: the service user's alone, as an empty start of ours leaves it too.
        server = self.serve("")
        self.assertEqual(server.stop(), 0)
        self.owner = self.state.stat()
        for path in list(self.state.iterdir()):
            path.unlink()

    def left_by_1_8(self, name, **changes):
        key_id = next(
            line.split(" = ")[1]
            for line in self.clients.split(f"[{name}]")[1].splitlines()
            if line.startswith("key_id")
        ).upper()
        values = {
            "key_id": key_id, "fingerprint": "0" * 40, "host": name, "checker_command": "true", "enabled": True,
            "approved_by_default": True, "timeout": datetime.timedelta(minutes=5),
            "extended_timeout": datetime.timedelta(minutes=15), "interval": datetime.timedelta(minutes=2),
            "approval_delay": datetime.timedelta(0), "approval_duration": datetime.timedelta(seconds=1),
        }
        return {"name": name, **values, "created": NOW, "last_enabled": NOW,
                "expires": NOW + datetime.timedelta(minutes=4), "last_checked_ok": NOW, "last_checker_status": 0,
                "last_approval_request": None, "encrypted_secret": b"", **changes}, values

    def write_pickle(self, content):
        path = self.state / "clients.pickle"
        path.write_bytes(content)
        os.chown(path, self.owner.st_uid, self.owner.st_gid)
        path.chmod(0o600)
        return path

    def test_who_was_disabled_stays_so(self):
        fine, fine_settings = self.left_by_1_8("fine")
        out, out_settings = self.left_by_1_8("out", enabled=False, expires=None)
        path = self.write_pickle(pickle.dumps(
            ({"fine": fine, "out": out}, {"fine": fine_settings, "out": out_settings}), protocol=2))
        server = self.serve(self.clients)
        self.assert_refused(server, "out", "is disabled")
        self.assert_given(server, "fine")
        self.assertIn(("state-imported", ""), self.audit())
        self.assertFalse(path.exists())
        self.assertTrue(path.with_name("clients.pickle.imported").exists())
        self.assertEqual(server.stop(), 0)
        server = self.serve(self.clients)
        self.assert_refused(server, "out", "is disabled")

    def test_a_state_that_cannot_be_read_keeps_the_server_from_starting(self):
        path = self.write_pickle(b"cos\nsystem\n(S'touch /tmp/never'\ntR.")
        server = self.serve(self.clients, wait=False)
        self.assertEqual(server.finish(), 1)
        self.assertIn(str(path), server.stderr)
        self.assertTrue(path.exists())


if __name__ == "__main__":
    main()
