"""A Mandos server that is none: whoever connects gets random bytes, and then waits. Usage: garbage_server.py PORT"""

import random
import socket
import sys
import threading

_kept = []  # connections that are never closed


def answer(connection):
    print("asked", flush=True)
    try:
        connection.sendall(random.randbytes(65536))
    except OSError:
        pass  # it went away, which is sensible


def main():
    listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)
    while True:
        connection, _ = listener.accept()
        _kept.append(connection)
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
