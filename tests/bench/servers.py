"""The servers that tools/bench compares: ours, the barest thinkable, and Debian's Mandos 1.8."""

import base64
import secrets
import socket

from tests.bench.workshop import cpu_of_family, cpu_of_process, yardstick
from tests.support.bus import PrivateBus
from tests.support.case import SOURCE, program
from tests.support.mandos import DEBIAN_MANDOS, section

SECRET = 600  # bytes, as a small password encrypted to a Curve25519 key has


class Listener:
    """A listening socket for any server, with room for many at once."""

    def __init__(self, workshop):
        self.socket = socket.create_server(("::", 0), family=socket.AF_INET6, backlog=4096, dualstack_ipv6=True)
        workshop.addCleanup(self.socket.close)
        self.socket.set_inheritable(True)
        self.descriptor = self.socket.fileno()
        self.port = self.socket.getsockname()[1]


class Server:
    """What it is called, where it listens, and its CPU clock."""

    def __init__(self, started, port, *, host="127.0.0.1", clock=cpu_of_process):
        self.program = started
        self.host = host
        self.port = port
        self._clock = clock

    @property
    def pid(self):
        return self.program.pid

    def cpu(self):
        return self._clock(self.pid)


def other_clients(count):
    """Sections of clients that never come, each with a key ID and a secret of its own."""
    for number in range(count):
        yield (
            f"[client{number}]\nkey_id = {secrets.token_hex(32)}\nfingerprint = {'0' * 40}\nhost = localhost\n"
            f"interval = P1D\ntimeout = P2D\n"
            f"secret =\n    {base64.b64encode(secrets.token_bytes(SECRET)).decode()}\n"
        )


def clients_conf(keys, count, secret=None):
    good = section("good", keys, secret or secrets.token_bytes(SECRET), "interval = P1D", "timeout = P2D")
    return "\n".join(["[DEFAULT]\nchecker = true\n", good, *other_clients(count - 1)])


def new_folder(workshop, prefix):
    folder = workshop.folder / f"{prefix}-{len(list(workshop.folder.glob(f'{prefix}-*')))}"
    folder.mkdir()
    return folder


def new_bus(workshop):
    """A message bus on which nobody else is."""
    return PrivateBus(workshop.addCleanup, new_folder(workshop, "bus"))


class OurServer:
    """Our server with one configuration and one state directory; started any number of times.

    Its state is durable, and it tells the bus what happens, as it does when it is installed; without a bus it gets
    --no-dbus. Zeroconf says nothing while a secret is asked for.
    """

    def __init__(self, workshop, clients, *, bus=None):
        self._workshop = workshop
        self._bus = bus
        self._configuration = new_folder(workshop, "configuration")
        self._state = self._configuration.with_name(self._configuration.name.replace("configuration", "state"))
        (self._configuration / "clients.conf").write_text(clients)

    def start(self):
        listener = Listener(self._workshop)
        options = ["--foreground", "--no-zeroconf", *([] if self._bus else ["--no-dbus"])]
        command = [program("mandos"), *options, f"--configdir={self._configuration}", f"--statedir={self._state}",
                   f"--socket={listener.descriptor}"]
        started = self._workshop.start(
            ["prlimit", "--nofile=16384:16384", *command],
            descriptors=(listener.descriptor,),
            environment=self._bus.environment if self._bus else {},
        )
        return Server(started, listener.port)


def our_server(workshop, clients, *, bus=None):
    return OurServer(workshop, clients, bus=bus).start()


def barest_server(workshop, priority, shares):
    listener = Listener(workshop)
    secret = workshop.folder / "barest-secret"
    secret.write_bytes(secrets.token_bytes(SECRET))
    command = yardstick("barest_server", listener.descriptor, secret, priority, shares)
    return Server(workshop.start(command, descriptors=(listener.descriptor,)), listener.port)


def debian_server(workshop, clients, *, bus):
    """Mandos 1.8 as Debian installs it: on a bus and with its state; apart from Zeroconf, as ours."""
    folder = new_folder(workshop, "debian")
    state = folder / "state"
    temporary = folder / "temporary"  # for its gpg homes
    for each in (state, temporary):
        each.mkdir()
        each.chmod(0o777)  # the server drops to a user that is not known here
    (folder / "clients.conf").write_text(clients)
    listener = Listener(workshop)
    started = workshop.start(
        ["/usr/bin/python3", "-B", SOURCE / "tests/support/run_debian_server.py", DEBIAN_MANDOS.tree() / "usr/sbin/mandos",
         "--foreground", "--no-zeroconf", f"--configdir={folder}", f"--statedir={state}",
         f"--socket={listener.descriptor}"],
        environment={**bus.environment, "TMPDIR": str(temporary)},
        descriptors=(listener.descriptor,),
    )
    return Server(started, listener.port, host="::1", clock=cpu_of_family)
