"""mandos-client finds its server by itself, on a bare link, from an initramfs' point of view: link-local IPv6 only.

The server is announced by a real avahi-daemon; the scripted server answers there.
"""

import sys
import time

from tests.program.client_case import ClientCase
from tests.support.avahi import Avahi
from tests.support.case import SOURCE, build_folder, main, program
from tests.support.netns import Namespace, Switch, join

FLOODER = SOURCE / "tests/component/mdns/flooder.py"

# Listens and becomes the scripted server: `python3 -c THIS PORT PROGRAM OPTIONS...`
LISTEN = """
import os, socket, sys
listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6)
listener.set_inheritable(True)
os.execv(sys.argv[2], [*sys.argv[2:], f"--fd={listener.fileno()}"])
"""


class ClientFinding(ClientCase):
    def serve(self, namespace, mode="good", *, name="Mandos", port=4711, avahi=None, **options):
        """A server of NAMESPACE, and its announcement, which is over when it is stopped."""
        path = self.write(f"message-{namespace.name}-{port}", self.message)
        words = [f"--mode={mode}", f"--message={path}", *(f"--{key}={value}" for key, value in options.items())]
        namespace.start([sys.executable, "-c", LISTEN, str(port), build_folder() / "tests/scripted_server", *words])
        avahi = avahi or Avahi(self, namespace)
        published = namespace.start(
            ["avahi-publish-service", name, "_mandos._tcp", str(port)], environment=avahi.environment)
        published.wait_for("Established under name")
        return published

    def find(self, namespace, *options):
        """As plugin-runner starts it: all it is told is where its keys are."""
        return namespace.start([program("mandos-client"), *self.keys.options, *options])

    def test_finds_the_server_on_a_bare_link(self):
        here, there = Namespace(self, "server"), Namespace(self, "client")
        join(here, there)
        self.serve(here)
        times = []
        for _ in range(5):
            began = time.monotonic()
            self.assert_gets_password(self.find(there), deadline=60)
            times.append(round((time.monotonic() - began) * 1000))
        print(f"start to password, ms: {sorted(times)}", flush=True)

    def test_takes_a_link_that_comes_later(self):
        switch = Switch(self)
        here, there = Namespace(self, "server"), Namespace(self, "client")
        switch.join(here)
        switch.join(there, up=False)
        for setting in ("optimistic_dad", "use_optimistic"):
            there.sysctl(f"ipv6/conf/eth0/{setting}", 1)
        self.serve(here)
        client = self.find(there, "--debug", "--interface=none,eth0")
        client.wait_for("ready to ask servers")
        began = time.monotonic()
        there.ip("link set eth0 up")
        self.assert_gets_password(client, deadline=60)
        print(f"link up to password: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)

    def test_takes_a_server_that_comes_later_on_the_interface_that_is_named(self):
        here, there = Namespace(self, "server"), Namespace(self, "client")
        join(here, there)
        client = self.find(there, "--debug", "--interface=eth0")
        client.wait_for('interface "eth0" can be used')
        self.serve(here)
        self.assert_gets_password(client, deadline=60)
        self.assertIn('found "Mandos" at [fe80::', client.stderr)

    def test_a_silent_server_and_a_flood_cost_nothing(self):
        switch = Switch(self)
        good, bad, there = (Namespace(self, name) for name in ("good", "bad", "client"))
        ports = [switch.join(machine) for machine in (good, bad, there)]
        for port in ports[:2]:  # avahi-daemon would not survive the flood
            switch.ip(f"link set {port} type bridge_slave isolated on")
        self.serve(bad, "silent", name="Silent")
        flooder = bad.start([sys.executable, "-B", FLOODER, "eth0", good.link_local(), "300"])
        flooder.wait_for_output("^flooding$")
        self.serve(good)
        began = time.monotonic()
        self.assert_gets_password(self.find(there), deadline=60)
        print(f"start to password in a flood: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)

    def test_no_interface_is_waited_for(self):
        nowhere = Namespace(self, "nowhere")
        client = self.find(nowhere)
        client.wait_for("there is no network interface to look for servers on yet; waiting for one")
        self.assertEqual(client.stop(), -15)

    def test_an_interface_that_is_named_and_not_there_is_waited_for(self):
        nowhere = Namespace(self, "nowhere")
        client = self.find(nowhere, "--interface=eth7")
        client.wait_for('there is no network interface "eth7" yet; waiting for it')
        self.assertEqual(client.stop(), -15)


if __name__ == "__main__":
    main()
