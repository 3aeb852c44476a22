"""mandos-monitor beside our server: what that one tells beyond 1.8's, and what it remembers over a stop and a kill."""

import re

from tests.interop.clients import debian_openpgp, written_by_gpg
from tests.interop.monitor_case import THREE_ROWS, MonitorCase, section, three_clients
from tests.support.case import main, program

DENIED_BY_DEFAULT = "approved_by_default = no\napproval_delay = PT5M\n"
APPROVED_BY_DEFAULT = "approved_by_default = yes\napproval_delay = PT10M\n"
PASSWORD = b"the password"


class OursCase(MonitorCase):
    def ctl(self, *arguments):
        return self.run_program([program("mandos-ctl"), *arguments], environment=self.bus.environment)

    def enrolled(self, name):
        return written_by_gpg(self, name, debian_openpgp(self, name), PASSWORD)

    def serve_and_watch(self, sections, **options):
        self.server = self.serve(sections)
        self.window = self.monitor(**options)
        self.window.wait_for(r"server :\d+\.\d+ +\d+ clients?, by name")


class Approval(OursCase):
    def test_who_waits_is_on_top_with_peer_and_time_left(self):
        yves, zoe = self.enrolled("yves"), self.enrolled("zoe")
        self.serve_and_watch(three_clients() + yves.section + APPROVED_BY_DEFAULT + zoe.section + DENIED_BY_DEFAULT)
        self.window.wait_for(THREE_ROWS + r"\nyves: .*\nzoe: ")
        denied = self.fetch(zoe.keys)
        shown = self.window.wait_for(
            r"\A.*1 waiting, 5 clients.*\nzoe: Denial in (0:0[45]:\d\d)\. \(a\)pprove\? from \[::1\]:\d+ +\[█+░*\]\nanna: "
        )
        self.window.wait_until(
            lambda screen: (row := re.search("^zoe: Denial in ([0-9:]+)", screen, re.M)) and row.group(1) < shown.group(1),
            "less time",
        )
        approved = self.fetch(yves.keys)
        self.window.wait_for(
            r"\A.*2 waiting, 5 clients.*\nyves: Approval in 0:(?:09|10):\d\d\. \(d\)eny\? from \[::1\]:\d+ .*\nzoe: .*\nanna: "
        )
        self.select(self.window, "bert")
        self.window.press("p")
        self.window.wait_until(lambda _: self.is_selected(self.window, "yves"), "the first who waits selected")
        self.window.press("Enter")
        self.window.wait_for(r"^Waiting +\[::1\]:\d+, 0:(?:09|10):\d\d left$")
        self.window.press("a")
        self.assertEqual((approved.finish(), approved.stdout), (0, PASSWORD))
        self.window.wait_for(r"\A.*1 waiting, .*\nzoe: .*\nanna: .*\nbert: .*\ncarl: .*\nyves: enabled")
        self.assertEqual(denied.stdout, b"")

    def test_a_monitor_that_comes_later_sees_who_asks(self):
        zoe = self.enrolled("zoe")
        self.serve(three_clients() + zoe.section + DENIED_BY_DEFAULT)
        self.fetch(zoe.keys)
        self.fetch(zoe.keys)
        self.monitor().wait_for(r"\A.*1 waiting, 4 clients.*\nzoe: Denial in \S+ \(a\)pprove\? from \[::1\]:\d+ \+1 ")

    def test_a_peer_that_has_gone_waits_no_more(self):
        zoe = self.enrolled("zoe")
        self.serve_and_watch(three_clients() + zoe.section + DENIED_BY_DEFAULT)
        fetching = self.fetch(zoe.keys)
        self.window.wait_for("^zoe: Denial in ")
        fetching.kill()
        self.window.wait_for(THREE_ROWS + r"\nzoe: enabled")
        self.window.wait_for_none("waiting")

    def test_time_that_runs_out_is_told_as_the_reason(self):
        zoe = self.enrolled("zoe")
        self.serve_and_watch(zoe.section + "approved_by_default = no\napproval_delay = PT2S\n")
        self.fetch(zoe.keys)
        self.window.wait_for("^zoe: Denial in 0:00:0[12]")
        self.window.wait_for("Client zoe: refused: Approval timed out")

    def test_who_is_removed_or_disabled_while_waiting_is_refused(self):
        zoe = self.enrolled("zoe")
        self.serve_and_watch(zoe.section + DENIED_BY_DEFAULT)
        fetching = self.fetch(zoe.keys)
        self.window.wait_for("^zoe: Denial in ")
        self.window.press("-")
        self.window.wait_for("^zoe: DISABLED$")
        self.window.wait_for("Client zoe: refused: Disabled")
        self.window.press("+")
        self.window.wait_for("^zoe: Denial in ")  # it has asked again
        self.window.press("R")
        self.window.wait_for("^No clients$")
        fetching.kill()
        self.assertEqual(fetching.stdout, b"")


