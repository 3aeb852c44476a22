"""What the tests of finding share: links with servers that a real avahi-daemon announces, and who looks for them."""

import collections
import re
import signal

from tests.support.avahi import Avahi
from tests.support.case import TestCase, build_folder
from tests.support.netns import Namespace, join

Found = collections.namedtuple("Found", "time id instance announcer address scope port")


class Finder:
    """A running find_servers."""

    def __init__(self, namespace, *interfaces):
        command = [build_folder() / "tests" / "find_servers", *(interfaces or ["eth0"])]
        self.program = namespace.start(command)

    def found(self, instance="Mandos", *, count=1, address=r"\S+", port=r"\d+"):
        """Waits until a server of that name (and address, and port: regular expressions) was found COUNT times."""
        pattern = rf'^found (\S+) (\d+) "({re.escape(instance)})\._mandos\._tcp\.local" (\S+) ({address}) (\d+) ({port})$'
        groups = [group.decode() for group in self.program.wait_for_output(pattern, count=count).groups()]
        return Found(float(groups[0]), *groups[1:])

    def gone(self, found):
        """Waits until that one is gone; returns when that was, in milliseconds."""
        return float(self.program.wait_for_output(rf"^gone (\S+) {found.id}$").group(1))

    def all_there(self):
        """All that was found and is not gone."""
        there = {}
        for line in self.program.stdout.decode().splitlines():
            if match := re.match(r'found (\S+) (\d+) "(.*)" (\S+) (\S+) (\d+) (\d+)$', line):
                there[match[2]] = Found(float(match[1]), *match.groups()[1:])
            elif match := re.match(r"gone \S+ (\d+)$", line):
                del there[match[1]]
        return list(there.values())

    def tell_link_up(self):
        self.program.send(signal.SIGUSR1)

    def tell_link_gone(self):
        self.program.send(signal.SIGUSR2)


class FindingCase(TestCase):
    def make_link(self):
        self.server_side = Namespace(self, "server")
        self.client_side = Namespace(self, "client")
        join(self.server_side, self.client_side)

    def publish(self, avahi, namespace, name="Mandos", port=4711, kind="_mandos._tcp"):
        """A server that is announced for as long as the program that this returns runs."""
        program = namespace.start(["avahi-publish-service", name, kind, str(port)], environment=avahi.environment)
        program.wait_for("Established under name")
        return program
