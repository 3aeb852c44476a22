"""A cable that loses frames: between two tap devices, one end for each of two machines.

    cable = LossyCable(self, percent=30)
    cable.plug(first)      # an interface eth0, up, with a link-local address that works
    cable.plug(second)

Run as a program, `lossy_cable.py PERCENT SEED`, it is the relay: makes "end0" and "end1" in its network namespace, says
"ready", and passes frames from one to the other. Each is lost with that chance, each way, by a chance that SEED decides.
"""

import fcntl
import os
import pathlib
import random
import select
import struct
import sys

from tests.support.netns import Namespace

LARGEST_FRAME = 65536
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000  # linux/if_tun.h


class LossyCable:
    def __init__(self, test, percent):
        self._at = Namespace(test, "cable")
        self._free_ends = ["end1", "end0"]
        seed = os.environ.get("MANDOS_TEST_SEED") or random.SystemRandom().randrange(1 << 32)
        print(f"MANDOS_TEST_SEED={seed}", flush=True)
        relay = self._at.start([sys.executable, "-B", pathlib.Path(__file__), percent, seed])
        relay.wait_for_output("^ready$")

    def plug(self, end):
        self._at.ip(f"link set {self._free_ends.pop()} netns {end.pid} name eth0")
        end.prepare("eth0")
        end.ip("link set eth0 up")


def make_end(name):
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return end


def relay(percent, seed):
    ends = [make_end("end0"), make_end("end1")]
    chances = [random.Random(f"{seed} {way}") for way in range(2)]
    print("ready", flush=True)
    while True:
        for end in select.select(ends, [], [])[0]:
            way = ends.index(end)
            frame = os.read(end, LARGEST_FRAME)
            if chances[way].random() * 100 < percent:
                continue
            try:
                os.write(ends[1 - way], frame)
            except OSError:
                pass  # the other end is not up: lost too


if __name__ == "__main__":
    relay(float(sys.argv[1]), sys.argv[2])
