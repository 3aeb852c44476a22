"""mandos-keygen: its key on the server, the proof that all of it works, and asking on a terminal."""

import os
import pty
import re
import select
import signal
import socket
import subprocess
import termios

from tests.support.case import TestCase, main, program
from tests.support.listener import Listener

PASSWORD = b"MARKER correct horse\n"


class KeygenCase(TestCase):
    def setUp(self):
        super().setUp()
        self.keys = self.folder / "keys"
        self.keys.mkdir(mode=0o700)

    def keygen(self, *options, expect=0, **more):
        return self.run_program([program("mandos-keygen"), "--dir", self.keys, *options], expect=expect, **more)

    def make_keys(self, *options):
        return self.keygen("--name", "client.example", *options)


class OnTheServer(KeygenCase):
    def test_the_openpgp_key_alone_is_enough(self):
        self.make_keys()
        text = re.sub(r"(?m)^(key_id|fingerprint) = .*\n", "", self.keygen("--name=x", "--no-ssh", "--passfile", self.write("password", PASSWORD)).stdout.decode())
        armour = "\n".join("    " + line if line else "" for line in (self.keys / "pubkey.txt").read_text().splitlines())
        for option in (f"openpgp_key =\n{armour}\n", f"openpgp_keyfile = {self.keys}/pubkey.txt\n"):
            with self.subTest(option[:15]):
                self.write("clients.conf", text + option)
                check = self.run_program([program("mandos"), "--check", "--configdir", self.folder])
                self.assertEqual(check.stderr, "")
                wrong = "key_id = " + "a" * 64 + "\n"
                self.write("clients.conf", text + option + wrong)
                check = self.run_program([program("mandos"), "--check", "--configdir", self.folder], expect=1)
                self.assertIn("but the option key_id says " + "A" * 64, check.stderr)


class Proof(KeygenCase):
    def setUp(self):
        super().setUp()
        self.make_keys()
        self.password = self.write("password", PASSWORD)

    def serve(self, extra=""):
        section = self.keygen("--name=client.example", "--no-ssh", "--passfile", self.password).stdout.decode()
        self.write("clients.conf", section + extra)
        listener = Listener(self.addCleanup, socket.AF_INET)
        server = self.start([program("mandos"), "--foreground", "--no-zeroconf", f"--socket={listener.descriptor}",
                             "--debuglevel=INFO", "--configdir", self.folder], descriptors=[listener.descriptor])
        server.wait_for("listening on")
        return ["--test", f"--connect={listener.address}"]

    def volume(self, key):
        path = self.folder / "volume"
        with open(path, "wb") as file:
            file.truncate(20 << 20)
        subprocess.run(["cryptsetup", "luksFormat", "--batch-mode", "--type=luks2", "--pbkdf=pbkdf2",
                        "--pbkdf-force-iterations=1000", "--key-file", key, path], check=True, timeout=60)
        return path

    def test_the_wrong_password(self):
        result = self.keygen(*self.serve(), "--passfile", self.write("other", b"another"), expect=1)
        self.assertIn("NO: a password came back, but not the expected one", result.stderr)
        self.assertNotIn("MARKER", result.stderr + result.stdout.decode())

    def test_the_wrong_volume(self):
        volume = self.volume(self.write("other", b"another"))
        result = self.keygen(*self.serve(), "--device", volume, expect=1)
        self.assertIn("NO: a password came back, but it opens no keyslot of", result.stderr)

    def test_no_volume(self):
        result = self.keygen(*self.serve(), "--device", self.write("plain", b"x" * (1 << 20)), expect=1)
        self.assertIn("is no LUKS volume", result.stderr)

    def test_a_disabled_client(self):
        result = self.keygen(*self.serve("enabled = no\n"), "--patience=2", "--passfile", self.password, expect=1)
        self.assertIn("NO: no password came back", result.stderr)

    def test_no_server(self):
        result = self.keygen("--test", "--connect=127.0.0.1:1", "--patience=1", "--passfile", self.password, expect=1)
        self.assertIn("NO: no password came back", result.stderr)

    def test_the_right_password(self):
        options = self.serve()
        result = self.keygen(*options, "--passfile", self.password)
        self.assertEqual(result.stdout, b"YES: the expected password came back\n")
        asked = self.keygen(*options, stdin=PASSWORD, expect=1)  # typed, it has no line feed
        self.assertIn("NO: a password came back, but not the expected one", asked.stderr)

    def test_the_right_volume(self):
        volume = self.volume(self.password)
        result = self.keygen(*self.serve(), "--device", volume)
        self.assertEqual(result.stdout.decode(), f'YES: a password came back, and it opens keyslot 0 of "{volume}"\n')


class Terminal(KeygenCase):
    def setUp(self):
        super().setUp()
        self.make_keys()
        self.leader, self.follower = pty.openpty()
        self.addCleanup(os.close, self.leader)
        self.addCleanup(os.close, self.follower)
        self.process = subprocess.Popen(
            [program("mandos-keygen"), "--dir", self.keys, "--password", "--no-ssh", "--name=x"], stdin=self.follower,
            stdout=subprocess.PIPE, stderr=self.follower, start_new_session=True)
        self.addCleanup(self.process.kill)
        self.shown = b""

    def wait_for(self, text, count=1):
        while self.shown.count(text) < count:
            ready, _, _ = select.select([self.leader], [], [], 30)
            self.assertTrue(ready, f"{text!r} never came; shown: {self.shown!r}")
            self.shown += os.read(self.leader, 4096)

    def echoes(self):
        return bool(termios.tcgetattr(self.follower)[3] & termios.ECHO)

    def test_echo_is_off_while_it_asks_and_back_afterwards(self):
        self.wait_for(b"Enter passphrase: ")
        self.assertFalse(self.echoes())
        os.write(self.leader, b"one\n")
        self.wait_for(b"Repeat passphrase: ")
        os.write(self.leader, b"two\n")
        self.wait_for(b"passphrase mismatch")
        self.wait_for(b"Enter passphrase: ", count=2)
        os.write(self.leader, b"one\n")
        self.wait_for(b"Repeat passphrase: ", count=2)
        os.write(self.leader, b"one\n")
        self.assertIn(b"[x]\n", self.process.communicate(timeout=30)[0])
        self.assertEqual(self.process.returncode, 0)
        self.assertTrue(self.echoes())
        self.assertNotIn(b"one", self.shown)

    def test_echo_is_back_after_an_interrupt(self):
        self.wait_for(b"Enter passphrase: ")
        self.process.send_signal(signal.SIGINT)
        self.assertEqual(self.process.wait(30), -signal.SIGINT)
        self.assertTrue(self.echoes())


if __name__ == "__main__":
    main()
