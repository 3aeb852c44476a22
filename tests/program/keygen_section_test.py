"""The section for clients.conf: what is refused, and exactly what is printed."""

import base64
import configparser
import os
import re

from tests.program.keygen_case import FILES, MARKER, Gpg, KeygenCase
from tests.support.case import main, program

PREFIX = 'file "keys/'


class SectionCase(KeygenCase):
    def setUp(self):
        super().setUp()
        self.keygen("--name=made-as")
        self.password = self.write("password", f"{MARKER}\0\xff \n".encode("latin-1"))

    def section(self, *options):
        result = self.keygen("--no-ssh", "--passfile", self.password, *options)
        self.assertEqual(result.stderr, "")
        return result.stdout.decode()


class Refusal(SectionCase):
    def test_password_files(self):
        empty, large = self.write("empty", ""), self.write("large", b"x" * (1 << 20) + b"x")
        for path, message in {
            "missing": 'cannot open file "missing": No such file or directory',
            empty: 'password file "empty" is empty',
            large: 'file "large": larger than 1048576 bytes',
            self.keys: 'file "keys": cannot read: Is a directory',
            "": "option --passfile: the value is empty",
        }.items():
            with self.subTest(path):
                self.refuse(message, "--passfile", path, "--no-ssh", folder=self.folder)
        self.refuse('password file "/dev/null" is empty', "-F/dev/null")
        self.refuse("standard input is empty; expected the password", "--passfile=-", "--no-ssh")

    def test_a_password_file_that_may_not_be_read(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        self.password.chmod(0)
        result = self.keygen("--no-ssh", "--passfile", self.password, expect=1,
                             wrapper=["setpriv", "--bounding-set=-all", "--inh-caps=-all"])
        self.assertIn("Permission denied", result.stderr)
        self.assertEqual(result.stdout, b"")

    def test_what_encrypts_to_more_than_clients_take(self):
        largest = self.write("largest", os.urandom(1 << 20))
        result = self.keygen("--passfile", largest, "--no-ssh", expect=1)
        self.assertRegex(result.stderr, r"^mandos-keygen: the password is too long: encrypted it has \d+ bytes, and clients take 1048576\n\Z")
        self.assertEqual(result.stdout, b"")

    def test_standard_input_without_a_password(self):
        cases = {
            b"": "no passphrase: the input has ended",
            b"\n": "no passphrase: the input has ended",
            b"\n\n": "the passphrase is empty",
            b"one\n": "no passphrase: the input has ended",
            b"one\nother\n": "passphrase mismatch",
            b"one\none \n": "passphrase mismatch",
            b"x" * ((1 << 20) + 1): "the passphrase is longer than 1048576 bytes",
        }
        for stdin, words in cases.items():
            with self.subTest(words, stdin=stdin[:20]):
                result = self.keygen("--password", "--no-ssh", stdin=stdin, expect=1)
                self.assertRegex(result.stderr, rf"^Enter passphrase: (Repeat passphrase: )?mandos-keygen: {words}\n\Z")
                self.assertEqual(result.stdout, b"")

    def test_key_files(self):
        for name in FILES:
            path = self.keys / name
            good = path.read_bytes()
            if name == "tls-privkey.pem":
                continue  # it has no part in this
            for content in (b"", b"garbage\n", good[: len(good) // 2]):
                with self.subTest(name, content=content[:20]):
                    path.write_bytes(content)
                    result = self.keygen("--no-ssh", "--passfile", self.password, expect=1)
                    self.assertTrue(result.stderr.startswith(f'mandos-keygen: file "{path}": '), result.stderr)
                    self.assertEqual(result.stderr.count("\n"), 1)
                    self.assertEqual(result.stdout, b"")
            path.unlink()
            if name != "tls-pubkey.pem":
                self.refuse(f'cannot open file "keys/{name}": No such file or directory', "--passfile", self.password)
            path.write_bytes(good)

    def test_a_secret_key_as_public_key(self):
        (self.keys / "pubkey.txt").write_bytes((self.keys / "seckey.txt").read_bytes())
        result = self.keygen("--no-ssh", "--passfile", self.password, expect=1)
        self.assertIn("this is a secret key, which belongs to the client alone", result.stderr)

    def test_a_full_disk(self):
        result = self.keygen("--no-ssh", "--passfile", self.password, expect=1,
                             wrapper=["/bin/sh", "-c", 'exec "$@" >/dev/full', "sh"])
        self.assertEqual(result.stderr, "mandos-keygen: standard output: cannot write: No space left on device\n")


class Text(SectionCase):
    def fingerprint(self):
        gpg = Gpg(self)
        gpg.import_keys()
        return next(fields[9] for fields in gpg.records() if fields[0] == "fpr")

    def test_letter_for_letter(self):
        expected = rf"""\[client\.example\]
host = client\.example
key_id = {self.key_id()}
fingerprint = {self.fingerprint()}
secret =
(?:    [A-Za-z0-9+/]{{64}}\n)*    [A-Za-z0-9+/]{{1,64}}={{0,2}}
\Z"""
        self.assertRegex(self.section("--name=client.example"), "^" + expected)

    def test_without_tls_public_key_there_is_no_key_id(self):
        with_it = self.section("--name=x")
        (self.keys / "tls-pubkey.pem").unlink()
        without = self.section("--name=x")
        self.assertEqual(re.sub("(?m)^key_id = .*\n", "", with_it).split("secret")[0], without.split("secret")[0])

    def test_the_secret_is_the_file_byte_for_byte(self):
        gpg = Gpg(self)
        gpg.import_keys()
        for content in (b"x", b"with a newline\n", b"\0", b" \t ", os.urandom(100_000), b"\r\n\xff\xfe"):
            self.password.write_bytes(content)
            secret = self.secret_of_section("--no-ssh", "--passfile", self.password)
            self.assertNotIn(content if len(content) > 8 else MARKER.encode(), secret)
            self.assertEqual(gpg.run("--quiet", "--decrypt", self.write("secret", secret)).stdout, content)

    def test_the_secret_is_standard_input_byte_for_byte(self):
        gpg = Gpg(self)
        gpg.import_keys()
        for option in ("-F-", "--passfile=-"):
            done = self.keygen("--no-ssh", "--name=x", option, stdin=b" two\nlines\n")
            parser = configparser.ConfigParser()
            parser.read_string(done.stdout.decode())
            secret = self.write("secret", base64.b64decode(parser["x"]["secret"]))
            self.assertEqual(gpg.run("--quiet", "--decrypt", secret).stdout, b" two\nlines\n")

    def test_a_typed_password_has_no_line_end(self):
        gpg = Gpg(self)
        gpg.import_keys()
        for line in (b"simple", b"  blanks at both ends ", b"back\\slash\\n", "å€".encode(), b"a\0b", b"\r"):
            with self.subTest(line):
                result = self.keygen("--password", "--no-ssh", "--name=x", stdin=line + b"\n" + line)
                self.assertEqual(result.stderr, "Enter passphrase: Repeat passphrase: ")
                parser = configparser.ConfigParser()
                parser.read_string(result.stdout.decode())
                secret = self.write("secret", base64.b64decode(parser["x"]["secret"]))
                self.assertEqual(gpg.run("--quiet", "--decrypt", secret).stdout, line)

    def test_names_come_back_as_they_were_given(self):
        """Through Python's ConfigParser, which 1.8's server reads with, and through our server."""
        for name in ("a", "a b", "we ]ird", "[::1]", "a]", "%", "100%", "%(host)s", "%%", "fe80::1%eth0", "Grüße", "=x", ": y", "#c", ";d", "a=b:c"):
            with self.subTest(name):
                text = self.section("--name", name)
                parser = configparser.ConfigParser()
                parser.read_string(text)
                self.assertEqual(parser.sections(), [name])
                self.assertEqual(parser.get(name, "host"), name)
                self.assertEqual(parser.get(name, "key_id"), self.key_id())
                self.write("configuration/clients.conf", text)
                checked = self.run_program([program("mandos"), "--check", "--configdir", self.folder / "configuration",
                                            "--statedir", self.folder])
                self.assertTrue(checked.stdout.startswith(b"1 clients, 0 errors, 0 warnings"), checked.stdout)

    def test_sections_can_be_joined(self):
        text = "".join(self.section(f"--name=client-{number}") for number in range(3))
        parser = configparser.ConfigParser()
        parser.read_string(text)
        self.assertEqual(parser.sections(), ["client-0", "client-1", "client-2"])

    def test_nothing_of_the_password_is_anywhere_else(self):
        text = self.section("--name=x")
        self.assertNotIn(MARKER, text)
        for path in self.folder.rglob("*"):
            if path.is_file() and path != self.password:
                self.assertNotIn(MARKER.encode(), path.read_bytes(), path)


if __name__ == "__main__":
    main()
