"""On a bare link, without any address but the link-local ones: 1.8's client finds our server, and its server and ours
do not take each other's name."""

import time

from tests.interop import clients
from tests.support.avahi import Avahi
from tests.support.case import SOURCE, TestCase, main, program
from tests.support.mandos import DEBIAN_MANDOS, PATIENT_DEFAULTS
from tests.support.netns import Namespace, Switch, join

PASSWORD = b"found on the link\n"


class Announce(TestCase):
    def setUp(self):
        super().setUp()
        self.client = clients.written_by_gpg(self, "one", clients.debian_openpgp(self, "one"), PASSWORD)

    def options(self, name):
        configuration = self.folder / f"configuration-{name}"
        configuration.mkdir()
        (configuration / "clients.conf").write_text(PATIENT_DEFAULTS + self.client.section)
        state = self.folder / f"state-{name}"
        return ["--foreground", f"--configdir={configuration}", f"--statedir={state}"], state

    def serve_ours(self, namespace, *more):
        options, _ = self.options("ours")
        return namespace.start(
            [program("mandos"), "--no-dbus", "--debuglevel=INFO", *options, *more], environment=Avahi(self, namespace).environment)

    def serve_theirs(self, namespace):
        options, state = self.options("theirs")
        DEBIAN_MANDOS.make_state_directory(state)
        temporary = self.folder / "debian-temporary"
        temporary.mkdir()
        temporary.chmod(0o1777)
        return namespace.start(
            ["/usr/bin/python3", "-B", SOURCE / "tests/support/run_debian_server.py", DEBIAN_MANDOS.tree() / "usr/sbin/mandos",
             "--debuglevel=INFO", "--no-dbus", *options],
            environment={**Avahi(self, namespace).environment, "TMPDIR": str(temporary)})

    def fetch(self, namespace):
        """As in an initramfs: all it is told is where its keys are."""
        return namespace.start([DEBIAN_MANDOS.client_program(), "--retry=1", *self.client.keys.options])

    def test_its_client_finds_our_server(self):
        here, there = Namespace(self, "server"), Namespace(self, "client")
        join(here, there, up=False)
        here.prepare("eth0")
        here.ip("link set eth0 up")
        server = self.serve_ours(here)
        began = time.monotonic()
        client = self.fetch(there)  # takes the link up itself
        self.assertEqual(client.finish(), 0, client.stderr)
        print(f"link up to password, 1.8's client, our server: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)
        self.assertEqual(client.stdout, PASSWORD)
        server.wait_for(r'client "one": secret sent to \[fe80::[0-9a-f:]+%eth0\]')

    def test_its_client_finds_our_server_by_any_port(self):
        here, there = Namespace(self, "server"), Namespace(self, "client")
        join(here, there)
        server = self.serve_ours(here, "--port=0", "--interface=eth0", "--servicename=Other")
        server.wait_for(r'announced as "Other" by Avahi: port \d+, IPv6, interface "eth0"')
        client = self.fetch(there)
        self.assertEqual(client.finish(), 0, client.stderr)
        self.assertEqual(client.stdout, PASSWORD)

    def test_its_server_keeps_its_name_and_ours_has_the_next(self):
        switch, theirs, ours, seer = Switch(self), Namespace(self, "theirs"), Namespace(self, "ours"), Namespace(self, "seer")
        for machine in (theirs, ours, seer):
            switch.join(machine)
        watcher = Avahi(self, seer).browse()
        self.serve_theirs(theirs)
        watcher.wait_for_output(r"(?m)^=;eth0;IPv6;Mandos;_mandos\._tcp;local;theirs\.local;")
        server = self.serve_ours(ours)
        server.wait_for(r'announced as "Mandos #2" by Avahi')
        watcher.wait_for_output(r"(?m)^=;eth0;IPv6;Mandos\\032\\0352;_mandos\._tcp;local;ours\.local;[^;]+;6263;$")

    def test_ours_keeps_its_name_and_its_server_has_the_next(self):
        switch, theirs, ours, seer = Switch(self), Namespace(self, "theirs"), Namespace(self, "ours"), Namespace(self, "seer")
        for machine in (theirs, ours, seer):
            switch.join(machine)
        watcher = Avahi(self, seer).browse()
        self.serve_ours(ours)
        watcher.wait_for_output(r"(?m)^=;eth0;IPv6;Mandos;_mandos\._tcp;local;ours\.local;[^;]+;6263;$")
        self.serve_theirs(theirs)
        watcher.wait_for_output(r"(?m)^=;eth0;IPv6;Mandos\\032\\0352;_mandos\._tcp;local;theirs\.local;")


if __name__ == "__main__":
    main()
