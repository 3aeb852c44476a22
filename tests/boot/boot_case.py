"""What boot tests share: the machine, the servers beside it on its link, and what a machine that came up has to look like.

A script's arguments are the family of the client in the machine ("ours" or "1.8") and what made its initramfs
("initramfs-tools" or "dracut").
"""

import re
import sys

from tests.boot.guest import Guest, Lan
from tests.boot.image import PASSWORD, client_image
from tests.support.avahi import Avahi
from tests.support.case import SOURCE, TestCase, program
from tests.support.mandos import DEBIAN_MANDOS, OUR_MANDOS, PATIENT_DEFAULTS

FAMILY, GENERATOR = sys.argv.pop(1), sys.argv.pop(1)
PROMPT = {"initramfs-tools": r"Please unlock disk root", "dracut": r"[Pp]lease enter passphrase for disk root"}[GENERATOR]
ROOT = r"boot-test: root is up at [\d.]+"
# How often a client that is refused asks before the machine counts as locked: one that is let in needs one time.
REFUSALS = 3


class Server:
    """A server that runs on the link, in a family's words."""

    def __init__(self, family, started, environment):
        self._family = family
        self._started = started
        self.environment = environment

    def wait_until_sent(self, *, deadline=600):
        self._started.wait_for(self._family.sent("boottest"), deadline=deadline)

    def wait_until_refused(self, why, *, count=1, deadline=600):
        self._started.wait_for(why, count=count, deadline=deadline)

    @property
    def log(self):
        return self._started.stderr

    @property
    def program(self):
        return self._started


class BootCase(TestCase):
    def setUp(self):
        super().setUp()
        self.image = client_image(FAMILY, GENERATOR)
        self.lan = Lan(self)
        self._servers = 0

    def boot(self, options="", **more):
        return Guest(self, self.lan, self.image, options=options, **more)

    def serve(self, section, *, family=OUR_MANDOS, bus=None, avahi=None, options=()):
        """Starts a server that announces itself on the link by avahi-daemon, unless its OPTIONS say otherwise."""
        self._servers += 1
        configuration = self.folder / f"configuration-{self._servers}"
        configuration.mkdir()
        (configuration / "clients.conf").write_text(PATIENT_DEFAULTS + section)
        state = self.folder / f"state-{self._servers}"
        options = ["--foreground", f"--configdir={configuration}", f"--statedir={state}", "--debuglevel=INFO", *options]
        avahi = avahi or Avahi(self, self.lan, bus=bus)
        environment = dict(avahi.environment)
        if family is OUR_MANDOS:
            command = [program("mandos"), *options]
        else:
            temporary = self.folder / "debian-temporary"
            temporary.mkdir()
            temporary.chmod(0o1777)
            environment["TMPDIR"] = str(temporary)
            DEBIAN_MANDOS.make_state_directory(state)
            command = ["/usr/bin/python3", "-B", SOURCE / "tests/support/run_debian_server.py",
                       DEBIAN_MANDOS.tree() / "usr/sbin/mandos", *options]
        if bus is None:
            command.append("--no-dbus")
        started = self.lan.start(command, environment=environment)
        if family is OUR_MANDOS:
            started.wait_for("listening on " if "--no-zeroconf" in options else "announced as ")
        else:
            started.wait_for("Now listening on address")
        return Server(family, started, environment)

    def section(self, *more):
        """What the client's own keygen printed, with more settings."""
        return self.image.section + "".join(f"{line}\n" for line in more)

    def wait_for_prompt(self, guest, **options):
        return guest.wait_for(PROMPT, **options)

    def assert_locked(self, guest):
        self.assertNotRegex(guest.console, ROOT)

    def boots_by_hand(self, guest, *, story):
        """The prompt takes the password, as if Mandos were not there. Ends every test of a machine that stays locked."""
        self.wait_for_prompt(guest)
        self.assert_locked(guest)
        typed_at = guest.seconds()
        guest.type(PASSWORD)
        report = guest.report()
        self.assert_nothing_left(report)
        print(f"boot: {story}: locked for {typed_at:.0f} s, typed password, root {report.up_at:.1f} s", flush=True)
        return report

    def assert_nothing_left(self, report):
        """No address, route, running process, secret key or mount of the initramfs is in the system that it started."""
        self.assertTrue(report.lines("link"), "the report has no links")
        for link in report.lines("link"):
            name, flags = link.split()
            if name != "lo":
                self.assertEqual(int(flags, 16) & 1, 0, f"{name} was left up")
        self.assertEqual(report.lines("address"), [])
        self.assertEqual(report.lines("route"), [])
        self.assertEqual(report.lines("key"), [])
        strangers = [line for line in report.lines("process") if re.search(r"mandos|plugin|gpg|askpass|password|cryptsetup", line)]
        self.assertEqual(strangers, [])
        mounts = {line.split()[1] for line in report.lines("mount")}
        self.assertLessEqual(mounts, {"/", "/sys", "/proc", "/dev", "/dev/pts", "/run", "/dev/shm", "/sys/kernel/security",
                                      "/sys/fs/cgroup", "/sys/fs/pstore", "/sys/fs/bpf", "/sys/kernel/tracing"}, mounts)
        self.assertEqual([line for line in report.lines("file") if "mandos" in line], [])

    def print_times(self, story, report):
        clients = report.executions("mandos-client")
        self.assertTrue(clients, "the trace does not show that mandos-client ran")
        client = next((run for run in clients if run.ended is not None), clients[0])
        openings = [run.ended for run in report.executions("cryptsetup") if run.ended and run.ended > client.started]
        took = f"{client.ended - client.started:.1f} s" if client.ended else "?"
        print(f"boot: {story}: QEMU 0 s, client starts {client.started:.1f} s, password {client.ended or 0:.1f} s (client took {took}), "
              f"unlocked {max(openings, default=0):.1f} s, root {report.up_at:.1f} s", flush=True)
