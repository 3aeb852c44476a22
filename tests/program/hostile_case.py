"""What the hostile_* tests share: our server on loopback, the peers that attack it, and a good client to be served meanwhile.

Each attack comes from an address of its own in 127.0.0.0/8, so that the log tells which line belongs to it.
"""

import json
import os
import re
import secrets
import socket
import threading
import time

from tests.interop.make_keys import TLS_KEYS, make_tls_keys
from tests.support.case import TestCase, build_folder, program
from tests.support.mandos import KeyFiles, section
from tests.support.program import DEADLINE

# How long a good client may take while the server is under attack; it takes milliseconds on a machine of its own.
PROMPT = 8.0
GOOD_SOURCE = "127.0.200.1"
# Where the system has a log, a server would write there; these tests read its standard error.
SYSTEM_LOGS = [log for log in ("/dev/log", "/run/systemd/journal/socket") if os.path.exists(log)]
WITHOUT_SYSTEM_LOG = ["unshare", "--mount", "sh", "-c",
                      "".join(f"mount --bind /dev/null {log} && " for log in SYSTEM_LOGS) + 'exec "$@"', "sh"]
# As a service gets them by default; a server that needs more must ask for them.
DESCRIPTORS = ["prlimit", "--nofile=1024:16384"]


class HostileTest(TestCase):
    server_options = ("--debuglevel=INFO",)
    send_buffer = None  # bytes, of the server's connections; None: as the system has it
    secret = secrets.token_bytes(600)  # of the good client; the server passes on whatever it is

    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("::", 0), family=socket.AF_INET6, backlog=4096, dualstack_ipv6=True)
        self.addCleanup(self.listener.close)
        self.listener.set_inheritable(True)
        if self.send_buffer:  # what is accepted inherits it
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer)
        self.port = self.listener.getsockname()[1]
        self.keys = self.new_keys("good")
        self.write("configuration/clients.conf", self.clients_conf())
        state = self.folder / "state"
        self.server = self.start(
            [
                *(WITHOUT_SYSTEM_LOG if SYSTEM_LOGS else []),
                *DESCRIPTORS,
                program("mandos"),
                "--foreground",
                "--no-zeroconf",
                "--no-dbus",
                "--no-restore",
                f"--configdir={self.folder / 'configuration'}",
                f"--statedir={state}",
                f"--socket={self.listener.fileno()}",
                *self.server_options,
            ],
            descriptors=(self.listener.fileno(),),
        )
        self.assert_good_served(20)  # what is loaded, allocated or opened once is so from here on

    def clients_conf(self):
        return "[DEFAULT]\nchecker = true\n" + section("good", self.keys, self.secret)

    def tearDown(self):
        """Whatever happened, the server has survived it and still ends as it should."""
        self.assertEqual(self.server.stop(), 0, self.server.stderr[-4000:])

    def new_keys(self, name):
        folder = self.folder / f"keys-{name}"
        folder.mkdir()
        make_tls_keys(folder, TLS_KEYS["ed25519"])
        return KeyFiles(folder)

    def peer(self, *options, source):
        """Starts a scripted peer; see tests/support/scripted_peer_main.cc."""
        command = [build_folder() / "tests/scripted_peer", "127.0.0.1", self.port, f"--from={source}", *options]
        return self.start(command)

    def attack(self, *options, source, expect="closed,reset,refused,failed"):
        """Runs a scripted peer to its end; returns how its connections ended."""
        peer = self.peer(*options, f"--expect={expect}", source=source)
        return self.outcome(peer)

    def outcome(self, peer, *, deadline=DEADLINE):
        self.assertEqual(peer.finish(deadline=deadline), 0, f"{peer.arguments}\n{peer.stderr}")
        return json.loads(peer.stderr.splitlines()[-1])

    def assert_good_served(self, count=1, *, source=GOOD_SOURCE, parallel=10):
        peer = self.peer(f"--keys={self.keys.tls}", f"--count={count}", f"--parallel={parallel}", source=source)
        served = self.outcome(peer)["served"]
        self.assertEqual(served["count"], count)
        self.assertLess(served["longest"], PROMPT, "a good client had to wait")
        if count == 1:
            self.assertEqual(peer.stdout, self.secret)

    def assert_refusal_logged(self, source, *, count=1):
        return self.server.wait_for(rf"\b{re.escape(source)}:\d+: refused: (\S.*)$", count=count).group(1).decode()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def memory(self):
        """Resident bytes of the server."""
        with open(f"/proc/{self.server.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def assert_descriptors_return_to(self, baseline):
        eventually(lambda: self.descriptors() <= baseline, lambda: f"{self.descriptors()} descriptors, were {baseline}")


def sanitized():
    """Whether the server is built with a sanitizer: then its memory tells nothing, and leaks show when it ends."""
    binary = program("mandos").read_bytes()
    return b"__asan_init" in binary or b"__tsan_init" in binary


def eventually(holds, describe, *, deadline=DEADLINE):
    """Waits for what another process does without telling (closing a descriptor): asks again until the deadline."""
    never = threading.Event()
    until = time.monotonic() + deadline
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(describe())
        never.wait(0.02)
