"""What tools/bench measures of the server that decides, remembers and checks: many clients at once, a start with many
in its state, and their checks."""

import base64
import secrets
import socket
import statistics
import threading
import time

from tests.bench.servers import SECRET, OurServer, clients_conf, new_bus, our_server
from tests.bench.workshop import cpu_of_process, fetch, most_resident_bytes, resident_bytes, yardstick
from tests.support.pace import Pace, wait_until
from tests.support.program import run

ASKING = 1000
STORED_CLIENTS = 100_000
CHECKED_CLIENTS = 10_000
CHECK_INTERVAL = 120  # seconds: PT2M
CHECKED_FOR = 60  # seconds, after the start is over


def measure_many_asking(table, workshop):
    """Clients with a key, an address and a connection each ask evenly spread over one second."""
    folder = workshop.folder / "asking"
    folder.mkdir()
    key_ids = run(yardstick("asking_clients", "keys", folder, ASKING), deadline=300).stdout.decode().split()
    sections = [
        f"[asking{number}]\nkey_id = {key_id}\nhost = localhost\ninterval = P1D\ntimeout = P2D\n"
        f"secret =\n    {base64.b64encode(secrets.token_bytes(SECRET)).decode()}\n"
        for number, key_id in enumerate(key_ids)
    ]
    server = our_server(workshop, "\n".join(["[DEFAULT]\nchecker = true\n", *sections]), bus=new_bus(workshop))
    command = yardstick("asking_clients", "ask", folder, ASKING, "127.0.0.1", server.port, 1)
    asking = run(command, expect=None, deadline=300)
    times = sorted(float(line) for line in asking.stdout.split())
    served = ASKING - asking.stderr.count("\n")
    table.at_least(f"of {ASKING} clients that ask within 1 s: served (as installed, with a bus)", served, ASKING)
    table.fact("  half of them wait at most", f"{statistics.median(times) * 1000:.0f} ms")
    table.at_most("  99 of 100 wait at most", times[int(len(times) * 0.99) - 1], 2, " s")
    server.program.kill()


def measure_stored_start(table, workshop, keys):
    """Started once so that the state has them all, and then again: the configuration, which has them too, is read and
    compared with the state."""
    server = OurServer(workshop, clients_conf(keys, STORED_CLIENTS))
    first = server.start()
    fetch(first, keys, 1, deadline=300)
    assert first.program.stop(deadline=300) == 0
    again = server.start()
    fetch(again, keys, 1, deadline=300)
    what = f"start with {STORED_CLIENTS} clients in state and clients.conf, no bus"
    table.at_most(f"{what}: CPU until it serves", again.cpu(), 3, " s")
    table.at_most("  memory then", resident_bytes(again.pid) / 2**20, 300, " MB", digits=0)
    table.fact("  most memory until then", f"{most_resident_bytes(again.pid) / 2**20:.0f} MB")
    again.program.kill()


class Echoes:
    """Counts the echo requests that reach 127.77.0.0/16, by the second in which they came."""

    def __init__(self, workshop):
        self.begun = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        workshop.addCleanup(self._socket.close)
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while True:
            try:
                packet = self._socket.recv(256)
            except OSError:
                return
            header = (packet[0] & 15) * 4
            is_ours = packet[16:18] == bytes((127, 77)) and packet[header] == 8
            if is_ours:
                second = int(time.monotonic())
                self.begun[second] = self.begun.get(second, 0) + 1


def measure_checks(table, workshop):
    """Each client has a host of its own on the loopback, which answers at once, and the default checker."""
    hosts = [f"127.77.{number // 250}.{number % 250 + 1}" for number in range(CHECKED_CLIENTS)]
    sections = [
        f"[client{number}]\nkey_id = {secrets.token_hex(32)}\nhost = {host}\nsecret =\n    c2VjcmV0\n"
        for number, host in enumerate(hosts)
    ]
    echoes = Echoes(workshop)
    for bus, place in ((None, "without a bus"), (new_bus(workshop), "with a bus, which hears of each")):
        server = our_server(workshop, "\n".join(["[DEFAULT]\ninterval = PT2M\n", *sections]), bus=bus)
        wait_until_settled(server)
        first = int(time.monotonic()) + 1
        wait_until(first)
        before = cpu_of_process(server.pid)
        wait_until(first + CHECKED_FOR)
        share = (cpu_of_process(server.pid) - before) / CHECKED_FOR * 100
        rates = [echoes.begun.get(second, 0) for second in range(first, first + CHECKED_FOR)]
        mean = CHECKED_CLIENTS / CHECK_INTERVAL
        assert 0.8 * mean < statistics.mean(rates) < 1.3 * mean, f"{statistics.mean(rates):.0f} checks a second"
        table.at_most(f"{CHECKED_CLIENTS} clients checked every 2 minutes, {place}: of one core", share, 5, " %")
        table.fact("  checks begun in a second, mean", f"{statistics.mean(rates):.1f}")
        table.at_most("  most of them in one second : mean", max(rates) / statistics.mean(rates), 1.6)
        server.program.kill()


def wait_until_settled(server):
    """Until what the start and the bus' first look at all clients take is over."""
    until = time.monotonic() + 120
    calm = 0
    pace = Pace(1)
    while calm < 3:
        assert time.monotonic() < until, "the server never comes to rest"
        before = server.cpu()
        pace.wait()
        calm = calm + 1 if server.cpu() - before < 0.3 else 0
