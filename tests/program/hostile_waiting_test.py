"""Peers that keep the server waiting, at every place where it waits: each is let go within its limit, and not before.

All of them wait at the same time, beside good clients. The limits are those of src/core/limits.h.
"""

import datetime
import re
import time

from tests.program.hostile_case import HostileTest, eventually, sanitized
from tests.support.case import main
from tests.support.mandos import section

# src/core/limits.h
LINE, HANDSHAKE, SEND, GOODBYE, EVERYTHING = 10, 20, 30, 10, 100
# For a loaded machine: the server's clock is watched from outside.
EARLY, LATE = 0.5, 15
FEW = 20
HELD_BYTES = 24 * 1024  # of memory for each connection, at the most
GOODBYE_BYTES = 24  # a close_notify record
ENDED = r"refused: |secret sent to |could not be delivered"
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}")


class Waiting:
    """A peer that waits, from when on it does, and what the server has to do about it."""

    def __init__(self, peer, source, *, limit, count):
        self.peer = peer
        self.source = source
        self.limit = limit
        self.count = count
        self.started = time.time()

    def __str__(self):
        return " ".join(self.peer.arguments[4:])


class WaitsTest(HostileTest):
    server_options = ("--debuglevel=DEBUG",)  # which tells when a connection is let go

    def clients_conf(self):
        """A second client, with a large secret."""
        self.large = self.new_keys("large")
        return super().clients_conf() + "\n" + section("large", self.large, bytes(1 << 20))

    def waiting(self, *options, limit, source, count=1, expect="closed,reset,refused,cut,failed,late"):
        peer = self.peer(*options, f"--count={count}", f"--deadline={EVERYTHING}", f"--expect={expect}", source=source)
        return Waiting(peer, source, limit=limit, count=count)

    def bytes_of_an_exchange(self):
        peer = self.peer(f"--keys={self.keys.tls}", source="127.0.10.1")
        self.outcome(peer)
        return int(re.search(r"sent (\d+), ", peer.stderr)[1])

    def assert_let_go(self, waiting):
        """By the server's own log, since a peer that reads nothing does not see it."""
        let_go = rf"^.*\b{re.escape(waiting.source)}:\d+: let go$"
        self.server.wait_for(let_go, count=waiting.count, deadline=waiting.limit + 2 * LATE)
        ended = rf"^(?=.*\b{re.escape(waiting.source)}:)(?=.*(?:{ENDED})).*$"
        self.server.wait_for(ended, count=waiting.count)
        self.assertEqual(len(re.findall(ended, self.server.stderr, re.MULTILINE)), waiting.count)
        lines = re.findall(let_go, self.server.stderr, re.MULTILINE)
        self.assertEqual(len(lines), waiting.count)
        for line in lines:
            ended = datetime.datetime.strptime(STAMP.match(line)[0], "%Y-%m-%d %H:%M:%S,%f").timestamp()
            self.assertGreater(ended - waiting.started, waiting.limit - EARLY, line)
            self.assertLess(ended - waiting.started, waiting.limit + LATE, line)

    def assert_kernel_forgets(self):
        """What is closed but has unsent bytes lives on in the kernel for minutes, with megabytes each."""
        eventually(lambda: not self.sockets(), lambda: f"the kernel still holds {self.sockets()}", deadline=LATE)

    def sockets(self):
        """The connections of the server's port, without those of which the kernel only keeps that they have been."""
        fin_wait_2, time_wait, listening = "05", "06", "0A"
        with open("/proc/net/tcp6", encoding="ascii") as file:
            fields = [line.split() for line in file.readlines()[1:]]
        here = [field for field in fields if field[1].endswith(f":{self.port:04X}")]
        return [f"{field[2]} in state {field[3]}" for field in here if field[3] not in (fin_wait_2, time_wait, listening)]


