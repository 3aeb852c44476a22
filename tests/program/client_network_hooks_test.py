"""Network hooks: which of them are run, how, and what a hook that misbehaves can do (hold up nobody for long)."""

import os
import signal

from tests.support.case import TestCase, build_folder, main

PREFIX = "Mandos plugin mandos-client: "


class HooksCase(TestCase):
    def hook(self, name, *lines, mode=0o755):
        return self.write(f"hooks/{name}", "\n".join(["#!/bin/sh", *lines, ""]), mode=mode)

    def begin(self, mode="start", *more, device="", delay=2500, limit=60_000, **options):
        (self.folder / "hooks").mkdir(exist_ok=True)
        runner = build_folder() / "tests/run_network_hooks"
        return self.start([runner, self.folder / "hooks", mode, device, delay, limit, *more], **options)

    def run_hooks(self, *arguments, **options):
        """What was said, line by line, without the program's own mark."""
        runner = self.begin(*arguments, **options)
        self.assertEqual(runner.finish(), 0, runner.stderr)
        self.assertEqual(runner.stdout, b"done\n")
        lines = runner.stderr.splitlines()
        for line in lines:
            self.assertTrue(line.startswith(PREFIX), line)
        return [line.removeprefix(PREFIX) for line in lines]


class Refused(HooksCase):
    def test_names_that_are_none(self):
        for name in ("with blank", "tilde~", "plus+", "colon:", "umläut", "#hash#"):
            self.hook(name, "echo run")
        self.assertEqual(self.run_hooks(), [])

    def test_what_cannot_be_executed(self):
        self.hook("data", "echo run", mode=0o644)
        (self.folder / "hooks/folder").mkdir(mode=0o755)
        (self.folder / "hooks/nowhere").symlink_to("/nonexistent")
        self.assertEqual(self.run_hooks(), [])

    def test_no_directory(self):
        runner = self.start([build_folder() / "tests/run_network_hooks", "/nonexistent", "start", "", 0, 1000])
        self.assertEqual(runner.finish(), 0)
        self.assertEqual(runner.stderr, "")

    def test_a_directory_that_is_none_is_told(self):
        self.write("hooks", "")
        runner = self.start([build_folder() / "tests/run_network_hooks", self.folder / "hooks", "start", "", 0, 1000])
        self.assertEqual(runner.finish(), 0)
        self.assertIn(f'cannot read the directory of network hooks, "{self.folder}/hooks": Not a directory', runner.stderr)


class Contract(HooksCase):
    def test_names_and_order(self):
        for name in ("b", "a", ".hidden", "z.dpkg-old", "A_-.0"):
            self.hook(name, "echo run")
        (self.folder / "hooks/link").symlink_to(self.folder / "hooks/a")
        names = [".hidden", "A_-.0", "a", "b", "link", "z.dpkg-old"]
        self.assertEqual(self.run_hooks(), [f"network hook {name}: run" for name in names])

    def test_one_after_the_other(self):
        self.hook("a", f"mkdir {self.folder}/lock; rmdir {self.folder}/lock; echo first >>{self.folder}/order")
        self.hook("b", f"mkdir {self.folder}/lock; rmdir {self.folder}/lock; echo second >>{self.folder}/order")
        self.assertEqual(self.run_hooks(), [])
        self.assertEqual((self.folder / "order").read_text(), "first\nsecond\n")

    def variables(self, *arguments, **options):
        self.hook("env", 'echo "argument=$*"', "env")
        lines = self.run_hooks(*arguments, **options)
        return dict(line.removeprefix("network hook env: ").partition("=")[::2] for line in lines)

    def test_argument_and_environment(self):
        wanted = {
            "argument": "start",
            "MODE": "start",
            "MANDOSNETHOOKDIR": str(self.folder / "hooks"),
            "VERBOSITY": "0",
            "DEVICE": "eth0,none",
            "DELAY": "2.500000",
            "CONNECT": "::1:4711",
            "INHERITED": "kept",
        }
        environment = {"INHERITED": "kept", "MODE": "of somebody else"}
        told = self.variables("start", "::1:4711", device="eth0,none", environment=environment)
        self.assertEqual({name: told.get(name) for name in wanted}, wanted)

    def test_stop_is_told_all_of_it_too(self):
        told = self.variables("stop", "[::1]:4711")
        self.assertEqual((told["argument"], told["MODE"], told["CONNECT"]), ("stop", "stop", "[::1]:4711"))

    def test_no_server_no_variable(self):
        self.assertNotIn("CONNECT", self.variables("start"))

    def test_descriptors_user_and_signals(self):
        self.hook(
            "seen",
            "readlink /proc/self/fd/0",
            '[ "$(readlink /proc/$$/fd/1)" = "$(readlink /proc/$$/fd/2)" ] && echo same',
            "umask; id -u; grep -E '^(Groups|SigIgn):' /proc/self/status | tr '\\t' ' '",
        )
        lines = [line.removeprefix("network hook seen: ").split() for line in self.run_hooks()]
        self.assertEqual(
            lines, [["/dev/null"], ["same"], ["0022"], [str(os.getuid())], ["Groups:"], ["SigIgn:", "0" * 16]]
        )

    def test_effective_root_is_enough(self):
        # As password-agent starts the client: the real user has no rights.
        self.hook("user", 'grep -E "^(Uid|Gid)" /proc/self/status | tr "\\t" " "')
        runner = build_folder() / "tests/run_network_hooks"
        user = ["setpriv", "--ruid=65534", "--rgid=65534", "--clear-groups"]
        program = self.start([*user, runner, self.folder / "hooks", "start", "", 0, 60_000])
        self.assertEqual(program.finish(), 0)
        numbers = [line.split()[-4:] for line in program.stderr.splitlines()]
        self.assertEqual(numbers, [["0"] * 4] * 2)


