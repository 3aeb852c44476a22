"""At the default level nobody can fill the disk: of what one address does wrong, one line a minute is written."""

import re

from tests.program.hostile_case import HostileTest
from tests.support.case import main

A_MINUTE = 60


class FillsTheLog(HostileTest):
    server_options = ()  # the default level

    def lines_about(self, source):
        return re.findall(rf"^.*\b{re.escape(source)}\b.*$", self.server.stderr, re.MULTILINE)

    def test_one_line_a_minute_for_each_source(self):
        busy, other, single = "127.0.61.1", "127.0.61.2", "127.0.61.3"
        wrong = ("--line=320d0a", "--expect=closed,reset")
        self.outcome(self.peer(*wrong, "--count=300", "--parallel=20", source=busy))
        self.outcome(self.peer("--x509", "--count=50", "--expect=refused,reset,closed", source=other))
        self.outcome(self.peer(*wrong, source=single))
        # One that comes back all the time: its second line comes after a minute, and tells what was left out.
        again = self.peer(*wrong, "--count=1000000", "--parallel=1", "--pace=0.05", source=busy)
        for source in (busy, other, single):
            self.assert_refusal_logged(source)
        second = self.assert_refusal_logged_within(busy, A_MINUTE + 20)
        again.kill()
        left_out = re.search(r"\((\d+) more\b", second)
        self.assertTrue(left_out, second)
        self.assertGreaterEqual(int(left_out[1]), 299)
        self.assertEqual(len(self.lines_about(busy)), 2)
        self.assertEqual(len(self.lines_about(other)), 1)
        self.assertEqual(len(self.lines_about(single)), 1)

    def assert_refusal_logged_within(self, source, seconds):
        pattern = rf"^.*\b{re.escape(source)}:\d+: refused: .*$"
        return self.server.wait_for(pattern, count=2, deadline=seconds).group(0).decode()

    def test_a_thousand_sources_are_each_seen_and_none_is_repeated(self):
        """Four lines from each of 200 addresses, and the good one's success at the default level too, once."""
        self.outcome(
            self.peer("--line=320d0a", "--count=800", "--sources=200", "--parallel=50", "--expect=closed,reset", source="127.0.62.1")
        )
        self.server.wait_for(r"127\.0\.62\.200:\d+: refused: ")
        lines = re.findall(r"^.*\b(127\.0\.62\.\d+):\d+: refused: .*$", self.server.stderr, re.MULTILINE)
        self.assertEqual(len(lines), 200)
        self.assertEqual(len(set(lines)), 200)
        self.assert_good_served(100)
        self.assertLessEqual(len(self.lines_about("127.0.200.1")), 1)


if __name__ == "__main__":
    main()
