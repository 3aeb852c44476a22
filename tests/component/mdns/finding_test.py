"""Servers that a real avahi-daemon announces are found on a link, and those that leave are told of."""

import time

from tests.component.mdns.mdns_case import Finder, FindingCase
from tests.support import case
from tests.support.avahi import Avahi
from tests.support.netns import Namespace, Switch, join


class FindingTest(FindingCase):
    def test_finds_a_server_on_a_bare_link_and_hears_it_leave(self):
        self.make_link()
        avahi = Avahi(self, self.server_side)
        published = self.publish(avahi, self.server_side)
        times = []
        for _ in range(5):
            finder = Finder(self.client_side)
            found = finder.found()
            times.append(found.time)
            finder.program.kill()
        print(f"start to server found, ms: {sorted(times)}")
        finder = Finder(self.client_side)
        found = finder.found()
        address = self.server_side.link_local()
        self.assertEqual((found.announcer, found.address, found.port), (address, address, "4711"))
        self.assertNotEqual(found.scope, "0")
        published.stop()
        finder.gone(found)
        self.assertNotIn("ignored", finder.program.stdout.decode())

    def test_takes_up_a_new_server_at_once(self):
        self.make_link()
        avahi = Avahi(self, self.server_side)
        finder = Finder(self.client_side)
        finder.program.wait_for_output("^asking")
        first = self.publish(avahi, self.server_side)
        first_found = finder.found()
        self.publish(avahi, self.server_side, "Mandos #2", 4712)
        finder.found("Mandos #2", port="4712")
        first.stop()
        finder.gone(first_found)
        # A server that restarts, on another port.
        self.publish(avahi, self.server_side, port=4713)
        finder.found(port="4713")

    def test_hears_a_whole_daemon_leave(self):
        self.make_link()
        avahi = Avahi(self, self.server_side)
        self.publish(avahi, self.server_side)
        self.publish(avahi, self.server_side, "Mandos #2", 4712)
        finder = Finder(self.client_side)
        both = [finder.found(), finder.found("Mandos #2")]
        avahi.stop()
        for found in both:
            finder.gone(found)

    def test_finds_two_servers_of_two_machines(self):
        switch = Switch(self)
        machines = [Namespace(self, name) for name in ("one", "two", "client")]
        for machine in machines:
            switch.join(machine)
        for machine, name in zip(machines, ("Mandos", "Mandos #2")):
            self.publish(Avahi(self, machine), machine, name)
        finder = Finder(machines[2])
        found = [finder.found("Mandos"), finder.found("Mandos #2")]
        self.assertEqual([one.announcer for one in found], [machine.link_local() for machine in machines[:2]])

    def test_looks_on_each_link(self):
        self.make_link()
        other = Namespace(self, "other")
        join(other, self.client_side, names=("eth0", "eth1"))
        for machine in (self.server_side, other):
            self.publish(Avahi(self, machine), machine)
        finder = Finder(self.client_side, "eth0", "eth1")
        scopes = {finder.found(address=machine.link_local()).scope for machine in (self.server_side, other)}
        self.assertEqual(len(scopes), 2)

    def test_finds_by_ipv4_where_there_is_nothing_else(self):
        self.server_side, self.client_side = Namespace(self, "server"), Namespace(self, "client")
        join(self.server_side, self.client_side, up=False)
        for number, side in enumerate((self.server_side, self.client_side), 1):
            side.sysctl("ipv6/conf/eth0/disable_ipv6", 1)
            side.ip(f"address add 192.0.2.{number}/24 dev eth0")
            side.ip("link set eth0 up")
        avahi = Avahi(self, self.server_side)
        self.publish(avahi, self.server_side)
        found = Finder(self.client_side).found(address="192.0.2.1")
        self.assertEqual((found.announcer, found.scope), ("192.0.2.1", "0"))

    def test_lives_beside_another_that_listens(self):
        self.make_link()
        avahi = Avahi(self, self.server_side)
        Avahi(self, self.client_side)
        finder = Finder(self.client_side)
        finder.program.wait_for_output("^asking")
        published = self.publish(avahi, self.server_side)
        found = finder.found()
        published.stop()
        finder.gone(found)


class LinkTest(FindingCase):
    """The link has no carrier or no address when the search begins."""

    def make_late_link(self, *, optimistic):
        switch = Switch(self)  # so that the server has a carrier all the time
        self.server_side, self.client_side = Namespace(self, "server"), Namespace(self, "client")
        switch.join(self.server_side)
        switch.join(self.client_side, up=False)
        for setting in ("optimistic_dad", "use_optimistic"):
            self.client_side.sysctl(f"ipv6/conf/eth0/{setting}", 1 if optimistic else 0)
        self.client_side.sysctl("ipv6/conf/eth0/router_solicitations", 0)
        self.publish(Avahi(self, self.server_side), self.server_side)

    def measure(self, what, *, told):
        finder = Finder(self.client_side)
        finder.program.wait_for_output("Cannot assign|Network is unreachable|No such device", count=1)
        began = time.monotonic()
        self.client_side.ip("link set eth0 up")
        if told:
            finder.tell_link_up()
        finder.found()
        print(f"link up to server found, {what}: {(time.monotonic() - began) * 1000:.0f} ms")

    def test_finds_as_soon_as_an_address_is_optimistic(self):  # RFC 4429
        self.make_late_link(optimistic=True)
        self.measure("optimistic address", told=True)

    def test_finds_after_duplicate_address_detection_and_without_being_told(self):
        self.make_late_link(optimistic=False)
        self.measure("duplicate address detection", told=False)

    def test_finds_again_after_the_link_was_gone(self):
        self.make_link()
        avahi = Avahi(self, self.server_side)
        self.publish(avahi, self.server_side)
        finder = Finder(self.client_side)
        found = finder.found()
        finder.tell_link_gone()
        finder.gone(found)
        finder.tell_link_up()
        again = finder.found(count=2)
        self.assertNotEqual(again.id, found.id)


if __name__ == "__main__":
    case.main()