class Lockdown(OursCase):
    def test_it_is_in_the_title_and_is_the_reason_of_a_refusal(self):
        zoe = self.enrolled("zoe")
        self.serve_and_watch(zoe.section)
        self.ctl("lockdown", "on")
        self.window.wait_for(r"\AMandos: server :\S+  LOCKDOWN +1 client, by name")
        self.window.wait_for("Lockdown: the server gives out no secret")
        fetching = self.fetch(zoe.keys)
        self.window.wait_for("Client zoe: refused: Lockdown")
        self.assertEqual(fetching.stdout, b"")
        self.ctl("lockdown", "off")
        self.window.wait_for_none(r"\A.*LOCKDOWN")
        self.window.wait_for("Lockdown is over")
        self.window.wait_for("Client zoe: got its secret")
        self.assertEqual((fetching.finish(), fetching.stdout), (0, PASSWORD))

    def test_a_monitor_that_comes_later_sees_it_over_a_kill_too(self):
        server = self.serve(three_clients())
        self.ctl("lockdown", "on")
        terminal = self.monitor()
        terminal.wait_for(r"\A.*LOCKDOWN")
        server.kill()
        terminal.wait_for("^No clients$")
        terminal.wait_for_none(r"\A.*LOCKDOWN")
        self.serve_again()
        terminal.wait_for(r"\A.*LOCKDOWN")


