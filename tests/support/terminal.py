"""A terminal of a test's own (pty(7)), and a program that it controls, as a person at the console has it."""

import fcntl
import os
import re
import select
import signal
import subprocess
import termios
import time

from tests.support.program import DEADLINE


class Terminal:
    """PROGRAM reads it and says what it has to say on it; it leads the session, so keys signal its process group. What it
    writes to standard output is kept apart."""

    def __init__(self, test, arguments, *, environment=None):
        self.person, self._line = os.openpty()
        self.before = termios.tcgetattr(self._line)
        self.shown = ""
        self._process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=self._line,
            stdout=subprocess.PIPE,
            stderr=self._line,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        test.addCleanup(self._close)

    @property
    def pid(self):
        return self._process.pid

    def type(self, keys):
        os.write(self.person, keys)

    def send(self, number):
        self._process.send_signal(number)

    def set_echo(self, is_on):
        settings = termios.tcgetattr(self._line)
        settings[3] = settings[3] | termios.ECHO if is_on else settings[3] & ~termios.ECHO
        termios.tcsetattr(self._line, termios.TCSANOW, settings)

    def has_echo(self):
        return bool(termios.tcgetattr(self._line)[3] & termios.ECHO)

    def is_as_before(self):
        return termios.tcgetattr(self._line) == self.before

    def wait_for(self, pattern, deadline=DEADLINE):
        """Until PATTERN has been shown, or what was shown before it in a wait; what is behind it is left for the next."""
        until = time.monotonic() + deadline
        while True:
            if match := re.search(pattern, self.shown):
                self.shown = self.shown[match.end() :]
                return match
            if not select.select([self.person], [], [], max(0, until - time.monotonic()))[0]:
                raise AssertionError(f"{pattern!r} was not shown, but {self.shown!r}")
            self.shown += os.read(self.person, 65536).decode(errors="backslashreplace")

    def wait_for_echo(self, is_on, deadline=DEADLINE):
        """A prompt comes before its echo goes or after it; there is no event to wait for."""
        until = time.monotonic() + deadline
        while self.has_echo() != is_on:
            if select.select([self.person], [], [], 0.01)[0]:
                self.shown += os.read(self.person, 65536).decode(errors="backslashreplace")
            if time.monotonic() > until:
                raise AssertionError(f"the echo is {'off' if is_on else 'on'}; {self.shown!r}")

    def finish(self, deadline=DEADLINE):
        """Waits for its end; returns its status (negative: the signal) and standard output."""
        output = self._process.communicate(timeout=deadline)[0]
        while select.select([self.person], [], [], 0)[0]:
            self.shown += os.read(self.person, 65536).decode(errors="backslashreplace")
        return self._process.returncode, output

    def _close(self):
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._process.stdout.close()
        os.close(self.person)
        os.close(self._line)
