"""The server is killed at every change of a file in its state directory, one life after the other: what it had acknowledged
holds, and of what it had not there is all or nothing.

Usage: server_killed_test.py MODE PART PARTS
MODE: where in the call it is killed (before, half, after), or `power`: before it, and all that was not synced is lost.
PART of PARTS: of the calls 1, 2, 3..., each PARTS-th from PART on.
"""

import itertools
import sys

from tests.program.killed_server import Workshop, live, resurrect
from tests.program.scripted_life import DENIED, LIFE, World
from tests.support.case import TestCase, main

PARTS = int(sys.argv.pop())
PART = int(sys.argv.pop())
MODE = sys.argv.pop()


class KilledServer(TestCase):
    def kill_at_every_call(self, prepare, make_world, acts):
        """Returns at how many calls it was killed."""
        workshop = Workshop(self)
        when = "before" if MODE == "power" else MODE
        for lives, call in enumerate(itertools.count(PART, PARTS)):
            workshop.clean()
            prepare(workshop)
            story = live(workshop, f"{call}:{when}", make_world(), acts)
            if MODE == "power":
                workshop.cut_the_power()
            wrong = resurrect(workshop, story)
            where = story.pending.name if story.pending else "the start or the end"
            last = (workshop.account / "calls").read_text().splitlines()[-1]
            self.assertEqual(wrong, [], f"killed {when} call {call} ({last}), during: {where}")
            if story.ended_unharmed:
                print(f"{MODE}, part {PART} of {PARTS}: killed at {lives} calls")
                return lives

    def test_a_life(self):
        lives = self.kill_at_every_call(lambda workshop: None, World, LIFE)
        self.assertGreater(lives * PARTS, 200)

    def test_the_state_of_1_8_is_taken_over(self):
        """Whenever it is killed: who was disabled there stays so."""
        def make_world():
            world = World()
            world.clients["two"].update(Enabled=False, gets=DENIED)
            return world
        lives = self.kill_at_every_call(Workshop.leave_state_of_1_8, make_world, [])
        self.assertGreater(lives * PARTS, 30)


if __name__ == "__main__":
    main()
