"""mandos-client and interfaces that come while it runs, late, under another name, or without a route to the server."""

import time

from tests.program.client_case import PASSWORD
from tests.program.network_case import NetworkCase
from tests.support.avahi import Avahi
from tests.support.case import main


class LateCase(NetworkCase):
    def announce(self):
        avahi = Avahi(self, self.there)
        published = self.there.start(
            ["avahi-publish-service", "Mandos", "_mandos._tcp", "4711"], environment=avahi.environment)
        published.wait_for("Established under name")

    def assert_password_after(self, client, began, what):
        self.assert_gets_password(client)
        print(f"{what} to password and end: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)


class DownBefore(LateCase):
    def test_is_brought_up_and_taken_down_again(self):
        self.cable()
        self.serve()
        self.announce()
        before = self.state()
        written, ended = [], []
        for _ in range(3):
            time.sleep(2.1)  # the kernel lets a second pass between two changes of a link (linkwatch), and tells nobody
            began = time.monotonic()
            client = self.fetch()
            client.wait_for_output(PASSWORD[-10:-1])
            written.append(round((time.monotonic() - began) * 1000))
            self.assert_gets_password(client)
            ended.append(round((time.monotonic() - began) * 1000))
            self.assertEqual(self.state(), before)
        print(f"interface down, start to password {sorted(written)} ms, to the end {sorted(ended)} ms", flush=True)


class LateLinks(LateCase):
    def test_one_that_comes_when_there_was_none(self):
        client = self.fetch("--debug")
        client.wait_for("there is no network interface to look for servers on yet; waiting for one")
        client.wait_for("ready to ask servers")
        self.serve()
        began = time.monotonic()
        self.cable()
        self.announce()
        self.assert_password_after(client, began, "late interface, with its server,")
        self.assertNotIn("UP", self.flags())

    def test_one_that_is_named_with_a_server_that_is_given(self):
        self.serve()
        client = self.fetch("--connect=[fe80::4711%eth0]:4711", "--retry=1000")
        client.wait_for('no network interface "eth0"')
        began = time.monotonic()
        self.cable()
        self.connect()  # gives the server its address
        self.assert_password_after(client, began, "late interface")

    def test_a_cable_that_is_plugged_in(self):
        self.cable()
        self.there.ip("link set server down")
        self.serve()
        client = self.fetch("--connect=[fe80::4711%eth0]:4711", "--retry=1000", "--delay=1000", "--debug")
        client.wait_for("cannot connect.*trying again")
        before = client.stderr
        began = time.monotonic()
        self.there.ip("link set server up")
        self.connect()
        self.assertNotIn("can be used", before)
        self.assert_password_after(client, began, "cable")

    def test_one_that_udev_renames_is_brought_up_under_its_new_name(self):
        self.here.run(["sh", "-ec", "mkdir -p /run/udev/data; : >/run/udev/control"])
        self.serve()
        client = self.fetch("--connect=[fe80::4711%lan0]:4711", "--interface=lan0", "--debug")
        client.wait_for('there is no network interface "lan0" yet; waiting for it')
        began = time.monotonic()
        self.cable()
        self.here.ip("link set eth0 name lan0")
        self.connect()
        self.assertNotIn("UP", self.flags("lan0"))
        index = self.here.run(["cat", "/sys/class/net/lan0/ifindex"]).stdout.decode().strip()
        self.assertNotIn("UP", self.flags("lan0"))
        self.here.run(["sh", "-ec", f": >/run/udev/data/new; mv /run/udev/data/new /run/udev/data/n{index}"])
        self.assert_password_after(client, began, "late interface, renamed,")
        self.assertNotIn("UP", self.flags("lan0"))

    def test_one_that_udev_never_sees_is_brought_up_all_the_same(self):
        self.here.run(["sh", "-ec", "mkdir -p /run/udev/data; : >/run/udev/control"])
        self.cable()
        self.serve()
        client = self.fetch(self.connect())
        self.assert_gets_password(client)


class DirectRoutes(LateCase):
    """The server's address has another prefix than this machine, which knows no router."""

    def reach(self, address, show):
        server = self.serve("silent")
        self.announce()
        before = self.state()
        client = self.fetch("--debug")
        server.wait_for("^connected$")
        route = self.here.ip(show).stdout.decode()
        self.assertIn(address, route)
        self.assertIn("proto boot", route)
        client.wait_for("no route leads to it; going directly by its link")
        self.assertEqual(client.stop(), -15)
        self.assertEqual(self.state(), before)
        return route

    def test_by_ipv6(self):
        self.cable()
        self.there.ip("address add fd47::11/64 dev server nodad")
        self.assertIn("metric 1024", self.reach("fd47::11", "-details -6 route show dev eth0"))

    def test_by_ipv4(self):
        self.cable()
        self.there.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/server/disable_ipv6"])
        self.there.ip("address add 192.0.2.47/24 dev server")
        self.there.ip("route add 198.51.100.0/24 dev server")
        self.here.ip("address add 198.51.100.1/24 dev eth0")
        self.assertIn("scope link", self.reach("192.0.2.47", "-details -4 route show dev eth0"))

    def test_and_the_password_comes(self):
        self.cable()
        self.there.ip("address add fd47::11/64 dev server nodad")
        self.serve()
        self.announce()
        before = self.state()
        began = time.monotonic()
        self.assert_password_after(self.fetch(), began, "start, by a direct route,")
        self.assertEqual(self.state(), before)


if __name__ == "__main__":
    main()
