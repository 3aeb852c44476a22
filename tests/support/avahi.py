"""A real avahi-daemon in a namespace, on a private system bus with the policy that Debian gives it, and what it sees.

    avahi = Avahi(self, namespace)
    self.start(namespace.command([...]), environment=avahi.environment)
    seen = avahi.browse("_mandos._tcp")
    seen.wait_for_output(r"^=;eth0;IPv6;Mandos;")     # avahi-browse(1), --parsable, resolved
"""

from tests.support.bus import SystemBus

_CONFIGURATION = """\
[server]
host-name={host}
use-ipv4=yes
use-ipv6=yes
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
"""


class Avahi:
    def __init__(self, test, namespace, *, bus=None, start=True):
        """BUS: of the namespace, where it has one already. START=False: avahi-daemon is not there yet."""
        self._namespace = namespace
        self.bus = bus or SystemBus(test)
        self._configuration = test.write(f"avahi-{namespace.name}.conf", _CONFIGURATION.format(host=namespace.name), 0o644)
        self.daemon = None
        if start:
            self.start()

    @property
    def environment(self):
        return self.bus.environment

    def start(self):
        """Returns once it answers."""
        self.daemon = self._namespace.start(
            ["avahi-daemon", "--no-rlimits", "--no-chroot", "--file", self._configuration], environment=self.environment)
        self.daemon.wait_for("Server startup complete")

    def stop(self):
        """As a service manager does: it says goodbye for everybody."""
        self.daemon.stop()

    def kill(self):
        self.daemon.kill()

    def browse(self, kind="_mandos._tcp"):
        """The observer: lines of `+` (found), `=` (resolved) and `-` (gone), as they happen, on standard output."""
        return self._namespace.start(["avahi-browse", "--resolve", "--parsable", "--no-db-lookup", kind],
                                     environment=self.environment)

    def all_now(self, kind="_mandos._tcp"):
        """What is there now, resolved: a list of lists of avahi-browse's fields, without its own interface lo."""
        command = ["avahi-browse", "--resolve", "--parsable", "--no-db-lookup", "--terminate", kind]
        lines = self._namespace.run(command, environment=self.environment).stdout.decode().splitlines()
        return [line.split(";") for line in lines if line.startswith("=;") and not line.startswith("=;lo;")]
