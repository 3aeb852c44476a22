"""Addresses, routes and DHCP beyond a bare link, through a router to a server behind it; nothing is left afterwards.

    client --- eth0 - router - far --- server

The router's DHCP and router advertisements are dnsmasq's and radvd's, DHCP clients are those of an initramfs.
"""

import json
import os
import shutil
import time

from tests.program.client_case import ClientCase
from tests.support.case import build_folder, main
from tests.support.netns import Namespace, join

LONG = 600_000  # ms; a delay that no test waits for
STATIC4 = "ip=192.0.2.5::192.0.2.1:255.255.255.0:host:eth0:none"
STATIC6 = "ip=[2001:db8:1::5]::[2001:db8:1::1]:64:host:eth0:none"
SERVER4, SERVER6 = "198.51.100.9", "2001:db8:2::9"
IPCONFIG = "/usr/lib/klibc/bin/ipconfig"


class AddressCase(ClientCase):
    def setUp(self):
        super().setUp()
        self.serving = set()
        self.here, self.router, self.far = (Namespace(self, name) for name in ("here", "router", "far"))
        join(self.here, self.router, up=False)
        join(self.router, self.far, names=("far", "eth0"))
        for key in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            self.router.sysctl(key, 1)
        self.router.prepare("eth0")
        self.router.ip("link set eth0 up")
        for words in ("192.0.2.1/24 dev eth0", "2001:db8:1::1/64 dev eth0 nodad", "fe80::1/64 dev eth0 nodad",
                      "198.51.100.1/24 dev far", "2001:db8:2::1/64 dev far nodad"):
            self.router.ip(f"address add {words}")
        self.far.ip(f"address add {SERVER4}/24 dev eth0")
        self.far.ip(f"address add {SERVER6}/64 dev eth0 nodad")
        self.far.ip("route add default via 198.51.100.1")
        self.far.ip("-6 route add default via 2001:db8:2::1")

    def watch(self, *settings, names=()):
        command = [build_folder() / "tests/watch_network", *settings, LONG, "given", *names]
        watching = self.here.start([str(word) for word in command])
        watching.wait_for_output("^started$")
        return watching

    def state(self):
        def shown(words):
            return json.loads(self.here.ip(f"-json {words}").stdout or "[]")

        links = {link["ifname"]: sorted(set(link["flags"]) & {"UP", "NOARP"}) for link in shown("link show")}
        addresses = {link["ifname"]: sorted(a["local"] for a in link["addr_info"]) for link in shown("address show")}
        files = self.here.run(["ls", "/run"]).stdout
        return links, addresses, shown("-4 route show"), shown("-6 route show"), files

    def far_server(self, address):
        """ADDRESS:PORT of a good one on the far side; there is one of each address."""
        host = f"[{address}]" if ":" in address else address
        if address in self.serving:
            return f"{host}:4711"
        self.serving.add(address)
        path = self.write("message", self.message)
        launcher = self.write("serve.py", SERVE)
        binary = build_folder() / "tests/scripted_server"
        server = self.far.start(["python3", launcher, address, "4711", binary, "--mode=good", f"--message={path}"])
        server.wait_for_output("listening")
        return f"{host}:4711"

    def assert_fetches_from(self, address, since):
        target = self.far_server(address)
        client = self.here.start([str(word) for word in self.command(target)])
        self.assert_gets_password(client)
        print(f"{address}: {(time.monotonic() - since) * 1000:.0f} ms from the start")

    def assert_undone(self, watching, before):
        self.assertEqual(watching.stop(), 0, watching.stderr)
        self.assertEqual(self.state(), before)


# The listening socket is made in the server's own network, and handed to it.
SERVE = """
import os, socket, sys
address, port, *command = sys.argv[1:]
listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((address, int(port)))
listener.listen()
os.set_inheritable(listener.fileno(), True)
print("listening", flush=True)
os.execv(command[0], [command[0], f"--fd={listener.fileno()}", *command[1:]])
"""


HEAR_DHCP = """
import socket
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("", 67))
print("listening", flush=True)
listener.recv(2000)
print("asked", flush=True)
listener.recv(0)
"""


