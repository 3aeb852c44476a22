"""Fixture: Debian's mandos and mandos-client packages, unpacked into BUILD/debian-mandos."""

import os
import pathlib
import sys

from tests.support.debian import unpack

if __name__ == "__main__":
    sys.exit(unpack(("mandos", "mandos-client"), pathlib.Path(os.environ["MANDOS_BUILD_DIR"]) / "debian-mandos"))
