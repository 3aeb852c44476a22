"""The shells complete what mandos-ctl takes: options, their arguments, and the names of the clients that there are.

A script stands in for mandos-ctl: it has names of clients to tell, or fails as without a server.
"""

import os
import pty
import re
import select
import time

from tests.support.case import SOURCE, TestCase, main
from tests.support.program import DEADLINE

COMPLETIONS = SOURCE / "dist/completion"
NAMES = ("main.example.org", "mail", "unmistakable", "with blank")


class Shells:
    """What a shell has to offer for a command line; each shell's class says how to ask it: self.complete(line)."""

    def setUp(self):
        super().setUp()
        self.names = self.folder / "names"
        self.names.write_text("".join(f"{name}\n" for name in NAMES))
        self.write("mandos-ctl", f'#!/bin/sh\n[ "$*" = names ] || exit 2\nexec cat {self.names}\n', mode=0o755)
        self.environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder)}

    def assert_offers(self, line, *words):
        self.assertEqual(sorted(self.complete(line)), sorted(words), line)

    def test_names_of_clients(self):
        self.assert_offers("mandos-ctl ma", "main.example.org", "mail")
        self.assert_offers("mandos-ctl -e --timeout PT5M unm", "unmistakable")
        self.assert_offers("mandos-ctl mail unm", "unmistakable")

    def test_subcommands_are_the_first_word(self):
        self.assert_offers("mandos-ctl nam", "names")
        self.assert_offers("mandos-ctl -e names")
        self.assert_offers("mandos-ctl names ma")

    def test_options(self):
        self.assert_offers("mandos-ctl --is", "--is-enabled")
        self.assert_offers("mandos-ctl mail --stop", "--stop-checker")

    def test_arguments(self):
        self.assert_offers("mandos-ctl mail -t PT5", "PT5M")
        self.assert_offers("mandos-ctl mail --approval-delay PT3", "PT30S")
        secret = self.write("secret-file", "")
        # zsh completes one part of a path after the other.
        self.assertEqual(os.path.basename(self.complete(f"mandos-ctl --secret {str(secret)[:-3]}")[-1]), secret.name)

    def test_nothing_without_a_server(self):
        self.names.unlink()
        self.assert_offers("mandos-ctl ma")
        self.assert_offers("mandos-ctl --is", "--is-enabled")


class Bash(Shells, TestCase):
    SCRIPT = r"""
source "$1"
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 == *" " || $2 == *= ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_mandos_ctl
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
"""

    def complete(self, line):
        command = ["bash", "--norc", "-c", self.SCRIPT, "bash", COMPLETIONS / "mandos-ctl.bash", line]
        shell = self.run_program(command, environment=self.environment)
        self.assertEqual(shell.stderr, "")
        return shell.stdout.decode().splitlines()

    def test_blanks_are_quoted(self):
        self.assert_offers("mandos-ctl wi", "with\\ blank")

    def test_an_option_with_an_equals_sign(self):
        self.assert_offers("mandos-ctl mail --timeout=PT5", "PT5M")
        self.assertIn("PT5M", self.complete("mandos-ctl mail --timeout="))


class Fish(Shells, TestCase):
    def complete(self, line):
        command = ["fish", "--no-config", "-c", 'source $argv[1]; complete -C $argv[2]', COMPLETIONS / "mandos-ctl.fish", line]
        shell = self.run_program(command, environment=self.environment)
        self.assertEqual(shell.stderr, "")
        return [candidate.split("\t")[0] for candidate in shell.stdout.decode().splitlines()]

    def test_blanks(self):
        self.assert_offers("mandos-ctl wi", "with blank")


class Zsh(Shells, TestCase):
    """A real line editor on a terminal: its completion works nowhere else. What it adds is caught by a function."""

    SETUP = """
unsetopt prompt_sp; PS1='ready> '
fpath=({completions} $fpath); autoload -Uz compinit; compinit -u -d {folder}/zcompdump
zstyle ':completion:*' completer _complete
compadd() {{
  builtin compadd "$@"
  local -a caught; builtin compadd -O caught "$@"; print -rl -- $caught >>{folder}/caught
}}
offer() {{ _main_complete; compstate[insert]=''; compstate[list]=''; print -r -- END >>{folder}/caught }}
zle -C offer complete-word offer; bindkey '^X' offer
print -r -- set-up-done
"""

    def complete(self, line):
        ours, theirs = pty.openpty()
        (self.folder / "caught").unlink(missing_ok=True)
        setup = self.write("setup.zsh", self.SETUP.format(completions=COMPLETIONS, folder=self.folder))
        shell = self.start(
            ["sh", "-c", f"exec zsh -f -i <&{theirs} >&{theirs} 2>&{theirs}"],
            environment={**self.environment, "TERM": "vt100"},
            descriptors=(theirs,),
        )
        os.close(theirs)
        try:
            os.write(ours, f"source {setup}\n".encode())
            self.wait_for(ours, rb"\nset-up-done\r?\n[^\n]*ready> ")
            os.write(ours, line.encode() + b"\x18")
            return self.caught(ours)
        finally:
            shell.kill()
            os.close(ours)

    def wait_for(self, terminal, pattern):
        until = time.monotonic() + DEADLINE
        seen = b""
        while not re.search(pattern, seen):
            if not select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
                raise AssertionError(f"zsh did not show {pattern!r}, only {seen!r}")
            seen += os.read(terminal, 65536)

    def caught(self, terminal):
        """The terminal is read meanwhile, so that zsh is never held up."""
        until = time.monotonic() + DEADLINE
        file = self.folder / "caught"
        while not (file.exists() and file.read_text().endswith("END\n")):
            if time.monotonic() > until:
                raise AssertionError("zsh completed nothing in time")
            if select.select([terminal], [], [], 0.01)[0]:
                os.read(terminal, 65536)
        return [word for word in dict.fromkeys(file.read_text().splitlines()) if word not in ("END", "")]


if __name__ == "__main__":
    main()
