"""Debian's own mandos-monitor of 1.8, beside a server: all that it shows is right, and each key of it does what it says.

The script's first argument says whose server it is: "ours", or "1.8", which shows, by hand, that the same holds there.
"""

import json
import re
import sys

from tests.interop.clients import debian_openpgp, written_by_gpg
from tests.interop.monitor_case import THREE_ROWS, MonitorCase, section, three_clients
from tests.support.case import main, program
from tests.support.mandos import DEBIAN_MANDOS, OUR_MANDOS, family_called

MonitorCase.SERVER = family_called(sys.argv.pop(1))

UNCHECKED = r"A checker has failed! Time until client gets disabled: \d+:\d\d:\d\d$"  # says 1.8 before the first one, too
DENIED_BY_DEFAULT = "approved_by_default = no\napproval_delay = PT5M\n"
APPROVED_BY_DEFAULT = "approved_by_default = yes\napproval_delay = PT5M\n"


class DebianCase(MonitorCase):
    def monitor(self, **options):
        """A terminal in which Debian's monitor has been started the way its first line says."""
        terminal = self.terminal(**{"columns": 160, **options})
        script = DEBIAN_MANDOS.tree() / "usr/sbin/mandos-monitor"
        terminal.type(f"clear; /usr/bin/python3 -bbIB {script}; echo ended=$?")
        terminal.wait_for("Mandos Monitor version 1\\.8")
        terminal.wait_for("q: Quit  \\?: Help")
        return terminal

    def clients(self):
        """{name: properties}, as the server has them."""
        ctl = self.run_program([program("mandos-ctl"), "--dump-json"], environment=self.bus.environment)
        return json.loads(ctl.stdout)

    def wait_for_selected(self, name):
        self.window.wait_until(lambda _: self.is_selected(self.window, name), f"{name} selected")

    def select(self, terminal, name):
        """Moves the selection to the client, from wherever it is."""
        terminal.wait_for(f"^{re.escape(name)}: ")
        names = re.findall(r"^(\S+): (?:enabled|DISABLED|A checker|Denial|Approval)", "\n".join(terminal.screen()), re.M)
        terminal.press(*["Up"] * len(names), *["Down"] * names.index(name))
        self.wait_for_selected(name)


class Following(DebianCase):
    def test_without_a_server_it_waits_for_one(self):
        terminal = self.monitor()
        terminal.wait_for("Note: No Mandos server running\\.")
        self.serve(three_clients())
        for row in (f"^anna: {UNCHECKED}", f"^bert: {UNCHECKED}", "^carl: DISABLED$"):
            terminal.wait_for(row)

    def test_a_server_that_stops_and_starts_again_is_followed(self):
        server = self.serve(three_clients())
        self.window = terminal = self.monitor()
        terminal.wait_for(rf"\Aanna: {UNCHECKED}\nbert: .*\ncarl: DISABLED\n")
        self.select(terminal, "anna")
        terminal.press("-")
        terminal.wait_for("^anna: DISABLED$")
        server.stop()
        terminal.wait_for_none("^(anna|bert|carl): ")
        self.serve_again()
        terminal.wait_for(rf"\Aanna: DISABLED\nbert: {UNCHECKED}\ncarl: DISABLED\n")
        self.select(terminal, "carl")
        terminal.press("+")
        terminal.wait_for(f"^carl: {UNCHECKED}")
        terminal.press("R")
        terminal.wait_for(rf"\Aanna: DISABLED\nbert: {UNCHECKED}\n\n")

    def test_an_unknown_key_is_told(self):
        self.serve(three_clients())
        terminal = self.monitor(columns=200)
        terminal.wait_for(THREE_ROWS)
        keys = debian_openpgp(self, "stranger")
        self.fetch(keys)
        terminal.wait_for(rf"Client with address ::1 and key ID {keys.key_id.upper()} could not be found")

    def test_the_time_until_lockdown_counts_down(self):
        self.serve(three_clients())
        terminal = self.monitor()
        seen = terminal.wait_for(f"^anna: {UNCHECKED}").group()
        terminal.wait_until(
            lambda screen: (row := re.search(f"^anna: {UNCHECKED}", screen, re.M)) and row.group() < seen, "less time"
        )

    def test_a_failed_checker_is_seen_and_a_good_one_after_it(self):
        self.serve(section("anna", 1, f"checker = test -e {self.folder}/well"))
        self.window = terminal = self.monitor()
        terminal.wait_for(f"^anna: {UNCHECKED}")
        terminal.press("s")
        terminal.wait_for(r'Checker for client anna \(command "test -e .*"\) failed with exit code 1')
        terminal.wait_for(f"^anna: {UNCHECKED}")
        (self.folder / "well").touch()
        terminal.press("s")
        terminal.wait_for("^anna: enabled$")

    def test_without_clients_it_says_so(self):
        self.serve("")
        self.monitor().wait_for("Note: Server has no clients\\.")


