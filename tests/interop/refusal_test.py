"""Who must get nothing gets nothing, and what 1.8 tolerates keeps neither server from starting.

Usage: refusal_test.py SERVER CLIENT, each "1.8" or "ours". Every server here also serves a good client, which shows
that it was in a position to hand something out.
"""

import sys

from tests.interop import clients
from tests.interop.make_keys import TLS_KEYS, make_tls_keys
from tests.support.case import SOURCE, TestCase, main
from tests.support.mandos import FAMILIES, KeyFiles, section

SERVER, CLIENT = (
    next(family for family in FAMILIES if family.name == wanted) for wanted in (sys.argv.pop(1), sys.argv.pop(1))
)


class ServerTest(TestCase):
    def setUp(self):
        super().setUp()
        self.good = self.client_of("good")

    def client_of(self, name):
        return clients.written_by_gpg(self, name, clients.debian_openpgp(self, name), f"of {name}\n".encode())

    def serve(self, *sections):
        return SERVER.server(self, "\n".join([*sections, self.good.section]))

    def assert_served(self, server, client):
        fetching = CLIENT.client(self, client.keys, server.address)
        self.assertEqual(fetching.finish(), 0, fetching.stderr)
        self.assertEqual(fetching.stdout, client.password)

    def assert_gets_nothing(self, server, keys, refusal):
        """The client is turned away twice (so it did come back) and ends with nothing on stdout."""
        fetching = CLIENT.client(self, keys, server.address)
        server.wait_for(refusal, count=2)
        self.assertNotEqual(fetching.stop(), 0)
        self.assertEqual(fetching.stdout, b"")


class Refusals(ServerTest):
    def test_an_unknown_key_gets_nothing(self):
        server = self.serve()
        stranger = self.client_of("stranger")
        self.assert_gets_nothing(server, stranger.keys, SERVER.unknown(stranger.keys.key_id))
        self.assert_served(server, self.good)

    def test_a_disabled_client_gets_nothing(self):
        disabled = self.client_of("disabled")
        server = self.serve(disabled.section + "enabled = no\n")
        self.assert_gets_nothing(server, disabled.keys, SERVER.disabled("disabled"))
        self.assert_served(server, self.good)

    def test_an_x509_certificate_gets_nothing(self):
        server = self.serve()
        peer = self.start(["/usr/bin/python3", SOURCE / "tests/support/x509_peer.py", "::1", server.port, self.folder])
        self.assertEqual(peer.finish(), 0, peer.stderr)
        server.wait_for(f"{SERVER.WRONG_CERTIFICATE}|{SERVER.HANDSHAKE_FAILED}")
        self.assertEqual(peer.stdout, b"")
        self.assert_served(server, self.good)

    def test_a_public_key_without_its_private_key_gets_nothing(self):
        """The thief who has the public key only, which is what clients.conf tells of it."""
        victim = self.client_of("victim")
        thief = self.folder / "keys-thief"
        thief.mkdir()
        make_tls_keys(thief, TLS_KEYS["ed25519"])
        (thief / "tls-pubkey.pem").write_bytes((victim.keys.tls / "tls-pubkey.pem").read_bytes())
        server = self.serve(victim.section)
        self.assert_gets_nothing(server, KeyFiles(victim.keys.openpgp, thief), SERVER.HANDSHAKE_FAILED)
        self.assert_served(server, self.good)
        self.assert_served(server, victim)


class Tolerated(ServerTest):
    """1.8's server starts with these files, so ours has to: it must be replaceable in place."""

    def test_an_empty_secret_is_worth_nothing_and_harms_nobody(self):
        empty = self.client_of("empty")
        server = self.serve(section("empty", empty.keys, b""))
        self.assert_served(server, self.good)
        self.assert_gets_nothing(server, empty.keys, SERVER.EMPTY)

    def test_characters_outside_base64_are_skipped(self):
        junk = self.client_of("junk")
        lines = junk.section.splitlines()
        lines[-1] = "    -#" + lines[-1].strip()[:-4] + "!" + lines[-1].strip()[-4:]
        server = self.serve("\n".join(lines) + "\n")
        self.assert_served(server, junk)
        self.assert_served(server, self.good)

    def test_a_shared_key_id_does_not_keep_the_server_from_starting(self):
        first = self.client_of("first")
        second = clients.written_by_gpg(self, "second", first.keys, b"of second\n")
        server = self.serve(first.section, second.section)
        self.assert_served(server, self.good)
        if SERVER.SHARED_KEY_ID is not None:
            self.assert_gets_nothing(server, first.keys, SERVER.SHARED_KEY_ID)

    def test_the_key_id_of_nothing_is_never_matched(self):
        nothing = "key_id = E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
        odd = self.client_of("odd")
        text = "\n".join(nothing if line.startswith("key_id") else line for line in odd.section.splitlines())
        server = self.serve(text + "\n")
        self.assert_gets_nothing(server, odd.keys, SERVER.unknown(odd.keys.key_id))
        self.assert_served(server, self.good)


if __name__ == "__main__":
    main()
