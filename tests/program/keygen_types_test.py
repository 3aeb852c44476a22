"""Every kind of key that mandos-keygen makes, as gpg and certtool see it."""

import base64
import datetime
import subprocess

from tests.program.keygen_case import Gpg, KeygenCase
from tests.support.case import main

# OpenPGP's numbers of algorithms (RFC 9580 §9.1).
RSA, ELGAMAL, DSA, ECDH, ECDSA, EDDSA = "1", "16", "17", "18", "19", "22"

SMALL = ["--type=RSA", "--length=1024", "--sublength=1024"]


class Types(KeygenCase):
    def keys_by_gpg(self, *options):
        """(kind, bits, algorithm, usages, curve) of the new keys, the whole key's usages left out."""
        self.keygen("--force", "--name=client.example", *options)
        gpg = Gpg(self)
        gpg.import_keys()
        return [
            (fields[0], fields[2], fields[3], "".join(c for c in fields[11] if c.islower()), fields[16])
            for fields in gpg.records() if fields[0] in ("sec", "ssb")
        ]

    def assert_works(self):
        """A password comes back through gpg: encrypted by mandos-keygen, and by gpg from the public key."""
        gpg = Gpg(self)
        gpg.import_keys()
        secret = self.secret_of_section("--name=x", "--no-ssh", "--passfile", self.write("password", b"pass\0word\n"))
        result = gpg.run("--status-fd", "2", "--decrypt", self.write("secret", secret))
        self.assertEqual(result.stdout, b"pass\0word\n")
        self.assertIn("[GNUPG:] GOODSIG", result.stderr)

    def test_the_default_is_one_identity(self):
        self.assertEqual(self.keys_by_gpg(), [
            ("sec", "255", EDDSA, "sc", "ed25519"), ("ssb", "255", EDDSA, "a", "ed25519"), ("ssb", "255", ECDH, "e", "cv25519")])
        self.assert_works()
        sizes = {name: len(content) for name, (_, _, content) in self.content().items()}
        self.assertEqual((sizes["tls-privkey.pem"], sizes["tls-pubkey.pem"]), (119, 113))
        # gpg's export of the authentication subkey for SSH is the TLS key, byte for byte.
        gpg = Gpg(self)
        gpg.import_keys()
        subkey = next(fields[9] for fields in gpg.records()[4:] if fields[0] == "fpr")
        ssh = gpg.run("--export-ssh-key", f"{subkey}!").stdout.split()
        self.assertEqual(ssh[0], b"ssh-ed25519")
        self.assertEqual(base64.b64decode(ssh[1])[-32:], base64.b64decode((self.keys / "tls-pubkey.pem").read_text().split("\n")[1])[-32:])

    def test_rsa(self):
        self.assertEqual(self.keys_by_gpg("--type", "RSA", "--length", "2048", "--subtype", "RSA", "--sublength", "2048"),
                         [("sec", "2048", RSA, "sca", ""), ("ssb", "2048", RSA, "e", "")])
        self.assert_works()

    def test_one_option_of_old_means_a_key_of_old(self):
        for option in (["--type=rsa"], ["--subtype=1"]):
            kinds = self.keys_by_gpg(*option, "--length=1024", "--sublength=1024")
            self.assertEqual(kinds, [("sec", "1024", RSA, "sca", ""), ("ssb", "1024", RSA, "e", "")])

    def test_dsa_and_elgamal(self):
        kinds = self.keys_by_gpg("--type=DSA", "--length=1024", "--subtype=ELG-E", "--sublength=1024")
        self.assertEqual(kinds, [("sec", "1024", DSA, "sca", ""), ("ssb", "1024", ELGAMAL, "e", "")])
        self.assert_works()

    def test_elliptic_curves(self):
        cases = {
            ("--type=ECDSA", "--subtype=ECDH"): ((ECDSA, "nistp256"), (ECDH, "cv25519")),
            ("--type=19", "--length=521", "--subtype=18", "--sublength=512"): ((ECDSA, "nistp521"), (ECDH, "nistp521")),
            ("--type=ecdsa", "--length=512", "--subtype=ecdh", "--sublength=512"): ((ECDSA, "nistp521"), (ECDH, "nistp521")),
            ("--type=EdDSA", "--subtype=ECDH"): ((EDDSA, "ed25519"), (ECDH, "cv25519")),
            ("--type=22", "--subtype=RSA", "--sublength=1024"): ((EDDSA, "ed25519"), (RSA, "")),
        }
        for options, expected in cases.items():
            with self.subTest(options):
                kinds = self.keys_by_gpg(*options)
                self.assertEqual(tuple((kind[2], kind[4]) for kind in kinds), expected)
                self.assertEqual([kind[3] for kind in kinds], ["sca", "e"])
                self.assert_works()

    def test_tls_keys_of_other_types(self):
        for kind, words in {"ed448": "EdDSA (Ed448)", "ECDSA": "EC/ECDSA", "ed25519": "EdDSA (Ed25519)"}.items():
            with self.subTest(kind):
                kinds = self.keys_by_gpg(f"--tls-keytype={kind}")
                self.assertEqual(len(kinds), 3 if kind == "ed25519" else 2)
                self.assert_tls_key(words)

    def test_ed25519_is_a_key_of_its_own_beside_a_key_of_old(self):
        self.assertEqual(len(self.keys_by_gpg(*SMALL, "-T", "ed25519")), 2)
        self.assert_tls_key("EdDSA (Ed25519)")

    def assert_tls_key(self, words):
        def told_by(*arguments):
            return subprocess.run(["certtool", *arguments], check=True, capture_output=True, text=True).stdout
        text = told_by("--key-info", "--infile", self.keys / "tls-privkey.pem")
        self.assertIn(f"Public Key Algorithm: {words}", text)
        self.assertIn(f"Key Security Level: {'High' if '25519' in words else 'Ultra'} (", text)
        self.assertTrue((self.keys / "tls-privkey.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----\n"))
        public = told_by("--load-privkey", self.keys / "tls-privkey.pem", "--pubkey-info", "--no-text")
        self.assertEqual((self.keys / "tls-pubkey.pem").read_text(), public)