class Added(DebianCase):
    """1.8's server adds no clients while it runs."""

    SERVER = OUR_MANDOS

    def test_a_client_that_is_added_is_there_and_can_be_acted_on(self):
        self.serve(three_clients())
        self.window = terminal = self.monitor()
        terminal.wait_for(THREE_ROWS)
        added = self.write("added.conf", section("björn.example", 9, "checker = :"))
        self.run_program([program("mandos-ctl"), "add", added], environment=self.bus.environment)
        terminal.wait_for(rf"\Aanna: .*\nbert: .*\nbjörn\.example: {UNCHECKED}\ncarl: ")
        self.select(terminal, "björn.example")
        terminal.press("s")
        terminal.wait_for(r"^björn\.example: enabled$")
        terminal.press("R")
        terminal.wait_for_none(r"^björn\.example: ")

    def test_one_removed_by_somebody_else_is_gone(self):
        self.serve(three_clients())
        terminal = self.monitor()
        terminal.wait_for(THREE_ROWS)
        self.run_program([program("mandos-ctl"), "--remove", "bert"], environment=self.bus.environment)
        terminal.wait_for_none("^bert: ")

    def test_lockdown_is_a_reason_it_can_tell(self):
        client = written_by_gpg(self, "zoe", debian_openpgp(self, "zoe"), b"the password")
        self.serve(client.section)
        terminal = self.monitor()
        terminal.wait_for("^zoe: ")
        self.run_program([program("mandos-ctl"), "lockdown", "on"], environment=self.bus.environment)
        self.fetch(client.keys)
        terminal.wait_for("Client zoe was rejected; reason: Lockdown")


class Approval(DebianCase):
    def asking(self, rules):
        """A server with a client that asks. Returns the terminal and the asking program."""
        client = written_by_gpg(self, "zoe", debian_openpgp(self, "zoe"), b"the password")
        self.serve(three_clients() + client.section + rules)
        self.window = self.monitor()
        self.window.wait_for(THREE_ROWS + "\nzoe: ")
        fetching = self.fetch(client.keys)
        return self.window, fetching

    def test_denial_is_prevented_by_approving(self):
        terminal, fetching = self.asking(DENIED_BY_DEFAULT)
        first = terminal.wait_for(r"^zoe: Denial in 0:0[45]:\d\d\. \(a\)pprove\?$").group()
        terminal.wait_for("Client zoe needs approval within 300\\.000000 seconds")
        terminal.wait_until(
            lambda screen: (row := re.search("^zoe: Denial in .*", screen, re.M)) and row.group() < first, "less time"
        )
        self.select(terminal, "zoe")
        terminal.press("a")
        terminal.wait_for("Client zoe received its secret")
        self.assertEqual(fetching.finish(), 0)
        self.assertEqual(fetching.stdout, b"the password")
        if self.SERVER is not DEBIAN_MANDOS:
            # One in some requests leaves ApprovalPending true for ever there.
            terminal.wait_for(f"^zoe: {UNCHECKED}")

    def test_approval_is_prevented_by_denying(self):
        terminal, fetching = self.asking(APPROVED_BY_DEFAULT)
        terminal.wait_for(r"^zoe: Approval in 0:0[45]:\d\d\. \(d\)eny\?$")
        terminal.wait_for("Client zoe will get its secret in 300\\.000000 seconds")
        self.select(terminal, "zoe")
        terminal.press("d")
        terminal.wait_for("Client zoe was rejected; reason: Denied")
        fetching.kill()
        self.assertEqual(fetching.stdout, b"")

    def test_who_is_disabled_is_rejected(self):
        terminal, fetching = self.asking("enabled = no\n")
        terminal.wait_for("^zoe: DISABLED$")
        terminal.wait_for("Client zoe was rejected; reason: Disabled")
        fetching.kill()


