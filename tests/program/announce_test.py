"""The server is announced on the link by Avahi: under which name, on which port, and whatever becomes of Avahi."""

import signal

from tests.program.announce_case import DEFAULT_PORT, AnnounceCase
from tests.program.server_case import section
from tests.support.avahi import Avahi
from tests.support.bus import SystemBus
from tests.support.case import main
from tests.support.netns import Namespace, join

ANNOUNCED = r'NOTICE: announced as "Mandos" by Avahi: port 6263, IPv6, all interfaces'
MISSING = r"WARNING: nothing announces this server until Avahi or systemd-resolved runs; clients need --connect: port 6263"


class Announced(AnnounceCase):
    def test_as_mandos_on_the_default_port_without_texts(self):
        watcher = self.observer().browse()
        server = self.announce(Avahi(self, self.here).environment)
        server.wait_for(ANNOUNCED)
        self.assertEqual(self.seen(watcher), (self.here.link_local(), DEFAULT_PORT, ""))
        self.assertNotIn(b"IPv4", watcher.stdout)
        self.assert_serves_here(server)

    def test_it_is_withdrawn_when_the_server_stops(self):
        watcher = self.observer().browse()
        server = self.announce(Avahi(self, self.here).environment)
        self.seen(watcher)
        self.assertEqual(server.stop(), 0)
        self.gone(watcher)

    def test_it_is_withdrawn_when_the_server_is_killed(self):
        watcher = self.observer().browse()
        server = self.announce(Avahi(self, self.here).environment)
        self.seen(watcher)
        server.kill()
        self.gone(watcher)

    def test_a_name_that_is_taken_on_the_link_is_changed(self):
        self.assert_a_taken_name_is_changed(Avahi(self, self.here).environment, "Avahi")

    def test_two_servers_on_one_machine(self):
        avahi = Avahi(self, self.here)
        first = self.announce(avahi.environment)
        first.wait_for(ANNOUNCED)
        second = self.announce(avahi.environment, "--statedir", self.folder / "state-2")
        taken = second.wait_for(r"WARNING: port 6263 is taken, perhaps by another mandos .*: this server has port (\d+) until it is restarted")
        port = int(taken.group(1))
        second.wait_for(rf'announced as "Mandos #2" by Avahi: port {port}, IPv6, all interfaces')
        watcher = self.observer().browse()
        self.assertEqual(self.seen(watcher)[1], DEFAULT_PORT)
        self.assertEqual(self.seen(watcher, name="Mandos #2")[1], port)
        self.assert_serves_here(second, port)

    def test_on_one_interface(self):
        third = Namespace(self, "third")
        join(self.here, third, names=("eth1", "eth0"))
        here = self.observer().browse()
        there = Avahi(self, third).browse()
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment, "--interface=eth1")
        server.wait_for(r'announced as "Mandos" by Avahi: port 6263, IPv6, interface "eth1"')
        self.assertEqual(self.seen(there)[0], self.here.link_local("eth1"))
        # What is announced on eth0 later is seen there, and nothing was before.
        self.here.start(["avahi-publish", "-s", "Later", "_mandos._tcp", "1"], environment=avahi.environment)
        self.seen(here, name="Later")
        self.assertNotIn(b";Mandos;", here.stdout)

    def test_with_ipv4_alone(self):
        for end, address in ((self.here, "192.0.2.1"), (self.other, "192.0.2.2")):
            end.ip(f"address add {address}/24 dev eth0")
        watcher = self.observer().browse()
        server = self.announce(Avahi(self, self.here).environment, "--no-ipv6")
        server.wait_for(r'announced as "Mandos" by Avahi: port 6263, IPv4, all interfaces')
        self.assertEqual(self.seen(watcher, family="IPv4")[:2], ("192.0.2.1", DEFAULT_PORT))
        self.assertNotIn(b"=;eth0;IPv6;", watcher.stdout)

    def test_with_a_name_and_a_port_of_its_own(self):
        watcher = self.observer().browse()
        self.announce(Avahi(self, self.here).environment, conf="[DEFAULT]\nservicename = Grüße. 50%;\nport = 4711\n")
        watcher.wait_for_output(rb"(?m)^=;eth0;IPv6;Gr\\195\\188\\195\\159e\\\.\\03250\\037\\059;_mandos\._tcp;local;[^;]+;[^;]+;4711;")

    def test_on_any_port_where_that_is_wanted(self):
        watcher = self.observer().browse()
        server = self.announce(Avahi(self, self.here).environment, "--port=0")
        port = int(server.wait_for(r'announced as "Mandos" by Avahi: port (\d+)').group(1))
        self.assertNotEqual(port, DEFAULT_PORT)
        self.assertEqual(self.seen(watcher)[1], port)
        self.assert_serves_here(server, port)
        self.assertNotIn("this server has port", server.stderr)

    def test_a_socket_that_is_handed_over(self):
        watcher = self.observer().browse()
        script = ("import os, socket, sys; s = socket.create_server(('::', 4712), family=socket.AF_INET6); "
                  "os.dup2(s.fileno(), 9); os.execv(sys.argv[1], sys.argv[1:])")
        self.announce(Avahi(self, self.here).environment, "--socket=9", prefix=["/usr/bin/python3", "-c", script])
        self.assertEqual(self.seen(watcher)[1], 4712)


