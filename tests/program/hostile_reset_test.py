"""Peers that break off: after every single byte of an exchange that would have been good, by a reset and by a close.

Both ways are gone through: after every byte that the peer sends (the line, its side of the handshake, its goodbye) and
after every byte that it has got (ClientHello, Finished, the secret, the server's goodbye).
"""

import re

from tests.program.hostile_case import HostileTest, sanitized
from tests.support.case import main

WAYS = ("reset", "close")
# What the server has to say of each connection: one of these, once.
ENDS = r"refused: |secret sent to |could not be delivered"
# A leaked TLS session is over 8 kB each time; the heap of several threads takes its time to settle.
LEAK = 2048


class BreaksOff(HostileTest):
    def exchange(self):
        """How many bytes a good peer sends and receives."""
        peer = self.peer(f"--keys={self.keys.tls}", source="127.0.6.1")
        self.outcome(peer)
        found = re.search(r"sent (\d+), received (\d+) bytes", peer.stderr)
        return int(found[1]), int(found[2])

    def sweep(self, limit, upto, way, source):
        """A connection for each byte, eight at a time, beside good clients; returns how many there were."""
        peer = self.peer(
            f"--keys={self.keys.tls}",
            f"--stop-{limit}=0",
            "--stop-step=1",
            f"--at-stop={way}",
            f"--count={upto + 1}",
            "--parallel=8",
            "--expect=stopped",
            source=source,
        )
        self.assert_good_served(30)
        self.assertEqual(self.outcome(peer)["stopped"]["count"], upto + 1)
        return upto + 1

    def all_sweeps(self, sizes, network):
        connections = 0
        for place, (limit, upto) in enumerate(zip(("sent", "received"), sizes)):
            for number, way in enumerate(WAYS):
                source = f"127.0.{network}.{place * 2 + number + 1}"
                count = self.sweep(limit, upto, way, source)
                self.server.wait_for(rf"^.*\b{re.escape(source)}\b.*$", count=count)
                lines = re.findall(rf"^.*\b{re.escape(source)}\b.*$", self.server.stderr, re.MULTILINE)
                self.assertEqual(len(lines), count, "one line for each connection")
                for line in lines:
                    self.assertRegex(line, ENDS)
                connections += count
        return connections

    def test_after_every_byte(self):
        sizes = self.exchange()
        self.assertGreater(sizes[0], 400)
        self.assertGreater(sizes[1], 900)
        descriptors = self.descriptors()
        self.all_sweeps(sizes, network=7)
        self.assert_descriptors_return_to(descriptors)
        memory = self.memory()
        connections = self.all_sweeps(sizes, network=8)
        self.assert_descriptors_return_to(descriptors)
        self.assert_good_served(50)
        if not sanitized():
            self.assertLess((self.memory() - memory) / connections, LEAK, "bytes more for each connection")


if __name__ == "__main__":
    main()
