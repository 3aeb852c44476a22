"""Peers that talk without end: the server reads no more of it than it needs, keeps none of it, and serves others meanwhile."""

from tests.program.hostile_case import HostileTest, sanitized
from tests.program.hostile_talk_test import ALERT, HANDSHAKE, record
from tests.support.case import main

PEERS = 20
# What the server may need for each, at the most, while it finds out; an honest peer takes less than 24 kB.
MEMORY = 256 * 1024
# Several times what src/core/limits.h lets the server read of one connection.
A_LOT = 64 << 20
CHANGE_CIPHER_SPEC = 20


class TalksWithoutEnd(HostileTest):
    def peak(self):
        """The most resident bytes that the server has ever had."""
        with open(f"/proc/{self.server.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024

    def assert_cut_off(self, *options, source):
        peak = self.peak()
        peer = self.peer(*options, f"--count={PEERS}", "--deadline=60", "--expect=closed,reset,refused,failed,cut", source=source)
        self.assert_good_served(50)
        for tally in self.outcome(peer).values():
            self.assertLess(tally["longest"], 8, "it was listened to for a long time")
        self.server.wait_for(rf"\b{source}:\d+.*$", count=PEERS)
        self.assert_good_served(20)
        if not sanitized():
            self.assertLess(self.peak() - peak, PEERS * MEMORY)

    def assert_answer_cut_off(self, answer, *, source):
        times = A_LOT // PEERS // len(answer)
        self.assert_cut_off(f"--answer={answer.hex()}", f"--answers={times}", source=source)

    def test_a_message_of_sixteen_megabytes(self):
        # Each record starts with the header of such a message; for the server only the first one does.
        self.assert_answer_cut_off(record(HANDSHAKE, b"\x02\xff\xff\xff" + bytes(16_000)), source="127.0.71.1")

    def test_empty_records(self):
        self.assert_answer_cut_off(record(HANDSHAKE, b"") * 1000, source="127.0.71.2")

    def test_change_cipher_specs(self):
        """TLS 1.3 wants them ignored, for the sake of what stands between (RFC 8446, appendix D.4)."""
        self.assert_answer_cut_off(record(CHANGE_CIPHER_SPEC, b"\x01") * 1000, source="127.0.71.3")

    def test_warnings(self):
        self.assert_answer_cut_off(record(ALERT, b"\x01\x5a") * 1000, source="127.0.71.4")

    def test_data_in_place_of_goodbye(self):
        self.assert_cut_off(f"--keys={self.keys.tls}", "--chatter=data", source="127.0.71.5")

    def test_key_updates(self):
        self.assert_cut_off(f"--keys={self.keys.tls}", "--chatter=key-updates", source="127.0.71.6")

    def test_data_from_nobody(self):
        self.assert_cut_off("--chatter=data", source="127.0.71.7")


if __name__ == "__main__":
    main()