class WithoutAvahi(AnnounceCase):
    def test_it_is_waited_for(self):
        """Missing, it is said once, and the server serves; when it comes, the server is announced."""
        watcher = self.observer().browse()
        avahi = Avahi(self, self.here, start=False)
        server = self.announce(avahi.environment)
        server.wait_for(MISSING)
        self.assert_serves_here(server)
        avahi.start()
        self.assertEqual(self.seen(watcher)[1], DEFAULT_PORT)
        server.wait_for(ANNOUNCED)
        self.assert_said_once(server, MISSING)

    def test_it_may_restart(self):
        watcher = self.observer().browse()
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment)
        self.seen(watcher)
        avahi.stop()
        self.gone(watcher)
        server.wait_for(MISSING)
        self.assert_serves_here(server)
        avahi.start()
        server.wait_for(ANNOUNCED, count=2)
        self.seen(watcher, count=2)
        self.assert_said_once(server, MISSING)

    def test_it_may_crash(self):
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment)
        server.wait_for(ANNOUNCED)
        avahi.kill()
        server.wait_for(MISSING)
        avahi.start()
        server.wait_for(ANNOUNCED, count=2)
        watcher = self.observer().browse()
        self.assertEqual(self.seen(watcher)[1], DEFAULT_PORT)

    def test_the_bus_may_be_missing_and_come(self):
        bus = SystemBus(self)
        bus.kill()
        server = self.announce(bus.environment)
        server.wait_for(r"WARNING: nothing announces this server until there is a message bus; clients need --connect: ")
        self.assert_serves_here(server)
        bus.start()
        Avahi(self, self.here, bus=bus)
        server.wait_for(ANNOUNCED)
        self.assert_said_once(server, "nothing announces this server")

    def test_the_bus_may_restart(self):
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment)
        server.wait_for(ANNOUNCED)
        avahi.bus.kill()
        server.wait_for("until there is a message bus")
        avahi.kill()
        self.assert_serves_here(server)
        avahi.bus.start()
        avahi.start()
        server.wait_for(ANNOUNCED, count=2)
        self.assert_said_once(server, "until there is a message bus")

    def test_an_avahi_that_is_stuck_does_not_hold_the_server(self):
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment)
        server.wait_for(ANNOUNCED)
        avahi.daemon.send(signal.SIGSTOP)
        self.assertEqual(server.stop(), 0)

    def test_a_bus_that_does_not_let_us_is_told_once(self):
        bus = SystemBus(self, '<policy context="mandatory"><deny send_destination="org.freedesktop.Avahi" '
                              'send_interface="org.freedesktop.Avahi.Server" send_member="EntryGroupNew"/></policy>')
        server = self.announce(Avahi(self, self.here, bus=bus).environment)
        refused = r"WARNING: Avahi does not announce this server, and it is tried again: org\.freedesktop\.DBus\.Error\.AccessDenied"
        server.wait_for(refused)
        self.assert_serves_here(server)
        self.assertEqual(server.stop(), 0)
        self.assert_said_once(server, refused)

    def test_signals_of_others_are_not_believed(self):
        """Anybody may send signals; only Avahi's own say that there was a collision or that Avahi has gone."""
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment)
        server.wait_for(ANNOUNCED)
        send = ["dbus-send", "--system", "--type=signal"]
        for arguments in (
            ["/", "org.freedesktop.Avahi.Server.StateChanged", "int32:4", "string:x"],
            ["/Client0/EntryGroup0", "org.freedesktop.Avahi.EntryGroup.StateChanged", "int32:3", "string:x"],
            ["/Client1/EntryGroup1", "org.freedesktop.Avahi.EntryGroup.StateChanged", "int32:4", "string:x"],
            ["/Client2/EntryGroup1", "org.freedesktop.Avahi.EntryGroup.StateChanged", "int32:3", "string:x"],
            ["/org/freedesktop/DBus", "org.freedesktop.DBus.NameOwnerChanged", "string:org.freedesktop.Avahi", "string:x", "string:"],
        ):
            self.here.run([*send, *arguments], environment=avahi.environment)
        # A restart is noticed behind them, and is the first thing that is.
        avahi.stop()
        server.wait_for(MISSING)
        avahi.start()
        server.wait_for(ANNOUNCED, count=2)
        self.assert_said_once(server, MISSING)
        self.assertEqual(server.stderr.count("announced as"), 2, server.stderr)


