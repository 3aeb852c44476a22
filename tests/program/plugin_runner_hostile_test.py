"""Plugins that misbehave, beside one that gives the password: it comes, and nothing of them is left."""

import os
import signal
import unittest

from tests.program.runner_case import GIVE, PASSWORD, RunnerCase
from tests.support.case import main


class BesideAGoodOne(RunnerCase):
    """The good one gives the password when the bad one has made its file."""

    def setUp(self):
        super().setUp()
        self.shared = self.folder / "shared"
        self.shared.mkdir()
        self.shared.chmod(0o777)
        # Opening a FIFO waits for who opens it on the other side: a plugin waits here until another has said that it is there.
        self.ready = self.shared / "ready"
        os.mkfifo(self.ready)
        self.ready.chmod(0o666)
        self.plugin("good", f"read line <{self.ready}\n" + GIVE)

    def bad(self, script, then="exec sleep 1000"):
        self.plugin("bad", f"{script}\necho ready >{self.ready}\n{then}")

    def assert_password(self, words=(), **rest):
        runner = self.run_runner(**rest)
        self.assertEqual(runner.stdout, PASSWORD)
        for word in words if isinstance(words, tuple) else (words,):
            self.assertTrue(word in runner.stderr, runner.stderr[-2000:])
        return runner

    def pids(self):
        return [int(line) for line in (self.shared / "pids").read_text().split()]

    def test_writes_and_stays(self):
        self.bad("printf half")
        self.assert_password()

    def test_closes_its_output_and_stays(self):
        self.bad("printf half; exec >&-")
        self.assert_password()

    def test_fails_after_writing(self):
        self.bad("printf half", "exit 1")
        self.assert_password()

    def test_floods_its_output(self):
        self.bad("head -c 3000000 /dev/zero &", "exec cat /dev/zero")
        self.assert_password()

    def test_floods_the_console(self):
        self.bad("yes 'much ado' | head -c 3000000 >&2")
        runner = self.assert_password("Mandos plugin bad: it says too much")
        self.assertLess(len(runner.stderr), 300_000)

    def test_ignores_the_request_to_end(self):
        self.bad(f"trap '' TERM INT HUP; echo $$ >{self.shared}/pids", "while :; do sleep 1000; done")
        self.assert_password('plugin "bad" does not end when it is asked to, and is killed')
        self.assertTrue(self.is_gone(self.pids()[0]))

    def test_is_stopped(self):
        self.bad(f"echo $$ >{self.shared}/pids", "kill -STOP $$")
        runner = self.assert_password()
        self.assertNotIn("is killed", runner.stderr)
        self.assertTrue(self.is_gone(self.pids()[0]))

    def test_leaves_a_process_that_ignores_signals_and_holds_its_output(self):
        self.bad(f"printf half\n(trap '' TERM; echo $$; exec sleep 1000) & echo $! >{self.shared}/pids", "exit 0")
        self.assert_password()
        self.assertTrue(self.is_gone(self.pids()[0]))

    def test_a_service_of_its_own_session_is_left_alone(self):
        self.bad(f"setsid sh -c 'echo $$ >{self.shared}/pids; echo ready >{self.ready}; exec sleep 1000' "
                 ">/dev/null 2>&1 </dev/null &\nexit 1")
        self.assert_password()
        pid = self.pids()[0]
        self.assertFalse(self.is_gone(pid))
        os.kill(pid, signal.SIGKILL)

    def test_forks_on_and_on(self):
        self.bad("for i in 1 2 3 4 5 6 7 8; do (trap '' TERM; (trap '' TERM; exec sleep 1000) & exec sleep 1000) & done")
        runner = self.assert_password()
        self.assertEqual(self.processes_in_session_of(runner.pid), [])

    def processes_in_session_of(self, pid):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getsid(int(name)) == pid and not self.is_gone(int(name)):
                    found.append(name)
            except ProcessLookupError:
                pass
        return found

    def test_many(self):
        for number in range(98):
            self.plugin(f"many{number}", "exec sleep 1000")
        self.plugin("zz", f"echo ready >{self.ready}")
        runner = self.assert_password()
        self.assertNotIn("there are more than", runner.stderr)
        for number in range(98, 120):
            self.plugin(f"many{number}", "exit 1")
        self.plugin("aa", f"echo ready >{self.ready}")
        self.assert_password("there are more than 100 plugins")

    def test_hostile_name(self):
        self.plugin("\x1b[2J\n%s{}", f"echo said >&2; echo ready >{self.ready}; exit 1")
        self.assert_password("Mandos plugin \\x1b[2J\\x0a%s{}: said")

    def test_whoever_reads_the_password_need_not_wait_for_the_others(self):
        self.bad("trap 'while :; do sleep 1000; done' TERM", "sleep 1000 & wait")
        reading, writing = os.pipe()
        runner = self.start(["sh", "-c", f'exec "$@" >&{writing} {writing}>&-', "sh", *self.command()], descriptors=(writing,))
        os.close(writing)
        with open(reading, "rb") as output:
            self.assertEqual(output.read(), PASSWORD)  # up to its end
        self.assertTrue(runner.running())
        runner.kill()

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_a_plugin_that_takes_root_keeps_it_where_nobody_else_can_write(self):
        show = "grep -E '^(Uid|Gid|Groups):' /proc/self/status | tr -d '\\n '"
        self.plugin("good", "exit 1")
        both = b"Uid:\t65534\t0\t0\t0Gid:\t65534\t0\t0\t0Groups:\t"
        none = b"Uid:\t65534\t65534\t65534\t65534Gid:\t65534\t65534\t65534\t65534Groups:\t"
        # As who they are, sh has to be told not to give the rights up.
        self.write("plugins/mandos-client", f"#!/bin/sh -p\n{show}\n", 0o755)
        self.assertEqual(self.get(), both)
        for path, mode in ((self.plugins, 0o777), (self.plugins, 0o775), (self.plugins / "mandos-client", 0o757)):
            path.chmod(mode)
            self.assertEqual(self.get(), none, path)
            path.chmod(0o755)
        os.chown(self.plugins, 4711, 0)
        self.assertEqual(self.get(), none)

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_a_directory_that_is_closed_to_the_user(self):
        self.plugins.chmod(0o700)
        self.plugin("bad", f"echo ready >{self.ready}")
        self.assert_password()


