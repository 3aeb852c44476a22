"""Two mandos-ctl programs beside one server, which is 1.8's or ours: what the tests have in common.

The script's first argument says which server it is: "1.8" or "ours".

The server has pairs of clients that are alike, "old-NAME" for 1.8's program and "new-NAME" for ours, so that the same
command line can be given to both, and what became of the clients compared.
"""

import json
import re
import sys

from tests.support.bus import PrivateBus
from tests.support.case import TestCase, program
from tests.support.listener import Listener
from tests.support.mandos import DEBIAN_MANDOS, family_called

# A checker that does not end by itself, but with the server.
ENDLESS_CHECKER = "exec setpriv --pdeathsig KILL sleep infinity"
DEFAULTS = "[DEFAULT]\ninterval = PT1H\ntimeout = PT2H\nextended_timeout = P1D\n"


def plain_section(name, number, *extra, host="::1"):
    """A client that nobody has the key of."""
    lines = [f"[{name}]", f"key_id = {number:064x}", f"fingerprint = {number:040x}", f"host = {host}", "secret = aGFsbG8="]
    return "\n".join([*lines, *extra]) + "\n"


def pairs(*names, extra=()):
    return "\n".join(
        plain_section(f"{side}-{name}", number, *extra)
        for number, (name, side) in enumerate((name, side) for name in names for side in ("old", "new"))
    )


SERVER = sys.argv.pop(1)


class CtlCase(TestCase):
    def setUp(self):
        super().setUp()
        self.bus = PrivateBus(self.addCleanup, self.folder)

    def serve(self, sections, checker=":"):
        """Starts the server; it is on the bus when this returns."""
        configuration = self.folder / "configuration"
        configuration.mkdir()
        (configuration / "clients.conf").write_text(f"{DEFAULTS}checker = {checker}\n\n{sections}")
        self.listener = Listener(self.addCleanup)
        return self.serve_again()

    def serve_again(self):
        """Starts the server that has ended, with all it remembers."""
        self.server = family_called(SERVER).server_on_bus(self, self.bus, self.folder, self.listener)
        return self.server

    def old(self, *arguments, expect=0, **options):
        debian = DEBIAN_MANDOS.tree() / "usr/sbin/mandos-ctl"
        return self.run_program(
            ["/usr/bin/python3", "-B", debian, *arguments], environment=self.bus.environment, expect=expect, **options
        )

    def new(self, *arguments, expect=0, **options):
        return self.run_program(
            [program("mandos-ctl"), *arguments], environment=self.bus.environment, expect=expect, **options
        )

    def clients(self):
        """{name: properties}, as 1.8's program reads them."""
        return json.loads(self.old("--dump-json").stdout)

    def both(self, *arguments, expect=0, **options):
        """Runs both programs, with old- or new- for SIDE- in what they are given; returns both, 1.8's first."""
        runs = []
        for side, run in (("old", self.old), ("new", self.new)):
            runs.append(run(*[str(a).replace("SIDE-", f"{side}-") for a in arguments], expect=expect, **options))
        return runs

    def assert_pairs_are_alike(self):
        """Each client has a twin, or is gone like it; times of day are there or not, and otherwise alike."""
        sides = {"old": {}, "new": {}}
        for name, properties in self.clients().items():
            side, _, rest = name.partition("-")
            sides[side][rest] = {
                key: re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "TIME", value) if isinstance(value, str) else value
                for key, value in properties.items()
                if key not in ("Name", "KeyID", "Fingerprint")
            }
        self.assertEqual(sides["new"], sides["old"])
        return sides["new"]
