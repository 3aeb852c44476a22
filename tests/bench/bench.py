"""Measures what Mandos promises about speed and prints one table; exits with 1 if a bound is missed.

Everything is a ratio of two things measured by turns in one run, or a number that does not depend on the machine's
speed; CPU time of processes, not wall time, wherever two of them share the processors. Run it by tools/bench.
"""

import os
import secrets
import statistics
import subprocess
import sys
import time

from tests.bench.deciding import measure_checks, measure_many_asking, measure_stored_start
from tests.bench.finding import measure_finding
from tests.bench.servers import SECRET, barest_server, clients_conf, debian_server, new_bus, our_server
from tests.bench.table import Table
from tests.bench.workshop import Workshop, fetch, resident_bytes, yardstick
from tests.interop.make_keys import TLS_KEYS, make_tls_keys
from tests.support.case import SOURCE
from tests.support.mandos import DEBIAN_MANDOS, OUR_MANDOS, KeyFiles
from tests.support.pace import Pace
from tests.support.program import run

ROUNDS = 7
DELIVERIES = 1500  # in each round
HANDSHAKES = 1500
CONNECTIONS = 64  # at a time
MANY_CLIENTS, FEW_CLIENTS = 10_000, 10
HELD = 1024
FETCHES = 25

PRIORITY_OF_1_8 = "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA"


def tls_keys(workshop):
    folder = workshop.folder / "keys"
    folder.mkdir()
    make_tls_keys(folder, TLS_KEYS["ed25519"])
    return KeyFiles(folder)


def cpu_of_delivery(server, keys, deliveries):
    before = server.cpu()
    fetch(server, keys, deliveries, parallel=CONNECTIONS)
    return (server.cpu() - before) / deliveries * 1e6


def bare_handshake(priority, shares):
    return float(run(yardstick("bare_handshake", HANDSHAKES, priority, shares)).stdout)


def our_priority():
    """What our server offers, out of its own source."""
    text = (SOURCE / "src/adapters/tls/context.cc").read_text()
    start = text.index("default_priority =")
    return "".join(part for part in text[start : text.index(";", start)].split('"')[1::2])


def measure_server(table, workshop, keys):
    """Our server beside the yardsticks, by turns; returns its CPU for a delivery in microseconds, with a bus.

    Whatever it does is compared with the barest server, which neither decides nor commits: so what deciding and
    committing add is within what ours takes more.
    """
    ours = our_server(workshop, clients_conf(keys, FEW_CLIENTS))
    on_bus = our_server(workshop, clients_conf(keys, FEW_CLIENTS), bus=new_bus(workshop))
    barest = barest_server(workshop, our_priority(), "top-share")
    old_offer = barest_server(workshop, PRIORITY_OF_1_8, "all-shares")
    for server in (ours, on_bus, barest, old_offer):
        fetch(server, keys, 200)
    rounds = []
    for _ in range(ROUNDS):
        rounds.append(
            {
                "bare": bare_handshake(PRIORITY_OF_1_8, "all-shares"),
                "ours": cpu_of_delivery(ours, keys, DELIVERIES),
                "barest": cpu_of_delivery(barest, keys, DELIVERIES),
                "on the bus": cpu_of_delivery(on_bus, keys, DELIVERIES),
                "ours again": cpu_of_delivery(ours, keys, DELIVERIES),
                "old offer": cpu_of_delivery(old_offer, keys, DELIVERIES),
                "bare again": bare_handshake(PRIORITY_OF_1_8, "all-shares"),
            }
        )

    def median(value):
        return statistics.median(value(each) for each in rounds)

    def ours_of(each):
        return (each["ours"] + each["ours again"]) / 2

    def bare_of(each):
        return (each["bare"] + each["bare again"]) / 2

    on_the_bus = median(lambda each: each["on the bus"])
    table.fact("bare handshake, 1.8's offer: CPU", f"{median(bare_of):.0f} µs")
    table.fact(f"{CONNECTIONS} at a time, barest server, 1.8's offer: CPU of a delivery",
               f"{median(lambda each: each['old offer']):.0f} µs")
    table.fact("  barest server, our offer", f"{median(lambda each: each['barest']):.0f} µs")
    table.fact("  our server, its state on disk, no bus", f"{median(ours_of):.0f} µs")
    table.fact("  our server as installed, its state on disk, telling a bus of each", f"{on_the_bus:.0f} µs")
    table.at_most("  our server, state on disk, no bus : bare handshake",
                  median(lambda each: ours_of(each) / bare_of(each)), 1.35)
    table.at_most("  all ours does more than the barest, decision and commit too : barest",
                  median(lambda each: ours_of(each) / each["barest"]), 1.15)
    return on_the_bus


