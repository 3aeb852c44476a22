"""mandos-client beside servers that are dead, slow, wrong or hostile: how long the good one's password takes.

Each kind of them is asked first, then the good one. What that costs is measured against the good one alone, by turns in
the same run, and printed. Dead servers may cost 300 ms; more is a failure once the noise of a loaded machine is out.
"""

import concurrent.futures
import os
import socket
import statistics
import time

from tests.program.client_case import ClientCase
from tests.support.case import main
from tests.support.own_network import drop_packets_to, enter_own_network

ALLOWED = 0.300  # seconds that others may cost
ROUNDS = 5
NOISE = 0.150  # of a median on a loaded machine


class Beside(ClientCase):
    def setUp(self):
        super().setUp()
        self.good = self.server("good")

    def take(self, *others, options=()):
        """How long it takes until the password is there, from the start of the client: seconds."""
        began = time.monotonic()
        client = self.client(*others, self.good.address, options=options)
        self.assert_gets_password(client, deadline=60)
        return time.monotonic() - began

    def compare(self, kind, *others):
        """By turns, so that both meet the same load."""
        alone, beside = [], []
        for _ in range(ROUNDS):
            alone.append(self.take())
            beside.append(self.take(*others))
        extra = statistics.median(beside) - statistics.median(alone)
        print(
            f"{kind}: alone {statistics.median(alone) * 1000:.0f} ms, beside {len(others)} of them"
            f" {statistics.median(beside) * 1000:.0f} ms: {extra * 1000:+.0f} ms",
            flush=True,
        )
        slowest = max(alone) - min(alone)  # what this machine does to one that has nobody beside it
        self.assertLess(extra, ALLOWED + NOISE + slowest)

    def firewalled(self):
        reserved = socket.socket(socket.AF_INET6)
        self.addCleanup(reserved.close)
        reserved.bind(("::1", 0))
        port = reserved.getsockname()[1]
        reserved.listen()
        drop_packets_to(port)
        return f"[::1]:{port}"

    def refusing(self):
        server = self.server("good")
        server.kill()
        return server.address

    def kinds(self):
        """One address of each kind."""
        answer = len(self.message)
        return {
            "silent": self.server("silent").address,
            "stalls at the ClientHello": self.server("stall", bytes=0).address,
            "stalls in the handshake": self.server("stall", bytes=330).address,
            "stalls in the answer": self.server("stall", bytes=answer // 2 + 400).address,
            "firewalled": self.firewalled(),
            "refuses the connection": self.refusing(),
            "resets at once": self.server("reset", bytes=0).address,
            "resets in the answer": self.server("reset", bytes=answer // 2 + 400).address,
            "hangs up": self.server("hangs-up").address,
            "refuses": self.server("empty").address,
            "sends a wrong secret": self.server("good", message=os.urandom(4096)).address,
            "sends somebody else's secret": self.server("good", message=self.other_keys.encrypt(b"a wrong one")).address,
            "sends for ever": self.server("endless").address,
        }

    def test_each_kind_four_times(self):
        for kind, address in self.kinds().items():
            with self.subTest(kind):
                self.compare(kind, *[address] * 4)

    def test_all_kinds_at_once(self):
        self.compare("all kinds at once", *self.kinds().values())

    def test_firewalled_is_what_it_says(self):
        """Nobody answers: the client is still connecting when its time limit ends."""
        client = self.client(self.firewalled(), options=["--debug"])
        client.wait_for("connecting$")
        client.wait_for("cannot connect: nothing happened within the time limit")

    def test_given_by_server_too(self):
        """--server alone asks these, until others are found too."""
        addresses = [f"--server={address}" for address in (self.refusing(), self.good.address)]
        self.assert_gets_password(self.client(options=addresses))
        self.assert_gets_password(self.client(self.refusing(), options=[f"--server={self.good.address}"]))
        port = self.server("good", family=socket.AF_INET).address.rpartition(":")[2]
        self.assert_gets_password(self.client(options=[f"--server=localhost:{port}"]))


class StallsAtEachByte(ClientCase):
    """Eight servers at a time that stall, each a byte further in the exchange than the one before; then the good one."""

    def test_every_position(self):
        good = self.server("good")
        stalling = self.server("stall", step=1)
        # A ClientHello of some 300 bytes, a Finished of 80 and the message: the whole exchange.
        runs = (len(self.message) + 420) // 8 + 1

        def take(*others):
            began = time.monotonic()
            client = self.client(*others, good.address, options=["--retry=60"])
            self.assert_gets_password(client, deadline=60)
            client.kill()
            return time.monotonic() - began

        with concurrent.futures.ThreadPoolExecutor(2) as both:
            alone = list(both.map(lambda _: take(), range(16)))
            beside = list(both.map(lambda _: take(*[stalling.address] * 8), range(runs)))
        extra = statistics.median(beside) - statistics.median(alone)
        positions = stalling.stderr.count("connected")
        print(
            f"stalls at each of {positions} positions, 8 at a time: alone {statistics.median(alone) * 1000:.0f} ms,"
            f" beside them {statistics.median(beside) * 1000:.0f} ms: {extra * 1000:+.0f} ms",
            flush=True,
        )
        self.assertGreater(positions, len(self.message) + 380)
        self.assertLess(extra, ALLOWED + NOISE + max(alone) - min(alone))


if __name__ == "__main__":
    enter_own_network()
    main()
