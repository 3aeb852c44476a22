"""mandos-client against servers that are dead, slow, wrong or hostile: each is a failed try, none stops the others."""

import os

from tests.program.client_case import LARGEST, PASSWORD, ClientCase
from tests.support.case import main


class WrongAnswers(ClientCase):
    """Refusals first: alone, each of these servers gets nothing out of the client but a line and another try."""

    def refuse(self, why, mode="good", message=None, **options):
        server = self.server(mode, message, **options)
        client = self.client(server.address)
        line = rf"^Mandos plugin mandos-client: \[::1\]:\d+: {why}.*; trying again in 0\.\d+ s"
        server.wait_for("^connected$", count=2)  # the second try
        self.assert_gets_nothing(client, line)

    def test_not_openpgp(self):
        self.refuse("the answer cannot be decrypted: ", message=b"This is no OpenPGP message.\n" * 10)

    def test_random_bytes(self):
        self.refuse("the answer cannot be decrypted: ", message=os.urandom(4096))

    def test_for_somebody_else(self):
        self.refuse("the answer cannot be decrypted: ", message=self.other_keys.encrypt(PASSWORD))

    def test_message_cut_short_and_said_to_be_whole(self):
        self.refuse("the answer cannot be decrypted: ", message=self.message[:-20])

    def test_message_changed(self):
        changed = bytearray(self.message)
        changed[-25] ^= 1
        self.refuse("the answer cannot be decrypted: ", message=bytes(changed))

    def test_empty_password(self):
        self.refuse("the answer is an empty password", message=self.keys.encrypt(b""))

    def test_answer_too_large(self):
        self.refuse(f"the answer is larger than {LARGEST} bytes", message=b"\0" * (LARGEST + 1))

    def test_largest_answer_is_read_to_its_end(self):
        self.refuse("the answer cannot be decrypted: ", message=b"\0" * LARGEST)

    def test_password_too_large(self):
        message = self.keys.encrypt(b"\0" * (LARGEST + 1))
        self.assertLess(len(message), LARGEST)
        self.refuse(rf"the answer cannot be decrypted: .*{LARGEST}", message=message)

    def test_endless_answer(self):
        self.refuse(f"the answer is larger than {LARGEST} bytes", mode="endless")

    def test_no_close_notify(self):
        self.refuse("the connection ended without close_notify", mode="forgets-bye")

    def test_nothing_given(self):
        self.refuse(r"it gave no password: it refused, or somebody has to approve", mode="empty")

    def test_no_tls(self):
        self.refuse("TLS handshake failed: ", mode="not-tls")

    def test_another_protocol(self):
        self.refuse("TLS handshake failed: ", mode="http")

    def test_tls_1_2(self):
        self.refuse("TLS handshake failed: ", mode="tls12")

    def test_x509_wanted(self):
        self.refuse("TLS handshake failed: ", mode="x509")

    def test_hangs_up(self):
        self.refuse("TLS handshake failed: ", mode="hangs-up")

    def test_nobody_there(self):
        server = self.server("good")
        server.kill()
        client = self.client(server.address)
        self.assert_gets_nothing(client, r": cannot connect: Connection refused; trying again in ")


class BesideAGoodOne(ClientCase):
    """The password comes although everybody else is asked first."""

    def test_all_kinds_at_once(self):
        servers = [
            self.server("silent"),
            self.server("stall", bytes=0),
            self.server("stall", bytes=100),
            self.server("stall", bytes=len(self.message) + 400),
            self.server("reset", bytes=350),
            self.server("cut", bytes=350),
            self.server("not-tls"),
            self.server("http"),
            self.server("tls12"),
            self.server("x509"),
            self.server("endless"),
            self.server("empty"),
            self.server("forgets-bye"),
            self.server("hangs-up"),
            self.server("good", message=os.urandom(LARGEST)),
            self.server("good", message=self.other_keys.encrypt(b"a wrong password")),
        ]
        good = self.server("good")
        addresses = [server.address for server in servers]
        client = self.client(*addresses, "does-not-exist.invalid:4711", "192.0.2.1:4711", good.address)
        self.assert_gets_password(client, deadline=18)  # sooner than a silent one is given up
        good.wait_for("^bye$")
        servers[0].wait_for("^gone$")  # let go at once
        servers[1].wait_for("^gone$")

    def test_many_silent_ones(self):
        silent = self.server("silent")
        good = self.server("good")
        self.assert_gets_password(self.client(*[silent.address] * 20, good.address))
        silent.wait_for("^gone$", count=20)

    def test_a_slow_good_one_beside_a_fast_wrong_one(self):
        wrong = self.server("empty")
        slow = self.server("drip")
        self.assert_gets_password(self.client(wrong.address, slow.address))


class BrokenAtEveryByte(ClientCase):
    """One client meets a connection for each byte of the exchange, broken there; the first whole one counts.

    All of them are the same address given many times; each connection gets a byte further than the one before.
    """

    def sweep(self, mode, step, tries):
        server = self.server(mode, step=step)
        client = self.client(*[server.address] * tries, options=["--retry=30"])
        self.assert_gets_password(client)
        # The whole exchange is a ClientHello of some 300 bytes, a Finished of 80 and the message: none was left out.
        self.assertGreater(server.stderr.count("connected") * step, len(self.message) + 380)

    def test_reset(self):
        self.sweep("reset", 1, len(self.message) + 600)

    def test_closed(self):
        self.sweep("cut", 1, len(self.message) + 600)

    def test_stalled(self):
        self.sweep("stall", 29, len(self.message) // 29 + 20)


if __name__ == "__main__":
    main()