class Refused(AddressCase):
    def test_what_was_there_already_stays(self):
        self.here.sysctl("ipv6/conf/eth0/disable_ipv6", 1)  # whose address would come a moment later
        self.here.ip("link set eth0 up")
        self.here.ip("address add 192.0.2.5/24 dev eth0")
        self.here.ip("route add default via 192.0.2.1 metric 512")
        before = self.state()
        watching = self.watch(STATIC4)
        watching.wait_for_output("^came eth0$")
        self.assert_undone(watching, before)
        self.assertEqual(watching.stderr, "")

    def test_a_gateway_that_cannot_be_one_is_told_and_the_rest_is_done(self):
        before = self.state()
        watching = self.watch("rd.route=203.0.113.0/24:203.0.113.1:eth0", "ip=192.0.2.5:::24::eth0:none")
        watching.wait_for(r'interface "eth0": the route to 203.0.113.0/24 via 203.0.113.1 by interface \d+ cannot be added: .*')
        self.assertIn("192.0.2.5/24", self.here.ip("-4 address show dev eth0").stdout.decode())
        watching.wait_for_output("^came eth0$")
        self.assert_undone(watching, before)

    def test_off_asks_no_dhcp(self):
        before = self.state()
        watching = self.watch("ip=off", "dhcp")
        watching.wait_for_output("^came eth0$", count=2)  # its link-local address
        self.assert_undone(watching, before)
        self.assertEqual(watching.stderr, "")

    def test_where_another_configures_the_interface_dhcp_is_not_asked(self):
        self.here.run(["sh", "-c", "echo DEVICE=eth0 >/run/net-eth0.conf"])
        before = self.state()
        watching = self.watch("ip=dhcp")
        watching.wait_for('DHCP on interface "eth0": /run/net-eth0.conf is there: another configures it')
        self.assert_undone(watching, before)

    def test_a_vlan_without_a_parent_is_waited_for(self):
        before = self.state()
        watching = self.watch("vlan=vlan5:eth7")
        watching.wait_for_output("^came eth0$")
        self.assert_undone(watching, before)
        self.assertEqual(watching.stderr, "")


class Static(AddressCase):
    def test_ipv4_and_ipv6_through_a_gateway(self):
        before = self.state()
        for setting, server in ((STATIC4, SERVER4), (STATIC6, SERVER6)):
            started = time.monotonic()
            watching = self.watch(setting)
            watching.wait_for_output("^came eth0$")
            self.assert_fetches_from(server, started)
            self.assert_undone(watching, before)
            self.assertEqual(watching.stderr, "")

    def test_without_a_device_it_is_the_one_that_comes(self):
        before = self.state()
        watching = self.watch("ip=192.0.2.5::192.0.2.1:24")
        watching.wait_for_output("^came eth0$")
        self.assert_fetches_from(SERVER4, time.monotonic())
        self.assert_undone(watching, before)

    def test_a_gateway_outside_of_the_network(self):
        before = self.state()
        watching = self.watch("ip=192.0.2.5::192.0.2.1:255.255.255.255::eth0:none")
        watching.wait_for_output("^came eth0$")
        self.assert_fetches_from(SERVER4, time.monotonic())
        self.assert_undone(watching, before)

    def test_an_interface_that_is_only_named_there_is_used(self):
        before = self.state()
        watching = self.watch(STATIC4, names=("eth9",))
        watching.wait_for_output("^came eth0$")
        self.assert_undone(watching, before)

    def test_a_route(self):
        before = self.state()
        watching = self.watch("ip=192.0.2.5:::24::eth0:none", "rd.route=198.51.100.0/24:192.0.2.1")
        watching.wait_for_output("^came eth0$")
        self.assert_fetches_from(SERVER4, time.monotonic())
        self.assert_undone(watching, before)

    def test_after_the_interface_was_down_all_is_there_again(self):
        watching = self.watch(STATIC4, STATIC6)
        watching.wait_for_output("^came eth0$")
        self.here.ip("link set eth0 down")
        watching.wait_for_output("^left ")
        self.here.ip("link set eth0 up")
        watching.wait_for_output("^left [^$]*^came eth0$")
        for server in (SERVER4, SERVER6):
            self.assert_fetches_from(server, time.monotonic())
        self.assertEqual(watching.stop(), 0, watching.stderr)
        self.assertEqual(watching.stderr, "")


