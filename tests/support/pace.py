"""Points in time for what generates load or measures over a time. Tests wait for events instead (tests/support/program.py)."""

import time


def wait_until(moment):
    """MOMENT: of time.monotonic(). One that is over is no wait."""
    time.sleep(max(0.0, moment - time.monotonic()))


class Pace:
    """Moments at a fixed distance from the first. What came late shifts none of those after it."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._next = time.monotonic()

    def wait(self):
        self._next += self._seconds
        wait_until(self._next)