class Waits(WaitsTest):
    send_buffer = 16384

    def test_each_is_let_go(self):
        known, large = f"--keys={self.keys.tls}", f"--keys={self.large.tls}"
        to_goodbye = self.bytes_of_an_exchange() - GOODBYE_BYTES
        descriptors = self.descriptors()
        memory = self.memory()
        dawdling_line = b" 1 and so on, and so on, and so on, and so on, and so".hex()
        held = [
            self.waiting("--stop-after=connect", limit=LINE, count=FEW, source="127.0.11.1"),
            self.waiting("--line=31", "--stop-after=line", limit=LINE, count=FEW, source="127.0.11.2"),
            self.waiting("--line=310d", "--stop-after=line", limit=LINE, count=FEW, source="127.0.11.3"),
            self.waiting(f"--line={dawdling_line}", "--pace=0.4", limit=LINE, count=FEW, source="127.0.11.4"),
            self.waiting("--stop-after=line", limit=HANDSHAKE, count=FEW, source="127.0.12.1"),
            self.waiting(known, "--stop-received=200", limit=HANDSHAKE, source="127.0.12.2"),
            self.waiting(known, "--pace=0.5", limit=HANDSHAKE, source="127.0.12.3"),
            self.waiting("--answer=160303", limit=HANDSHAKE, source="127.0.12.4"),
            # Whole records one after the other, of a ServerHello that never ends.
            self.waiting("--answer=16030300010016030300010016", "--pace=0.3", limit=HANDSHAKE, source="127.0.12.5"),
            # After the secret nothing but the goodbye is missing; or the secret is small, and is taken for read.
            self.waiting(known, "--stop-after=secret", limit=GOODBYE, count=FEW, source="127.0.14.1"),
            self.waiting(known, "--stop-after=handshake", limit=GOODBYE, count=FEW, source="127.0.14.2"),
            # The socket buffers of both sides fill up; nothing of the secret is read, or one byte now and then.
            self.waiting(large, "--receive-buffer=4096", "--stop-after=handshake", limit=SEND, count=FEW, source="127.0.15.1"),
            self.waiting(large, "--receive-buffer=4096", "--stop-received=9000", limit=SEND, source="127.0.15.2"),
        ]
        # Stops after each byte of the handshake, and after each byte of the goodbye.
        bytewise = (
            (3, to_goodbye, HANDSHAKE, "127.0.13"),
            (to_goodbye, to_goodbye + GOODBYE_BYTES, GOODBYE, "127.0.16"),
        )
        for first, end, limit, network in bytewise:
            for start in range(first, end, 100):
                count = min(100, end - start)
                source = f"{network}.{start // 100 + 1}"
                sweep = (known, f"--stop-sent={start}", "--stop-step=1")
                held.append(self.waiting(*sweep, limit=limit, count=count, source=source))
        self.assert_good_served(50)
        for waiting in sorted(held, key=lambda each: each.limit):
            with self.subTest(str(waiting)):
                self.assert_let_go(waiting)
            self.assert_good_served(5)
        self.assert_descriptors_return_to(descriptors)
        self.assert_kernel_forgets()
        self.assert_good_served(50)
        if not sanitized():
            # The heap keeps what it once had for the next rush; it never was more than what was held needs.
            self.assertLess(self.memory() - memory, HELD_BYTES * sum(waiting.count for waiting in held))


class ReadsNothing(WaitsTest):
    """With the system's own buffers, which take all of the secret: the server only misses the goodbye."""

    def test_is_let_go_with_all_that_was_sent(self):
        large = (f"--keys={self.large.tls}", "--receive-buffer=4096")
        held = [
            self.waiting(*large, "--stop-after=handshake", limit=GOODBYE, count=FEW, source="127.0.17.1"),
            self.waiting(*large, "--stop-received=9000", limit=GOODBYE, count=FEW, source="127.0.17.2"),
        ]
        for waiting in held:
            self.assert_let_go(waiting)
        self.assert_kernel_forgets()
        self.assert_good_served()


if __name__ == "__main__":
    main()
