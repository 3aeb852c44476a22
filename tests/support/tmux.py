"""A terminal for full-screen programs: a tmux of the test's own, whose keys are sent and whose screen is read.

A shell runs in it, so that a test sees what a program leaves behind. Waiting is for output: tmux copies what the
terminal gets into a pipe, and the screen is looked at again when there is more.
"""

import os
import re
import select
import time

from tests.support.program import DEADLINE, run


class Terminal:
    def __init__(self, test, *, term="xterm-256color", rows=30, columns=100, environment=None):
        self._folder = test.folder / f"tmux-{len(list(test.folder.glob('tmux-*')))}"
        self._folder.mkdir()
        configuration = self._folder / "tmux.conf"
        configuration.write_text(
            f"set -g default-terminal {term}\nset -s escape-time 0\nset -g status off\nset -g history-limit 0\n"
        )
        self._tmux = ["tmux", "-u", "-S", self._folder / "socket", "-f", configuration]
        profile = self._folder / "profile"
        profile.write_text("PS1='shell> '\n")  # a prompt that no test mistakes for anything else
        self._environment = {"ENV": str(profile), "TMUX": "", **(environment or {})}
        run(
            [*self._tmux, "new-session", "-d", "-x", columns, "-y", rows, "/bin/sh"],
            environment=self._environment,
        )
        test.addCleanup(self.close)
        fifo = self._folder / "output"
        os.mkfifo(fifo)
        self._output = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        test.addCleanup(os.close, self._output)
        self._do("pipe-pane", "-O", f"exec cat > {fifo}")
        self.wait_for("^shell>")

    def close(self):
        """The terminal is gone for whatever runs in it."""
        run([*self._tmux, "kill-server"], expect=None)

    def _do(self, *arguments):
        return run([*self._tmux, *arguments], environment=self._environment).stdout.decode()

    def type(self, text):
        """Types text as it is, then Enter."""
        self._do("send-keys", "-l", text)
        self._do("send-keys", "Enter")

    def press(self, *keys):
        """Keys by tmux's names: q, C-l, M-v, PageUp, F1."""
        self._do("send-keys", *keys)

    def send(self, text):
        """Exactly these characters, as a mouse would."""
        self._do("send-keys", "-l", text)

    def spoil(self, text, row=10):
        """Writes to the terminal behind the program's back, in a row that the program has left blank."""
        with open(self._do("display-message", "-p", "#{pane_tty}").strip(), "w", encoding="utf-8") as terminal:
            terminal.write(f"\x1b7\x1b[{row};5H{text}\x1b8")  # where the cursor was is where it is then

    def resize(self, rows, columns):
        self._do("resize-window", "-x", str(columns), "-y", str(rows))

    def child(self, name):
        """The process ID of the one child of the shell, which is called so."""
        shell = self._do("display-message", "-p", "#{pane_pid}").strip()
        return int(run(["pgrep", "--parent", shell, "--exact", name]).stdout)

    def screen(self):
        """The lines of the screen, without blanks at their ends."""
        return [line.rstrip() for line in self._do("capture-pane", "-p").split("\n")]

    def attributes(self):
        """The screen with its escape sequences for colours and reverse video."""
        return self._do("capture-pane", "-p", "-e")

    def wait_for(self, pattern, *, deadline=DEADLINE):
        """Waits until the regular expression matches the screen; returns the match."""
        expression = re.compile(pattern, re.MULTILINE)
        return self.wait_until(lambda screen: expression.search(screen), f"{pattern!r}", deadline=deadline)

    def wait_for_none(self, pattern, *, deadline=DEADLINE):
        """Waits until it matches nothing of the screen."""
        expression = re.compile(pattern, re.MULTILINE)
        self.wait_until(lambda screen: not expression.search(screen), f"no {pattern!r}", deadline=deadline)

    def wait_until(self, condition, what, *, deadline=DEADLINE):
        until = time.monotonic() + deadline
        while True:
            screen = "\n".join(self.screen())
            answer = condition(screen)
            if answer:
                return answer
            if not select.select([self._output], [], [], max(0.0, until - time.monotonic()))[0]:
                raise AssertionError(f"the terminal never showed {what}; it shows:\n{screen}")
            os.read(self._output, 1 << 20)
