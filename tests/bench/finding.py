"""What tools/bench measures of a client that finds its server: from the moment its link is to come up to its password, on a
link that has nothing but link-local addresses, in network namespaces. 1.8's client beside ours, by turns.

Each run has a machine of its own with a cable of its own: the kernel tells of a link that is toggled twice within a second
up to a second late.
"""

import statistics
import sys
import time

from tests.bench.servers import new_folder
from tests.bench.workshop import yardstick
from tests.support.avahi import Avahi
from tests.support.case import program
from tests.support.mandos import DEBIAN_MANDOS, OUR_MANDOS, PATIENT_DEFAULTS, KeyFiles
from tests.support.netns import Namespace, Switch

ROUNDS = 9
ROUNDS_OF_1_8 = 3  # beside dead servers
PATIENCE = 60  # seconds until 1.8's client is given up
PASSWORD = b"the password that is found"

# A listening socket on a port of its machine that becomes the scripted server, or listens and no more.
STALL = """
import os, socket, sys
listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6)
listener.set_inheritable(True)
os.execv(sys.argv[2], [*sys.argv[2:], f"--fd={listener.fileno()}"])
"""
SILENT = """
import signal, socket, sys
listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6)
signal.pause()
"""


class Link:
    """A switch with one good server, and the keys of the client that it serves."""

    def __init__(self, workshop, name):
        self._workshop = workshop
        self._name = name
        self._switch = Switch(workshop, f"{name}-switch")
        folder = new_folder(workshop, "finding-keys")
        OUR_MANDOS.keygen(workshop, "--dir", folder, "--name", "bench")
        self._keys = KeyFiles(folder)
        self._runs = 0

    def serve(self):
        machine = self._machine("good")
        passfile = self._workshop.write(f"{self._name}/password", PASSWORD)
        keygen = ["--dir", self._keys.openpgp, "--name", "bench", "--no-ssh", "--passfile", passfile]
        section = OUR_MANDOS.keygen(self._workshop, *keygen).stdout.decode()
        configuration = self._workshop.write(f"{self._name}/configuration/clients.conf", PATIENT_DEFAULTS + section).parent
        server = machine.start(
            [program("mandos"), "--foreground", "--debuglevel=INFO", "--no-dbus", f"--configdir={configuration}",
             f"--statedir={configuration.with_name('state')}"],
            environment=Avahi(self._workshop, machine).environment)
        server.wait_for("announced as ")

    def add_dead_servers(self):
        """Four machines that announce a server: one refuses connections, the packets of one are dropped, one takes
        connections and says nothing, one stalls in the handshake."""
        port = 4711
        message = self._workshop.write(f"{self._name}/message", b"never sent in full")
        for kind in ("refusing", "firewalled", "silent", "stalling"):
            machine = self._machine(kind)
            if kind == "firewalled":
                for words in ("add table inet dead", "add chain inet dead input { type filter hook input priority 0 ; }",
                              f"add rule inet dead input tcp dport {port} drop"):
                    machine.run(["nft", *words.split()])
            if kind == "silent":
                machine.start([sys.executable, "-c", SILENT, str(port)])
            if kind == "stalling":
                stall = yardstick("scripted_server", "--mode=stall", "--bytes=330", f"--message={message}")
                machine.start([sys.executable, "-c", STALL, str(port), *stall])
            announced = machine.start(["avahi-publish-service", f"Mandos {kind}", "_mandos._tcp", str(port)],
                                      environment=Avahi(self._workshop, machine).environment)
            announced.wait_for("Established under name")

    def take(self, family):
        """Seconds from when the link is to come up until the password is there; None: given up."""
        machine = self._machine(f"client-{self._runs}", up=False)
        self._runs += 1
        ours = family is OUR_MANDOS
        command = [family.client_program(), *([] if ours else ["--retry=1"]), *self._keys.options]
        began = time.monotonic()
        client = machine.start(command)
        try:
            status = client.finish(deadline=PATIENCE)
        except AssertionError:
            if ours:
                raise
            return None
        finally:
            client.kill()
        took = time.monotonic() - began
        assert status == 0 and client.stdout == PASSWORD, client.stderr
        machine.end()
        return took

    def _machine(self, name, *, up=True):
        machine = Namespace(self._workshop, f"{self._name}-{name}")
        self._switch.join(machine, up=up)
        return machine


def measure_finding(table, workshop):
    bare, beside = Link(workshop, "bare"), Link(workshop, "beside")
    beside.add_dead_servers()
    for link in (bare, beside):
        link.serve()
    ours, theirs, ours_beside = [], [], []
    for _ in range(ROUNDS):
        ours.append(bare.take(OUR_MANDOS))
        theirs.append(bare.take(DEBIAN_MANDOS))
        ours_beside.append(beside.take(OUR_MANDOS))
    theirs_beside = [beside.take(DEBIAN_MANDOS) for _ in range(ROUNDS_OF_1_8)]
    alone = statistics.median(ours)
    table.at_most("bare link, from link up to password, our client, wall", alone * 1000, 150, " ms", digits=0)
    table.fact("  least and most", f"{min(ours) * 1000:.0f}, {max(ours) * 1000:.0f} ms")
    assert None not in theirs, "1.8's client found nothing"
    table.fact("  1.8's client (least, median, most)",
               ", ".join(f"{seconds * 1000:.0f}" for seconds in (min(theirs), statistics.median(theirs), max(theirs))) + " ms")
    table.at_least("  1.8's client : ours", statistics.median(theirs) / alone, 10)
    table.at_most("four dead servers beside the good one, our client, more than alone",
                  (statistics.median(ours_beside) - alone) * 1000, 300, " ms", digits=0)
    shown = [f"> {PATIENCE} s" if seconds is None else f"{seconds:.1f} s" for seconds in theirs_beside]
    table.fact(f"  1.8's client with them, in all ({ROUNDS_OF_1_8} runs)", ", ".join(shown))
