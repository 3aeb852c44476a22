"""password-agent: questions as systemd leaves them, systemd's own program among those who ask."""

import os
import signal
import socket
import subprocess
import time
import unittest

from tests.program.runner_case import GIVE, PASSWORD
from tests.support.case import TestCase, main, program
from tests.support.program import DEADLINE

ANSWER = b"+" + PASSWORD + b"\0"


class AgentCase(TestCase):
    def setUp(self):
        super().setUp()
        self.questions = self.folder / "questions"
        self.questions.mkdir()
        os.mkfifo(self.folder / "go")
        os.chmod(self.folder / "go", 0o666)

    def client(self, script=GIVE):
        self.write("client", f"#!/bin/sh\n{script}\n", 0o755)

    def waiting_client(self, script=GIVE):
        """Gives the password when go() says so."""
        self.client(f"echo runs >&2; read line <{self.folder}/go\n{script}")

    def go(self):
        self.run_program(["sh", "-c", f"echo >{self.folder}/go"])

    def agent(self, *options):
        return self.start([program("password-agent"), f"--agent-directory={self.questions}", *options, "--", self.folder / "client"])

    def run_agent(self, *options, expect=0):
        agent = self.agent(*options)
        self.assertEqual(agent.finish(), expect, agent.stderr)
        return agent

    def socket(self, name="socket"):
        """Where the answer comes."""
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(bound.close)
        bound.bind(str(self.folder / name))
        bound.settimeout(DEADLINE)
        return bound

    def ask(self, name="ask.one", *, to="socket", pid=None, more="", text=None):
        """Leaves a question as systemd does it: written elsewhere, then renamed."""
        if text is None:
            text = f"[Ask]\nPID={pid or os.getpid()}\nSocket={self.folder}/{to}\nAcceptCached=0\nEcho=0\n{more}Message=Unlock: 50%\n"
        other = self.questions / f"tmp.{name}"
        other.write_text(text)
        other.rename(self.questions / name)

    def assert_no_answer(self, bound):
        bound.setblocking(False)
        self.assertRaises(BlockingIOError, bound.recv, 1)