class Details(OursCase):
    def test_everything_about_the_selected_client_is_told(self):
        self.serve_and_watch(three_clients(), rows=60)
        self.select(self.window, "bert")
        self.window.press("Enter")
        for line in (
            r"Name +bert \(unchecked\)",
            "Host +::1",
            r"Expires +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
            "Checked +not yet; last checker: none yet",
            "Times +timeout 2:00:00, extended 1d 0:00:00, interval 1:00:00",
            "Approval +approved by default, delay 0:00:00, valid for 0:00:01",
            "Checker +exec setpriv --pdeathsig KILL sleep infinity",
            "Key ID +0{63}2",
            "Key +0{39}2",
            r"Enabled +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
            "Asked +never",
            r"Created +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        ):
            self.window.wait_for(f"^{line}$")
        self.ctl("--host", "here.example", "--timeout", "PT3H", "--deny-by-default", "bert")
        self.window.wait_for("^Host +here\\.example$")
        self.window.wait_for("^Times +timeout 3:00:00, ")
        self.window.wait_for("^Approval +denied by default, ")
        self.window.press("Down")
        self.window.wait_for(r"^Name +carl \(disabled\)$")
        self.window.wait_for("^Expires +never$")
        self.window.press("Enter")
        self.window.wait_for_none("^Expires ")


class Countdown(OursCase):
    def test_the_bar_gets_shorter_until_the_client_is_disabled(self):
        self.serve_and_watch(section("anna", 1, "timeout = PT16S", "enabled = no"))
        self.window.wait_for("^anna: DISABLED$")
        self.window.press("+")
        row = r"^anna: enabled.* 0:00:(\d\d) \[(█*)(░*)\]$"

        def bar_of(screen):
            shown = re.search(row, screen, re.M)
            return (shown.group(1), len(shown.group(2)), len(shown.group(3))) if shown else None

        first = self.window.wait_until(bar_of, "a bar")
        later = self.window.wait_until(
            lambda screen: (bar := bar_of(screen)) and bar[1] <= first[1] - 3 and bar, "a shorter bar"
        )
        self.assertEqual(first[1] + first[2], later[1] + later[2])
        self.assertLess(later[0], first[0])
        self.window.wait_for("^anna: DISABLED$")

    def test_a_checker_that_succeeds_fills_it_again(self):
        self.serve_and_watch(section("anna", 1, "timeout = PT1M", f"checker = test -e {self.folder}/well"))
        self.window.wait_for(r"^anna: enabled.* 0:00:\d\d \[█+░+\]$")
        (self.folder / "well").touch()
        self.window.press("s")
        self.window.wait_for(r"^anna: enabled +0:0(0:59|1:00) \[█{16}\]$")


class LogPane(OursCase):
    def test_it_is_searched_to_older_and_newer_lines(self):
        self.serve_and_watch(three_clients())
        self.window.wait_for(THREE_ROWS)
        for name in ("anna", "carl", "bert"):
            self.ctl("--checker", f"exit 7 # {name}", name)
            self.ctl("--enable", name)
            self.ctl("--start-checker", name)
            self.window.wait_for(f"Client {name}: checker failed with exit status 7: exit 7 # {name}")
        self.window.press("Tab", "/")
        self.window.wait_for("^Search:")
        self.window.type("CLIENT CARL")
        self.window.wait_for("newer lines below: 1")
        self.window.press("/")
        self.window.type("exit status")
        self.window.press("End", "n")
        self.window.wait_for("newer lines below: 1")
        self.window.press("n")
        self.window.wait_for("newer lines below: 2")
        self.window.press("N", "N")
        self.window.wait_for_none("newer lines below")
        self.window.press("/")
        self.window.type("no such text")
        self.window.wait_for("no such text")


class Following(OursCase):
    def test_a_server_that_is_stopped_or_killed_comes_back_as_it_was(self):
        self.serve_and_watch(three_clients())
        self.window.wait_for(THREE_ROWS)
        self.select(self.window, "anna")
        self.window.press("-", "Down")
        self.window.wait_for("^anna: DISABLED\nbert: enabled")
        for end in ("stop", "kill"):
            getattr(self.server, end)()
            self.window.wait_for("The Mandos server has stopped")
            self.window.wait_for("^No clients$")
            self.window.wait_for("^Mandos: no server ")
            self.server = self.serve_again()
            self.window.wait_for("^anna: DISABLED\nbert: enabled.*\ncarl: DISABLED$")
            self.window.wait_until(lambda _: self.is_selected(self.window, "bert"), "bert selected again")
        self.window.press("-")
        self.window.wait_for("^bert: DISABLED$")
        self.server.kill()
        self.server = self.serve_again()
        self.window.wait_for("^anna: DISABLED\nbert: DISABLED\ncarl: DISABLED$")

    def test_who_waits_when_the_server_is_killed_waits_at_the_next_one(self):
        zoe = self.enrolled("zoe")
        self.serve_and_watch(three_clients() + zoe.section + DENIED_BY_DEFAULT)
        fetching = self.fetch(zoe.keys)
        self.window.wait_for("1 waiting, 4 clients")
        self.server.kill()
        self.window.wait_for("^No clients$")
        self.window.wait_for_none("waiting, ")
        self.server = self.serve_again()
        self.window.wait_for(r"\A.*1 waiting, 4 clients.*\nzoe: Denial in 0:0[45]:\d\d\. \(a\)pprove\? from \[::1\]:\d+ ")
        self.window.press("p", "a")
        self.assertEqual((fetching.finish(), fetching.stdout), (0, PASSWORD))
        self.window.wait_for("^zoe: enabled")

    def test_a_client_that_is_added_and_one_that_is_read_anew_are_there(self):
        self.serve_and_watch(three_clients())
        self.window.wait_for(THREE_ROWS)
        self.ctl("add", self.write("added.conf", section("björn.example", 9)))
        self.window.wait_for(r"^anna: .*\nbert: .*\nbjörn\.example: enabled.*\ncarl: ")
        configuration = self.server_folder / "configuration/clients.conf"
        configuration.write_text(configuration.read_text() + section("dora", 10))
        self.ctl("reload")
        self.window.wait_for("^carl: DISABLED\ndora: enabled")


if __name__ == "__main__":
    main()
