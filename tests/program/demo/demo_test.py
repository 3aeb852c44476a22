"""tools/demo passes, and leaves nothing behind however and whenever it ends.

It runs on the release build, so this test is registered there only.
"""

import os
import pathlib
import re
import signal

from tests.support.case import SOURCE, TestCase, main

# Moments to interrupt at: what the demo has just printed.
MOMENTS = (
    "Getting ready",
    r"^1\. ",
    r"^2\. ",
    r"--passfile",
    r"^3\. ",
    r"--port",
    r"^4\. ",
    r"The disk is open",
    r"a\) A stranger",
    r"b\) A server",
    r"c\) Somebody",
)


def processes_with(text):
    """The processes in whose environment the text is: everything that was started with it, sessions of its own included."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            pass  # it has ended, or is not ours to look at
    return found


class Demo(TestCase):
    def start_demo(self):
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        return self.start([SOURCE / "tools/demo"], environment={"TMPDIR": str(self.temporary)})

    def assert_nothing_is_left(self):
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(processes_with(str(self.temporary)), [])

    def test_it_passes_and_shows_what_the_server_says(self):
        demo = self.start_demo()
        self.assertEqual(demo.finish(), 0, demo.stdout.decode() + demo.stderr)
        output = demo.stdout.decode()
        self.assertRegex(output.splitlines()[-1], r"^PASS: ")
        for line in (
            r'client "disk-server": secret sent to \[::1\]:\d+',
            r"\[::1\]:\d+: refused: unknown key ID [0-9A-Fa-f]{64}",
            r'\[::1\]:\d+: refused: client "stolen-server" is disabled',
            r"\[::1\]:\d+: refused: the peer showed an X\.509 certificate, not a raw public key",
        ):
            self.assertRegex(output, "the server's log: .*" + line)
        self.assertEqual(len(re.findall("It got nothing", output)), 3)
        self.assert_nothing_is_left()

    def test_ctrl_c_leaves_nothing_behind(self):
        for moment in MOMENTS:
            with self.subTest(moment):
                demo = self.start_demo()
                demo.wait_for_output(moment)
                os.killpg(demo.pid, signal.SIGINT)  # as the terminal does it
                self.assertEqual(demo.finish(), 130, demo.stdout.decode() + demo.stderr)
                self.assertNotIn(b"PASS", demo.stdout)
                self.assert_nothing_is_left()

    def test_being_ended_leaves_nothing_behind(self):
        demo = self.start_demo()
        demo.wait_for_output(r"a\) A stranger")
        self.assertEqual(demo.stop(), 143, demo.stderr)
        self.assert_nothing_is_left()

    def test_a_failure_is_told_and_leaves_nothing_behind(self):
        """A cryptsetup that opens nothing: the demo must not pass by itself."""
        self.write("bin/cryptsetup", '#!/bin/sh\n[ "$1" != open ]\n', mode=0o755)
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        demo = self.start([SOURCE / "tools/demo"], environment={"TMPDIR": str(self.temporary), "PATH": path})
        self.assertEqual(demo.finish(), 1)
        self.assertIn("FAIL: the volume does not open with its own password", demo.stderr)
        self.assert_nothing_is_left()


if __name__ == "__main__":
    main()
