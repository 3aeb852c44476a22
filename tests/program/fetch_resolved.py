"""Fixture: systemd-resolved and polkit, unpacked into BUILD/resolved: installed, they would change how this machine
resolves names."""

import sys

from tests.support.debian import unpack
from tests.support.resolved import PACKAGES, tree

if __name__ == "__main__":
    sys.exit(unpack(PACKAGES, tree()))
