"""mandos-keygen: the keys it makes, the section it prints, and the proof that all of it works."""

import base64
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import termios
import unittest

from tests.support.case import TestCase, main, program
from tests.support.listener import Listener

FILES = ("seckey.txt", "pubkey.txt", "tls-privkey.pem", "tls-pubkey.pem")
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

    def content(self):
        return {path.name: path.read_bytes() for path in self.keys.iterdir()}

    def gpg(self, *arguments, stdin=b"", expect=0):
        home = self.folder / "gnupg"
        if not home.exists():
            home.mkdir(mode=0o700)
            self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"], check=True)
        return self.run_program(["gpg", "--homedir", home, "--batch", "--no-tty", "--trust-model", "always", *arguments],
                                stdin=stdin, expect=expect)


class Keys(KeygenCase):
    def test_modes_whatever_the_umask(self):
        for mask in (0o000, 0o777):
            with self.subTest(oct(mask)):
                subprocess.run([program("mandos-keygen"), "--dir", self.keys, "--force", "--name=x"], check=True,
                               stdout=subprocess.DEVNULL, timeout=60, umask=mask)
                for name in FILES:
                    self.assertEqual(stat.S_IMODE((self.keys / name).stat().st_mode), 0o600)

    def test_forced_ones_leave_numbered_backups(self):
        self.make_keys()
        first = self.content()
        self.make_keys("--force")
        second = self.content()
        self.make_keys("--force")
        third = self.content()
        for name in FILES:
            self.assertEqual(third[f"{name}.~1~"], first[name])
            self.assertEqual(third[f"{name}.~2~"], second[name])
            self.assertNotEqual(third[name], second[name])
        self.assertEqual(len(third), 12)

    def test_one_identity(self):
        """gpg takes the keys, and the TLS key is the authentication subkey."""
        self.make_keys("--email=root@client.example", "--comment=test")
        armour = (self.keys / "pubkey.txt").read_text()
        self.assertEqual(armour.splitlines()[:3], [
            "-----BEGIN PGP PUBLIC KEY BLOCK-----",
            "Comment: Mandos client key for client.example (test) <root@client.example>", ""])
        for name in ("pubkey.txt", "seckey.txt"):
            result = self.gpg("--import", self.keys / name)
            self.assertNotRegex(result.stderr, "(?i)warning: (?!unsafe)|error|bad|invalid")
        listing = self.gpg("--list-keys", "--with-colons").stdout.decode().splitlines()
        fields = [line.split(":") for line in listing]
        # Kind, algorithm, usages (their own, in lower case), expiry and curve.
        keys = [(f[0], f[3], "".join(sorted(filter(str.islower, f[11]))), f[6], f[16]) for f in fields
                if f[0] in ("pub", "sub")]
        self.assertEqual(keys, [("pub", "22", "cs", "", "ed25519"), ("sub", "22", "a", "", "ed25519"),
                                ("sub", "18", "e", "", "cv25519")])
        self.assertEqual([f[9] for f in fields if f[0] == "uid"], ["client.example (test) <root@client.example>"])
        self.assertEqual(len((self.keys / "tls-privkey.pem").read_bytes()), 119)
        self.assertEqual(len((self.keys / "tls-pubkey.pem").read_bytes()), 113)
        public = subprocess.run(["openssl", "pkey", "-in", self.keys / "tls-privkey.pem", "-pubout"], check=True,
                                capture_output=True).stdout
        self.assertEqual(public, (self.keys / "tls-pubkey.pem").read_bytes())

    def test_what_1_8_makes(self):
        self.make_keys("--type=RSA", "--length=2048", "--subtype=RSA", "--sublength=2048", "--expire=2y")
        self.gpg("--import", self.keys / "seckey.txt")
        listing = self.gpg("--list-keys", "--with-colons").stdout.decode().splitlines()
        keys = [line.split(":") for line in listing if line.startswith(("pub", "sub"))]
        self.assertEqual([(k[0], k[2], k[3]) for k in keys], [("pub", "2048", "1"), ("sub", "2048", "1")])
        self.assertEqual(int(keys[0][6]) - int(keys[0][5]), 2 * 365 * 86400)
        self.assertIn("-----BEGIN PRIVATE KEY-----", (self.keys / "tls-privkey.pem").read_text())

    def test_other_types(self):
        for options in (["--type=DSA", "--length=1024", "--subtype=ELG-E", "--sublength=1024"],
                        ["--type=ECDSA", "--subtype=ECDH"], ["--type=22", "--subtype=18"],
                        ["--tls-keytype=ed448"], ["--tls-keytype=ECDSA"]):
            with self.subTest(options):
                self.make_keys("--force", *options)
                self.gpg("--import", self.keys / "seckey.txt")
                subprocess.run(["certtool", "--key-id", "--infile", self.keys / "tls-pubkey.pem"], check=True,
                               capture_output=True)


class Section(KeygenCase):
    def section(self, password, *options, **more):
        return self.keygen("--name", "client.example", "--no-ssh", "--passfile", self.write("password", password), *options,
                           **more).stdout.decode()

    def decrypted(self, text):
        secret = re.search(r"^secret =\n((?:    .*\n)+)", text, re.MULTILINE).group(1)
        self.gpg("--import", self.keys / "seckey.txt")
        return self.gpg("--decrypt", stdin=base64.b64decode(secret)).stdout

    def test_its_text(self):
        self.make_keys()
        text = self.section(PASSWORD)
        key_id = subprocess.run(["certtool", "--key-id", "--hash=sha256", "--infile", self.keys / "tls-pubkey.pem"],
                                check=True, capture_output=True, text=True).stdout.strip()
        self.assertRegex(text, r"\A\[client\.example\]\nhost = client\.example\n" f"key_id = {key_id}\n"
                               r"fingerprint = [0-9A-F]{40}\nsecret =\n(    [A-Za-z0-9+/]{64}\n)*    [A-Za-z0-9+/=]{1,64}\n\Z")
        self.assertNotIn("MARKER", text)

    def test_the_password_byte_for_byte(self):
        self.make_keys()
        for password in (PASSWORD, b"a\0b", b"\xff\xfe", "pässwörd".encode(), b" blanks ", b"x" * 100_000):
            with self.subTest(password[:10]):
                self.assertEqual(self.decrypted(self.section(password)), password)

    def test_a_typed_password_keeps_its_blanks(self):
        self.make_keys()
        text = self.keygen("--no-ssh", "--password", "--name=x", stdin=b"  two words \\ \n  two words \\ \n").stdout.decode()
        self.assertEqual(self.decrypted(text), b"  two words \\ ")

    def test_no_key_id_without_a_tls_key(self):
        self.make_keys()
        (self.keys / "tls-pubkey.pem").unlink()
        self.assertNotIn("key_id", self.section(PASSWORD))

    def test_the_server_takes_it(self):
        self.make_keys()
        for name in ("client.example", "100% über [x] #1", "%(host)s", "a]b"):
            with self.subTest(name):
                self.write("clients.conf", self.section(PASSWORD, f"--name={name}"))
                check = self.run_program([program("mandos"), "--check", "--configdir", self.folder])
                self.assertEqual(check.stderr, "")
                self.assertIn(b"1 clients, 0 errors, 0 warnings", check.stdout)

    def test_the_openpgp_key_alone_is_enough(self):
        self.make_keys()
        text = re.sub(r"(?m)^(key_id|fingerprint) = .*\n", "", self.section(PASSWORD))
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
