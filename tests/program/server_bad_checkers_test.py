"""Checkers that flood, fork, do not end, and do not end when they are told to: each harms its own client alone, and nothing of
them is left when the server has stopped."""

import os
import select

from tests.program.state_case import StateCase
from tests.support.case import main
from tests.support.program import DEADLINE

# The clients by what their checkers do. All hold the pipe open, and so does whatever they start.
STARVING = {
    "floods": "yes >&2 & exec yes",
    "endless": "exec sleep infinity",
    "stubborn": "trap '' TERM HUP INT; while :; do sleep infinity; done",
    "stubborn-children": "(trap '' TERM; exec sleep infinity) & (trap '' TERM; exec sleep infinity) & wait",
    "fails": "exit 1",
    "dies": "kill -SEGV $$",
}
GOOD = {"fine": "true", "forks": "sleep infinity & sleep infinity & exit 0"}


class BadCheckers(StateCase):
    def setUp(self):
        super().setUp()
        self.pipe = self.folder / "pipe"
        os.mkfifo(self.pipe)
        self.pipe.chmod(0o666)  # checkers are not root's
        self.reader = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, self.reader)

    def checked_section(self, name, command, timeout):
        return self.section(name, checker=f"exec 9>{self.pipe}; {command}", interval="PT1S", timeout=timeout)

    def test_they_harm_their_own_client_alone(self):
        server = self.serve("".join([self.checked_section(name, command, "PT4S") for name, command in STARVING.items()] +
                                    [self.checked_section(name, command, "PT1H") for name, command in GOOD.items()]))
        for name in GOOD:
            server.wait_for(f'client "{name}": checked and alive', count=2)
        for name in ("fails", "dies"):
            server.wait_for(f'client "{name}": check failed: ')
        for name in STARVING:
            server.wait_for(f'client "{name}": expired ')  # and with that a check that runs is ended
        for name in STARVING:
            self.assert_refused(server, name, "is disabled")
        for name in GOOD:
            self.assert_given(server, name)
        self.assertEqual(server.stop(), 0)
        self.assert_nothing_is_left()

    def assert_nothing_is_left(self):
        """The pipe has no writer any more."""
        poll = select.poll()
        poll.register(self.reader, 0)  # its end is always told
        events = poll.poll(DEADLINE * 1000)
        self.assertTrue(events and events[0][1] & select.POLLHUP, events)


if __name__ == "__main__":
    main()
