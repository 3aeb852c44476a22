"""Where the server looks for Mandos 1.8's state, and what it says of what it finds there: refusals first."""
import datetime
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import tempfile

from tests.support.case import TestCase, build_folder, main

LIMIT = 256 << 20


def state(**client):
    span = datetime.timedelta(minutes=5)
    values = {
        "host": "h", "approved_by_default": True, "enabled": True, "key_id": "", "fingerprint": "", "timeout": span,
        "extended_timeout": span, "interval": span, "approval_delay": span, "approval_duration": span,
        "checker_command": "true",
    }
    times = dict.fromkeys(["created", "last_enabled", "expires", "last_checked_ok", "last_approval_request"])
    fields = {"name": "c", "encrypted_secret": b"", "last_checker_status": -2, **values, **times, **client}
    return {"c": fields}, {"c": values}


class ImportState(TestCase):
    def read(self, *arguments, deadline=60.0):
        program = self.run_program([build_folder() / "tests/import_state", self.folder, *arguments], deadline=deadline)
        self.assertEqual(program.stderr, "")
        return json.loads(program.stdout)

    def expect_error(self, text):
        path = self.folder / "clients.pickle"
        self.assertEqual(self.read(), {"error": f'the state of Mandos 1.8, file "{path}": {text}'})

    def encrypt(self, secret, passphrase):
        """As 1.8 does it."""
        home = pathlib.Path(tempfile.mkdtemp(prefix="mandos-gpg-"))
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        (home / "passphrase").write_bytes(passphrase)
        gpg = ["gpg", "--symmetric", "--passphrase-file", home / "passphrase", "--batch", "--homedir", home]
        return self.run_program([*gpg, "--force-mdc", "--quiet"], stdin=secret).stdout

    def recover(self, encrypted, configured):
        self.write("clients.pickle", pickle.dumps(state(encrypted_secret=encrypted), protocol=2))
        return self.read("c", self.write("configured", configured))["secrets"]["c"]

    def test_what_is_no_file_is_refused(self):
        path = self.folder / "clients.pickle"
        os.mkfifo(path)
        self.expect_error("it is no file")
        path.unlink()
        path.mkdir()
        self.expect_error("it is no file")
        path.rmdir()
        path.symlink_to(self.write("elsewhere", pickle.dumps(state(), protocol=2)))
        self.expect_error("it is a link; expected a file")

    def test_what_is_no_state_is_refused(self):
        for content, text in {
            b"": "offset 0: cut short: 1 bytes are missing",
            b"\x80\x02N": "offset 3: cut short: 1 bytes are missing",
            b"\x80\x02N.": "no tuple of clients and settings, but None",
            b"\x80\x04N.": "offset 0: a pickle of protocol 4; Mandos 1.8 writes 2",
            b"cos\nsystem\n(S'false'\ntR.": 'offset 0: the name "os.system" is not one that Mandos 1.8 stores',
        }.items():
            self.write("clients.pickle", content)
            self.expect_error(text)

    def test_one_wrong_field_is_named_and_refuses_all(self):
        self.write("clients.pickle", pickle.dumps(state(timeout=5), protocol=2))
        self.expect_error('client "c": field timeout is a number; expected a time span')

    def test_a_file_that_is_too_large_is_refused(self):
        with (self.folder / "clients.pickle").open("wb") as file:
            file.truncate(LIMIT + 1)
        self.expect_error(f"larger than {LIMIT} bytes")

    def test_a_secret_that_cannot_be_recovered_is_an_error(self):
        encrypted = self.encrypt(b"secret", b"mandos" + b"configured".hex().encode())
        self.assertIn("error", self.recover(encrypted, b"another"))
        self.assertEqual(self.recover(b"", b"configured"),
                         {"error": "no OpenPGP message that is encrypted with a passphrase"})

    def test_no_file_is_no_state(self):
        self.assertIsNone(self.read())
        self.folder = self.folder / "missing"
        self.assertIsNone(self.read())

    def test_secrets_are_recovered_by_the_rule_of_1_8(self):
        cases = {
            b"": b"mandos",
            b"\0\n\\": b"mandos000a5c",
            b"x" * 1021: b"mandos" + b"78" * 1021,
            b"x" * 1022: b"mandos" + b"x" * 1022,
            b"\0\n\\\xff" * 700: b"mandos" + b"\\x00\\n\\\\\xff" * 700,
        }
        for configured, passphrase in cases.items():
            for secret in (b"", b"an OpenPGP message", bytes(range(256)) * 20):
                encrypted = self.encrypt(secret, passphrase)
                self.assertEqual(self.recover(encrypted, configured), secret.hex(), f"{configured[:8]!r}")


if __name__ == "__main__":
    main()
