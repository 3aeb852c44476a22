"""The section that our mandos-keygen prints is the one that 1.8's prints, apart from the encrypted bytes themselves."""

import re
import shutil

from tests.interop import clients
from tests.support.case import TestCase, main
from tests.support.mandos import FAMILIES, KeyFiles


def split_secret(text):
    """(the text with the secret's lines taken out, these lines)"""
    lines = text.splitlines(keepends=True)
    start = lines.index("secret =\n") + 1
    end = next((i for i in range(start, len(lines)) if not lines[i].startswith("    ")), len(lines))
    return "".join(lines[:start] + lines[end:]), lines[start:end]


class SectionText(TestCase):
    def sections(self, keys, *options):
        password = self.write("password", clients.PASSWORDS["bytes"])
        return [
            family.keygen(self, "--dir", keys.openpgp, "--passfile", password, "--no-ssh", *options).stdout.decode()
            for family in FAMILIES
        ]

    def assert_same(self, keys, *options):
        debian, ours = map(split_secret, self.sections(keys, *options))
        self.assertEqual(ours[0], debian[0])
        return ours[0]

    def test_debians_keys(self):
        text = self.assert_same(clients.debian_openpgp(self, "debian"), "--name=client.example")
        self.assertTrue(text.startswith("[client.example]\nhost = client.example\nkey_id = "), text)

    def test_our_keys(self):
        self.assert_same(clients.our_keys(self, "ours"), "--name=client.example")

    def test_every_tls_key(self):
        for kind in clients.TLS_KEYS:
            with self.subTest(kind):
                self.assert_same(clients.debian_openpgp(self, kind, kind), "--name=x")

    def test_without_a_name_it_is_the_host_name(self):
        self.assert_same(clients.debian_openpgp(self, "debian"))

    def test_without_a_tls_key_there_is_no_key_id(self):
        keys = self.folder / "keys-without-tls"
        keys.mkdir()
        for file in ("pubkey.txt", "seckey.txt"):
            shutil.copy(clients.prepared_keys() / "debian" / file, keys)
        self.assertNotIn("key_id", self.assert_same(KeyFiles(keys), "--name=x"))

    def test_the_secret_is_laid_out_alike(self):
        """64 columns of base64, indented by four blanks, only the last line shorter, no armour's checksum."""
        for text in self.sections(clients.debian_openpgp(self, "debian"), "--name=x"):
            secret = split_secret(text)[1]
            for line in secret[:-1]:
                self.assertRegex(line, r"^    [A-Za-z0-9+/]{64}\n\Z")
            self.assertTrue(re.match(r"^    [A-Za-z0-9+/]{1,64}={0,2}\n\Z", secret[-1]), secret[-1])
            self.assertTrue(text.endswith(secret[-1]), "something follows the secret")


if __name__ == "__main__":
    main()
