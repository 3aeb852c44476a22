"""The state that Mandos 1.8 left is taken over at the first start, once: who was disabled there stays so."""

from tests.program.state_case import StateCase
from tests.program.state_of_1_8 import client_of_1_8, pickled, write_pickle
from tests.support.case import main


class Import(StateCase):
    def setUp(self):
        super().setUp()
        self.clients = self.section("fine") + self.section("out")
        # What 1.8's directory looks like: the service user's alone, as an empty start of ours leaves it too.
        server = self.serve("")
        self.assertEqual(server.stop(), 0)
        for path in list(self.state.iterdir()):
            path.unlink()

    def left_by_1_8(self, name, **changes):
        key_id = next(
            line.split(" = ")[1]
            for line in self.clients.split(f"[{name}]")[1].splitlines()
            if line.startswith("key_id")
        )
        return client_of_1_8(name, key_id, **changes)

    def test_who_was_disabled_stays_so(self):
        out = self.left_by_1_8("out", enabled=False, expires=None)
        path = write_pickle(self.state, pickled({"fine": self.left_by_1_8("fine"), "out": out}))
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
        path = write_pickle(self.state, b"cos\nsystem\n(S'touch /tmp/never'\ntR.")
        server = self.serve(self.clients, wait=False)
        self.assertEqual(server.finish(), 1)
        self.assertIn(str(path), server.stderr)
        self.assertTrue(path.exists())


if __name__ == "__main__":
    main()
