"""Debian's Mandos 1.8 server, announced by a real avahi-daemon, is found on a bare link and heard to leave."""

import time

from tests.component.mdns.mdns_case import Finder, FindingCase
from tests.interop import clients
from tests.support.avahi import Avahi
from tests.support.case import SOURCE, main, program
from tests.support.mandos import DEBIAN_MANDOS, PATIENT_DEFAULTS

PASSWORD = b"found on the link\n"


class FindsDebiansServer(FindingCase):
    def setUp(self):
        super().setUp()
        self.client = clients.written_by_gpg(self, "one", clients.debian_openpgp(self, "one"), PASSWORD)

    def start_server(self, avahi, *options):
        self.write("configuration/clients.conf", PATIENT_DEFAULTS + self.client.section)
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

    def test_our_client_gets_its_password_from_it(self):
        self.make_link()
        self.start_server(Avahi(self, self.server_side)).wait_for("Now listening on address")
        for _ in range(3):
            began = time.monotonic()
            client = self.client_side.start([program("mandos-client"), *self.client.keys.options])
            self.assertEqual(client.finish(), 0, client.stderr)
            self.assertEqual(client.stdout, PASSWORD)
            print(f"start to password, our client, 1.8's server: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
