"""One program under test: started with its output captured, waited for with a deadline, always ended.

Nothing here sleeps. A test waits for an event (a line on stderr, the end of the program), and DEADLINE seconds
without it are a failure that shows everything the program said.
"""

import os
import re
import select
import signal
import subprocess
import threading
import time

# Never reached by a passing test; long enough for a loaded machine with one core.
DEADLINE = 60.0


class Program:
    """A running program. It leads a session of its own, so that kill() takes its children along."""

    def __init__(self, arguments, *, environment=None, stdin=b"", descriptors=(), folder=None):
        self.arguments = [str(argument) for argument in arguments]
        self.name = os.path.basename(self.arguments[0])
        self._changed = threading.Condition()
        self._output = {"stdout": bytearray(), "stderr": bytearray()}
        self._open_streams = 2
        self._process = subprocess.Popen(
            self.arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
            pass_fds=descriptors,
            cwd=folder,
            start_new_session=True,
        )
        self._end = os.pidfd_open(self._process.pid)  # readable once the process has ended
        self._threads = [
            threading.Thread(target=self._collect, args=(stream,), daemon=True) for stream in self._output
        ]
        self._threads.append(threading.Thread(target=self._feed, args=(stdin,), daemon=True))
        for thread in self._threads:
            thread.start()

    @property
    def pid(self):
        return self._process.pid

    @property
    def stdout(self):
        with self._changed:
            return bytes(self._output["stdout"])

    @property
    def stderr(self):
        with self._changed:
            return self._output["stderr"].decode(errors="backslashreplace")

    def wait_for(self, pattern, *, count=1, deadline=DEADLINE):
        """Waits until the regular expression has matched `count` times in stderr; returns the last of these matches."""
        return self._wait_for("stderr", pattern, count, deadline)

    def wait_for_output(self, pattern, *, count=1, deadline=DEADLINE):
        """The same for stdout."""
        return self._wait_for("stdout", pattern, count, deadline)

    def finish(self, *, deadline=DEADLINE):
        """Waits for the program's own end and the end of its output; returns its exit status (negative: the signal)."""
        until = time.monotonic() + deadline
        if self.running() and not select.select([self._end], [], [], deadline)[0]:
            self.kill()
            raise AssertionError(self._story(f"did not end within {deadline:.0f} s"))
        self._process.wait()
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                self.kill()
                raise AssertionError(self._story("ended, but something it left running holds its output open"))
        return self._process.returncode

    def send(self, number):
        self._process.send_signal(number)

    def stop(self, *, number=signal.SIGTERM, deadline=DEADLINE):
        """Asks the program to end and waits for it; returns its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self.finish(deadline=deadline)

    def kill(self):
        """Ends the program and everything in its session's process group, whatever state it is in."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        if self._end is not None:
            os.close(self._end)
            self._end = None

    def running(self):
        return self._process.poll() is None

    def _collect(self, name):
        stream = getattr(self._process, name)
        while True:
            chunk = os.read(stream.fileno(), 65536)
            with self._changed:
                self._output[name] += chunk
                if not chunk:
                    self._open_streams -= 1
                self._changed.notify_all()
            if not chunk:
                stream.close()
                return

    def _feed(self, content):
        try:
            self._process.stdin.write(content)
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # a program need not read what it was given

    def _wait_for(self, stream, pattern, count, deadline):
        expression = re.compile(pattern.encode() if isinstance(pattern, str) else pattern, re.MULTILINE)
        until = time.monotonic() + deadline
        with self._changed:
            while True:
                matches = list(expression.finditer(self._output[stream]))
                if len(matches) >= count:
                    return matches[count - 1]
                if self._open_streams == 0:
                    break
                remaining = until - time.monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)
        raise AssertionError(self._story(f"{stream} never showed {pattern!r} ({len(matches)} of {count} times)"))

    def _story(self, problem):
        status = self._process.poll()
        ended = "still running" if status is None else f"ended with status {status}"
        with self._changed:
            stdout = self._output["stdout"].decode(errors="backslashreplace")
            stderr = self._output["stderr"].decode(errors="backslashreplace")
        return (
            f"{self.name}: {problem}; {ended}\n  command: {' '.join(self.arguments)}\n"
            f"  stdout: {stdout[-2000:]}\n  stderr: {stderr[-6000:]}"
        )


def run(arguments, *, expect=0, deadline=DEADLINE, **options):
    """Runs a program to its end and returns it; an exit status other than `expect` is a failure (None takes any)."""
    program = Program(arguments, **options)
    try:
        status = program.finish(deadline=deadline)
    finally:
        program.kill()
    if expect is not None and status != expect:
        raise AssertionError(program._story(f"ended with {status}, expected {expect}"))
    return program
