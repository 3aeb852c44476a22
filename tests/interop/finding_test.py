"""Debian's Mandos 1.8 server, announced by a real avahi-daemon, is found by our finder and heard to leave."""

from tests.component.mdns.mdns_case import Finder, FindingCase
from tests.support.avahi import Avahi
from tests.support.case import SOURCE, main
from tests.support.mandos import DEBIAN_MANDOS

# A client that never comes: the server does not start without one.
CLIENTS = f"""
[nobody]
key_id = {"0" * 64}
fingerprint = {"0" * 40}
host = localhost
interval = PT1H
checker = true
secret = c2VjcmV0
"""


class FindsDebiansServer(FindingCase):
    def start_server(self, avahi, *options):
        self.write("configuration/clients.conf", CLIENTS)
        (self.folder / "temporary").mkdir(exist_ok=True)
        (self.folder / "temporary").chmod(0o1777)  # the server drops to a user that is not known here
        state = self.folder / "state"
        DEBIAN_MANDOS.make_state_directory(state)
        server = self.server_side.start(
            ["/usr/bin/python3", "-B", SOURCE / "tests/support/run_debian_server.py",
             DEBIAN_MANDOS.tree() / "usr/sbin/mandos", "--foreground", "--debuglevel=INFO", "--no-dbus", "--no-restore",
             f"--configdir={self.folder / 'configuration'}", f"--statedir={state}", *options],
            environment={**avahi.environment, "TMPDIR": str(self.folder / "temporary")})
        return server

    def test_finds_it_and_hears_it_leave(self):
        self.make_link()
        avahi = Avahi(self, self.server_side)
        finder = Finder(self.client_side)
        finder.program.wait_for_output("^asking")
        server = self.start_server(avahi)
        port = server.wait_for(r"Now listening on address .*, port (\d+)").group(1).decode()
        found = finder.found(address=self.server_side.link_local(), port=port)
        server.stop()
        finder.gone(found)


if __name__ == "__main__":
    main()
