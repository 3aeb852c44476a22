"""The state that Mandos 1.8 left is taken over at the first start, once: who was disabled there stays so."""

import base64
import socket
import subprocess

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

    def test_secrets_are_recovered_while_the_service_manager_has_patience(self):
        """The secrets that were set at run time are encrypted by gpg as 1.8 does it, each with the one of clients.conf."""
        configured = {f"client{number}": f"configured {number}".encode() for number in range(6)}
        clients = "".join(
            f"[{name}]\nkey_id = {number:064x}\nsecret = {base64.b64encode(secret).decode()}\nchecker = true\n"
            for number, (name, secret) in enumerate(configured.items()))
        write_pickle(self.state, pickled({
            name: client_of_1_8(name, f"{number:064x}", encrypted_secret=self.encrypted(b"new for " + name.encode(), secret))
            for number, (name, secret) in enumerate(configured.items())}))
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.settimeout(60)
        manager.bind(str(self.folder / "notify"))
        (self.folder / "notify").chmod(0o777)  # as systemd's is: the server gives up root
        server = self.serve(clients, environment={"NOTIFY_SOCKET": str(self.folder / "notify")})
        server.wait_for("taking over the state of 6 clients from Mandos 1.8; to decrypt 6 secrets takes about PT1S")
        told = [manager.recv(4096).decode()]
        while told[-1] != "READY=1":
            told.append(manager.recv(4096).decode())
        for line in told[:-1]:
            self.assertRegex(line, r"^EXTEND_TIMEOUT_USEC=60000000\nSTATUS=taking over the state of Mandos 1\.8: \d of 6 secrets$")
        self.assertTrue(told[:-1])
        self.assertEqual(
            dict(self.database().execute("SELECT client, secret FROM settings WHERE layer = 'in force'")),
            {name: b"new for " + name.encode() for name in configured})

    def encrypted(self, content, configured):
        home = self.folder / "gpg-home"
        home.mkdir(mode=0o700, exist_ok=True)
        self.write("passphrase", b"mandos" + configured.hex().encode())
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--no-options", "--pinentry-mode", "loopback",
               "--passphrase-file", self.folder / "passphrase", "--symmetric"]
        try:
            return self.run_program(gpg, stdin=content).stdout
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)

    def test_a_state_that_cannot_be_read_keeps_the_server_from_starting(self):
        good = pickled({"out": self.left_by_1_8("out", enabled=False, expires=None)})
        for what, content in {
            "it would run a program": b"cos\nsystem\n(S'touch /tmp/never'\ntR.",
            "an opcode that is none": b"\x80\x02\xff.",
            "one of a later protocol": b"\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00.",
            "an opcode in the middle": good[: len(good) // 2] + b"\xfe" + good[len(good) // 2 :],
            "half of it": good[: len(good) // 2],
            "nothing": b"",
        }.items():
            with self.subTest(what):
                path = write_pickle(self.state, content)
                for attempt in ("first", "second"):  # the first must not leave a state for the second to trust
                    server = self.serve(self.clients, wait=False)
                    self.assertEqual(server.finish(), 1, attempt)
                    self.assertIn(str(path), server.stderr)
                    self.assertNotIn("listening on", server.stderr)
                self.assertEqual(path.read_bytes(), content)


if __name__ == "__main__":
    main()
