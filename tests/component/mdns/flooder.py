"""A machine on the link that means harm: multicasts what only a bad responder would, until it is ended.

Usage: flooder.py INTERFACE ADDRESS-OF-THE-GOOD-SERVER [OTHER-SOURCES]
OTHER-SOURCES: from how many forged addresses it announces beside its own. Writes "flooding" when the first round,
with 2,000 services among it, is out.
"""

import itertools
import socket
import struct
import sys

from tests.support.pace import Pace

ROUND = 0.2  # seconds
PORT = 5353
GROUP = "ff02::fb"
POINTER, LOCATION, ADDRESS = 12, 33, 28
IPV6_FREEBIND = 78  # linux/in6.h


def name(*labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


SERVICE = name(b"_mandos", b"_tcp", b"local")
GOOD = name(b"Mandos", b"_mandos", b"_tcp", b"local")
HOST = name(b"evil", b"local")


def header(answers):
    return struct.pack(">6H", 0, 0x8400, 0, answers, 0, 0)


def record(owner, kind, data, *, ttl=4500, kind_class=1, length=None):
    return owner + struct.pack(">HHIH", kind, kind_class, ttl, len(data) if length is None else length) + data


def location(port, host=HOST):
    return struct.pack(">HHH", 0, 0, port) + host


def server(label, address, ttl=4500):
    instance = name(label, b"_mandos", b"_tcp", b"local")
    return (header(3) + record(SERVICE, POINTER, instance, ttl=ttl) + record(instance, LOCATION, location(666), ttl=ttl)
            + record(HOST, ADDRESS, address, ttl=ttl))


def malformed():
    good = server(b"Mandos", bytes(16))
    yield header(1) + record(b"\xc0\x0c", POINTER, GOOD)  # points to itself
    yield header(1) + record(b"\xc0\x0e\xc0\x0c", POINTER, GOOD)
    yield header(1) + record(SERVICE, POINTER, b"\xc0\x23")
    yield header(65535) + record(SERVICE, POINTER, GOOD)
    yield header(1) + record(SERVICE, POINTER, GOOD, length=65535)
    yield header(1) + record(SERVICE, POINTER, GOOD, length=1)
    yield header(1) + record(b"\x7f" + b"x" * 127 + b"\0", POINTER, GOOD)
    yield header(800) + record(b"\0", 16, b"") * 800
    yield b"\xff" * 8000
    yield from (good[:size] for size in range(0, len(good), 7))


def tricks(good_address):
    """Against the good server: it says goodbye, its place is another one, its time to live is over at once."""
    yield header(1) + record(SERVICE, POINTER, GOOD, ttl=0)
    yield header(1) + record(GOOD, LOCATION, location(4711, name(b"server", b"local")), ttl=0)
    yield header(1) + record(GOOD, LOCATION, location(666), kind_class=0x8001)
    yield header(1) + record(name(b"server", b"local"), ADDRESS, good_address, ttl=0)
    yield header(1) + record(name(b"server", b"local"), ADDRESS, b"\xfe\x80" + bytes(13) + b"\x66", kind_class=0x8001)
    yield server(b"Mandos", good_address, ttl=1)
    yield server(b"Mandos", good_address, ttl=0xFFFFFFFF)


def open_socket(index, address="::"):
    sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    sender.bind((address, PORT, 0, index))
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    return sender


def main(interface, good_address, other_sources="0"):
    index = socket.if_nametoindex(interface)
    sender = open_socket(index)
    forgers = [open_socket(index, f"fe80::666:{number:x}") for number in range(1, 1 + int(other_sources))]
    own = socket.inet_pton(socket.AF_INET6, "fe80::666")
    good = socket.inet_pton(socket.AF_INET6, good_address)

    def send(messages, hops):
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        for message in messages:
            sender.sendto(message, (GROUP, PORT, 0, index))

    first = True
    pace = Pace(ROUND)
    while True:
        send((server(b"beyond the link #%d" % number, own) for number in range(50)), 254)
        send(malformed(), 255)
        send(tricks(good), 255)
        send((server(b"Mandos #%d" % number, own) for number in range(2000)), 255)
        for forger, number in zip(forgers, itertools.count()):
            forger.sendto(server(b"forged #%d" % number, own), (GROUP, PORT, 0, index))
        if first:
            print("flooding", flush=True)
            first = False
        pace.wait()  # the machine has others to run


if __name__ == "__main__":
    main(*sys.argv[1:])
