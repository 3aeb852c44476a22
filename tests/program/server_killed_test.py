"""The server is killed at every change of a file in its state directory, one life after the other: what it had acknowledged
holds, and of what it had not there is all or nothing.

Usage: server_killed_test.py MODE PART PARTS
MODE: where in the call it is killed (before, half, after), or `power`: before it, and all that was not synced is lost.
PART of PARTS: of the calls 1, 2, 3..., each PARTS-th from PART on.
"""

import sys

from tests.program.killed_server import Workshop, live, resurrect
from tests.program.scripted_life import LIFE
from tests.support.case import TestCase, main

PARTS = int(sys.argv.pop())
PART = int(sys.argv.pop())
MODE = sys.argv.pop()


class KilledServer(TestCase):
    def test_at_every_change_of_a_file(self):
        workshop = Workshop(self)
        when = "before" if MODE == "power" else MODE
        call, lives = PART, 0
        reached = set()
        while True:
            story = live(workshop, f"{call}:{when}")
            if MODE == "power":
                workshop.cut_the_power()
            wrong = resurrect(workshop, story)
            where = story.pending.name if story.pending else "the start or the end" 
            calls = (workshop.account / "calls").read_text().splitlines()
            self.assertEqual(wrong, [], f"killed {when} call {call} ({calls[-1]}), during: {where}")
            if story.ended_unharmed:
                break
            reached.add(where)
            call += PARTS
            lives += 1
        print(f"{MODE}, part {PART} of {PARTS}: killed at {lives} calls")
        self.assertGreater(lives * PARTS, 100)
        if PARTS == 1:
            # The checks end without a change that has to be durable at once.
            self.assertLess({act.name for act in LIFE if act.records} - reached, {"brief expires"})


if __name__ == "__main__":
    main()