class Alone(RunnerCase):
    def falls_back(self, words, **rest):
        runner = self.run_runner(stdin=b"typed\n", **rest)
        self.assertEqual(runner.stdout, b"typed")
        self.assertIn(words, runner.stderr)

    def test_more_than_a_password_is_not_used(self):
        self.plugin("flood", "trap '' PIPE; head -c 1048577 /dev/zero; exit 0")
        self.falls_back("it wrote more than a password may be long, and none of it is used")

    def test_the_longest_password_is_used(self):
        self.plugin("long", "head -c 1048576 /dev/zero")
        self.assertEqual(len(self.get()), 1 << 20)

    def test_an_output_that_is_held_open_is_not_used(self):
        self.plugin("held", "printf half; sleep 1000 &")
        self.falls_back("something that it left running has its output open")

    def test_failed_for_now_is_started_again(self):
        """The prompt is there all the time, since nobody knows how long that will be."""
        count = self.folder / "count"
        count.touch()
        count.chmod(0o666)
        self.plugin("later", f"echo >>{count}; [ $(wc -l <{count}) -ge 3 ] || {{ printf wrong; exit 75; }}\n" + GIVE)
        runner = self.run_runner()
        self.assertEqual(runner.stdout, PASSWORD)
        self.assertIn('plugin "later" ended with status 75; it is started again in 1 s', runner.stderr)
        self.assertIn("it is started again in 2 s", runner.stderr)

    def test_a_person_can_answer_while_one_fails_for_now(self):
        self.plugin("later", "exit 75")
        self.falls_back("no plugin gives a password")

    def test_nobody_reads_the_password(self):
        self.plugin("good", GIVE)
        shell = 'exec "$@" >&-'
        runner = self.run_program(["sh", "-c", shell, "sh", *self.command()], expect=os.EX_IOERR)
        self.assertIn("cannot write the password", runner.stderr)
        with open("/dev/full", "wb"):
            runner = self.run_program(["sh", "-c", 'exec "$@" >/dev/full', "sh", *self.command()], expect=os.EX_IOERR)
        self.assertIn("No space left", runner.stderr)

    def test_signals_end_all_of_it(self):
        pids = self.folder / "pids"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                pids.touch()
                pids.chmod(0o666)
                self.plugin("stays", f"echo $$ >{pids}; trap 'echo cleaned up >&2; exit 1' TERM; echo ready >&2; sleep 1000 & wait")
                runner = self.start_runner()
                runner.wait_for("ready")
                self.assertEqual(runner.stop(number=number), -number)
                self.assertIn("Mandos plugin stays: cleaned up", runner.stderr)
                self.assertTrue(self.is_gone(int(pids.read_text())))

    def test_a_second_signal_is_not_put_off(self):
        self.plugin("stays", "trap 'echo asked >&2' TERM; echo ready >&2; while :; do sleep 0.1; done")
        runner = self.start_runner()
        runner.wait_for("ready")
        runner.send(signal.SIGTERM)
        runner.wait_for("asked")
        self.assertEqual(runner.stop(number=signal.SIGTERM), -signal.SIGTERM)
        self.assertIn("is killed", runner.stderr)

    def test_the_password_is_in_no_message(self):
        self.plugin("good", GIVE)
        self.plugin("bad", "printf hidden; exit 1")
        runner = self.run_runner("--debug")
        self.assertNotIn("sesame", runner.stderr)
        self.assertNotIn("hidden", runner.stderr)


if __name__ == "__main__":
    main()