def measure_debian_server(table, workshop, keys, delivery):
    """Both as installed: on a bus, with their state."""
    floor = bare_handshake(our_priority(), "top-share")
    for clients, deliveries, bound in ((10, 40, 200), (1000, 5, 1000)):
        server = debian_server(workshop, clients_conf(keys, clients), bus=new_bus(workshop))
        fetch(server, keys, 1, parallel=1, deadline=120)  # when it answers, it has started
        wait_until_idle(server)
        before = server.cpu()
        fetch(server, keys, deliveries, parallel=1, deadline=120)
        wait_until_idle(server)
        theirs = (server.cpu() - before) / deliveries * 1e6
        table.fact(f"1.8's server as installed with {clients} clients: CPU of a delivery", f"{theirs / 1000:.1f} ms")
        # What no server can pass: one that took as long as its handshake, and nothing else.
        table.at_least(f"  deliveries per CPU second, ours as installed : 1.8's (a bare handshake : it = {theirs / floor:.0f})",
                       theirs / delivery, bound)
        server.program.kill()


def wait_until_idle(server):
    """Until what 1.8's server forked is done; some of it stays as zombies or for the next time, so only its CPU tells."""
    until = time.monotonic() + 60
    before = None
    pace = Pace(0.5)
    while (now := server.cpu()) != before:
        if time.monotonic() > until:
            raise AssertionError("1.8's server never comes to rest")
        before = now
        pace.wait()


def measure_start(table, workshop, keys):
    """From the first start, whose state is new, to the first answer; memory by what more clients add."""
    cpu, memory = {}, {}
    for clients in (FEW_CLIENTS, MANY_CLIENTS):
        server = our_server(workshop, clients_conf(keys, clients))
        fetch(server, keys, 1)
        cpu[clients] = server.cpu()
        memory[clients] = resident_bytes(server.pid)
        server.program.kill()
    table.at_most(f"first start to listening with {MANY_CLIENTS} clients, which are stored: CPU", cpu[MANY_CLIENTS], 0.5, " s")
    each = (memory[MANY_CLIENTS] - memory[FEW_CLIENTS]) / (MANY_CLIENTS - FEW_CLIENTS) - SECRET
    table.at_most("memory of a configured client, without its secret", each / 1024, 3, " kB")


def measure_held(table, workshop, keys):
    """Connections that wait before their line, and in the midst of their handshake."""
    for place, options in (("before its line", ["--stop-after=connect"]), ("in its handshake", ["--stop-received=1"])):
        server = our_server(workshop, clients_conf(keys, FEW_CLIENTS))
        fetch(server, keys, 20)
        before = resident_bytes(server.pid)
        descriptors = len(os.listdir(f"/proc/{server.pid}/fd"))
        peer = workshop.start(
            yardstick("scripted_peer", "127.0.0.1", server.port, f"--keys={keys.tls}", f"--count={HELD}", "--from=127.0.91.1",
                      "--sources=8", *options)
        )
        peer.wait_for(rf"^{HELD} connections are held$")
        while len(os.listdir(f"/proc/{server.pid}/fd")) < descriptors + HELD:
            assert server.program.running() and peer.running()
        table.at_most(f"memory of a connection held {place}", (resident_bytes(server.pid) - before) / HELD / 1024, 24, " kB")
        peer.kill()
        server.program.kill()


def measure_client(table, workshop):
    """Both clients fetch the same password from our server, by turns."""
    folder = workshop.folder / "client-keys"
    folder.mkdir()
    OUR_MANDOS.keygen(workshop, "--dir", folder, "--name", "bench")
    password = workshop.folder / "password"
    password.write_bytes(b"the password that is fetched")
    text = OUR_MANDOS.keygen(workshop, "--dir", folder, "--name", "bench", "--no-ssh", "--passfile", password).stdout.decode()
    server = our_server(workshop, "[DEFAULT]\nchecker = true\n\n" + text)
    keys = KeyFiles(folder)
    walls = {OUR_MANDOS: [], DEBIAN_MANDOS: []}
    for _ in range(FETCHES):
        for family, wall in walls.items():
            command = [family.client_program(), f"--connect=127.0.0.1:{server.port}", "--interface=none", *keys.options]
            started = time.monotonic()
            # Not by tests.support.program: with a time limit, Python looks for the end of a process every 32 ms or so.
            fetching = subprocess.run(command, check=True, capture_output=True)
            wall.append(time.monotonic() - started)
            assert fetching.stdout == password.read_bytes()
    ours, theirs = (statistics.median(walls[family]) for family in (OUR_MANDOS, DEBIAN_MANDOS))
    table.fact("1.8's client: fetch and decrypt, wall", f"{theirs * 1000:.0f} ms")
    table.at_most("our client: fetch and decrypt with Curve25519 keys, wall", ours * 1000, 60, " ms", digits=0)
    table.at_most("our client : 1.8's client", ours / theirs, 0.3)


def main():
    if (load := os.getloadavg()[0]) > 1:
        print(f"bench: the machine is busy (load {load:.1f}); wall times mean little then, and CPU times are blurred")
    table = Table()
    table.heading()
    with Workshop() as workshop:
        keys = tls_keys(workshop)
        delivery = measure_server(table, workshop, keys)
        measure_debian_server(table, workshop, keys, delivery)
        measure_start(table, workshop, keys)
        measure_held(table, workshop, keys)
        measure_client(table, workshop)
        measure_finding(table, workshop)
        measure_many_asking(table, workshop)
        measure_stored_start(table, workshop, keys)
        measure_checks(table, workshop)
    print("bench: a bound is missed" if table.missed else "bench: all bounds are kept")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
