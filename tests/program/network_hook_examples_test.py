"""The network hooks that are examples (dist/network-hooks): run as mandos-client runs them, for real where this kernel
can, and without a trace of them where it cannot or when they end."""

import json
import os
import re
import subprocess

from tests.support.case import SOURCE, TestCase, build_folder, main
from tests.support.netns import Namespace, join

EXAMPLES = SOURCE / "dist/network-hooks"
HOOKS = ("bridge", "openvpn", "vlan-bond", "wireguard", "wireless")


class ExampleCase(TestCase):
    def install(self, hook, settings=None, **files):
        """As an administrator would: the hook, what it shares with others, its settings."""
        self.hooks = self.folder / "hooks"
        for name in (hook, "functions.sh", f"{hook}.conf"):
            self.write(f"hooks/{name}", (EXAMPLES / name).read_text(), mode=0o755 if name == hook else 0o644)
        if settings is not None:
            self.write(f"hooks/{hook}.conf", settings, mode=0o644)
        for name, content in files.items():
            self.write(f"hooks/{name}", content)

    def print_for_image(self, hook, mode):
        """What the builder of an initramfs is told: by the mode as an argument and as a variable, or either."""
        environment = {"MANDOSNETHOOKDIR": str(self.hooks)}
        told = [
            self.run_program([self.hooks / hook, *arguments], environment={**environment, **variables}).stdout.decode()
            for arguments, variables in (([mode], {"MODE": mode}), ([mode], {}), ([], {"MODE": mode}))
        ]
        self.assertEqual(told, [told[0]] * 3)
        return told[0].splitlines()


class Shell(ExampleCase):
    def test_each_is_a_program_with_settings_and_an_allowed_name(self):
        for name in HOOKS:
            self.assertTrue(os.access(EXAMPLES / name, os.X_OK), name)
            self.assertTrue((EXAMPLES / f"{name}.conf").exists(), name)
        for path in EXAMPLES.iterdir():
            self.assertRegex(path.name, r"^[A-Za-z0-9_.-]+$")
            self.assertEqual(os.access(path, os.X_OK), path.name in HOOKS, path)

    def test_is_posix_and_without_complaints(self):
        paths = [EXAMPLES / name for name in (*HOOKS, "functions.sh")]
        checked = subprocess.run(["shellcheck", "--shell=sh", "--external-sources", f"--source-path={SOURCE}", *paths],
                                 capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout.decode()), (0, ""))
        for shell in (["dash"], ["busybox", "sh"]):
            for path in paths:
                self.run_program([*shell, "-n", path])


class Image(ExampleCase):
    def test_unknown_modes_are_refused(self):
        for hook in HOOKS:
            self.install(hook)
            refused = self.run_program([self.hooks / hook, "begin"], expect=64,
                                       environment={"MANDOSNETHOOKDIR": str(self.hooks)})
            self.assertIn(f"usage: {hook} start|stop|files|modules", refused.stderr)

    def test_files_and_modules(self):
        wanted = {
            "bridge": (["ip"], ["bridge"]),
            "openvpn": (["openvpn", "ip"], ["tun"]),
            "vlan-bond": (["ip"], ["bonding", "8021q"]),
            "wireguard": (["ip", "wg"], ["wireguard"]),
            "wireless": (["ip", "wpa_supplicant"], ["iwlmvm", "ccm", "ctr", "cmac"]),
        }
        for hook, (programs, modules) in wanted.items():
            self.install(hook)
            files = self.print_for_image(hook, "files")
            self.assertEqual([os.path.basename(path) for path in files], programs)
            for path in files:
                self.assertTrue(os.access(path, os.X_OK), path)
            self.assertEqual(self.print_for_image(hook, "modules"), modules)

    def test_what_is_not_there_is_named_with_its_package(self):
        self.install("wireguard")
        for name in ("cat", "ip"):
            (self.folder / name).symlink_to(f"/bin/{name}")
        told = self.run_program(["/bin/sh", self.hooks / "wireguard", "files"],
                                environment={"MANDOSNETHOOKDIR": str(self.hooks), "PATH": str(self.folder)})
        self.assertEqual(told.stdout.decode(), f"{self.folder}/ip\n")
        self.assertIn("there is no wg; it is in package wireguard-tools", told.stderr)


