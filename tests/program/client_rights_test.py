"""Which rights mandos-client's two processes have, however it was started; and what who takes one over can ask of the other."""

import os
import pathlib
import signal

from tests.program.network_case import PASSWORD_AGENT, ProcessesCase
from tests.support.case import build_folder, main
from tests.support.program import run

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
MANAGER_RIGHTS = 1 << 5 | 1 << 12 | 1 << 34  # CAP_KILL, CAP_NET_ADMIN, CAP_SYSLOG


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


class Rights(ProcessesCase):
    def assert_manager(self, client, real):
        status = status_of(client.pid)
        self.assertEqual(status["Uid"][:2], [str(real), "0"])
        self.assertEqual(status["Gid"][:2], [str(real), "0"])
        self.assertEqual(status["Groups"], [])
        for rights in ("CapEff", "CapPrm"):
            self.assertEqual(int(status[rights][0], 16), MANAGER_RIGHTS & int(status["CapBnd"][0], 16), rights)
        self.assertEqual(os.readlink(f"/proc/{client.pid}/fd/1"), "/dev/null")  # not where the password goes

    def assert_fetcher(self, client, *, real=None):
        status = status_of(self.fetcher_of(client))
        for numbers in (status["Uid"], status["Gid"]):
            self.assertEqual(len(set(numbers)), 1)
            self.assertNotEqual(numbers[0], "0")
            if real is not None:
                self.assertEqual(numbers[0], str(real))
        self.assertEqual(status["Groups"], [])
        for rights in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[rights][0], 16), 0, rights)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), (["1"], ["2"]))

    def test_as_root(self):
        client = self.waiting()
        self.assert_manager(client, 0)
        self.assert_fetcher(client)
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assert_undone()

    def test_with_root_as_the_effective_user_alone(self):
        client = self.waiting(prefix=PASSWORD_AGENT)
        self.assert_manager(client, 65534)
        self.assert_fetcher(client, real=65534)
        self.assertEqual(client.stop(), -signal.SIGTERM)
        self.assert_undone()

    def test_without_any_with_the_network_up(self):
        self.here.prepare("eth0")
        self.here.ip("link set eth0 up")
        links_and_settings = self.state()[::4]
        for path in (self.keys.folder, *self.keys.folder.glob("*.*")):
            os.chown(path, 65534, 65534)
            self.addCleanup(os.chown, path, 0, 0)
        os.chmod(self.keys.folder.parent, 0o711)
        self.addCleanup(os.chmod, self.keys.folder.parent, 0o700)
        self.serve()
        client = self.fetch(self.connect(), prefix=NOBODY)
        self.assert_gets_password(client)
        self.assertEqual(self.state()[::4], links_and_settings)

    def test_the_manager_does_not_read_what_others_send(self):
        """It has no socket of the Internet's."""
        client = self.waiting()
        net = "".join((pathlib.Path(f"/proc/{client.pid}/net") / name).read_text() for name in ("tcp6", "tcp", "udp6", "udp"))
        for path in pathlib.Path(f"/proc/{client.pid}/fd").iterdir():
            target = os.readlink(path)
            if target.startswith("socket:"):
                self.assertNotIn(f" {target[8:-1]} ", net)
        self.assertEqual(client.stop(), -signal.SIGTERM)


class TakenOver(ProcessesCase):
    def test_nonsense_from_the_fetcher_ends_both(self):
        loopback = "04" + "00" * 3 + "02000000" + "00" * 15 + "01" + "00" * 16
        for message in ("00" * 40, "01" * 40, "04" * 39, "04" * 400, loopback):
            with self.subTest(message):
                client = self.fetch(self.connect(4712), "--debug")
                client.wait_for("trying again")
                fetcher = self.fetcher_of(client)
                # It is killed before take_over knows that it has sent.
                run([build_folder() / "tests/take_over", fetcher, self.channel_of(fetcher), message], expect=None)
                self.assertEqual(client.finish(), os.EX_PROTOCOL, client.stderr)
                self.assertIn("is ended, since it was taken over", client.stderr)
                self.assert_undone()


if __name__ == "__main__":
    main()
