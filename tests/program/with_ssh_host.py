"""Runs a command on a machine that has SSH host keys and nothing else, and ends with its status.

Usage: with_ssh_host.py TYPE[,TYPE...] COMMAND [ARGUMENT...]

The machine is a network namespace of its own, in which a server of these tests listens on port 22; the network and the
SSH server of the machine outside are neither used nor touched. Needs root.
"""

import os
import socket
import subprocess
import sys

from tests.support.case import build_folder

INSIDE = "MANDOS_TEST_INSIDE_NAMESPACE"


def main(types, command):
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    listener = socket.create_server(("127.0.0.1", 22))
    host = subprocess.Popen(
        [build_folder() / "tests/ssh_host", str(listener.fileno()), *types.split(",")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        pass_fds=[listener.fileno()],
    )
    try:
        host.stdout.readline()  # the keys are made
        return subprocess.run(command, check=False).returncode
    finally:
        host.kill()
        host.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
