"""plugin-runner on a terminal: the prompt of last resort, plugins that ask, and that the terminal is as it was whatever
happens."""

import signal

from tests.program.runner_case import RunnerCase
from tests.support.case import main
from tests.support.terminal import OnTerminal


class OnATerminal(RunnerCase):
    def runner(self, *options):
        return OnTerminal(self, self.command(*options))

    def test_the_password_is_typed_without_echo(self):
        terminal = self.runner()
        terminal.wait_for("no plugin gives a password; a person is asked for it\r\nPassword: ")
        terminal.wait_for_echo(False)
        terminal.type(b" open sesame \n")
        self.assertEqual(terminal.finish(), (0, b" open sesame "))
        self.assertNotIn(b"sesame", terminal.screen)
        self.assertTrue(terminal.is_as_before())

    def test_every_signal_at_the_prompt_brings_the_echo_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                terminal = self.runner()
                terminal.wait_for("Password: ")
                terminal.wait_for_echo(False)
                terminal.type(b"half")
                terminal.send(number)
                self.assertEqual(terminal.finish(), (-number, b""))
                self.assertTrue(terminal.is_as_before())

    def test_keys_that_signal(self):
        for key, number in ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)):
            with self.subTest(number):
                terminal = self.runner()
                terminal.wait_for("Password: ")
                terminal.wait_for_echo(False)
                terminal.type(key)
                self.assertEqual(terminal.finish(), (-number, b""))
                self.assertTrue(terminal.is_as_before())

    def test_no_more_input(self):
        terminal = self.runner()
        terminal.wait_for("Password: ")
        terminal.wait_for_echo(False)
        terminal.type(b"\x04")
        self.assertEqual(terminal.finish(), (1, b""))
        self.assertTrue(terminal.is_as_before())

    def test_a_plugin_that_changed_the_terminal_and_died(self):
        """The prompt begins with the terminal as it was, and ends with it so."""
        self.plugin("bad", "stty raw -echo; kill -9 $$")
        terminal = self.runner()
        terminal.wait_for("Password: ")
        terminal.wait_for_echo(False)
        terminal.type(b"typed\r")  # a line, since it is not raw any more
        self.assertEqual(terminal.finish(), (0, b"typed"))
        self.assertTrue(terminal.is_as_before())

    def test_signals_while_a_plugin_has_changed_the_terminal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                self.plugin("bad", "stty raw -echo; echo changed >&2; trap '' INT HUP QUIT; exec sleep 1000")
                terminal = self.runner()
                terminal.wait_for("changed")
                terminal.send(number)
                self.assertEqual(terminal.finish(), (-number, b""))
                self.assertTrue(terminal.is_as_before())

    def test_a_plugin_reads_the_terminal(self):
        self.plugin("ask", "stty -echo; printf 'Passphrase: ' >&2; read -r line; printf %s \"$line\"")
        self.plugin("other", "exec sleep 1000")
        terminal = self.runner()
        terminal.wait_for("Passphrase: ")
        terminal.type(b"typed\n")
        self.assertEqual(terminal.finish(), (0, b"typed"))
        self.assertTrue(terminal.is_as_before())

    def test_the_question_is_shown_again_when_others_have_said_something(self):
        self.plugin("ask", "printf 'Passphrase: ' >&2; read -r line; [ \"$line\" = one ]; read -r line; printf %s \"$line\"")
        fifo = self.folder / "fifo"
        self.plugin("other", f"mkfifo -m 666 {fifo}; read -r line <{fifo}; echo news >&2; exec sleep 1000")
        self.folder.chmod(0o777)
        terminal = self.runner()
        terminal.wait_for("Passphrase: ")
        self.run_program(["sh", "-c", f"until [ -p {fifo} ]; do :; done; echo >{fifo}"])
        terminal.wait_for("\r\nMandos plugin other: news\r\nPassphrase: ")
        terminal.type(b"one\ntwo\n")
        self.assertEqual(terminal.finish(), (0, b"two"))

    def test_a_terminal_that_others_have_is_left_alone(self):
        """In the background, as beside cryptsetup's own prompt, whose echo must stay off."""
        self.plugin("good", "printf secret; echo ready >&2; exec sleep 1000")
        script = 'set -m; "$@" & wait $!; echo over >&2; read -r line'
        terminal = OnTerminal(self, ["sh", "-c", script, "sh", *self.command()])
        terminal.wait_for("ready")
        terminal.set_echo(False)
        self.run_program(["pkill", "--parent", str(terminal.pid), "plugin-runner"])
        terminal.wait_for("over")
        self.assertFalse(terminal.echoes())
        terminal.type(b"\n")
        terminal.finish()


if __name__ == "__main__":
    main()
