"""A listening socket on a port of the kernel's choice, for servers that take one with --socket.

The test binds it, so nobody can take the port in between, and a client may connect before the server is ready.
"""

import socket


class Listener:
    def __init__(self, add_cleanup, family=socket.AF_INET6):
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        add_cleanup(self.socket.close)
        self.socket.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.socket.listen(128)
        self.socket.set_inheritable(True)

    @property
    def descriptor(self):
        return self.socket.fileno()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    @property
    def address(self):
        """ADDRESS:PORT as mandos-client's --connect takes it."""
        host = self.socket.getsockname()[0]
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