class Network(ExampleCase):
    def setUp(self):
        super().setUp()
        self.here, self.there = Namespace(self, "here"), Namespace(self, "there")
        join(self.here, self.there, up=False)
        self.there.prepare("eth0")
        self.there.ip("link set eth0 up")
        self.there.ip("address add 192.0.2.9/24 dev eth0")

    def run_hook(self, mode, device=""):
        """What mandos-client says; its own warnings among it."""
        command = [build_folder() / "tests/run_network_hooks", self.hooks, mode, device, 2500, 60_000]
        runner = self.here.start([str(word) for word in command])
        self.assertEqual(runner.finish(), 0)
        self.assertEqual(runner.stdout, b"done\n")
        return runner

    def state(self):
        def shown(words):
            return json.loads(self.here.ip(f"-json {words}").stdout or "[]")

        links = {link["ifname"]: (sorted(set(link["flags"]) & {"UP", "NOARP"}), link.get("master"))
                 for link in shown("link show")}
        addresses = {link["ifname"]: sorted(a["local"] for a in link["addr_info"]) for link in shown("address show")}
        return links, addresses, shown("-4 route show"), self.here.run(["ls", "/run"]).stdout

    def assert_started(self, device=""):
        self.assertNotIn("warning", self.run_hook("start", device).stderr)

    def assert_undone(self, before):
        self.assertNotIn("warning", self.run_hook("stop").stderr)
        self.assertEqual(self.state(), before)

    def starts_or_leaves_nothing(self, before, interface):
        """As the kernel here can. Whether it could."""
        said = self.run_hook("start").stderr
        if "warning" not in said:
            self.assertIn(interface, self.state()[0])
            self.assert_undone(before)
            return True
        self.assertRegex(said, "(?i)unknown device type|not supported|unable to access")
        self.assertEqual(self.state(), before)
        self.assert_undone(before)  # there is nothing to take back, and that is no failure
        return False


class Bridge(Network):
    SETTINGS = 'BRIDGE=br0\nPORTS="eth0"\nADDRESSES="192.0.2.5/24 2001:db8::5/64"\nROUTES="198.51.100.0/24 via 192.0.2.9\n"'

    def test_joins_and_is_taken_back(self):
        self.install("bridge", self.SETTINGS)
        before = self.state()
        self.assert_started()
        links, addresses, routes, _ = self.state()
        self.assertEqual(links["eth0"], (["UP"], "br0"))
        self.assertLessEqual({"192.0.2.5", "2001:db8::5"}, set(addresses["br0"]))
        self.assertIn("198.51.100.0/24", [route["dst"] for route in routes])
        self.here.run(["python3", "-c", CONNECT, "192.0.2.9"])
        self.assert_undone(before)

    def test_begun_twice_it_is_there_once(self):
        self.install("bridge", self.SETTINGS)
        before = self.state()
        self.assert_started()
        self.assert_started()
        made = [address for address in self.state()[1]["br0"] if not address.startswith("fe80:")]
        self.assertEqual(made, ["192.0.2.5", "2001:db8::5"])
        self.assert_undone(before)

    def test_one_that_is_somebody_elses_stays(self):
        self.install("bridge", self.SETTINGS)
        self.here.ip("link add br0 type bridge")
        before = self.state()
        self.assert_started()
        self.assertEqual(self.state(), before)
        self.assert_undone(before)

    def test_one_that_is_not_wanted_is_not_made(self):
        self.install("bridge", self.SETTINGS)
        before = self.state()
        self.assert_started(device="eth0,none")
        self.assertEqual(self.state(), before)
        self.assert_started(device="eth0,br0")
        self.assertIn("br0", self.state()[0])
        self.assert_undone(before)

    def test_what_fails_half_way_leaves_nothing(self):
        for settings, why in ((self.SETTINGS.replace("eth0", "eth0 eth9"), "there is no interface eth9"),
                              (self.SETTINGS.replace("192.0.2.5/24", "192.0.2.256/24"), "192.0.2.256"),
                              (self.SETTINGS.replace("via 192.0.2.9", "via 203.0.113.1"), "gateway")):
            self.install("bridge", settings)
            before = self.state()
            said = self.run_hook("start").stderr
            self.assertIn(f"network hook bridge: ", said)
            self.assertIn(why, said)
            self.assertRegex(said, "warning: network hook bridge, start: it ended with status [0-9]+")
            self.assertEqual(self.state(), before)


# A connection that is refused has reached somebody.
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), timeout=30)
except ConnectionRefusedError:
    pass
