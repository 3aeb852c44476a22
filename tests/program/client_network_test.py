"""Bringing the network up: which interfaces, how soon, and that nothing is left of it afterwards. In network namespaces."""

import json
import time

from tests.support.case import TestCase, build_folder, main
from tests.support.netns import Namespace, join
from tests.support.network_state import flags_of, network_settings, network_state

LONG = 600_000  # ms; a delay that no test waits for


class NetworkCase(TestCase):
    def setUp(self):
        super().setUp()
        self.here = Namespace(self, "here")
        self.there = Namespace(self, "there")

    def cable(self, name="eth0"):
        """A cable whose other end is up; this one is as the kernel makes it."""
        join(self.here, self.there, names=(name, f"to-{name}"), up=False)
        self.there.ip(f"link set to-{name} up")

    def command(self, *names, delay=LONG, servers="looked-for"):
        return [build_folder() / "tests/watch_network", delay, servers, *names]

    def watch(self, *names, prefix=(), **options):
        watching = self.here.start([*prefix, *map(str, self.command(*names, **options))])
        watching.wait_for_output("^started$")
        return watching

    def state(self):
        return network_state(self.here)

    def settings(self):
        return network_settings(self.here)

    def flags(self, name):
        return flags_of(self.here, name)

    def assert_undone(self, watching, before):
        self.assertEqual(watching.stop(), 0, watching.stderr)
        self.assertEqual(self.state(), before)


class Refused(NetworkCase):
    def test_loopback_and_what_is_not_named_stay_as_they_are(self):
        self.cable("eth0")
        self.cable("eth1")
        before = self.state()
        watching = self.watch("eth1", "eth9")
        watching.wait_for_output("^came eth1$")
        self.assertNotIn("UP", self.flags("eth0"))
        self.assert_undone(watching, before)
        self.assertNotIn(b"eth0", watching.stdout)
        self.assertNotIn(b"came lo", watching.stdout)

    def test_none_brings_nothing_up(self):
        self.cable()
        watching = self.watch("none", "eth0")
        self.here.ip("link set eth0 up")
        watching.wait_for_output("^came eth0$")
        self.assertEqual(watching.stop(), 0)
        self.assertIn("UP", self.flags("eth0"))  # it was not ours to take down

    def test_without_the_right_what_others_bring_up_is_used(self):
        self.cable()
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
        watching = self.watch(prefix=user)
        watching.wait_for('interface "eth0" stays down: .*Operation not permitted')
        self.here.ip("link set eth0 up")
        watching.wait_for_output("^came eth0$")
        self.assertEqual(watching.stop(), 0)
        self.assertIn("UP", self.flags("eth0"))


class BroughtUp(NetworkCase):
    def test_is_usable_at_once_and_undone_at_the_end(self):
        self.cable()
        before = self.state()
        started = time.monotonic()
        watching = self.watch()
        watching.wait_for_output("^came eth0$")
        came = time.monotonic()
        watching.wait_for_output("^came eth0$", count=2)  # its address can be used
        print(f"from the start to the link {(came - started) * 1000:.0f} ms, to an address {(time.monotonic() - started) * 1000:.0f} ms")
        if "optimistic_dad" in self.settings().decode():  # this kernel can
            self.assertIn("optimistic", self.here.ip("-6 address show dev eth0").stdout.decode())
        self.assert_undone(watching, before)

    def test_what_was_up_stays_up(self):
        join(self.here, self.there)
        before = self.state()
        watching = self.watch()
        watching.wait_for_output("^came eth0$")
        self.assert_undone(watching, before)
        self.assertIn("UP", self.flags("eth0"))

    def test_one_that_comes_late(self):
        watching = self.watch()
        self.cable()
        watching.wait_for_output("^came eth0$")
        self.assertEqual(watching.stop(), 0)
        self.assertNotIn("UP", self.flags("eth0"))

    def test_a_cable_that_is_plugged_in_late(self):
        self.cable()
        self.there.ip("link set to-eth0 down")
        watching = self.watch()
        self.there.ip("link set to-eth0 up")
        watching.wait_for_output("^came eth0$")
        self.there.ip("link set to-eth0 down")
        watching.wait_for_output("^left ")
        self.there.ip("link set to-eth0 up")
        watching.wait_for_output("^came eth0$", count=2)
        self.assertEqual(watching.stop(), 0)

    def test_without_a_carrier_it_is_used_after_the_delay(self):
        self.cable()
        self.there.ip("link set to-eth0 down")
        watching = self.watch(delay=200)
        watching.wait_for_output("^came eth0$")
        self.assertEqual(watching.stop(), 0)

    def test_one_that_goes(self):
        self.cable()
        watching = self.watch()
        watching.wait_for_output("^came eth0$")
        self.here.ip("link delete eth0")
        watching.wait_for_output("^left ")
        self.assertEqual(watching.stop(), 0)
        self.assertEqual(watching.stderr, "")

    def test_one_that_is_renamed_is_undone_under_its_new_name(self):
        self.cable()
        watching = self.watch("none", "eth0")
        self.here.ip("link set eth0 name lan0")
        self.here.ip("link set lan0 up")
        self.here.ip("link set lan0 down")
        self.here.ip("link set lan0 name eth0")
        self.here.ip("link set eth0 up")
        watching.wait_for_output("^came eth0$")
        self.assertEqual(watching.stop(), 0)
        self.assertNotIn(b"lan0", watching.stdout)

    def test_an_address_that_another_machine_has_is_told(self):
        self.cable()
        # As the kernel makes it from the hardware address (RFC 4291, appendix A).
        hardware = json.loads(self.here.ip("-json link show eth0").stdout)[0]["address"].split(":")
        parts = [f"{int(hardware[0], 16) ^ 2:02x}", *hardware[1:3], "ff", "fe", *hardware[3:]]
        address = "fe80::" + ":".join(parts[i] + parts[i + 1] for i in range(0, 8, 2))
        self.there.ip(f"address add {address}/64 dev to-eth0 nodad")
        watching = self.watch()
        watching.wait_for(r'another machine has the address fe80::\S+ of interface "eth0" too; it cannot be used')
        self.assertEqual(watching.stop(), 0)


if __name__ == "__main__":
    main()
