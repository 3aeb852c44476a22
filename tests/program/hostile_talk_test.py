"""Peers that say the wrong thing: each is refused at once, told so in the log, and harms nobody."""

import os
import random

from tests.interop.make_keys import TLS_KEYS, make_tls_keys
from tests.program.hostile_case import HostileTest
from tests.support.case import main
from tests.support.mandos import section

# A TLS record with the start of a ClientHello: what every TLS client would say first, here too early.
CLIENT_HELLO = bytes.fromhex("16030100f8010000f40303") + bytes(32) + b"\x20" + bytes(32)

LINES = {
    "version 2": b"2\r\n",
    "version 10": b"1_0\r\n",
    "version 0": b"0\r\n",
    "a negative version": b"-5\r\n",
    "minus one": b"-1\n",
    "no version": b"\r\n",
    "only a line feed": b"\n",
    "only blanks": b"   \r\n",
    "a word": b"hello\r\n",
    "a fraction": b"1.0\r\n",
    "a hexadecimal one": b"0x1\r\n",
    "an Arabic-Indic one": "\u0661\r\n".encode(),
    "a wide one": "\uff11\r\n".encode(),
    "not UTF-8": b"\xff\xfe1\r\n",
    "not UTF-8 after the version": b"1 \xc3\x28\r\n",
    "NUL": b"\x001\r\n",
    "NUL after the version": b"1\x00\r\n",
    "a line without end": b"1" * 2000,
    "blanks without end": b" " * 2000,
    "a long line that does end": b"1 " + b"x" * 200 + b"\r\n",
    "TLS before the line": CLIENT_HELLO,
    "HTTP": b"GET / HTTP/1.0\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
}

# In 1.8 these are version 1 too, so some administrator's own client may say them.
GOOD_LINES = {
    "one piece": [b"1\r\n"],
    "three pieces": [b"1", b"\r", b"\n"],
    "a line feed": [b"1\n"],
    "words after it": [b" 1 any other words\r\n"],
    "one more zero": [b"01\r\n"],
}


def record(kind, content, version=b"\x03\x03"):
    return bytes([kind]) + version + len(content).to_bytes(2, "big") + content


def server_hello(content):
    return record(22, b"\x02" + len(content).to_bytes(3, "big") + content)


ALERT, HANDSHAKE, DATA = 21, 22, 23
ANSWERS = {
    "nothing but zeros": bytes(300),
    "random bytes": random.Random(7).randbytes(5000),
    "HTTP": b"HTTP/1.0 400 Bad Request\r\n\r\n",
    "an alert": record(ALERT, b"\x02\x28"),
    "warnings without end": record(ALERT, b"\x01\x5a") * 500,
    "close_notify": record(ALERT, b"\x01\x00"),
    "application data": record(DATA, bytes(100)),
    "empty records": record(HANDSHAKE, b"") * 200,
    "a record that is too long": b"\x16\x03\x03\xff\xff" + bytes(40_000),
    "a message that is too long": record(HANDSHAKE, b"\x02\xff\xff\xff" + bytes(16_000)) * 3,
    "TLS 1.2": server_hello(b"\x03\x03" + bytes(range(32)) + b"\x00" + b"\xc0\x2c" + b"\x00"),
    "TLS 1.0": server_hello(b"\x03\x01" + bytes(range(32)) + b"\x00" + b"\x00\x2f" + b"\x00"),
    "a ServerHello cut short": server_hello(b"\x03\x03" + bytes(10)),
    "our own direction": CLIENT_HELLO,
}


class SaysTheWrongThing(HostileTest):
    def clients_conf(self):
        self.disabled = self.new_keys("disabled")
        disabled = section("disabled", self.disabled, self.secret, "enabled = no")
        return super().clients_conf() + "\n" + disabled

    def setUp(self):
        super().setUp()
        self._attacks = 0

    def refused(self, *options, expect="closed,reset,refused,failed"):
        """One attack beside a good client; returns the reason in the log."""
        self._attacks += 1
        source = f"127.0.3.{self._attacks}"
        peer = self.peer("--deadline=30", f"--expect={expect}", *options, source=source)
        self.assert_good_served()
        self.outcome(peer)
        self.assertEqual(peer.stdout, b"")
        return self.assert_refusal_logged(source)

    def test_a_wrong_line_is_refused_without_an_answer(self):
        for name, line in LINES.items():
            with self.subTest(name):
                reason = self.refused(f"--line={line.hex()}", expect="closed,reset")
                self.assertNotIn("handshake", reason)
        self.assert_good_served()

    def test_what_a_peer_said_is_shown_harmlessly(self):
        reason = self.refused("--line=781b5b33316d077f0d0a")  # x ESC [31m BEL DEL
        self.assertNotIn("\x1b", self.server.stderr)
        self.assertNotIn("\x07", self.server.stderr)
        self.assertTrue(reason)

    def test_every_good_line_is_taken(self):
        for name, pieces in GOOD_LINES.items():
            with self.subTest(name):
                line = ",".join(piece.hex() for piece in pieces)
                served = self.attack(f"--keys={self.keys.tls}", f"--line={line}", source="127.0.4.1", expect="served")
                self.assertEqual(served["served"]["count"], 1)

    def test_garbage_in_place_of_a_server_hello_is_refused(self):
        for name, answer in ANSWERS.items():
            with self.subTest(name):
                self.refused(f"--answer={answer.hex()}")
        self.assert_good_served()

    def test_a_certificate_is_refused(self):
        self.assertIn("raw public key", self.refused("--x509"))

    def test_tls_1_2_is_refused(self):
        self.refused("--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2:+CTYPE-SRV-RAWPK")

    def test_a_key_that_is_not_proved_is_refused(self):
        """The thief who has the public key of the good client, but another private key."""
        thief = self.folder / "thief"
        thief.mkdir()
        make_tls_keys(thief, TLS_KEYS["ed25519"])
        self.refused(f"--keys={self.keys.tls}", f"--private-key={thief / 'tls-privkey.pem'}")

    def test_who_is_unknown_or_disabled_gets_an_empty_answer(self):
        self.assertIn("unknown", self.refused(expect="empty"))
        self.assertIn("disabled", self.refused(f"--keys={self.disabled.tls}", expect="empty"))

    def test_many_at_once_are_told_apart(self):
        """200 refusals of every kind at one time, each in the log, and none of the good ones among them suffers."""
        peers = [
            self.peer("--line=320d0a", "--count=50", "--expect=closed,reset", source="127.0.5.1"),
            self.peer(f"--answer={os.urandom(40).hex()}", "--count=50", "--expect=refused,reset,closed", source="127.0.5.2"),
            self.peer("--x509", "--count=50", "--expect=refused,reset,closed", source="127.0.5.3"),
            self.peer("--count=50", "--expect=empty", source="127.0.5.4"),
        ]
        self.assert_good_served(50)
        for peer in peers:
            self.outcome(peer)
        for source in ("127.0.5.1", "127.0.5.2", "127.0.5.3", "127.0.5.4"):
            self.assert_refusal_logged(source, count=50)


if __name__ == "__main__":
    main()