class Misbehaving(HooksCase):
    def test_failures_are_warnings_and_the_next_one_is_run(self):
        self.hook("a", "exit 3")
        self.hook("b", "kill -SEGV $$")
        self.write("hooks/c", "#!/nonexistent/interpreter\n", mode=0o755)
        self.hook("d", "echo still run")
        lines = self.run_hooks()
        self.assertEqual(lines[0], "warning: network hook a, start: it ended with status 3")
        self.assertRegex(lines[1], r"^warning: network hook b, start: it was ended by signal 11")
        self.assertRegex(lines[2], r"^warning: network hook c, start: it could not be executed")
        self.assertEqual(lines[3:], ["network hook d: still run"])

    def test_one_that_does_not_end_is_ended_with_all_that_it_started(self):
        self.hook("a", 'trap "" TERM', f"sleep 1000 & echo $! >{self.folder}/child", "while :; do wait; done")
        self.hook("b", "echo still run")
        lines = self.run_hooks(limit=300)
        self.assertEqual(lines[0], "warning: network hook a, start: it had not ended after 0.3 s, and was ended")
        self.assertEqual(lines[1:], ["network hook b: still run"])
        child = (self.folder / "child").read_text().strip()
        self.assertFalse(os.path.exists(f"/proc/{child}/exe") and os.readlink(f"/proc/{child}/exe").endswith("sleep"))

    def test_a_flood_is_cut(self):
        self.hook("flood", "head -c 3000000 /dev/zero | tr '\\0' 'x'; echo")
        lines = self.run_hooks()
        self.assertEqual(lines[-1], "network hook flood: it says too much; the rest is left out")
        self.assertLess(sum(map(len, lines)), 100_000)

    def test_control_characters_reach_no_terminal(self):
        self.hook("escape", r"printf '\033[2Jgone\n'")
        self.assertEqual(self.run_hooks(), [r"network hook escape: \x1b[2Jgone"])

    def test_what_it_leaves_running_lives_on_and_is_heard(self):
        fifo = self.folder / "go"
        os.mkfifo(fifo)
        self.hook("daemon", f"(read line <{fifo}; echo $line) &")
        runner = self.begin()
        runner.wait_for_output("^done$")
        self.assertTrue(runner.running())  # its output is still open
        fifo.write_text("said later\n")
        runner.wait_for("^Mandos plugin mandos-client: network hook daemon: said later$")
        self.assertEqual(runner.finish(), 0)

    def test_who_is_told_to_end_waits_for_no_hook(self):
        self.hook("a", "echo begun; exec sleep 1000")
        self.hook("b", "echo run")
        runner = self.begin()
        runner.wait_for("begun")
        runner.send(signal.SIGTERM)
        self.assertEqual(runner.finish(), 0)
        self.assertIn("network hook a, start: it was ended, since nobody waits for the network any more", runner.stderr)
        self.assertNotIn("network hook b", runner.stderr)


if __name__ == "__main__":
    main()
