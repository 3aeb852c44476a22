"""Under a service manager: readiness, reload, watchdog and stop are told, and a socket that is handed over is used."""

import os
import select
import signal
import socket

from tests.program.state_case import StateCase
from tests.support.bus import PrivateBus
from tests.support.case import main, program


class Service(StateCase):
    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.settimeout(30)
        path = self.folder / "notify"
        self.manager.bind(str(path))
        path.chmod(0o777)  # as systemd's is: the server gives up root
        self.environment = {"NOTIFY_SOCKET": str(path)}

    def serve_as_service(self, clients, command=()):
        listener = self.listener()
        server = self.start(
            [*command, self.mandos, "--foreground", "--debuglevel=INFO", "--no-zeroconf",
             f"--socket={listener.descriptor}", *self.configure(clients)],
            descriptors=[listener.descriptor], environment=self.environment)
        server.address = listener.socket.getsockname()
        return server

    def told(self):
        return self.manager.recv(4096).decode().splitlines()

    def test_readiness_reload_and_stop_are_told(self):
        clients = self.section("one")
        server = self.serve_as_service(clients)
        self.assertEqual(self.told(), ["READY=1"])
        self.assert_given(server, "one")
        server.send(signal.SIGHUP)
        first, second = self.told()
        self.assertEqual(first, "RELOADING=1")
        self.assertRegex(second, r"^MONOTONIC_USEC=\d+$")
        self.assertEqual(self.told(), ["READY=1"])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.told(), ["STOPPING=1"])

    def private_bus(self):
        bus = PrivateBus(self.addCleanup, self.folder)
        self.environment.update(bus.environment)
        return bus

    def assert_told_nothing(self):
        self.assertEqual(select.select([self.manager], [], [], 0)[0], [])

    def ctl(self, *arguments):
        return self.run_program([program("mandos-ctl"), *arguments], environment=self.environment)

    def test_it_is_ready_when_it_can_be_asked_over_dbus(self):
        bus = self.private_bus()
        clients = self.section("one")
        bus.pause()
        server = self.serve_as_service(clients)
        server.wait_for("server-started")
        self.assert_told_nothing()
        bus.resume()
        self.assertEqual(self.told(), ["READY=1"])
        self.assertEqual(self.ctl("names").stdout, b"one\n")
        self.assertEqual(server.stop(), 0)

    def test_a_bus_that_takes_nothing_delays_only_readiness_and_not_for_ever(self):
        self.private_bus().pause()
        server = self.serve_as_service(self.section("one"))
        self.assert_given(server, "one")
        self.assertEqual(self.told(), ["READY=1"])
        server.wait_for("WARNING: no D-Bus, and it is tried again: ")
        self.assert_given(server, "one")

    def test_without_a_bus_it_is_ready(self):
        self.environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        server = self.serve_as_service(self.section("one"))
        self.assertEqual(self.told(), ["READY=1"])
        server.wait_for("WARNING: no D-Bus, and it is tried again: ")
        self.assert_given(server, "one")

    def test_where_its_name_is_taken_it_is_ready(self):
        self.private_bus()
        first = self.serve_as_service("")
        self.assertEqual(self.told(), ["READY=1"])
        self.state = self.folder / "other"
        listener = self.listener()
        second = self.start(
            [self.mandos, "--foreground", "--no-zeroconf", f"--socket={listener.descriptor}", "--configdir", self.folder,
             "--statedir", self.state], descriptors=[listener.descriptor], environment=self.environment)
        self.assertEqual(self.told(), ["READY=1"])
        second.wait_for("ERROR: D-Bus is off, and the server goes on without it: ")
        self.assertEqual(first.stop(), 0)

    def test_it_stops_while_it_waits_for_the_bus(self):
        self.private_bus().pause()
        clients = self.section("one")
        server = self.serve_as_service(clients)
        server.wait_for("server-started")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.told(), ["STOPPING=1"])

    def test_nothing_is_told_when_it_does_not_start(self):
        server = self.serve_as_service("[one]\ntimeout = soon\n")
        self.assertEqual(server.finish(), 1)
        self.manager.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.told()

    def test_an_error_at_reload_ends_the_reload(self):
        server = self.serve_as_service(self.section("one"))
        self.assertEqual(self.told(), ["READY=1"])
        self.write("clients.conf", "[one]\ntimeout = soon\n")
        server.send(signal.SIGHUP)
        self.assertEqual(self.told()[0], "RELOADING=1")
        self.assertEqual(self.told(), ["READY=1"])
        self.assert_given(server, "one")

    def test_the_watchdog_hears_that_decisions_are_made(self):
        self.environment["WATCHDOG_USEC"] = "400000"
        server = self.serve_as_service("")
        lines = [line for _ in range(5) for line in self.told()]
        self.assertEqual(lines.count("READY=1"), 1)
        self.assertEqual(lines.count("WATCHDOG=1"), 4)
        self.assertEqual(server.stop(), 0)

    def test_checkers_do_not_speak_in_its_name(self):
        environment = self.folder / "environment"
        environment.mkdir()
        environment.chmod(0o777)
        clients = self.section("one", checker=f"env >{environment}/seen; mv {environment}/seen {environment}/done",
                               interval="PT1S")
        server = self.serve_as_service(clients)
        server.wait_for(r'client "one": checked and alive')
        self.assertNotIn("NOTIFY_SOCKET", (environment / "done").read_text())

    def test_a_socket_that_is_handed_over_is_used(self):
        """As systemd-socket-activate does it: descriptor 3, LISTEN_FDS and LISTEN_PID."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        clients = self.section("one")
        script = 'exec 3<&"$1"; shift; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
        server = self.start(
            ["/bin/bash", "-c", script, "bash", str(listener.fileno()), self.mandos, "--foreground",
             "--debuglevel=INFO", "--no-zeroconf", *self.configure(clients)],
            descriptors=[listener.fileno()])
        server.address = listener.getsockname()
        server.wait_for("listening on 127.0.0.1:%d" % server.address[1])
        self.assert_given(server, "one")

    def test_two_sockets_are_an_error(self):
        server = self.start(
            ["/bin/bash", "-c", 'export LISTEN_FDS=2 LISTEN_PID=$$; exec "$@"', "bash", self.mandos, "--foreground",
             "--no-zeroconf", *self.configure("")])
        self.assertEqual(server.finish(), 1)
        self.assertIn("hands over 2 sockets; expected one", server.stderr)

    def test_sockets_for_somebody_else_are_left_alone(self):
        server = self.start(
            ["/usr/bin/env", "LISTEN_FDS=1", f"LISTEN_PID={os.getpid()}", self.mandos, "--foreground",
             "--no-zeroconf", "--port=0", *self.configure("")])
        self.assertEqual(server.finish(), 2)
        self.assertIn("give --port or --socket", server.stderr)


if __name__ == "__main__":
    main()
