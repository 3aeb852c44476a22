"""A machine that floods the link with announcements and lies keeps nobody from finding the good server."""

import os
import pathlib
import sys

from tests.component.mdns.mdns_case import Finder, FindingCase
from tests.support import case
from tests.support.avahi import Avahi
from tests.support.netns import Namespace, Switch

FLOODER = pathlib.Path(__file__).with_name("flooder.py")
# core/limits.h
SERVICES_OF_ANNOUNCER = 16
ANNOUNCERS_OF_LINK = 512


class HostileTest(FindingCase):
    def setUp(self):
        super().setUp()
        switch = Switch(self)
        self.good, self.bad, self.client = (Namespace(self, name) for name in ("server", "evil", "client"))
        ports = [switch.join(machine) for machine in (self.good, self.bad, self.client)]
        # The good server's avahi-daemon would not survive; this is about the client.
        for port in ports[:2]:
            switch.ip(f"link set {port} type bridge_slave isolated on")
        self.avahi = Avahi(self, self.good)

    def flood(self, other_sources=0):
        flooder = self.bad.start([sys.executable, "-B", FLOODER, "eth0", self.good.link_local(), other_sources])
        flooder.wait_for_output("^flooding$")
        return flooder

    def cpu_seconds(self, program):
        fields = pathlib.Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def check_flooded(self, finder):
        of_others = [found for found in finder.all_there() if found.announcer != self.good.link_local()]
        self.assertEqual({found.announcer for found in of_others}, {self.bad.link_local()})
        self.assertLessEqual(len({found.instance for found in of_others}), SERVICES_OF_ANNOUNCER)
        self.assertFalse([found for found in of_others if "beyond the link" in found.instance])

    def test_finds_the_good_server_in_a_flood(self):
        self.publish(self.avahi, self.good)
        self.flood()
        finder = Finder(self.client)
        found = finder.found(address=self.good.link_local(), port="4711")
        print(f"start to good server found in a flood: {found.time:.0f} ms")
        finder.program.wait_for_output("^found .* 666$", count=SERVICES_OF_ANNOUNCER)
        self.check_flooded(finder)
        for remark in ("messages from beyond the link are ignored", "malformed .* are ignored", "too many, some are ignored"):
            finder.program.wait_for_output(rf'^remark "eth0": .*{remark}$')

    def test_finds_the_good_server_where_sources_are_forged(self):
        self.publish(self.avahi, self.good)
        listening = Finder(self.client)
        listening.found(address=self.good.link_local(), port="4711")
        self.flood(other_sources=1000)
        listening.program.wait_for_output("^found .* 666$", count=2 * SERVICES_OF_ANNOUNCER)
        late = Finder(self.client)  # asks when the others are known already
        late.program.wait_for_output("^found .* 666$", count=SERVICES_OF_ANNOUNCER)
        found = late.found(address=self.good.link_local(), port="4711")
        print(f"start to good server found where sources are forged: {found.time:.0f} ms")
        self.assertLessEqual(len({one.announcer for one in late.all_there()}), ANNOUNCERS_OF_LINK)

    def test_takes_up_a_good_server_that_comes_into_a_flood_and_hears_it_leave(self):
        self.flood()
        finder = Finder(self.client)
        finder.program.wait_for_output("^found .* 666$", count=SERVICES_OF_ANNOUNCER)
        published = self.publish(self.avahi, self.good)
        found = finder.found(address=self.good.link_local(), port="4711")
        published.stop()
        finder.gone(found)
        self.check_flooded(finder)

    def test_keeps_the_good_server_through_everything(self):
        self.publish(self.avahi, self.good)
        finder = Finder(self.client)
        found = finder.found(address=self.good.link_local(), port="4711")
        flooder = self.flood()
        # Everything that the flooder has was sent many times over when its last service was found, taken back
        # and found again.
        finder.program.wait_for_output("^found .* 666$", count=SERVICES_OF_ANNOUNCER)
        before = self.cpu_seconds(finder.program)
        second = self.publish(self.avahi, self.good, "Mandos second", 4712)
        finder.found("Mandos second", port="4712")
        second.stop()
        finder.program.wait_for_output("^gone ")
        print(f"CPU time in the flood: {self.cpu_seconds(finder.program) - before:.2f} s")
        flooder.kill()
        self.assertNotRegex(finder.program.stdout.decode(), rf"(?m)^gone \S+ {found.id}$")
        self.assertTrue(finder.program.running())


if __name__ == "__main__":
    case.main()
