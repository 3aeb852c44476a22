"""What the tests of mandos-client share: keys made by gpg and certtool, scripted servers, the client beside them."""

import pathlib
import shutil
import socket
import subprocess
import tempfile

from tests.support.case import TestCase, build_folder, program
from tests.support.listener import Listener
from tests.support.program import DEADLINE

# All kinds of bytes, and a part that no log line would have by chance.
MARKER = b"marker-5e0c37-of-a-secret"
PASSWORD = b" pass\x00word\r\n\xff\xfe " + MARKER + b"\n"

LARGEST = 1 << 20  # bytes of an answer, and of a password


class Keys:
    """A client's four files, and what encrypts to it; made by nothing of ours."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "gpg"
        self.home.mkdir(mode=0o700)
        self._gpg("--passphrase", "", "--quick-generate-key", "test client", "future-default", "default", "never")
        armoured = self._gpg("--armor", "--passphrase", "", "--export-secret-keys")
        self._write("seckey.txt", armoured)
        self._write("pubkey.txt", self._gpg("--armor", "--export"))
        private = self.folder / "tls-privkey.pem"
        certtool = ["certtool", "--password=", "--no-text"]
        generate = [*certtool, "--generate-privkey", "--key-type=ed25519", "--pkcs8", f"--outfile={private}"]
        subprocess.run(generate, check=True, capture_output=True)
        public = self.folder / "tls-pubkey.pem"
        export = [*certtool, f"--load-privkey={private}", "--pubkey-info", f"--outfile={public}"]
        subprocess.run(export, check=True, capture_output=True)

    @property
    def options(self):
        files = {"seckey": "seckey.txt", "pubkey": "pubkey.txt"}
        files |= {"tls-privkey": "tls-privkey.pem", "tls-pubkey": "tls-pubkey.pem"}
        return [f"--{option}={self.folder / file}" for option, file in files.items()]

    def encrypt(self, content, *options):
        """An OpenPGP message to this client, binary and not signed."""
        recipient = ["--recipient-file", self.folder / "pubkey.txt", "--trust-model", "always"]
        return self._gpg(*recipient, *options, "--encrypt", stdin=content)

    def end(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=False)

    def _write(self, name, content):
        (self.folder / name).write_bytes(content)
        (self.folder / name).chmod(0o600)

    def _gpg(self, *arguments, stdin=b""):
        command = ["gpg", "--homedir", self.home, "--batch", "--quiet", "--no-options", "--pinentry-mode", "loopback"]
        done = subprocess.run([*command, *arguments], input=stdin, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"gpg {arguments}: {done.stderr.decode()}")
        return done.stdout


class ClientCase(TestCase):
    """Has self.keys and self.other_keys, made once for all tests of a script."""

    @classmethod
    def setUpClass(cls):
        root = pathlib.Path(tempfile.mkdtemp(prefix="mandos-keys-"))
        cls.addClassCleanup(shutil.rmtree, root, ignore_errors=True)
        made = []
        for name in ("client", "other"):
            (root / name).mkdir()
            made.append(Keys(root / name))
            cls.addClassCleanup(made[-1].end)
        cls.keys, cls.other_keys = made
        cls.message = cls.keys.encrypt(PASSWORD)

    def server(self, mode, message=None, family=socket.AF_INET6, **options):
        """Starts a scripted server; returns it with .address, ADDRESS:PORT."""
        listener = Listener(self.addCleanup, family)
        path = self.write(f"message-{listener.port}", self.message if message is None else message)
        arguments = [f"--{name}={value}" for name, value in options.items()]
        binary = build_folder() / "tests/scripted_server"
        command = [binary, f"--fd={listener.descriptor}", f"--mode={mode}", f"--message={path}", *arguments]
        server = self.start(command, descriptors=(listener.descriptor,))
        server.address = listener.address
        # What the server holds is enough; the test's own copy would keep the port open after its end.
        listener.socket.close()
        return server

    def command(self, *addresses, options=()):
        """On this machine's own network, which it leaves alone."""
        connects = [f"--connect={address}" for address in addresses]
        words = ["--retry=0.2", f"--network-hook-dir={self.folder}/no-hooks", *self.keys.options, *options]
        if not any(word.startswith(("--interface", "-i")) for word in options):
            words.append("--interface=none")
        return [program("mandos-client"), *connects, *words]

    def fetcher_of(self, client):
        """The process ID of the one of its two processes that talks to servers; 0: it has ended."""
        children = pathlib.Path(f"/proc/{client.pid}/task/{client.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    def client(self, *addresses, options=(), **more):
        return self.start(self.command(*addresses, options=options), **more)

    def assert_gets_password(self, client, password=PASSWORD, deadline=DEADLINE):
        """The password, all of it and nothing else, with no word of it anywhere else."""
        self.assertEqual(client.finish(deadline=deadline), 0, client.stderr)
        self.assertEqual(client.stdout, password)
        self.assert_nothing_leaked(client)

    def assert_gets_nothing(self, client, why):
        """The client says WHY (a regular expression), tries again, and has written nothing."""
        client.wait_for(why)
        self.assertTrue(client.running())
        self.assertEqual(client.stop(), -15)
        self.assertEqual(client.stdout, b"")
        self.assert_nothing_leaked(client)

    def assert_nothing_leaked(self, client):
        self.assertNotIn(MARKER.decode(), client.stderr)
        self.assertNotIn(MARKER.hex(), client.stderr.lower().replace(" ", "").replace(":", ""))
        for name in ("seckey.txt", "tls-privkey.pem"):
            for line in (self.keys.folder / name).read_text().splitlines():
                if len(line) > 20 and not line.startswith("-----"):
                    self.assertNotIn(line, client.stderr)
