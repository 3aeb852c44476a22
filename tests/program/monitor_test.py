"""mandos-monitor beside a server that has ten thousand clients, hostile texts, peers with approvals, and lockdown."""

import os
import re
import time

from tests.support.bus import PrivateBus
from tests.support.case import SOURCE, TestCase, main, program
from tests.support.tmux import Terminal

MANY = 10_000


class Monitor(TestCase):
    def setUp(self):
        super().setUp()
        self.bus = PrivateBus(self.addCleanup, self.folder)
        self.orders = self.folder / "orders"
        os.mkfifo(self.orders)

    def serve(self, count):
        script = SOURCE / "tests/support/many_clients.py"
        self.server = self.start(
            ["/usr/bin/python3", "-B", script, count, self.orders], environment=self.bus.environment
        )
        self.server.wait_for_output("^ready$")

    def order(self, line):
        with open(self.orders, "w", encoding="utf-8") as orders:
            orders.write(line + "\n")

    def monitor(self, **options):
        terminal = Terminal(self, environment={**self.bus.environment, "TZ": "UTC"}, columns=120, **options)
        terminal.type(f"clear; {program('mandos-monitor')}; echo ended=$?")
        return terminal

    def processor_time(self, terminal):
        """Seconds that the monitor has used so far."""
        with open(f"/proc/{terminal.child('mandos-monitor')}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_text_from_the_bus_steers_nothing(self):
        self.serve(1)
        terminal = self.monitor()
        terminal.wait_for(r"^evil\\x1b\[2J\\x1b\]0;title\\x07\\n: enabled")
        self.order("approval 0 60000 \x1b[31mpeer\x9b")
        terminal.wait_for(r"the one who asks is \\x1b\[31mpeer")

    def test_only_the_server_is_believed(self):
        self.serve(2)
        terminal = self.monitor()
        terminal.wait_for("2 clients")
        forge = ["dbus-send", "--system", "--type=signal", "/"]
        for signal in (
            ["org.freedesktop.DBus.ObjectManager.InterfacesRemoved", "objpath:/clients/c1", "array:string:se.recompile.Mandos.Client"],
            ["se.recompile.Mandos.ClientNotFound", "string:FORGED", "string:192.0.2.1"],
        ):
            self.run_program([*forge, *signal], environment=self.bus.environment)
        self.order("approval 0 60000 192.0.2.7")
        terminal.wait_for("the one who asks is 192.0.2.7")
        screen = "\n".join(terminal.screen())
        self.assertIn("client00001.example: enabled", screen)
        self.assertNotIn("FORGED", screen)

    def test_a_pending_approval_is_on_top_with_its_peer_and_the_time_left(self):
        self.serve(50)
        terminal = self.monitor()
        terminal.wait_for("50 clients")
        self.order("approval 30 600000 2001:db8::7")
        terminal.wait_for(r"\A.*1 waiting.*\nclient00030\.example: Denial in 0:0\d:\d\d\. \(a\)pprove\? from 2001:db8::7 ")
        terminal.press("p", "a")
        self.server.wait_for_output(r"called /clients/c30 Approve \[dbus\.Boolean\(True\)\]")

    def test_lockdown_is_seen(self):
        self.serve(1)
        self.order("lockdown on")
        terminal = self.monitor()
        terminal.wait_for("LOCKDOWN")
        self.order("lockdown off")
        terminal.wait_for_none("LOCKDOWN")
        self.order("lockdown on")
        terminal.wait_for("LOCKDOWN")

    def test_ten_thousand_clients_that_all_change_do_not_hold_up_the_keys(self):
        self.serve(MANY)
        terminal = self.monitor()
        terminal.wait_for(f"{MANY} clients")
        self.order("storm 5")
        slowest = 0.0
        for key, shown in (("End", "^client09999"), ("Home", "^client00001"), ("?", "ends this help"), ("?", "^client00001")):
            began = time.monotonic()
            terminal.press(key)
            terminal.wait_for(shown)
            slowest = max(slowest, time.monotonic() - began)
        # Five times 10,000 signals come meanwhile. A monitor that drew for each would need minutes.
        self.assertLess(slowest, 30)
        terminal.press("/")
        terminal.wait_for("^Filter:")
        terminal.send("after the storm")
        terminal.wait_for("1 of 10000 clients", deadline=120)

    def test_nothing_to_do_costs_nothing(self):
        self.serve(20)
        terminal = self.monitor()
        terminal.wait_for("20 clients")
        row = r"^client00001.* (\d+:\d\d:\d\d) \["
        first = terminal.wait_for(row).group(1)
        used = self.processor_time(terminal)
        for _ in range(3):  # ticks
            first = terminal.wait_until(
                lambda screen, before=first: (found := re.search(row, screen, re.M)) and found.group(1) != before and found,
                "the next second",
            ).group(1)
        self.assertLess(self.processor_time(terminal) - used, 0.5)


if __name__ == "__main__":
    main()
