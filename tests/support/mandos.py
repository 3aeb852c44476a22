"""The two families of programs that talk to each other in tests: ours, and Debian's Mandos 1.8.

Both have the same command lines, so a test names a family and says what it wants of it:
    server = OUR_MANDOS.server(test, clients_conf)
    client = DEBIAN_MANDOS.client(test, keys, server.address)
"""

import base64
import os
import pathlib
import re
import subprocess

from tests.support.bus import PrivateBus
from tests.support.case import SOURCE, build_folder, program
from tests.support.listener import Listener

# Long enough that no client expires, and a checker that needs nothing, whatever a section below says about neither.
PATIENT_DEFAULTS = "[DEFAULT]\ninterval = PT1H\ntimeout = PT1H\nchecker = true\n\n"


class KeyFiles:
    """The four key files of one client, in one folder or, for foreign TLS keys, in two."""

    def __init__(self, openpgp_folder, tls_folder=None):
        self.openpgp = pathlib.Path(openpgp_folder)
        self.tls = pathlib.Path(tls_folder or openpgp_folder)

    @property
    def options(self):
        return [
            f"--pubkey={self.openpgp / 'pubkey.txt'}",
            f"--seckey={self.openpgp / 'seckey.txt'}",
            f"--tls-pubkey={self.tls / 'tls-pubkey.pem'}",
            f"--tls-privkey={self.tls / 'tls-privkey.pem'}",
        ]

    @property
    def key_id(self):
        """Computed by GnuTLS's own tool, as 1.8's keygen does it: 64 lower-case hex digits."""
        command = ["certtool", "--key-id", "--hash=sha256", f"--infile={self.tls / 'tls-pubkey.pem'}"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class RunningServer:
    def __init__(self, started, listener):
        self.program = started
        self.address = listener.address
        self.port = listener.port

    def wait_for(self, pattern, **options):
        return self.program.wait_for(pattern, **options)


class Family:
    """What tests need to know of one family of programs."""

    name: str
    # What the server's log says, as regular expressions. NAME and KEY_ID are put in by the methods below.
    SENT: str
    UNKNOWN: str
    DISABLED: str
    WRONG_CERTIFICATE: str
    HANDSHAKE_FAILED: str
    EMPTY: str  # a client called "empty", whose secret is empty
    SHARED_KEY_ID: str | None  # None: one of those who share it is served
    ON_THE_BUS: str

    def sent(self, client):
        return self.SENT.replace("NAME", re.escape(client))

    def unknown(self, key_id):
        return "(?i)" + self.UNKNOWN.replace("KEY_ID", key_id)

    def disabled(self, client):
        return self.DISABLED.replace("NAME", re.escape(client))

    def client(self, test, keys, *addresses, options=()):
        """Starts a client that fetches from `addresses`, trying again every 0.2 s."""
        connects = [f"--connect={address}" for address in addresses]
        return test.start(
            [self.client_program(), *connects, "--interface=none", "--retry=0.2", *keys.options, *options]
        )

    def make_state_directory(self, path):
        """For the server that is about to start."""

    def server_on_bus(self, test, bus, folder, listener):
        """Starts a server that anybody on the bus may administer; it is there when this returns.

        Its clients.conf is in FOLDER/configuration, its state in FOLDER/state: with the same folder again it is the
        same server. Returns the program.
        """
        state = folder / "state"
        if not state.exists():
            self.make_state_directory(state)
        started = self._start_on_bus(
            test,
            [
                "--debuglevel=DEBUG",
                "--foreground",
                "--no-zeroconf",
                f"--configdir={folder / 'configuration'}",
                f"--statedir={state}",
                f"--socket={listener.descriptor}",
            ],
            bus,
            folder,
            listener,
        )
        started.wait_for(self.ON_THE_BUS)
        return started

    def _server_options(self, test, clients_conf, listener, options):
        configuration = test.folder / f"configuration-{listener.port}"
        configuration.mkdir()
        text = clients_conf.encode() if isinstance(clients_conf, str) else clients_conf
        (configuration / "clients.conf").write_bytes(PATIENT_DEFAULTS.encode() + text)
        state = test.folder / f"state-{listener.port}"
        self.make_state_directory(state)
        return [
            "--foreground",
            "--no-zeroconf",
            "--no-dbus",
            "--no-restore",
            f"--configdir={configuration}",
            f"--statedir={state}",
            f"--socket={listener.descriptor}",
            *options,
        ]


class OurMandos(Family):
    name = "ours"
    SENT = r'client "NAME": secret sent to '
    UNKNOWN = r"refused: unknown key ID KEY_ID"
    DISABLED = r'refused: client "NAME" is disabled'
    WRONG_CERTIFICATE = r"refused: the peer showed an X\.509 certificate, not a raw public key"
    HANDSHAKE_FAILED = r"refused: "
    EMPTY = r'refused: client "empty" has '
    SHARED_KEY_ID = r"refused: .*more than one client"
    ON_THE_BUS = "D-Bus: on the message bus now"

    def client_program(self):
        return program("mandos-client")

    def server(self, test, clients_conf, *, options=()):
        listener = Listener(test.addCleanup)
        started = test.start(
            [program("mandos"), "--debug", *self._server_options(test, clients_conf, listener, options)],
            descriptors=(listener.descriptor,),
        )
        return RunningServer(started, listener)

    def _start_on_bus(self, test, options, bus, _folder, listener):
        return test.start(
            [program("mandos"), *options], environment=bus.environment, descriptors=(listener.descriptor,)
        )

    def keygen(self, test, *arguments, **options):
        return test.run_program([program("mandos-keygen"), *arguments], **options)


class DebianMandos(Family):
    name = "1.8"
    SENT = r"Sending secret to NAME$"
    UNKNOWN = r"Client not found for key ID: KEY_ID"
    DISABLED = r"Client NAME is disabled"
    WRONG_CERTIFICATE = r"Bad certificate"
    HANDSHAKE_FAILED = r"Handshake failed"
    EMPTY = r"Sending secret to empty$"  # zero bytes of it
    SHARED_KEY_ID = None
    ON_THE_BUS = "Now listening on address"  # which it does after it has taken its name there

    @staticmethod
    def tree():
        """Where fetch_debian_mandos.py unpacked the packages."""
        return build_folder() / "debian-mandos"

    def make_state_directory(self, path):
        path.mkdir()
        path.chmod(0o777)  # the server drops to a user that is not known here

    def client_program(self):
        return next(self.tree().glob("usr/lib/*/mandos/plugins.d/mandos-client"))

    def server(self, test, clients_conf, *, options=()):
        bus_folder = test.folder / f"bus-{len(list(test.folder.glob('bus-*')))}"
        bus_folder.mkdir()
        bus = PrivateBus(test.addCleanup, bus_folder)
        listener = Listener(test.addCleanup)
        server_options = self._server_options(test, clients_conf, listener, options)
        started = self._start_on_bus(test, ["--debuglevel=INFO", *server_options], bus, test.folder, listener)
        return RunningServer(started, listener)

    def _start_on_bus(self, test, options, bus, folder, listener):
        temporary = folder / "debian-temporary"  # its gpg homes, some of which it forgets
        temporary.mkdir(exist_ok=True)
        temporary.chmod(0o1777)
        return test.start(
            [
                "/usr/bin/python3",
                "-B",
                SOURCE / "tests/support/run_debian_server.py",
                self.tree() / "usr/sbin/mandos",
                *options,
            ],
            environment={**bus.environment, "TMPDIR": str(temporary)},
            descriptors=(listener.descriptor,),
        )

    def keygen(self, test, *arguments, **options):
        temporary = test.folder / "keygen-temporary"
        temporary.mkdir(exist_ok=True)
        return test.run_program(
            ["/bin/sh", self.tree() / "usr/sbin/mandos-keygen", *arguments],
            environment={"TMPDIR": str(temporary)},
            **options,
        )


OUR_MANDOS = OurMandos()
DEBIAN_MANDOS = DebianMandos()
FAMILIES = (DEBIAN_MANDOS, OUR_MANDOS)


def family_called(name):
    """By the name that ctest gives: "1.8" or "ours"."""
    return next(family for family in FAMILIES if family.name == name)


def section(name, keys, secret, *extra, fingerprint="0" * 40):
    """A clients.conf section written by hand, with the secret in base64 as the file wants it."""
    lines = [f"[{name}]", f"key_id = {keys.key_id}", f"fingerprint = {fingerprint}", "host = localhost"]
    body = base64.encodebytes(secret).decode()
    lines += ["secret =", *("    " + line for line in body.splitlines()), *extra]
    return "\n".join(lines) + "\n"


def gpg_encrypt(test, keys, content):
    """Encrypts for the OpenPGP key with gpg, in a home of its own; binary, not signed."""
    home = test.folder / "gpg-home"
    if not home.exists():
        home.mkdir(mode=0o700)
        test.addCleanup(subprocess.run, ["gpgconf", "--homedir", os.fspath(home), "--kill", "all"], check=False)
    gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--no-options", "--trust-model", "always"]
    encrypt = [*gpg, "--recipient-file", keys.openpgp / "pubkey.txt", "--encrypt"]
    return test.run_program(encrypt, stdin=content).stdout
