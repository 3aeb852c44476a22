"""A network namespace for a whole test script: loopback and nothing else, all ports free, its firewall the test's."""

import ctypes
import subprocess

_CLONE_NEWNET = 0x40000000


def enter_own_network():
    """Once, before there are threads. Only root can; an error otherwise, since then nothing can be tested."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _nft(words):
    subprocess.run(["nft", *words.split()], check=True)


def drop_packets_to(port):
    """As a firewall does it that says nothing: whoever connects there waits."""
    _nft("add table inet test")
    _nft("add chain inet test input { type filter hook input priority 0 ; }")
    _nft(f"add rule inet test input tcp dport {port} drop")
