"""Floods: what one address, one network and all together may hold, and that nobody who is in suffers from who is not."""

from tests.program.hostile_case import HostileTest, eventually
from tests.support.case import main

# src/core/limits.h
FROM_ONE_ADDRESS, FROM_ONE_NETWORK, IN_ALL = 256, 2048, 4096
TOO_MANY = 40


class Floods(HostileTest):
    def held(self):
        return self.descriptors() - self.baseline

    def setUp(self):
        super().setUp()
        self.baseline = self.descriptors()

    def test_one_address_gets_what_it_may_have_and_no_more(self):
        flood = self.peer("--stop-after=connect", f"--count={FROM_ONE_ADDRESS}", "--expect=late", source="127.0.21.1")
        flood.wait_for(rf"^{FROM_ONE_ADDRESS} connections are held$")
        # Who is over the limit is told at once, by the end of the connection, and does not take 10 s for it.
        outcome = self.attack(f"--keys={self.keys.tls}", f"--count={TOO_MANY}", "--deadline=8", source="127.0.21.1")
        self.assertEqual(sum(tally["count"] for tally in outcome.values()), TOO_MANY)
        self.assertIn(str(FROM_ONE_ADDRESS), self.assert_refusal_logged("127.0.21.1", count=TOO_MANY))
        self.assert_good_served(20, source="127.0.21.2")
        self.assert_good_served(20, source="127.0.22.1")
        flood.kill()
        self.assert_descriptors_return_to(self.baseline)
        self.assert_good_served(20, source="127.0.21.1")

    def test_who_is_in_is_not_harmed(self):
        """Slow clients, in the midst of their handshake when the flood comes, get their secret."""
        slow = self.peer(f"--keys={self.keys.tls}", "--pace=0.004", "--count=5", source="127.0.31.1")
        floods = [self.flood(network) for network in range(32, 36)]
        served = self.outcome(slow)["served"]
        self.assertEqual(served["count"], 5)
        for flood in floods:
            flood.kill()
        self.assert_good_served(20)

    def flood(self, network, count=FROM_ONE_NETWORK // 2):
        flood = self.peer(
            "--stop-after=connect", f"--count={count}", "--sources=8", "--expect=late,closed,reset", source=f"127.0.{network}.1"
        )
        flood.wait_for(r"^\d+ connections are held$")
        return flood

    def test_one_network_and_all_together_have_a_limit(self):
        """Two networks take all that there is; then newcomers are refused until somebody leaves."""
        first = self.flood(41, FROM_ONE_NETWORK)
        self.attack(f"--keys={self.keys.tls}", "--deadline=8", source="127.0.41.100")
        self.assert_refusal_logged("127.0.41.100")
        self.assert_good_served(20, source="127.0.43.1")
        second = self.flood(42, IN_ALL - FROM_ONE_NETWORK)
        self.attack(f"--keys={self.keys.tls}", "--deadline=8", source="127.0.43.1")
        self.assert_refusal_logged("127.0.43.1")
        first.kill()
        self.assert_descriptors_return_to(self.baseline + IN_ALL - FROM_ONE_NETWORK)
        self.assert_good_served(20, source="127.0.43.1")
        second.kill()
        self.assert_descriptors_return_to(self.baseline)
        self.assert_good_served(20)

    def test_five_hundred_held_connections_and_fifty_good_clients(self):
        """Of every kind at the same time; each good client gets its secret promptly, and everything returns to what it was."""
        held = [
            self.peer(*options, "--count=100", "--sources=2", "--deadline=100", "--expect=late", source=f"127.0.51.{10 + 10 * number}")
            for number, options in enumerate(
                [
                    ["--stop-after=connect"],
                    ["--line=31", "--stop-after=line"],
                    ["--stop-after=line"],
                    [f"--keys={self.keys.tls}", "--stop-sent=3", "--stop-step=4"],
                    [f"--keys={self.keys.tls}", "--stop-after=handshake"],
                ]
            )
        ]
        for peer in held:
            peer.wait_for(r"^100 connections are held$")
        eventually(lambda: self.held() == 500, lambda: f"{self.held()} connections are held at one time, not 500")
        self.assert_good_served(50, parallel=50)
        self.assertEqual(self.held(), 500, "they were not all held all the time")
        for peer in held:
            peer.kill()
        self.assert_descriptors_return_to(self.baseline)
        self.assert_good_served(50)


if __name__ == "__main__":
    main()
