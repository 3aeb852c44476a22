"""mandos-client on links as they are: two servers, none, one that comes, goes, moves or changes its mind."""

import os
import pathlib
import sys
import time

from tests.program.scenario_case import ScenarioCase
from tests.support.case import main
from tests.support.lossy_cable import LossyCable
from tests.support.netns import Switch, join

REFUSED = "it gave no password: it refused"

# Prints a line for each Multicast DNS query for Mandos servers that it hears on eth0.
HEAR_QUERIES = r"""
import socket, struct
link = socket.if_nametoindex("eth0")
hearing = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
hearing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
hearing.bind(("::", 5353))
hearing.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, "ff02::fb") + struct.pack("@I", link))
print("hearing", flush=True)
while True:
    message = hearing.recv(9000)
    if b"\x07_mandos\x04_tcp\x05local\0" in message and not message[2] & 0x80:
        print("query", flush=True)
"""


def cpu_seconds(session):
    """Of all processes of the session, with those of theirs that have ended."""
    ticks = 0
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Scenario(ScenarioCase):
    def hear_queries(self, machine):
        hearing = machine.start([sys.executable, "-c", HEAR_QUERIES])
        hearing.wait_for_output("^hearing$")
        return hearing


class Nothing(Scenario):
    def test_nothing_is_there_at_all(self):
        """The client waits, asks now and then, and uses next to no CPU time."""
        here, there = self.machines("client", "other")
        join(here, there)
        hearing = self.hear_queries(there)
        client = self.find(here)
        hearing.wait_for_output("^query$")
        began, before = time.monotonic(), cpu_seconds(client.pid)
        heard = 1
        while (elapsed := time.monotonic() - began) < 10:  # they come after 1, 2, 4 and 8 seconds (RFC 6762, section 5.2)
            heard += 1
            hearing.wait_for_output("^query$", count=heard)
        used = cpu_seconds(client.pid) - before
        print(f"nothing there: {used * 1000:.0f} ms of CPU time in {elapsed:.1f} s, {heard} queries", flush=True)
        self.assertLess(used, elapsed / 100)
        self.assertLess(heard, 7)
        self.assertEqual(client.stdout, b"")
        self.assertTrue(client.running())
        self.assertEqual(client.stop(), -15)

    def test_only_servers_that_refuse(self):
        here, there = self.machines("server", "client")
        join(here, there)
        server = self.server(here, enabled=False).start()
        client = self.find(there)
        server.program.wait_for('refused: client "one" is disabled', count=2)
        self.assert_gets_nothing(client, REFUSED)


class OneServer(Scenario):
    def setUp(self):
        super().setUp()
        self.here, self.there = self.machines("server", "client")
        join(self.here, self.there)

    def refused_client(self, server):
        """A client that has found the server, and waits until it may ask again."""
        client = self.find(self.there, "--debug")
        client.wait_for('found "Mandos" at ')
        client.wait_for(REFUSED)
        return client

    def test_bare_link(self):
        self.server(self.here).start()
        for _ in range(3):
            began = time.monotonic()
            self.assert_finds("start on a bare link", self.find(self.there), began)

    def test_enabled_later(self):
        server = self.server(self.here, enabled=False).start()
        client = self.refused_client(server)
        server.enable()
        self.assert_finds("enabled", client, time.monotonic())

    def test_comes_again_on_another_port(self):
        server = self.server(self.here, enabled=False).start()
        client = self.refused_client(server)
        server.stop()
        server.write(enabled=True)
        client.wait_for(r'"Mandos" at \S+:6263 is gone')
        began = time.monotonic()
        server.start("--port=6264")
        self.assert_finds("restart on another port", client, began)
        self.assertRegex(client.stderr, r'found "Mandos" at \S+:6264\n')

    def test_goes_and_comes_again(self):
        server = self.server(self.here, enabled=False).start()
        client = self.refused_client(server)
        server.stop()  # says goodbye
        client.wait_for('"Mandos" at .* is gone')
        server.write(enabled=True)
        began = time.monotonic()
        server.start()
        self.assert_finds("server's restart", client, began)

    def test_is_killed_and_comes_again(self):
        """As when its machine fails: nobody says goodbye."""
        server = self.server(self.here, enabled=False).start()
        client = self.refused_client(server)
        server.avahi.kill()
        server.program.kill()
        client.wait_for("Connection refused")
        server.write(enabled=True)
        server.avahi.start()
        began = time.monotonic()
        server.start()
        self.assert_finds("return of a server that was killed", client, began)

    def test_its_avahi_daemon_is_restarted(self):
        server = self.server(self.here, enabled=False).start()
        client = self.refused_client(server)
        server.avahi.stop()
        client.wait_for('"Mandos" at .* is gone')
        server.write(enabled=True)
        began = time.monotonic()
        server.avahi.start()
        server.program.wait_for("announced as ", count=2)
        client.wait_for('found "Mandos" at ', count=2)
        server.enable()
        self.assert_finds("restart of avahi-daemon", client, began)

    def test_comes_after_the_client(self):
        hearing = self.hear_queries(self.here)
        client = self.find(self.there, "--debug")
        hearing.wait_for_output("^query$")
        server = self.server(self.here)
        began = time.monotonic()
        server.start()
        self.assert_finds("start of the server", client, began)


class TwoServers(ScenarioCase):
    def setUp(self):
        super().setUp()
        switch = Switch(self)
        self.first, self.second, self.there = self.machines("first", "second", "client")
        for machine in (self.first, self.second, self.there):
            switch.join(machine)

    def take(self, what):
        began = time.monotonic()
        self.assert_finds(f"start, {what},", self.find(self.there), began)

    def test_one_refuses(self):
        self.server(self.first, enabled=False).start()
        self.server(self.second).start()
        self.take("one of two refuses")

    def test_one_hangs(self):
        server = self.server(self.first).start()
        self.server(self.second).start()
        server.hang()
        self.take("one of two hangs")

    def test_both_serve(self):
        servers = [self.server(machine).start() for machine in (self.first, self.second)]
        self.take("both of two serve")
        for server in servers:
            server.stop()
        self.assertTrue(any("secret sent" in server.program.stderr for server in servers))

    def test_one_stops_and_the_other_serves(self):
        servers = [self.server(machine, enabled=False).start() for machine in (self.first, self.second)]
        client = self.find(self.there, "--debug")
        for server in servers:
            server.program.wait_for('refused: client "one" is disabled')
        servers[0].stop()
        client.wait_for(" is gone")
        servers[1].enable()
        self.assert_finds("one of two stopped, the other enabled,", client, time.monotonic())


class OtherLinks(ScenarioCase):
    def test_two_interfaces_and_a_server_on_one_of_them(self):
        here, nobody, there = self.machines("server", "nobody", "client")
        join(nobody, there, names=("eth0", "eth0"))
        join(here, there, names=("eth0", "eth1"))
        self.server(here).start()
        began = time.monotonic()
        self.assert_finds("start with two interfaces", self.find(there), began)

    def test_a_link_that_loses_three_frames_of_ten_each_way(self):
        here, there = self.machines("server", "client")
        cable = LossyCable(self, percent=30)
        cable.plug(here)
        cable.plug(there)
        self.server(here).start()
        began = time.monotonic()
        self.assert_finds("start where 30 % are lost each way", self.find(there), began, deadline=240)


if __name__ == "__main__":
    main()
