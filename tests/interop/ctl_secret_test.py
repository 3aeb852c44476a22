"""What mandos-ctl does reaches the machine that waits for its password: a new secret, an approval, a denial.

Usage: ctl_secret_test.py SERVER CTL, each "1.8" or "ours"; the client is ours.
"""

import sys

from tests.interop import clients
from tests.interop.ctl_case import CtlCase  # takes SERVER
from tests.support.case import main
from tests.support.mandos import OUR_MANDOS, gpg_encrypt

CTL = sys.argv.pop(1)
MARKER = b"marker-5e0c77-of-a-password"


class Secrets(CtlCase):
    def setUp(self):
        super().setUp()
        self.ctl = {"1.8": self.old, "ours": self.new}[CTL]

    def serve_client(self, *options):
        self.client = clients.written_by_gpg(self, "one", clients.debian_openpgp(self, "one"), MARKER)
        self.serve(self.client.section + "\n".join([*options, ""]))

    def fetch(self):
        return OUR_MANDOS.client(self, self.client.keys, self.listener.address)

    def assert_gets(self, password):
        fetching = self.fetch()
        self.assertEqual(fetching.finish(), 0, fetching.stderr)
        self.assertEqual(fetching.stdout, password)

    def test_a_new_secret(self):
        self.serve_client()
        self.assert_gets(MARKER)
        for password in (b"another\0\xff\n", b"x" * 100_000):
            message = gpg_encrypt(self, self.client.keys, password)
            self.ctl("--secret", self.write("message", message), "one")
            self.assert_gets(password)

    def test_a_new_secret_from_standard_input(self):
        self.serve_client()
        self.ctl("-s", "-", "one", stdin=gpg_encrypt(self, self.client.keys, b"piped"))
        self.assert_gets(b"piped")

    def test_an_approval(self):
        self.serve_client("approved_by_default = False", "approval_delay = PT1H")
        fetching = self.fetch()
        self.wait_until_pending()
        self.assertTrue(fetching.running())
        self.ctl("--approve", "one")
        self.assertEqual(fetching.finish(), 0, fetching.stderr)
        self.assertEqual(fetching.stdout, MARKER)

    def test_a_denial(self):
        self.serve_client("approved_by_default = True", "approval_delay = PT1H")
        fetching = self.fetch()
        self.wait_until_pending()
        self.ctl("-D", "one")
        self.server.wait_for(r'Client one was not approved$|refused: client "one" was denied')
        self.assertEqual(fetching.stdout, b"")

    def test_debug_shows_no_secret(self):
        self.serve_client()
        shown = self.ctl("--debug", "-s", self.write("message", MARKER), "one").stderr
        self.assertIn("Secret", shown)
        if CTL == "ours":
            self.assertNotIn(MARKER.decode(), shown)
            self.assertNotIn(str(len(MARKER)), shown)

    def wait_until_pending(self):
        self.server.wait_for(r'Client one needs approval$|client "one": waits for approval')
        self.assertTrue(self.clients()["one"]["ApprovalPending"])


if __name__ == "__main__":
    main()
