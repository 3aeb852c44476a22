"""mandos-monitor in a terminal beside a server on a bus of its own: what the tests of it have in common."""

import re

from tests.support.bus import PrivateBus
from tests.support.case import TestCase, program
from tests.support.listener import Listener
from tests.support.mandos import OUR_MANDOS
from tests.support.tmux import Terminal

# A checker that does not end by itself, but with the server.
ENDLESS_CHECKER = "exec setpriv --pdeathsig KILL sleep infinity"
DEFAULTS = "[DEFAULT]\ninterval = PT1H\ntimeout = PT2H\nextended_timeout = P1D\nchecker = :\n\n"


def section(name, number, *extra):
    """A client that nobody has the key of."""
    lines = [f"[{name}]", f"key_id = {number:064x}", f"fingerprint = {number:040x}", "host = ::1", "secret = aGFsbG8="]
    return "\n".join([*lines, *extra]) + "\n"


# All of three_clients(), alone on the screen or below what waits for an approval.
THREE_ROWS = r"^anna: .*\nbert: .*\ncarl: DISABLED$"


def three_clients():
    return section("anna", 1) + section("bert", 2, f"checker = {ENDLESS_CHECKER}") + section("carl", 3, "enabled = no")


class MonitorCase(TestCase):
    BUS_RULES = ""  # beyond that everybody may do everything
    SERVER = OUR_MANDOS

    def setUp(self):
        super().setUp()
        self.bus = PrivateBus(self.addCleanup, self.folder, rules=self.BUS_RULES)
        self._servers = 0

    def serve(self, sections):
        """Starts a new server; it is on the bus when this returns."""
        self._servers += 1
        self.server_folder = self.folder / f"server-{self._servers}"
        configuration = self.server_folder / "configuration"
        configuration.mkdir(parents=True)
        (configuration / "clients.conf").write_text(DEFAULTS + sections)
        self.listener = Listener(self.addCleanup)
        return self.serve_again()

    def serve_again(self):
        """Starts the server that has ended, with all it remembers."""
        return self.SERVER.server_on_bus(self, self.bus, self.server_folder, self.listener)

    def terminal(self, **options):
        """A terminal whose shell finds the bus."""
        return Terminal(self, environment={**self.bus.environment, "TZ": "UTC"}, **options)

    def monitor(self, *, prefix="", **options):
        """A terminal in which the monitor has been started; its exit status is shown at the end."""
        terminal = self.terminal(**options)
        terminal.type(f"clear; {prefix} {program('mandos-monitor')}; echo ended=$?")
        terminal.wait_for(r": mandos-monitor \d+\.\d+")
        return terminal

    def fetch(self, keys, **options):
        """Starts a client of the server's family that asks it once in a while."""
        return self.SERVER.client(self, keys, self.listener.address, **options)

    def select(self, terminal, name):
        """Moves the selection to the client, and waits until it is seen there."""
        terminal.wait_for(f"^{re.escape(name)}: ")
        listed = re.findall(r"^(\S+): (?:enabled|DISABLED|A checker|Denial|Approval)", "\n".join(terminal.screen()), re.M)
        terminal.press("Home", *["Down"] * listed.index(name))
        terminal.wait_until(lambda _screen: self.is_selected(terminal, name), f"{name} selected")

    @staticmethod
    def is_selected(terminal, name):
        """Is its row in reverse video?"""
        colours = r"(?:\x1b\[[0-9;]*m)*"
        return re.search(rf"\x1b\[(?:\d+;)*7(?:;\d+)*m{colours}{re.escape(name)}: ", terminal.attributes())
