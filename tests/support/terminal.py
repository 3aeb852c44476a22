"""A program on a terminal of its own (pty(7)): typed at, looked at, its standard output apart.

Like tests/support/program.py nothing here sleeps, and DEADLINE seconds without what is waited for are a failure.
"""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

from tests.support.program import DEADLINE


class OnTerminal:
    """Standard input and standard error are the terminal, which controls the program's session."""

    def __init__(self, test, arguments, *, environment=None):
        self._screen_end, self._program_end = pty.openpty()
        self.screen = b""
        self._before = termios.tcgetattr(self._program_end)
        self._process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=self._program_end,
            stdout=subprocess.PIPE,
            stderr=self._program_end,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(environment or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        test.addCleanup(self._end)

    @property
    def pid(self):
        return self._process.pid

    @property
    def name(self):
        """Its file in /dev."""
        return os.ttyname(self._program_end)

    def type(self, keys):
        os.write(self._screen_end, keys.encode() if isinstance(keys, str) else keys)

    def send(self, number):
        self._process.send_signal(number)

    def wait_for(self, pattern, *, count=1):
        """Until the regular expression has matched COUNT times on the screen; returns the last of these matches."""
        expression = re.compile(pattern.encode() if isinstance(pattern, str) else pattern)
        until = time.monotonic() + DEADLINE
        while len(matches := list(expression.finditer(self.screen))) < count:
            ended = self._process.poll() is not None
            if not self._look(0 if ended else min(0.2, until - time.monotonic())) and (ended or time.monotonic() > until):
                raise AssertionError(f"{pattern!r} was not on the screen {count} times: {self.screen!r}")
        return matches[count - 1]

    def finish(self):
        """Waits for the program's own end. Returns its status (negative: the signal) and its standard output."""
        output, _ = self._process.communicate(timeout=DEADLINE)
        while self._look(0):
            pass
        return self._process.returncode, output

    def hang_up(self):
        """Nobody is there any more. (The program's own end of the terminal stays open.)"""
        os.close(self._program_end)
        os.close(self._screen_end)
        self._program_end = self._screen_end = -1

    def echoes(self):
        return bool(termios.tcgetattr(self._program_end)[3] & termios.ECHO)

    def set_echo(self, is_on):
        settings = termios.tcgetattr(self._program_end)
        settings[3] = settings[3] | termios.ECHO if is_on else settings[3] & ~termios.ECHO
        termios.tcsetattr(self._program_end, termios.TCSANOW, settings)

    def wait_for_echo(self, is_on):
        """A prompt comes before its echo goes or after it; there is no event to wait for."""
        until = time.monotonic() + DEADLINE
        while self.echoes() != is_on:
            self._look(0.01)
            if time.monotonic() > until:
                raise AssertionError(f"the echo is {'off' if is_on else 'on'}: {self.screen!r}")

    def is_as_before(self):
        return termios.tcgetattr(self._program_end) == self._before

    def _look(self, seconds):
        if self._screen_end < 0 or not select.select([self._screen_end], [], [], max(0.0, seconds))[0]:
            return False
        self.screen += os.read(self._screen_end, 65536)
        return True

    def _end(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process.stdout.close()
        for descriptor in (self._program_end, self._screen_end):
            if descriptor >= 0:
                os.close(descriptor)
