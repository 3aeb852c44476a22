"""Peers that keep the server waiting, at every place where it waits: each is let go within its limit, and not before.

All of them wait at the same time, beside good clients. The limits are those of src/core/limits.h.
"""

import re

from tests.program.hostile_case import HostileTest, sanitized
from tests.support.case import main
from tests.support.mandos import section

LINE, HANDSHAKE, SEND, GOODBYE, EVERYTHING = 10, 20, 30, 10, 100
# For a loaded machine: the server's clock is watched from outside.
EARLY, LATE = 0.5, 8
FEW, LEAK = 20, 24 * 1024


class Waits(HostileTest):
    def clients_conf(self):
        """A second client whose secret is more than any socket buffers."""
        self.large = self.new_keys("large")
        return super().clients_conf() + "\n" + section("large", self.large, bytes(1 << 20))

    def waiting(self, *options, limit, source, expect="closed,reset,refused,cut,failed,empty,served"):
        peer = self.peer(*options, f"--deadline={EVERYTHING}", f"--expect={expect}", source=source)
        return (peer, limit, source)

    def test_each_is_let_go(self):
        known, large = f"--keys={self.keys.tls}", f"--keys={self.large.tls}"
        descriptors = self.descriptors()
        memory = self.memory()
        steps = f"--count={FEW}"
        held = [
            self.waiting("--stop-after=connect", steps, limit=LINE, source="127.0.11.1"),
            self.waiting("--line=31", "--stop-after=line", steps, limit=LINE, source="127.0.11.2"),
            self.waiting("--line=310d", "--stop-after=line", steps, limit=LINE, source="127.0.11.3"),
            self.waiting("--line=" + b" 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".hex(), "--pace=0.4",
                         steps, limit=LINE, source="127.0.11.4"),
            self.waiting("--stop-after=line", steps, limit=HANDSHAKE, source="127.0.12.1"),
            # One for each byte of a good exchange behind the line, by turns from different addresses.
            self.waiting(known, "--stop-sent=3", "--stop-step=1", "--count=440", "--sources=4", limit=HANDSHAKE, source="127.0.13.1"),
            self.waiting(known, "--stop-received=200", limit=HANDSHAKE, source="127.0.12.2"),
            self.waiting(known, "--line=310d0a", "--pace=0.5", limit=HANDSHAKE, source="127.0.12.3"),
            self.waiting("--answer=160303", limit=HANDSHAKE, source="127.0.12.4"),
            self.waiting(known, "--stop-after=secret", steps, limit=GOODBYE, source="127.0.14.1"),
            # Their socket buffers fill up, and the server's; nothing of the secret is read, or one byte now and then.
            self.waiting(large, "--receive-buffer=4096", "--stop-after=handshake", steps, limit=SEND, source="127.0.15.1"),
            self.waiting(large, "--receive-buffer=4096", "--stop-received=9000", limit=SEND, source="127.0.15.2"),
            # Reads nothing of a secret that fits into the buffers: the server only misses the goodbye.
            self.waiting(known, "--stop-after=handshake", steps, limit=GOODBYE, source="127.0.14.2"),
        ]
        for peer, _, _ in held[:3]:
            peer.wait_for(r"^\d+ connections are held$")
        self.assert_good_served(50)
        for peer, limit, source in sorted(held, key=lambda entry: entry[1]):
            with self.subTest(f"{' '.join(peer.arguments[4:])}"):
                self.assert_let_go(peer, limit, source)
            self.assert_good_served(5)
        self.assert_descriptors_return_to(descriptors)
        self.assert_good_served(50)
        if not sanitized():
            self.assertLess(self.memory() - memory, 600 * LEAK)

    def assert_let_go(self, peer, limit, source):
        outcome = self.outcome(peer, deadline=EVERYTHING + LATE)
        for name, tally in outcome.items():
            self.assertGreater(tally["shortest"], limit - EARLY, f"{name}: {outcome}")
            self.assertLess(tally["longest"], limit + LATE, f"{name}: {outcome}")
        self.server.wait_for(rf"\b{re.escape(source)}\b.*$")


if __name__ == "__main__":
    main()
