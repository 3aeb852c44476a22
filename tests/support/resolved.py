"""A real systemd-resolved in a namespace, which announces by multicast DNS, and polkit, which says who may want that.

    resolved = Resolved(self, namespace)
    self.start(namespace.command([...]), environment=resolved.bus.environment)
    avahi = Avahi(self, namespace, bus=resolved.bus)      # both on one machine

In the namespace /etc and /usr/share are those of the machine with the packages' files, the daemons' users and _mandos
added. The bus has the packages' policies.
"""

import pathlib

from tests.support.bus import SystemBus
from tests.support.case import SOURCE, build_folder

PACKAGES = ("systemd-resolved", "libsystemd-shared", "polkitd", "libpolkit-gobject-1-0", "libpolkit-agent-1-0", "libduktape207")
_USERS = {"systemd-resolve": 64997, "polkitd": 64996, "_mandos": 64995}
_RESOLVED_CONF = "[Resolve]\nMulticastDNS=yes\nLLMNR=no\nDNSStubListener=no\nDNS=\nFallbackDNS=\nDNSSEC=no\n"


def tree():
    """Where fetch_resolved.py unpacked the packages."""
    return build_folder() / "resolved"


class Resolved:
    def __init__(self, test, namespace, *, start=True):
        self._test = test
        self._namespace = namespace
        self._make_users_and_files()
        self.bus = SystemBus(test, namespace=namespace)
        libraries = next(tree().glob("usr/lib/*-linux-gnu"))
        self._environment = {**self.bus.environment, "LD_LIBRARY_PATH": f"{libraries}:{libraries}/systemd", "SYSTEMD_LOG_TARGET": "console"}
        self._polkit = namespace.start([tree() / "usr/lib/polkit-1/polkitd", "--no-debug"], environment=self._environment)
        self.bus.wait_for_owner("org.freedesktop.PolicyKit1")
        self.daemon = None
        if start:
            self.start()

    def _make_users_and_files(self):
        etc = self._test.folder / "resolved-etc"
        (etc / "systemd").mkdir(parents=True)
        (etc / "systemd/resolved.conf").write_text(_RESOLVED_CONF)
        rules = self._test.folder / "resolved-share/polkit-1/rules.d"
        rules.mkdir(parents=True)
        for rule in (SOURCE / "dist/polkit").iterdir():
            (rules / rule.name).write_text(rule.read_text())
        for name, line in (("passwd", "{0}:x:{1}:{1}::/:/usr/sbin/nologin\n"), ("group", "{0}:x:{1}:\n")):
            known = pathlib.Path("/etc", name).read_text()
            added = (line.format(*user) for user in _USERS.items() if f"\n{user[0]}:" not in known)
            (etc / name).write_text(known + "".join(added))
        for made in (etc, *etc.rglob("*"), rules.parents[1], *rules.parents[1].rglob("*")):
            made.chmod(0o755 if made.is_dir() else 0o644)
        script = (
            'mount -t overlay -o "lowerdir=$1/resolved-etc:/etc" etc /etc; '
            'mount -t overlay -o "lowerdir=$1/resolved-share:$2/usr/share:/usr/share" share /usr/share; '
            "mkdir -p /run/systemd/netif/links"
        )
        self._namespace.run(["sh", "-ec", script, "sh", self._test.folder, tree()])

    def start(self):
        """Returns once it can be called."""
        self.daemon = self._namespace.start(
            [tree() / "lib/systemd/systemd-resolved"], environment={**self._environment, "SYSTEMD_LOG_LEVEL": "debug"})
        self.bus.wait_for_owner("org.freedesktop.resolve1")
        # As a network manager says it: it is off on each link at first.
        self._namespace.run([tree() / "usr/bin/resolvectl", "mdns", "eth0", "yes"], environment=self._environment)

    def wait_until_probed(self, name, count=1):
        """Until NAME is found to be nobody else's. It answers before, but says goodbye only afterwards."""
        self.daemon.wait_for(rf"Record {name}\._mandos\._tcp\.local IN SRV .* successfully probed", count=count)

    def stop(self):
        self.daemon.stop()
