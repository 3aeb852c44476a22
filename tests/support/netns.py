"""Network namespaces for tests: machines of their own, joined by cables, that know no other network.

    one, two = Namespace(self, "one"), Namespace(self, "two")
    join(one, two)                     # a veth pair: "eth0" on both, up, with link-local addresses that work
    self.start(one.command([...]))     # any program in it; its signals and its output are as ever

A namespace lives as long as its test. In it /run is empty and /sys is its own, so that nothing that runs there finds
the machine's daemons by their sockets or the machine's interfaces. Only root can make one.
"""

import os
import unittest

# Sees the namespace, says so, and stays until it is killed.
_HOLD = "mount -t tmpfs none /run && mount -t sysfs none /sys && ip link set lo up && echo ready && exec sleep infinity"


class Namespace:
    def __init__(self, test, name):
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can make network namespaces")
        self.name = name
        self._test = test
        self._holder = test.start(["unshare", "--net", "--mount", "--uts", "sh", "-ec", f"hostname {name}; {_HOLD}"])
        self._holder.wait_for_output("ready")

    def command(self, arguments):
        """The command that runs ARGUMENTS in here, as the same process."""
        return ["nsenter", f"--target={self._holder.pid}", "--net", "--mount", "--uts", "--root", *arguments]

    def start(self, arguments, **options):
        return self._test.start(self.command(arguments), **options)

    def run(self, arguments, **options):
        return self._test.run_program(self.command(arguments), **options)

    def ip(self, words, **options):
        """ip(8): ns.ip("link set eth0 down")."""
        return self.run(["ip", *words.split()], **options)

    def sysctl(self, key, value):
        """Below net: ns.sysctl("ipv6/conf/eth0/accept_dad", 0)."""
        self.run(["sh", "-ec", 'echo "$2" >"/proc/sys/net/$1"', "sh", key, str(value)])

    def link_local(self, interface="eth0"):
        """Its IPv6 link-local address, without the scope."""
        shown = self.ip(f"-6 -brief address show dev {interface} scope link").stdout.decode().split()
        return next(word.split("/")[0] for word in shown if word.startswith("fe80:"))

    def prepare(self, interface):
        """Before it is set up: addresses are used at once. Duplicate detection (RFC 4862) takes a second or two."""
        self.sysctl(f"ipv6/conf/{interface}/accept_dad", 0)
        self.sysctl(f"ipv6/conf/{interface}/router_solicitations", 0)

    def end(self):
        """Sooner than its test does: with all of its interfaces. Nothing of the test's runs in it any more."""
        self._holder.kill()

    @property
    def pid(self):
        return self._holder.pid


def join(first, second, *, names=("eth0", "eth0"), up=True):
    """A cable from one to the other. UP=False: both ends are left down and as the kernel makes them."""
    first.ip(f"link add {names[0]} type veth peer name {names[1]} netns {second.pid}")
    if up:
        for end, name in ((first, names[0]), (second, names[1])):
            end.prepare(name)
            end.ip(f"link set {name} up")


class Switch:
    """A bridge, in a namespace of its own, to which any number of others are joined."""

    def __init__(self, test, name="switch"):
        self._at = Namespace(test, name)
        self._at.ip("link add switch type bridge")
        self._at.ip("link set switch up")
        self._ports = 0

    def join(self, end, *, name="eth0", up=True):
        """UP=False: the end's side is left down and as the kernel makes it. Returns the port's name here."""
        port = f"port{self._ports}"
        self._ports += 1
        self._at.ip(f"link add {port} type veth peer name {name} netns {end.pid}")
        self._at.ip(f"link set {port} master switch up")
        if up:
            end.prepare(name)
            end.ip(f"link set {name} up")
        return port

    def ip(self, words, **options):
        return self._at.ip(words, **options)