class Keys(DebianCase):
    def setUp(self):
        super().setUp()
        self.serve(three_clients())
        self.window = self.monitor()
        self.window.wait_for(THREE_ROWS)

    def test_q_and_capital_q_quit(self):
        self.window.press("q")
        self.window.wait_for("^ended=0$")
        again = self.monitor()
        again.wait_for(THREE_ROWS)
        again.press("Q")
        again.wait_for("^ended=0$")

    def test_minus_and_plus_disable_and_enable(self):
        self.select(self.window, "anna")
        self.window.press("-")
        self.window.wait_for("^anna: DISABLED$")
        self.assertFalse(self.clients()["anna"]["Enabled"])
        self.window.press("+")
        self.window.wait_for(f"^anna: {UNCHECKED}")
        self.assertTrue(self.clients()["anna"]["Enabled"])

    def test_s_starts_a_checker_and_v_has_it_told(self):
        self.select(self.window, "anna")
        self.window.press("s")
        self.window.wait_for("^anna: enabled$")
        self.window.wait_for_none("started checker")
        self.window.press("v")
        self.window.wait_for("Verbose mode: On")
        self.window.press("s")
        self.window.wait_for('Client anna started checker ":"')
        self.window.wait_for('Checker for client anna \\(command ":"\\) succeeded')
        self.window.press("v")
        self.window.wait_for("Verbose mode: Off")

    def test_capital_s_stops_a_checker(self):
        self.select(self.window, "bert")
        self.window.press("v", "s")
        self.window.wait_for("Client bert started checker")
        self.assertTrue(self.clients()["bert"]["CheckerRunning"])
        # The next one is started only if the one before is no longer running.
        self.window.press("S", "s")
        self.window.wait_until(lambda screen: screen.count("Client bert started checker") == 2, "two checkers")

    def test_capital_c_takes_a_client_for_checked(self):
        self.select(self.window, "anna")
        self.assertEqual(self.clients()["anna"]["LastCheckedOK"], "")
        self.window.press("C")
        self.window.wait_for("^anna: enabled$")
        self.assertNotEqual(self.clients()["anna"]["LastCheckedOK"], "")

    def test_capital_r_underscore_and_control_k_remove(self):
        for name, key in (("anna", "R"), ("bert", "_"), ("carl", "C-k")):
            self.select(self.window, name)
            self.window.press(key)
            self.window.wait_for_none(f"^{name}: ")
            self.assertNotIn(name, self.clients())

    def test_the_selection_moves(self):
        for keys, name in (
            (["Down"], "bert"), (["j"], "carl"), (["Up"], "bert"), (["k"], "anna"), (["C-n"], "bert"), (["C-p"], "anna"),
            (["PageDown"], "carl"), (["PageUp"], "anna"), (["C-v"], "carl"), (["M-v"], "anna"), (["Space"], "carl"),
            (["b"], "anna"), (["f"], "carl"),
        ):  # fmt: skip
            self.window.press(*keys)
            self.wait_for_selected(name)

    def test_help_comes_with_each_of_its_keys(self):
        for number, key in enumerate(("?", "F1", "Escape"), start=1):
            self.window.press(key)
            self.window.wait_until(lambda screen, n=number: screen.count("S: Stop checker") == n, f"{number} times help")

    def test_l_and_capital_d_hide_and_show_the_log(self):
        for key in ("l", "D"):
            self.window.press(key)
            self.window.wait_for_none("q: Quit")
            self.window.press(key)
            self.window.wait_for("q: Quit")

    def test_w_and_i_switch_wrapping(self):
        self.window.press("v")
        for key, mode in (("w", "clip"), ("i", "any")):
            self.window.press(key)
            self.window.wait_for(f"Wrap mode: {mode}$")

    def test_tab_switches_between_list_and_log(self):
        self.select(self.window, "anna")
        self.window.press("Tab")
        self.window.wait_until(lambda _: not self.is_selected(self.window, "anna"), "the log in focus")
        self.window.press("-", "Tab")  # "-" is not for the log
        self.wait_for_selected("anna")
        self.window.press("Down", "-")
        self.window.wait_for("^bert: DISABLED$")
        self.assertTrue(self.clients()["anna"]["Enabled"])

    def test_control_l_draws_anew(self):
        self.window.spoil("SPOILT")
        self.window.wait_for("SPOILT")
        self.window.press("C-l")
        self.window.wait_for_none("SPOILT")
        self.window.wait_for(THREE_ROWS)


if __name__ == "__main__":
    main()