class Answers(AgentCase):
    def test_one_datagram_with_the_password_byte_for_byte(self):
        bound = self.socket()
        self.client()
        self.ask()
        self.run_agent()
        self.assertEqual(bound.recv(1 << 16), ANSWER)
        self.assert_no_answer(bound)

    def test_several_questions_also_such_as_come_while_the_client_runs(self):
        bound = [self.socket(f"socket{number}") for number in range(4)]
        self.waiting_client()
        self.ask("ask.0", to="socket0")
        self.ask("ask.1", to="socket1")
        agent = self.agent()
        agent.wait_for("runs")
        self.ask("ask.2", to="socket2")
        self.ask("ask.3", to="socket3")
        self.go()
        self.assertEqual(agent.finish(), 0)
        for each in bound:
            self.assertEqual(each.recv(1 << 16), ANSWER)
            self.assert_no_answer(each)

    def test_one_who_is_not_ready_is_tried_again(self):
        self.client()
        self.ask()
        agent = self.agent()
        agent.wait_for("trying again")
        bound = self.socket()
        self.assertEqual(bound.recv(1 << 16), ANSWER)
        self.assertEqual(agent.finish(), 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_the_client_has_the_users_rights_and_roots_in_reserve(self):
        bound = self.socket()
        self.write("client", "#!/bin/sh -p\ngrep -E '^(Uid|Gid):' /proc/self/status; printf $MANDOSPLUGINHELPERDIR; ! read line\n", 0o755)
        self.ask()
        self.run_agent("-u4711", "--group", "4712", "--helper-directory=/h")
        self.assertEqual(bound.recv(1 << 16), b"+Uid:\t4711\t0\t0\t0\nGid:\t4712\t0\t0\t0\n/h\0")

    def test_the_clients_arguments_are_its_own(self):
        bound = self.socket()
        self.client("printf '<%s>' \"$@\"")
        self.ask()
        command = [program("password-agent"), "-d", self.questions]
        for more in ([self.folder / "client", "-u", "x", "--help"], ["--", self.folder / "client", "-u", "x", "--help"]):
            self.run_program([*command, *more])
            self.assertEqual(bound.recv(1 << 16), b"+<-u><x><--help>\0")

    def test_systemds_own_program_asks(self):
        """In a mount namespace, where /run is its own."""
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can make mount namespaces")
        self.client()
        script = "mount -t tmpfs none /run && mkdir -p /run/systemd/ask-password && echo ready && exec sleep infinity"
        holder = self.start(["unshare", "--mount", "sh", "-ec", script])
        holder.wait_for_output("ready")
        inside = ["nsenter", f"--target={holder.pid}", "--mount"]
        asking = self.start([*inside, "systemd-ask-password", "--no-tty", "--timeout=0", "Unlock:"])
        self.run_program([*inside, "sh", "-c", "until ls /run/systemd/ask-password/ask.* >&2; do :; done 2>/dev/null"])
        self.run_program([*inside, program("password-agent"), "--", self.folder / "client"])
        self.assertEqual(asking.finish(), 0, asking.stderr)
        self.assertEqual(asking.stdout.rstrip(b"\n"), PASSWORD.rstrip(b"\n"))


class NotAnswered(AgentCase):
    def test_taken_back_or_over_or_whose_asker_is_gone(self):
        """Each ends the agent with success when it was the last one, and the client with it."""
        def delete():
            (self.questions / "ask.one").unlink()

        def rename():
            (self.questions / "ask.one").rename(self.questions / "gone")

        def end():
            asker.kill()

        for act in (delete, rename, end):
            with self.subTest(act.__name__):
                bound = self.socket(act.__name__)
                asker = subprocess.Popen(["sleep", "1000"])
                self.waiting_client()
                self.ask(to=act.__name__, pid=asker.pid)
                agent = self.agent()
                agent.wait_for("runs")
                act()
                self.assertEqual(agent.finish(), 0)
                self.assert_no_answer(bound)
                asker.kill()
                asker.wait()
                for left in self.questions.iterdir():
                    left.unlink()

    def test_over_at_its_time(self):
        bound = self.socket()
        self.waiting_client()
        self.ask(more=f"NotAfter={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000 + 2_000_000}\n")
        self.assertEqual(self.agent().finish(), 0)
        self.assert_no_answer(bound)

    def test_no_question_that_can_be_answered(self):
        """The client is not run for these."""
        ended = subprocess.Popen(["true"])
        ended.wait()
        self.client("echo ran >&2")
        bound = self.socket()
        head = f"[Ask]\nSocket={self.folder}/socket\n"
        for text in ("", "nonsense", "[Other]\nPID=1\nSocket=/x", head, head + "PID=0", head + "PID=-1", head + "PID=x",
                     f"[Ask]\nPID={os.getpid()}\n", f"[Ask]\nPID={os.getpid()}\nSocket=relative",
                     f"[Ask]\nPID={os.getpid()}\nSocket=/{'x' * 107}", head + f"PID={ended.pid}",
                     head + f"PID={os.getpid()}\nNotAfter=1", "\0" * 100, "[Ask]\n" + "x" * (1 << 17)):
            with self.subTest(text[:80]):
                self.ask(text=text)
                self.assertNotIn("ran", self.run_agent().stderr)
        self.assert_no_answer(bound)

    def test_no_question_and_no_directory(self):
        self.client()
        self.assertIn("there is no question", self.run_agent(expect=1).stderr)
        self.assertIn("No such file", self.run_agent("--agent-directory=/nonexistent", expect=os.EX_OSFILE).stderr)

    def test_a_client_that_fails(self):
        bound = self.socket()
        self.ask()
        for script, words in (("printf half; exit 3", "ended with status 3"), ("kill -9 $$", "ended by signal 9"),
                              ("exit 0", "it gave no password"), ("exec cat /dev/zero", "more than 1048576 bytes")):
            with self.subTest(script):
                self.client(script)
                self.assertIn(words, self.run_agent(expect=1).stderr)
        (self.folder / "client").unlink()
        self.assertIn("cannot be executed", self.run_agent(expect=1).stderr)
        self.assert_no_answer(bound)

    def test_signals_end_the_client_too(self):
        self.ask()
        self.socket()
        self.client("trap 'echo put back >&2; exit' TERM; echo runs >&2; while :; do sleep 0.1; done")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            agent = self.agent()
            agent.wait_for("runs")
            self.assertEqual(agent.stop(number=number), 128 + number)
            self.assertIn("put back", agent.stderr)

    def test_usage(self):
        agent = program("password-agent")
        for options in (["--foo"], ["-u0"], ["--user=root"], ["-g", "-1"], ["--group=0"], ["--user"], ["-d"]):
            self.assertNotEqual(self.run_program([agent, *options], expect=os.EX_USAGE).stderr, "")
        self.assertIn(b"Usage: password-agent", self.run_program([agent, "--help"]).stdout)
        self.assertRegex(self.run_program([agent, "-V"]).stdout, rb"^password-agent \d")


if __name__ == "__main__":
    main()
