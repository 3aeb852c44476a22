"""The Debian packages in the life of a machine: installed, upgraded from 1.8, removed, purged, installed again."""

import os
import stat
import sys

from tests.boot.image import our_packages
from tests.package.machine import DEBIANS, Machine
from tests.support.case import TestCase, main

KEYS = ("seckey.txt", "pubkey.txt", "tls-privkey.pem", "tls-pubkey.pem")
MOST_ADDED = 1.3  # times what 1.8's client adds to an image


def set_user_id_files(machine):
    found = []
    for folder, _, files in os.walk(machine.folder):
        for name in files:
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, machine.folder)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID) and "mandos" in inside:
                found.append(inside)
    return found


class Life(TestCase):
    def test_a_client_that_is_installed_is_in_the_image_with_new_keys_and_one_line_says_what_is_left_to_do(self):
        machine = Machine(self)
        said = machine.install(*our_packages("mandos-client"))
        self.assertRegex(said, r"(?m)^mandos-client: one step is left: .*mandos-keygen --password.*clients\.d")
        self.assertNotIn("W: mandos", said)
        for key in KEYS:
            self.assertEqual(machine.describe(f"/etc/keys/mandos/{key}"), "root:root 600")
        self.assertEqual(machine.describe("/etc/keys/mandos"), "root:root 700")
        self.assertEqual(set_user_id_files(machine), [])
        self.assertEqual(machine.describe(str("/" / machine.image.relative_to(machine.folder))), "root:root 600")
        self.check_image(machine)
        self.assertEqual(list(machine.folder.glob("tmp/*")), [])

        # Taken away, and back: the keys are the machine's until it is purged.
        key = machine.text("/etc/keys/mandos/tls-pubkey.pem")
        machine.remove("mandos-client")
        self.assertNotIn("mandos", self.names_in_image(machine))
        self.assertEqual(machine.text("/etc/keys/mandos/tls-pubkey.pem"), key)
        self.assertNotIn("one step is left", machine.install(*our_packages("mandos-client")))
        self.assertEqual(machine.text("/etc/keys/mandos/tls-pubkey.pem"), key)
        machine.write("etc/keys/mandos/seckey.txt.~1~", "a backup", 0o600)
        machine.purge("mandos-client")
        self.assertEqual([path.name for path in machine.path("/etc/keys/mandos").iterdir()], ["seckey.txt.~1~"])
        self.assertFalse(machine.path("/etc/mandos").exists())
        self.assertNotIn("mandos", self.names_in_image(machine))

    def names_in_image(self, machine):
        return machine.run(["sh", "-c", "lsinitramfs /boot/initrd.img-*"]).decode()

    def check_image(self, machine):
        image = machine.unpacked_image()
        user = machine.run(["id", "-u", "_mandos"]).decode().strip()
        for key in KEYS:
            self.assertEqual(machine.describe(f"{image}/conf/conf.d/mandos/{key}"), "_mandos:_mandos 600")
        configuration = machine.text(f"{image}/conf/conf.d/mandos/plugin-runner.conf")
        self.assertEqual(configuration.splitlines()[1], f"--userid={user}")
        self.assertIn("plugin-runner(8mandos)", configuration)
        names = self.names_in_image(machine)
        self.assertIn("drivers/net/", names)
        self.assertIn("scripts/init-premount/mandos", names)
        self.assertIn("scripts/local-premount/mandos", names)
        self.assertNotRegex(names, r"\bgpg\b")
        self.assertNotIn(".~1~", names)
        # Whoever runs them in there finds them and all their libraries.
        plugins = sorted(path.name for path in machine.path(f"{image}/lib/mandos/plugins.d").iterdir())
        self.assertIn("mandos-client", plugins)
        for program in ["plugins.d/mandos-client", "plugin-runner"]:
            said = machine.run(["chroot", f"--userspec={user}:{user}", image, "sh", "-c", f"/lib/mandos/{program} --version 2>&1"])
            self.assertIn(b"2.0.0", said)

    def test_an_upgrade_from_1_8_asks_nothing_and_changes_nothing_of_the_administrators(self):
        machine = Machine(self)
        without = machine.image.stat().st_size
        machine.run(["sh", "-c", f"dpkg --install {DEBIANS}/*.deb"])
        by_1_8 = machine.image.stat().st_size - without
        mandos_conf = machine.text("/etc/mandos/mandos.conf") + "\nport = 16263\nuse_dbus = no\nzeroconf = no\naddress = ::1\n"
        machine.write("etc/mandos/mandos.conf", mandos_conf)
        clients_conf = machine.text("/etc/mandos/clients.conf") + "".join(
            f"\n[{name}]\nkey_id = {number:064x}\nfingerprint = {number:040x}\nsecret = c2VjcmV0\n"
            for number, name in enumerate(("locked-out", "well"), 1))
        machine.write("etc/mandos/clients.conf", clients_conf, 0o600)
        machine.write("etc/default/mandos", 'DAEMON_ARGS="--debuglevel=INFO"\n')
        plugin_runner_conf = machine.text("/etc/mandos/plugin-runner.conf")
        keys = {key: machine.text(f"/etc/keys/mandos/{key}") for key in KEYS}

        said = machine.install(*our_packages("mandos", "mandos-client"))
        self.assertNotIn("one step is left", said)
        self.assertEqual(machine.text("/etc/mandos/mandos.conf"), mandos_conf)
        self.assertEqual(machine.text("/etc/mandos/clients.conf"), clients_conf)
        self.assertEqual(machine.text("/etc/mandos/plugin-runner.conf"), plugin_runner_conf)
        self.assertEqual({key: machine.text(f"/etc/keys/mandos/{key}") for key in KEYS}, keys)
        self.assertEqual(machine.describe("/etc/mandos/clients.conf"), "root:root 600")
        self.assertEqual([path.name for path in machine.path("/etc/mandos").iterdir() if ".dpkg-" in path.name], [])
        self.assertEqual(set_user_id_files(machine), [])
        self.check_image_of_upgrade(machine)
        added = machine.image.stat().st_size - without
        print(f"the client adds {added / 1e6:.2f} MB to an image, 1.8's {by_1_8 / 1e6:.2f} MB", file=sys.stderr)
        self.assertLess(added, MOST_ADDED * by_1_8)

    def check_image_of_upgrade(self, machine):
        names = self.names_in_image(machine)
        self.assertIn("plugins.d/mandos-client", names)
        self.assertNotRegex(names, r"\bgpg-agent\b")
        image = machine.unpacked_image()
        keys = [f"{image}/conf/conf.d/mandos/{key}" for key in KEYS]
        self.assertEqual([machine.text(key) for key in keys], [machine.text(f"/etc/keys/mandos/{key}") for key in KEYS])


if __name__ == "__main__":
    main()
