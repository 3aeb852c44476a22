"""mandos-monitor beside a server: what the server tells is seen, and each key does what it always did.

The script's first argument says whose server it is: "1.8" or "ours".
"""

import re
import sys

from tests.interop.clients import debian_openpgp, written_by_gpg
from tests.interop.monitor_case import THREE_ROWS, MonitorCase, three_clients
from tests.support.case import main
from tests.support.mandos import DEBIAN_MANDOS, family_called

MonitorCase.SERVER = family_called(sys.argv.pop(1))

DENIED_BY_DEFAULT = "approved_by_default = no\napproval_delay = PT5M\n"
APPROVED_BY_DEFAULT = "approved_by_default = yes\napproval_delay = PT5M\n"


class Following(MonitorCase):
    def test_a_server_that_starts_stops_and_starts_again_is_followed(self):
        terminal = self.monitor()
        terminal.wait_for("^No clients$")
        terminal.wait_for("No Mandos server is running")
        server = self.serve(three_clients())
        for row in (THREE_ROWS, "^anna: enabled", "^bert: enabled", r"server :\d+\.\d+ +3 clients"):
            terminal.wait_for(row)
        self.select(terminal, "bert")
        server.stop()
        terminal.wait_for("The Mandos server has stopped")
        terminal.wait_for("^No clients$")
        self.serve(three_clients())
        terminal.wait_for(THREE_ROWS)
        terminal.wait_until(lambda _: self.is_selected(terminal, "bert"), "bert selected again")

    def test_a_server_that_is_killed_leaves_no_clients_behind(self):
        server = self.serve(three_clients())
        terminal = self.monitor()
        terminal.wait_for("^anna: enabled")
        server.kill()
        terminal.wait_for("^No clients$")

    def test_the_time_until_lockdown_counts_down(self):
        self.serve(three_clients())
        terminal = self.monitor()
        first = terminal.wait_for(r"^anna: enabled.* (\d:\d\d:\d\d) \[█").group(1)
        terminal.wait_until(
            lambda screen: re.search(r"^anna: enabled.* (\d:\d\d:\d\d) \[█", screen, re.M).group(1) < first, "less time"
        )

    def test_an_unknown_key_is_told(self):
        self.serve(three_clients())
        terminal = self.monitor()
        terminal.wait_for("^anna: enabled")
        keys = debian_openpgp(self, "stranger")
        self.fetch(keys)
        terminal.wait_for(rf"(?i)unknown key ID {keys.key_id[:30]}")


class Approval(MonitorCase):
    def asking(self, rules):
        """A server with a client that asks; it is alone. Returns the terminal and the asking program."""
        client = written_by_gpg(self, "zoe", debian_openpgp(self, "zoe"), b"the password")
        self.serve(client.section + rules + three_clients())
        terminal = self.monitor()
        terminal.wait_for(THREE_ROWS)
        fetching = self.fetch(client.keys)
        # By name it would be the last.
        terminal.press("p")
        return terminal, fetching

    def test_denial_is_prevented_by_approving(self):
        terminal, fetching = self.asking(DENIED_BY_DEFAULT)
        terminal.wait_for(r"\A.*1 waiting, 4 clients.*\nzoe: Denial in 0:0[45]:\d\d\. \(a\)pprove\?")
        terminal.wait_for("Client zoe: asks for its secret and is denied it in 0:05:00")
        self.select(terminal, "zoe")
        terminal.press("a")
        terminal.wait_for("Client zoe: got its secret")
        if self.SERVER is not DEBIAN_MANDOS:
            # One in some requests leaves ApprovalPending true for ever there, and the monitor shows what it is told.
            terminal.wait_for("^zoe: enabled")
            terminal.wait_for_none("waiting")
        self.assertEqual(fetching.finish(), 0)
        self.assertEqual(fetching.stdout, b"the password")

    def test_approval_is_prevented_by_denying(self):
        terminal, fetching = self.asking(APPROVED_BY_DEFAULT)
        terminal.wait_for(r"^zoe: Approval in 0:0[45]:\d\d\. \(d\)eny\?")
        self.select(terminal, "zoe")
        terminal.press("d")
        terminal.wait_for("Client zoe: refused: Denied")
        fetching.kill()