"""


class OpenVpn(Network):
    def certificate(self, name):
        """Its key and itself, and its fingerprint as openvpn.conf has it."""
        key, certificate = self.folder / f"hooks/{name}.key", self.folder / f"hooks/{name}.pem"
        key.parent.mkdir(exist_ok=True)
        self.run_program(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", key, "-out", certificate, "-subj", f"/CN={name}", "-days", "30"])
        shown = self.run_program(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", certificate]).stdout
        return shown.decode().strip().partition("=")[2]

    def test_a_tunnel_to_a_real_server_and_back(self):
        client, server = self.certificate("openvpn-client"), self.certificate("server")
        settings = (EXAMPLES / "openvpn.conf").read_text().replace("198.51.100.9 1194", "192.0.2.9 1194")
        self.install("openvpn", re.sub("(00:){31}00", server, settings))
        self.here.sysctl("ipv6/conf/eth0/disable_ipv6", 1)  # whose address would come a moment later
        self.here.ip("link set eth0 up")
        self.here.ip("address add 192.0.2.5/24 dev eth0")
        before = self.state()
        self.assert_started()
        self.assertEqual(self.here.run(["sh", "-c", "cat /run/*.pid | wc -l"]).stdout.strip(), b"1")

        peer = self.write("peer", f"<peer-fingerprint>\n{client}\n</peer-fingerprint>\n")
        answering = self.there.start(
            ["openvpn", "--dev", "tun0", "--ifconfig", "10.9.0.1", "10.9.0.2", "--tls-server", "--dh", "none", "--cert",
             str(self.hooks / "server.pem"), "--key", str(self.hooks / "server.key"), "--config", str(peer)])
        answering.wait_for_output("Initialization Sequence Completed")  # which the hook's side began
        connected = self.here.run(["python3", "-c", CONNECT, "10.9.0.1"], deadline=120)
        self.assertEqual(connected.stderr, "")
        self.assertIn("tun-mandos", self.state()[0])
        self.assert_undone(before)
        self.assertEqual(self.daemons(), [])

    def daemons(self):
        network = os.stat(f"/proc/{self.here.pid}/ns/net").st_ino
        found = []
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            try:
                if os.stat(f"/proc/{pid}/ns/net").st_ino == network and "openvpn" in os.readlink(f"/proc/{pid}/exe"):
                    found.append(pid)
            except OSError:
                pass  # it has ended, or is another container's
        return found


class Wireless(Network):
    """There is no radio here: what wpa_supplicant does is joining a network by cable (IEEE 802.1X)."""

    def test_the_supplicant_runs_until_the_end(self):
        self.install("wireless", "INTERFACE=eth0\nCONFIGURATION=w.conf\nDRIVERS=wired\n",
                     **{"w.conf": "ap_scan=0\nnetwork={\n key_mgmt=IEEE8021X\n eap=MD5\n identity=\"i\"\n password=\"p\"\n}\n"})
        before = self.state()
        self.assert_started()
        pid = self.here.run(["cat", "/run/mandos-network-hook-wireless.pid"]).stdout.decode().strip()
        self.assertIn("wpa_supplicant", os.readlink(f"/proc/{pid}/exe"))
        self.assertEqual(self.state()[0]["eth0"], (["UP"], None))
        self.assert_undone(before)
        self.assertFalse(os.path.exists(f"/proc/{pid}/exe"))

    def test_a_configuration_that_is_none_leaves_nothing(self):
        self.install("wireless", "INTERFACE=eth0\nCONFIGURATION=nowhere\nDRIVERS=wired\n")
        before = self.state()
        self.assertIn("warning: network hook wireless, start", self.run_hook("start").stderr)
        self.assertEqual(self.state(), before)


class KernelPermitting(Network):
    def test_bond_and_vlan(self):
        self.install("vlan-bond", 'BOND=bond0\nBOND_PORTS=eth0\nBOND_OPTIONS="mode active-backup"\nVLAN=bond0.5\nVLAN_ID=5\n')
        print("bond:", self.starts_or_leaves_nothing(self.state(), "bond0.5"))

    def test_vlan_alone(self):
        self.install("vlan-bond", "VLAN=eth0.5\nVLAN_ID=5\nVLAN_PARENT=eth0\n")
        self.assertEqual(self.print_for_image("vlan-bond", "modules"), ["8021q"])
        print("vlan:", self.starts_or_leaves_nothing(self.state(), "eth0.5"))

    def test_wireguard(self):
        key = self.run_program(["wg", "genkey"]).stdout.decode()
        self.install("wireguard", **{"wireguard-wg0.conf": f"[Interface]\nPrivateKey = {key}"})
        print("wireguard:", self.starts_or_leaves_nothing(self.state(), "wg0"))


if __name__ == "__main__":
    main()