class UserIds(KeygenCase):
    def user_id(self, *options):
        self.keygen("--force", *options)
        gpg = Gpg(self)
        gpg.import_keys()
        return next(fields[9] for fields in gpg.records() if fields[0] == "uid")

    def test_parts(self):
        cases = {
            "client.example": ["--name=client.example"],
            "a (the first) <root@client.example>": ["-n", "a", "-c", "the first", "-e", "root@client.example"],
            "a <b@c>": ["-n", "a", "--email=b@c", "--comment="],
            "Grüße ]% (\\x3a)": ["--name=Grüße ]%", "--comment=:"],
        }
        for expected, options in cases.items():
            with self.subTest(expected):
                self.assertEqual(self.user_id(*options), expected)
                comment = "Comment: Mandos client key for " + expected.replace("\\x3a", ":")
                for name in ("seckey.txt", "pubkey.txt"):
                    self.assertEqual((self.keys / name).read_text().split("\n")[1:3], [comment, ""])

    def test_of_this_machine_by_default(self):
        if subprocess.run(["unshare", "--uts", "true"], check=False).returncode != 0:
            self.skipTest("a machine's name can only be changed in a namespace of its own, which needs root")
        set_name = "import os, socket, sys; socket.sethostname(sys.argv[1]); os.execv(sys.argv[2], sys.argv[2:])"
        named = ["unshare", "--uts", "/usr/bin/python3", "-c", set_name]
        self.keygen(wrapper=[*named, "some-name-4711"])
        self.assertIn("Comment: Mandos client key for some-name-4711\n", (self.keys / "pubkey.txt").read_text())
        self.refuse("this machine's name cannot be the client's, so give --name: \"a\\x01b\" has line breaks, control "
                    "characters or bytes that are no UTF-8; expected the client's host name", "--force", wrapper=[*named, "a\x01b"])


class Expiry(KeygenCase):
    def times(self, option):
        """Seconds from the making to the end of each key, as gpg tells."""
        self.keygen("--force", "--name=a", *option)
        gpg = Gpg(self)
        gpg.import_keys()
        rows = [fields for fields in gpg.records() if fields[0] in ("sec", "ssb")]
        self.assertEqual(len(rows), 3)
        return {int(fields[6]) - int(fields[5]) if fields[6] else None for fields in rows}

    def test_spans(self):
        day = 86400
        cases = {(): None, ("--expire=0",): None, ("-xnever",): None, ("-x", "none"): None, ("-x3",): 3 * day, ("-x30d",): 30 * day,
                 ("-x2w",): 14 * day, ("-x6m",): 180 * day, ("--expire=50y",): 50 * 365 * day}
        for option, expected in cases.items():
            with self.subTest(option):
                self.assertEqual(self.times(option), {expected})

    def test_a_date(self):
        day = datetime.date.today() + datetime.timedelta(days=400)
        end = datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc).timestamp()
        self.keygen("--name=a", f"--expire={day.isoformat()}")
        gpg = Gpg(self)
        gpg.import_keys()
        for fields in gpg.records():
            if fields[0] in ("sec", "ssb"):
                self.assertLessEqual(abs(int(fields[6]) - end), 5)


if __name__ == "__main__":
    main()
