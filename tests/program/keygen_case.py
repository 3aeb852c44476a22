"""What the tests of mandos-keygen share: a folder of keys, a look at what is in it, and what a refusal looks like."""

import base64
import configparser
import hashlib
import pathlib
import shutil
import ssl
import stat
import subprocess
import tempfile

from tests.support.case import TestCase, program

FILES = ("seckey.txt", "pubkey.txt", "tls-privkey.pem", "tls-pubkey.pem")

# A part that nothing would print by chance.
MARKER = "marker-91c4d2-of-a-password"


class KeygenCase(TestCase):
    def setUp(self):
        super().setUp()
        self.keygen_path = program("mandos-keygen")
        self.keys = self.folder / "keys"
        self.keys.mkdir(mode=0o700)

    def keygen(self, *arguments, wrapper=(), **options):
        """Runs mandos-keygen on self.keys; WRAPPER is put in front of its command line."""
        return self.run_program([*wrapper, self.keygen_path, "--dir", self.keys, *arguments], **options)

    def refuse(self, message, *arguments, hints=(), **options):
        """It says exactly MESSAGE, prints nothing and ends with 1."""
        result = self.keygen(*arguments, expect=1, **options)
        self.assertEqual(result.stderr.replace(f"{self.folder}/", ""), "".join(f"{hint}\n" for hint in hints) + f"mandos-keygen: {message}\n")
        self.assertEqual(result.stdout, b"")

    def content(self):
        """{name: (what it is, mode, content or where it leads)} of everything in self.keys."""
        found = {}
        for path in self.keys.iterdir():
            mode = path.lstat().st_mode
            if path.is_symlink():
                what = str(path.readlink())
            else:
                what = path.read_bytes() if stat.S_ISREG(mode) else b""
            found[path.name] = (stat.S_IFMT(mode), stat.S_IMODE(mode), what)
        return found

    def some_keys(self):
        """Something under the names of the four files, each different; returns content()."""
        for number, name in enumerate(FILES):
            self.write(f"keys/{name}", f"old file {number}\n")
        return self.content()

    def secret_of_section(self, *options):
        """The OpenPGP message in the section that mandos-keygen prints, by Python's own reading of the file."""
        parser = configparser.ConfigParser()
        parser.read_string(self.keygen(*options).stdout.decode())
        (name,) = parser.sections()
        return base64.b64decode(parser.get(name, "secret"))

    def key_id(self, name="tls-pubkey.pem"):
        """Computed by Python alone: the digest of what is between the armour's lines."""
        pem = (self.keys / name).read_text()
        # PEM_cert_to_DER_cert() insists on the word CERTIFICATE, and on nothing else.
        der = ssl.PEM_cert_to_DER_cert(pem.replace("PUBLIC KEY", "CERTIFICATE"))
        return hashlib.sha256(der).hexdigest()


class Gpg:
    """gpg with a home of its own, which nothing of ours has touched."""

    def __init__(self, test):
        self.test = test
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="mandos-gpg-"))  # short: sockets are in it
        test.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        test.addCleanup(subprocess.run, ["gpgconf", "--homedir", self.home, "--kill", "all"], check=False)

    def run(self, *arguments, **options):
        command = ["gpg", "--homedir", self.home, "--batch", "--no-options", "--trust-model", "always", *arguments]
        return self.test.run_program(command, **options)

    def import_keys(self):
        """Imports both OpenPGP files; gpg has nothing to complain of."""
        for name in ("pubkey.txt", "seckey.txt"):
            status = self.run("--status-fd", "1", "--import", self.test.keys / name).stdout.decode()
            self.test.assertIn("[GNUPG:] IMPORT_OK", status)
            for bad in ("IMPORT_PROBLEM", "BADARMOR", "ERROR", "FAILURE", "NODATA"):
                self.test.assertNotIn(bad, status)

    def records(self):
        """The secret keys as --with-colons tells them, a list of fields for each line (gpg's doc/DETAILS)."""
        listing = self.run("--with-colons", "--list-secret-keys").stdout.decode()
        return [line.split(":") for line in listing.splitlines()]
