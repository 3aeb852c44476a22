"""A server in a network namespace, and who sees its announcement on the link: "server" and "other", joined by eth0."""

import re

from tests.program.server_case import ServerCase, section
from tests.support.avahi import Avahi
from tests.support.netns import Namespace, join

DEFAULT_PORT = 6263


class AnnounceCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.here = Namespace(self, "server")
        self.other = Namespace(self, "other")
        join(self.here, self.other)

    def announce(self, environment, *options, conf=None, prefix=(), **more):
        """Starts a server that announces itself; its log is read from INFO on."""
        arguments = [self.mandos, "--foreground", "--debuglevel=INFO", "--no-dbus", *self.configure(section("a"), conf), *options]
        return self.here.start([*prefix, *arguments], environment=environment, **more)

    def observer(self):
        """Avahi at the other end of the link."""
        return Avahi(self, self.other)

    def seen(self, browse, *, name="Mandos", family="IPv6", interface="eth0", count=1):
        """Waits until it is resolved; returns address, port and texts."""
        shown = name.replace("#", r"\\035").replace(" ", r"\\032")
        found = browse.wait_for_output(rf"(?m)^=;{interface};{family};{shown};_mandos\._tcp;local;[^;]+;([^;]+);(\d+);(.*)$", count=count)
        address, port, texts = (group.decode() for group in found.groups())
        return address, int(port), texts

    def gone(self, browse, *, name="Mandos", family="IPv6", interface="eth0", count=1):
        shown = name.replace("#", r"\\035").replace(" ", r"\\032")
        browse.wait_for_output(rf"(?m)^-;{interface};{family};{shown};_mandos\._tcp;local$", count=count)

    def assert_serves_here(self, server, port=DEFAULT_PORT):
        """In its namespace: the server answers the protocol line with a ClientHello."""
        script = "import socket; s = socket.create_connection(('::1', %d), 60); s.sendall(b'1\\r\\n'); print(s.recv(1))" % port
        self.assertEqual(self.here.run(["/usr/bin/python3", "-c", script]).stdout, b"b'\\x16'\n", server.stderr)

    def assert_a_taken_name_is_changed(self, environment, by):
        observer = self.observer()
        watcher = observer.browse()
        taken = self.other.start(["avahi-publish", "-s", "Mandos", "_mandos._tcp", "1"], environment=observer.environment)
        taken.wait_for("Established")
        server = self.announce(environment)
        server.wait_for(f'announced as "Mandos #2" by {by}')
        self.assertEqual(self.seen(watcher, name="Mandos #2")[1], DEFAULT_PORT)

    def assert_said_once(self, server, pattern):
        self.assertEqual(len(re.findall(pattern, server.stderr)), 1, server.stderr)