class Dhcp(AddressCase):
    def serve_dhcp(self, *options):
        leases = self.folder / "leases"
        command = ["dnsmasq", "--keep-in-foreground", "--port=0", "--interface=eth0", "--bind-interfaces", "--no-ping",
                   "--dhcp-range=192.0.2.50,192.0.2.59,1h", "--dhcp-authoritative", "--user=root", "--log-facility=-",
                   "--conf-file=/dev/null", "--log-dhcp", f"--dhcp-leasefile={leases}", *options]
        return self.router.start(command)

    def processes_in(self, namespace, name):
        def network_of(pid):
            return os.stat(f"/proc/{pid}/ns/net").st_ino

        found = []
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            try:
                if network_of(pid) == network_of(namespace.pid) and name in os.readlink(f"/proc/{pid}/exe"):
                    found.append(pid)
            except OSError:
                pass  # it has ended, or is another container's
        return found

    def hide(self, path):
        """No such program in the client's machine."""
        self.here.run(["mount", "--bind", "/dev/null", path])

    def watch_and_hear_it_ask(self):
        """What is asked reaches the router, where nobody answers."""
        listener = self.router.start(["python3", "-c", HEAR_DHCP])
        listener.wait_for_output("listening")
        watching = self.watch("ip=dhcp")
        listener.wait_for_output("asked")
        return watching, listener

    def lease(self, watching, before):
        self.assert_fetches_from(SERVER4, time.monotonic())
        self.assertIn("192.0.2.5", self.here.ip("-4 -brief address show dev eth0").stdout.decode())
        self.assert_undone(watching, before)

    def test_by_ipconfig(self):
        self.assertTrue(shutil.which(IPCONFIG), "package klibc-utils")
        self.serve_dhcp()
        before = self.state()
        for setting in ("ip=dhcp", "ip=:::::eth0:dhcp", "dhcp"):
            watching = self.watch(setting)
            watching.wait_for(r'DHCP on interface "eth0": IP-Config: eth0 ')  # not before it ends
            self.lease(watching, before)

    def test_by_udhcpc(self):
        self.hide(IPCONFIG)
        self.serve_dhcp()
        before = self.state()
        watching = self.watch("ip=dhcp")
        watching.wait_for(r'DHCP on interface "eth0": udhcpc: ')
        self.lease(watching, before)

    def test_without_a_client_it_is_said_what_is_missing(self):
        self.hide(IPCONFIG)
        self.hide(shutil.which("busybox"))
        before = self.state()
        watching = self.watch("ip=dhcp")
        watching.wait_for("there is neither ipconfig .* nor busybox")
        self.assert_undone(watching, before)

    def test_nobody_who_answers_is_given_up_at_the_end(self):
        before = self.state()
        watching, _ = self.watch_and_hear_it_ask()
        started = time.monotonic()
        self.assert_undone(watching, before)
        self.assertLess(time.monotonic() - started, 30)
        self.assertEqual(self.processes_in(self.here, "ipconfig"), [])

    def test_a_server_that_comes_later(self):
        before = self.state()
        watching, listener = self.watch_and_hear_it_ask()
        listener.kill()
        self.serve_dhcp()
        self.lease(watching, before)


class Advertised(AddressCase):
    def radvd(self, configuration):
        path = self.write("radvd.conf", configuration, mode=0o644)
        return self.router.start(["radvd", "--nodaemon", "--logmethod=stderr", "--config", path,
                                  "--pidfile", self.folder / "radvd.pid", "--username=root"])

    def test_the_address_that_a_router_advertises_is_used_when_it_comes(self):
        self.here.prepare("eth0")
        watching = self.watch()
        watching.wait_for_output("^came eth0$", count=2)  # and its link-local address
        started = time.monotonic()
        self.radvd("interface eth0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;"
                   " prefix 2001:db8:1::/64 { }; };")
        self.assert_fetches_from(SERVER6, started)
        self.assertIn("2001:db8:1:", self.here.ip("-6 address show dev eth0").stdout.decode())
        watching.wait_for_output("^came eth0$", count=3)  # told, so that servers are asked again at once
        self.assertEqual(watching.stop(), 0)
        self.assertEqual(watching.stderr, "")
        self.assertNotIn("2001:", self.here.ip("-6 address show dev eth0").stdout.decode())
        self.assertEqual(self.here.ip("-6 route show dev eth0").stdout, b"")


class Client(AddressCase):
    def test_from_an_interface_that_is_down_to_the_password_and_down_again(self):
        target4, target6 = self.far_server(SERVER4), self.far_server(SERVER6)
        before = self.state()
        leases = self.folder / "leases"
        self.router.start(["dnsmasq", "--keep-in-foreground", "--port=0", "--interface=eth0", "--bind-interfaces",
                           "--no-ping", "--dhcp-range=192.0.2.50,192.0.2.59,1h", "--dhcp-authoritative", "--user=root",
                           "--conf-file=/dev/null", f"--dhcp-leasefile={leases}"])
        for target, settings in ((target4, [f"--{STATIC4}"]), (target6, [f"--{STATIC6}"]), (target4, [])):
            started = time.monotonic()
            command = [str(word) for word in self.command(target, options=settings) if word != "--interface=none"]
            client = self.here.start(command)
            self.assert_gets_password(client)
            print(f"{settings or 'DHCP'}: {(time.monotonic() - started) * 1000:.0f} ms to the end")
            self.assertEqual(self.state(), before)


if __name__ == "__main__":
    main()
