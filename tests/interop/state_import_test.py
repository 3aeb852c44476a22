"""Debian's Mandos 1.8 server runs, is changed over D-Bus, and ends; what it stored is read here to the last field.

1.8 often fails to store its state (it trips over gpg-agent's sockets), so all is done again until it has.
"""

import datetime
import json
import random
import types

import dbus.bus

from tests.support.bus import PrivateBus
from tests.support.case import SOURCE, TestCase, build_folder, main
from tests.support.listener import Listener
from tests.support.mandos import DEBIAN_MANDOS, section

ATTEMPTS = 30
CLIENT = "se.recompile.Mandos.Client"
EPOCH = datetime.datetime(1970, 1, 1)

# Configured secrets of all three kinds that the passphrase's rule tells apart, in size and in their bytes.
CONFIGURED = {
    "untouched": random.Random(1).randbytes(1500),
    "disabled": b"",
    "removed": b"configured and removed",
    "renewed": b"\0\n\\" * 400 + random.Random(2).randbytes(3000),
    "edited": bytes(range(256)),
}
RENEWED = random.Random(3).randbytes(5000)


class StateImport(TestCase):
    def start_server(self, folder):
        """Returns the running server, its bus and its state directory."""
        configuration, state, temporary = folder / "configuration", folder / "state", folder / "temporary"
        for made in (configuration, state, temporary):
            made.mkdir()
            made.chmod(0o777)  # the server drops to a user that is not known here
        keys = {name: types.SimpleNamespace(key_id=f"{number:064x}") for number, name in enumerate(CONFIGURED)}
        extra = ["checker = true", "interval = PT2H", "timeout = PT3H", "extended_timeout = PT4H", "approval_delay = PT5S"]
        sections = [section(name, keys[name], secret, *extra) for name, secret in CONFIGURED.items()]
        (configuration / "clients.conf").write_text("\n".join(sections))
        bus = PrivateBus(self.addCleanup, folder)
        listener = Listener(self.addCleanup)
        server = self.start(
            [
                "/usr/bin/python3",
                "-B",
                SOURCE / "tests/support/run_debian_server.py",
                DEBIAN_MANDOS.tree() / "usr/sbin/mandos",
                "--debuglevel=INFO",
                "--foreground",
                "--no-zeroconf",
                f"--configdir={configuration}",
                f"--statedir={state}",
                f"--socket={listener.descriptor}",
            ],
            environment={**bus.environment, "TMPDIR": str(temporary)},
            descriptors=(listener.descriptor,),
        )
        server.wait_for("Now listening on address")  # from then on it answers what it is asked on the bus
        return server, bus, state

    def change_clients(self, server, bus):
        """Returns the properties of all clients that are left, by name."""
        connection = dbus.bus.BusConnection(bus.address)
        self.addCleanup(connection.close)

        def proxy(path):
            return connection.get_object("se.recompile.Mandos", path)

        def set_property(name, which, value):
            proxy(f"/clients/{name}").Set(CLIENT, which, value, dbus_interface=dbus.PROPERTIES_IFACE)

        set_property("disabled", "Enabled", False)
        set_property("renewed", "Secret", dbus.ByteArray(RENEWED))
        proxy("/clients/renewed").CheckedOK(dbus_interface=CLIENT)
        set_property("edited", "Interval", dbus.UInt64(1_234_567))
        server.wait_for("Checker for edited succeeded")
        set_property("edited", "Host", "rechner.exämple")
        set_property("edited", "Checker", "true 'a \\ backslash' %%(host)s")
        set_property("edited", "Timeout", dbus.UInt64(10**9 + 1))
        set_property("edited", "ExtendedTimeout", dbus.UInt64(0))
        set_property("edited", "ApprovedByDefault", False)
        set_property("edited", "ApprovalDelay", dbus.UInt64(400 * 86_400_000 + 5))
        # Approved until long after the end: 1.8 then stores a boolean of the D-Bus library.
        set_property("edited", "ApprovalDuration", dbus.UInt64(3_600_000))
        proxy("/clients/edited").Approve(True, dbus_interface=CLIENT)
        proxy("/").RemoveClient(dbus.ObjectPath("/clients/removed"), dbus_interface="se.recompile.Mandos")
        return {
            name: proxy(f"/clients/{name}").GetAll(CLIENT, dbus_interface=dbus.PROPERTIES_IFACE)
            for name in CONFIGURED
            if name != "removed"
        }

    def stored_state(self):
        """What 1.8 said of its clients just before it ended, and the folder of the state that it stored."""
        for attempt in range(ATTEMPTS):
            folder = self.folder / f"attempt-{attempt}"
            folder.mkdir()
            folder.chmod(0o755)
            server, bus, state = self.start_server(folder)
            properties = self.change_clients(server, bus)
            server.stop()
            if (state / "clients.pickle").exists():
                print(f"1.8 stored its state at attempt {attempt + 1}")
                return properties, state
        raise AssertionError(f"1.8 stored no state in {ATTEMPTS} attempts:\n{server.stderr}")

    def imported(self, state, configured):
        arguments = [build_folder() / "tests/import_state", state]
        for name, secret in configured.items():
            arguments += [name, self.write(f"secret-{name}", secret)]
        return json.loads(self.run_program(arguments).stdout)

    def values(self, properties):
        return {
            "name": str(properties["Name"]),
            "key_id": str(properties["KeyID"]),
            "fingerprint": str(properties["Fingerprint"]),
            "host": str(properties["Host"]),
            "checker_command": str(properties["Checker"]),
            "enabled": bool(properties["Enabled"]),
            "approved_by_default": bool(properties["ApprovedByDefault"]),
            "timeout": int(properties["Timeout"]),
            "extended_timeout": int(properties["ExtendedTimeout"]),
            "interval": int(properties["Interval"]),
            "approval_delay": int(properties["ApprovalDelay"]),
            "approval_duration": int(properties["ApprovalDuration"]),
        }

    def client(self, properties):
        def time(which):
            text = str(properties[which])
            return (datetime.datetime.fromisoformat(text) - EPOCH) // datetime.timedelta(microseconds=1) if text else None

        return {
            **self.values(properties),
            "created": time("Created"),
            "last_enabled": time("LastEnabled"),
            "expires": time("Expires"),
            "last_checked_ok": time("LastCheckedOK"),
            "last_approval_request": time("LastApprovalRequest"),
            "last_checker_status": int(properties["LastCheckerStatus"]),
        }

    def test_what_1_8_stored_is_read(self):
        properties, state = self.stored_state()
        self.assertIn(b"dbus\nBoolean\n", (state / "clients.pickle").read_bytes())

        changed = self.imported(state, {name: secret + b"x" for name, secret in CONFIGURED.items()})
        for name in properties:
            self.assertIn("error", changed["secrets"][name], "recovered with another secret than the configured one")

        read = self.imported(state, CONFIGURED)
        self.assertEqual(read["secrets"].pop("removed"), None)
        secrets = {name: bytes.fromhex(secret) for name, secret in read["secrets"].items()}
        expected = {name: RENEWED if name == "renewed" else CONFIGURED[name] for name in properties}
        self.assertEqual(secrets, expected)

        clients = {client["name"]: client for client in read["clients"]}
        for client in clients.values():
            self.assertGreater(len(client.pop("encrypted_secret")), 0)
        self.assertEqual(clients, {name: self.client(now) for name, now in properties.items()})
        self.assertEqual([name for name, client in clients.items() if not client["enabled"]], ["disabled"])
        self.assertIsNone(clients["disabled"]["expires"])
        checked = [name for name, client in clients.items() if client["last_checked_ok"] is not None]
        self.assertEqual(sorted(checked), ["edited", "renewed"])

        settings = {item["name"]: item for item in read["settings"]}
        self.assertEqual(set(settings), set(CONFIGURED))
        self.assertEqual([name for name, item in settings.items() if item.pop("removed")], ["removed"])
        for number, name in enumerate(CONFIGURED):
            as_configured = {
                **self.values(properties["untouched"]), "name": name, "key_id": f"{number:064X}", "host": "localhost",
            }
            self.assertEqual(settings[name], as_configured)


if __name__ == "__main__":
    main()