class NotAnnounced(AnnounceCase):
    def test_without_zeroconf(self):
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment, "--no-zeroconf")
        server.wait_for("listening on .*:6263")
        self.assert_serves_here(server)
        self.assertEqual(avahi.all_now(), [])
        self.assertNotIn("nnounce", server.stderr)

    def test_a_socket_that_nobody_else_reaches(self):
        avahi = Avahi(self, self.here)
        server = self.announce(avahi.environment, "--address=::1")
        server.wait_for(r"NOTICE: not announced: no other machine reaches \[::1\]:6263")
        self.assertEqual(avahi.all_now(), [])

    def test_a_bad_name_ends_it(self):
        for name, why in {
            "x" * 64: "has 64 bytes; expected at most 63",
            "": "is empty",
            "a\tb": r'"a\tb" is not text; expected UTF-8 in one line',
        }.items():
            with self.subTest(name):
                server = self.announce({}, f"--servicename={name}")
                self.assertEqual(server.finish(), 1)
                self.assertIn("option servicename: the service name ", server.stderr)
                self.assertIn(why, server.stderr)
                self.assertNotIn("listening", server.stderr)
                found = self.check(clients=section("a"), expect=1, options=[f"--servicename={name}"])
                self.assertEqual([line for line in found if why in line], found)
                self.check(clients=section("a"), expect=0, options=[f"--servicename={name}", "--no-zeroconf"])

    def test_a_missing_interface_is_found_by_check(self):
        self.assertEqual(
            self.check(clients=section("a"), expect=1, options=["--interface=mandos-none"]),
            ['mandos.conf: option interface: there is no network interface "mandos-none"; see: ip link'])


class DefaultPort(AnnounceCase):
    """6263, which somebody else may have."""

    def setUp(self):
        super().setUp()
        taker = self.here.start(["/usr/bin/python3", "-uc", "import socket, signal; s = socket.create_server(('::', 6263), "
                                 "family=socket.AF_INET6); print('taken'); signal.pause()"])
        taker.wait_for_output("taken")

    def refused(self, *options, conf=None):
        server = self.announce({}, *options, conf=conf)
        self.assertEqual(server.finish(), 1)
        self.assertIn("port 6263 is taken, perhaps by another mandos", server.stderr)
        self.assertNotIn("listening", server.stderr)

    def test_that_was_asked_for_is_not_replaced(self):
        self.refused("--port=6263")
        self.refused(conf="[DEFAULT]\nport = 6263\n")

    def test_without_zeroconf_nobody_would_find_another(self):
        self.refused("--no-zeroconf")

    def test_another_is_announced(self):
        watcher = self.observer().browse()
        server = self.announce(Avahi(self, self.here).environment)
        port = int(server.wait_for(r"WARNING: port 6263 is taken.* this server has port (\d+) until").group(1))
        self.assertEqual(self.seen(watcher)[1], port)


if __name__ == "__main__":
    main()
