"""What scenarios of finding share: servers of ours on machines of their own, announced by a real avahi-daemon, and a client
that is told nothing but where its keys are, as in an initramfs. Each scenario prints how long the password took."""

import signal
import time

from tests.program.client_case import ClientCase
from tests.support.avahi import Avahi
from tests.support.case import program
from tests.support.mandos import PATIENT_DEFAULTS, KeyFiles, section
from tests.support.netns import Namespace


class Server:
    """One installed server: its machine, its files, and the program while it runs."""

    def __init__(self, test, machine, *, avahi=None, enabled=True):
        self._test = test
        self.machine = machine
        self.avahi = avahi or Avahi(test, machine)
        self._configuration = f"configuration-{machine.name}"
        self._state = test.folder / f"state-{machine.name}"
        self.program = None
        self.write(enabled=enabled)

    def write(self, *, enabled):
        text = section("one", KeyFiles(self._test.keys.folder), self._test.message, f"enabled = {'yes' if enabled else 'no'}")
        self._test.write(f"{self._configuration}/clients.conf", PATIENT_DEFAULTS + text)

    def start(self, *options):
        """Returns once it is announced."""
        self.program = self.machine.start(
            [program("mandos"), "--foreground", "--debuglevel=INFO", "--no-dbus",
             f"--configdir={self._test.folder / self._configuration}", f"--statedir={self._state}", *options],
            environment=self.avahi.environment)
        self.program.wait_for("announced as ")
        return self

    def enable(self):
        self.write(enabled=True)
        self.program.send(signal.SIGHUP)
        self.program.wait_for("the configuration was read anew")

    def hang(self):
        """The kernel takes connections, and nobody answers them."""
        self.program.send(signal.SIGSTOP)

    def stop(self):
        self._test.assertEqual(self.program.stop(), 0, self.program.stderr)


class ScenarioCase(ClientCase):
    def machines(self, *names):
        return [Namespace(self, name) for name in names]

    def server(self, machine, **options):
        return Server(self, machine, **options)

    def find(self, machine, *options):
        return machine.start([program("mandos-client"), *self.keys.options, *options])

    def assert_finds(self, what, client, since, deadline=120):
        self.assert_gets_password(client, deadline=deadline)
        print(f"{what} to password: {(time.monotonic() - since) * 1000:.0f} ms", flush=True)