class Keys(MonitorCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve(three_clients())
        self.terminal = self.monitor()
        self.terminal.wait_for(THREE_ROWS)

    def test_minus_and_plus_disable_and_enable(self):
        self.select(self.terminal, "anna")
        self.terminal.press("-")
        self.terminal.wait_for("^anna: DISABLED$")
        self.terminal.press("+")
        self.terminal.wait_for("^anna: enabled")

    def test_s_starts_and_capital_s_stops_a_checker(self):
        self.select(self.terminal, "bert")
        self.terminal.press("v")
        self.terminal.wait_for("Verbose: on")
        self.terminal.press("s")
        self.terminal.wait_for("^bert: .* checking")
        self.terminal.wait_for("Client bert: checker started: exec setpriv")
        self.terminal.press("S")
        self.terminal.wait_for_none("^bert: .* checking")

    def test_a_checker_that_succeeds_is_seen(self):
        self.select(self.terminal, "anna")
        self.terminal.press("v", "s")
        self.terminal.wait_for(r"^anna: enabled +\d:")
        self.terminal.wait_for("Client anna: checker succeeded: :")

    def test_capital_c_takes_a_client_for_checked(self):
        self.select(self.terminal, "anna")
        self.terminal.press("Enter")
        self.terminal.wait_for("^Checked +not yet")
        self.terminal.press("C")
        self.terminal.wait_for(r"^Checked +\d{4}-\d\d-\d\d")

    def test_capital_r_underscore_and_control_k_remove(self):
        for name, key in (("anna", "R"), ("bert", "_"), ("carl", "C-k")):
            self.select(self.terminal, name)
            self.terminal.press(key)
            self.terminal.wait_for_none(f"^{name}: ")
        self.terminal.wait_for("^No clients$")

    def test_the_selection_moves(self):
        for keys, name in (
            (["Down"], "bert"), (["j"], "carl"), (["Up"], "bert"), (["k"], "anna"), (["C-n"], "bert"), (["C-p"], "anna"),
            (["PageDown"], "carl"), (["PageUp"], "anna"), (["C-v"], "carl"), (["M-v"], "anna"), (["Space"], "carl"),
            (["b"], "anna"), (["f"], "carl"), (["Home"], "anna"), (["End"], "carl"), (["g"], "anna"), (["G"], "carl"),
        ):  # fmt: skip
            self.terminal.press(*keys)
            self.terminal.wait_until(lambda _, n=name: self.is_selected(self.terminal, n), f"{name} selected by {keys}")

    def test_help_comes_and_goes(self):
        for key in ("?", "F1", "Escape"):
            self.terminal.press(key)
            self.terminal.wait_for("keys .* ends this help")
            self.terminal.wait_for("R _ Ctrl-K +remove the client")
            self.terminal.press(key)
            self.terminal.wait_for("^anna: enabled")

    def test_l_and_capital_d_hide_the_log(self):
        for key in ("l", "D"):
            self.terminal.press(key)
            self.terminal.wait_for_none("^─+$")
            self.terminal.press(key)
            self.terminal.wait_for("^─+$")

    def test_w_and_i_switch_wrapping(self):
        self.terminal.press("w")
        self.terminal.wait_for("Long lines are cut")
        self.terminal.press("i")
        self.terminal.wait_for("Long lines are wrapped")

    def test_tab_goes_to_the_log_which_scrolls_and_is_searched(self):
        self.terminal.press("Tab", "Up")
        self.terminal.wait_for("newer lines below: 1")
        self.terminal.press("End")
        self.terminal.wait_for_none("newer lines below")
        self.terminal.press("/")
        self.terminal.wait_for("^Search:")
        self.terminal.type("MANDOS-MONITOR")
        self.terminal.wait_for("newer lines below")
        self.terminal.press("Tab")
        self.terminal.wait_until(lambda _: self.is_selected(self.terminal, "anna"), "the list again")

    def test_the_list_is_filtered_and_ordered(self):
        self.terminal.press("/")
        self.terminal.wait_for("^Filter:")
        self.terminal.send("disab")
        self.terminal.wait_for_none("^anna: ")
        self.terminal.press("Enter")
        self.terminal.wait_for("1 of 3 clients, by name, filter: disab")
        self.terminal.press("Escape")
        self.terminal.wait_for("^anna: ")
        self.terminal.press("o")
        self.terminal.wait_for("3 clients, by time left")

    def test_control_l_draws_anew(self):
        self.terminal.spoil("SPOILT")
        self.terminal.wait_for("SPOILT")
        self.terminal.press("C-l")
        self.terminal.wait_for_none("SPOILT")
        self.terminal.wait_for("^anna: enabled")

    def test_a_click_selects_and_the_wheel_moves(self):
        self.terminal.send("\x1b[<0;5;3M")
        self.terminal.wait_until(lambda _: self.is_selected(self.terminal, "bert"), "bert selected by a click")
        self.terminal.send("\x1b[<65;5;3M")
        self.terminal.wait_until(lambda _: self.is_selected(self.terminal, "carl"), "carl selected by the wheel")
        self.terminal.send("\x1b[<64;5;3M")
        self.terminal.wait_until(lambda _: self.is_selected(self.terminal, "anna"), "anna selected by the wheel")

    def test_a_request_that_the_server_refuses_is_told(self):
        self.select(self.terminal, "anna")
        self.server.kill()
        self.terminal.wait_for("^No clients$")
        self.terminal.press("R")
        self.terminal.wait_for("no client is selected")


class Denied(MonitorCase):
    BUS_RULES = '<deny send_destination="se.recompile.Mandos" send_interface="org.freedesktop.DBus.ObjectManager"/>'

    def test_what_the_bus_does_not_allow_is_told(self):
        self.serve(three_clients())
        terminal = self.monitor()
        terminal.wait_for("Cannot read the clients: org.freedesktop.DBus.Error.AccessDenied")
        terminal.press("q")
        terminal.wait_for("^ended=0$")


if __name__ == "__main__":
    main()
