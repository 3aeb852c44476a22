"""What the tests of mandos-client's network share: a machine whose interface is down, and a server at its other end."""

import os
import pathlib
import re
import select
import sys

from tests.program.client_case import ClientCase
from tests.support.case import build_folder, program
from tests.support.netns import Namespace, join
from tests.support.network_state import flags_of, network_state
from tests.support.own_machine import as_plugin_of
from tests.support.program import DEADLINE

PASSWORD_AGENT = as_plugin_of(65534, [])

# Listens and becomes the scripted server: `python3 -c THIS PORT PROGRAM OPTIONS...`
LISTEN = """
import os, socket, sys
listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
listener.set_inheritable(True)
os.execv(sys.argv[2], [*sys.argv[2:], f"--fd={listener.fileno()}"])
"""


class NetworkCase(ClientCase):
    """Has self.here, where the client runs, and self.there, where servers do."""

    def setUp(self):
        super().setUp()
        self.here = Namespace(self, "here")
        self.there = Namespace(self, "there")

    def cable(self, name="eth0"):
        """Its other end, called "server" there, is up; this one is as the kernel makes it."""
        join(self.here, self.there, names=(name, "server"), up=False)
        self.there.prepare("server")
        self.there.ip("link set server up")

    def serve(self, mode="good", port=4711, **options):
        """A server in self.there; it runs when this returns."""
        path = self.write(f"message-{port}", self.message)
        words = [f"--mode={mode}", f"--message={path}", *(f"--{key}={value}" for key, value in options.items())]
        command = [sys.executable, "-c", LISTEN, port, build_folder() / "tests/scripted_server", *words]
        return self.there.start(command)

    def command(self, *options):
        hooks = self.folder / "hooks"
        return [program("mandos-client"), "--retry=0.2", f"--network-hook-dir={hooks}", *self.keys.options, *options]

    def fetch(self, *options, prefix=(), **more):
        return self.here.start([*prefix, *self.command(*options)], **more)

    def connect(self, port=4711):
        """The option that names the server, at a link-local address that it has all the time."""
        self.there.ip("address replace fe80::4711/64 dev server nodad")
        return f"--connect=[fe80::4711%eth0]:{port}"

    def state(self):
        return network_state(self.here)

    def flags(self, name="eth0"):
        return flags_of(self.here, name)

    def wait_until_ended(self, pid):
        """Whoever has to reap it need not have done so."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        ended = select.select([descriptor], [], [], DEADLINE)[0]
        os.close(descriptor)
        self.assertTrue(ended)

    def channel_of(self, pid):
        """The descriptor of process PID that is its end of the channel to the other one."""
        unix = pathlib.Path(f"/proc/{pid}/net/unix").read_text()
        found = []
        for path in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            inode = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(path))
            if inode and re.search(rf" 0005 \d+ +{inode[1]}$", unix, re.MULTILINE):
                found.append(path.name)
        self.assertEqual(len(found), 1)
        return found[0]


class ProcessesCase(NetworkCase):
    def setUp(self):
        super().setUp()
        self.cable()
        self.before = self.state()

    def waiting(self, *options, **more):
        """A client that has brought the interface up, and whose server keeps it waiting."""
        server = self.serve("silent")
        client = self.fetch(self.connect(), *options, **more)
        server.wait_for("^connected$")
        self.assertIn("UP", self.flags())
        return client

    def assert_undone(self):
        self.assertEqual(self.state(), self.before)
