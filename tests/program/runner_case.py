"""What tests of plugin-runner share: a directory of plugins that are shell scripts, and the runner started on it."""

from tests.support.case import TestCase, program

PASSWORD = b"open sesame\xff\n."  # any bytes
GIVE = "printf 'open sesame\\377\\n.'\n"


class RunnerCase(TestCase):
    # Debian's 1.8, where a test compares the two.
    runner_program = None

    def setUp(self):
        super().setUp()
        self.plugins = self.folder / "plugins"
        self.plugins.mkdir(mode=0o755)

    def plugin(self, name, script, mode=0o755):
        """A plugin that /bin/sh runs."""
        return self.write(f"plugins/{name}", f"#!/bin/sh\n{script}\n", mode)

    def command(self, *options, configuration=""):
        file = self.write("plugin-runner.conf", configuration, 0o644)
        return [
            self.runner_program or program("plugin-runner"),
            f"--plugin-dir={self.plugins}",
            f"--config-file={file}",
            *options,
        ]

    def start_runner(self, *options, configuration="", **rest):
        return self.start(self.command(*options, configuration=configuration), **rest)

    def run_runner(self, *options, configuration="", **rest):
        return self.run_program(self.command(*options, configuration=configuration), **rest)

    def get(self, *options, **rest):
        """What is written to standard output by a runner that succeeds."""
        return self.run_runner(*options, **rest).stdout

    def is_gone(self, pid):
        """Whether process PID is no more, or a zombie."""
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                return stat.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True
