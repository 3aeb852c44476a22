"""Whatever is wrong with a D-Bus call, the server says so, and nothing has changed: each method and property that it shows
(Introspect) is called with every other type, with extremes and on foreign paths."""

import os
import socket
import struct
import xml.etree.ElementTree

import dbus
import dbus.bus

from tests.program.server_case import OTHER_KEY_ID, ServerCase, section
from tests.support.bus import PrivateBus
from tests.support.case import main

NAME = "se.recompile.Mandos"
PROPERTIES = "org.freedesktop.DBus.Properties"
STANDARD = "org.freedesktop.DBus"
INVALID = "org.freedesktop.DBus.Error.InvalidArgs"
# A value of each type that D-Bus has, and of some that are made of them.
VALUES = {
    "s": "text", "b": True, "y": 1, "n": -1, "q": 1, "i": -1, "u": 1, "x": -(1 << 63), "t": (1 << 64) - 1,
    "d": float("nan"), "o": "/foreign", "g": "a{sv}", "as": ["text"], "ay": b"bytes", "a{sv}": {"key": 1}, "(s)": ("text",),
    "av": [1], "aas": [["text"]], "a{oa{sv}}": {"/foreign": {"key": 1}},
}
# What the values of a property may also come as: numbers that fit, and a signature for the text that it is.
ALSO = {"t": ("y", "q", "u"), "s": ("g",)}
FOREIGN = ("/", "/clients", "/clients/nobody", "/foreign", "/clients/one/more")


class BadCalls(ServerCase):
    def setUp(self):
        super().setUp()
        self.bus = PrivateBus(self.addCleanup, self.folder)
        self.connection = dbus.bus.BusConnection(self.bus.address)
        options = {"interval": "PT1H", "timeout": "PT1H", "checker": "true"}
        self.server = self.serve(section("one", **options) + section("two", OTHER_KEY_ID, **options),
                                 options=["--debuglevel=DEBUG"], environment=self.bus.environment)
        self.server.wait_for("D-Bus: on the message bus now")
        self.before = self.state()

    def state(self):
        return self.call("/", NAME, "GetAllClientsWithProperties"), self.call("/", PROPERTIES, "GetAll", "s", NAME)

    def tearDown(self):
        self.assertEqual(self.state(), self.before)
        self.assertNotIn("by uid", self.server.stderr)  # nobody did anything
        self.assertEqual(self.server.stop(), 0)
        super().tearDown()

    def call(self, path, interface, method, signature="", *arguments):
        return self.connection.call_blocking(NAME, path, interface, method, signature, arguments, timeout=60)

    def refused(self, error, path, interface, method, signature="", *arguments):
        with self.subTest(f"{path} {interface}.{method}({signature}) {str(arguments)[:60]}"):
            with self.assertRaises(dbus.DBusException) as caught:
                self.call(path, interface, method, signature, *arguments)
            self.assertIn(caught.exception.get_dbus_name(), error if isinstance(error, tuple) else (error,))
            self.assertTrue(caught.exception.get_dbus_message())

    def interfaces(self, path):
        tree = xml.etree.ElementTree.fromstring(self.call(path, f"{STANDARD}.Introspectable", "Introspect"))
        return tree.findall("interface")

    def test_arguments_of_other_types(self):
        called = 0
        for path in ("/", "/clients/one"):
            for interface in self.interfaces(path):
                for method in interface.findall("method"):
                    taken = "".join(one.get("type") for one in method.findall("arg") if one.get("direction") != "out")
                    for signature, value in VALUES.items():
                        if signature != taken:
                            self.refused(INVALID, path, interface.get("name"), method.get("name"), signature, value)
                            called += 1
                    if taken:
                        self.refused(INVALID, path, interface.get("name"), method.get("name"))
                        self.refused(INVALID, path, interface.get("name"), method.get("name"), "sss", "a", "b", "c")
        print(f"{called} calls with other types")
        self.assertGreater(called, 300)

    def test_properties_of_other_types(self):
        set_to = 0
        for path in ("/", "/clients/one"):
            for interface in self.interfaces(path):
                for one in interface.findall("property"):
                    for signature, value in VALUES.items():
                        if one.get("access") == "read":
                            error = f"{STANDARD}.Error.PropertyReadOnly"
                        elif signature in (one.get("type"), *ALSO.get(one.get("type"), ())) and signature != "t":
                            continue
                        else:
                            error = INVALID
                        self.refused(error, path, PROPERTIES, "Set", "ssv", interface.get("name"), one.get("name"),
                                     self.variant(signature, value))
                        set_to += 1
        print(f"{set_to} properties set to other types")
        self.assertGreater(set_to, 700)

    def test_extremes(self):
        for interface in (NAME + ".Client", "se.bsnet.fukt.Mandos.Client"):
            for name in ("Timeout", "ExtendedTimeout", "Interval", "ApprovalDelay", "ApprovalDuration"):
                for value in (dbus.Int64(-1), dbus.Int16(-1), dbus.Int64(-(1 << 63)), dbus.UInt64((1 << 64) - 1),
                              dbus.Int64((1 << 63) - 1), dbus.UInt64(1 << 52)):
                    self.refused(INVALID, "/clients/one", PROPERTIES, "Set", "ssv", interface, name, value)
            for value in (b"", b"x" * ((1 << 20) + 1)):
                self.refused(INVALID, "/clients/one", PROPERTIES, "Set", "ssv", interface, "Secret", dbus.ByteArray(value))
            for name in ("Host", "Checker"):
                self.refused(INVALID, "/clients/one", PROPERTIES, "Set", "ssv", interface, name, "x" * (1 << 20))
        for text in ("", "[", "[three]\ntimeout = soon\n", "[three]\nkey_id = 00\n", section("one"), "x" * (5 << 20),
                     section("three", timeout="PT1H5S"), section("three", timeout="-PT5M"), "[DEFAULT]\n",
                     section("three") + section("four")):
            self.refused((INVALID, f"{STANDARD}.Error.Failed"), "/", NAME, "AddClient", "s", text)

    def test_foreign_paths(self):
        for path in FOREIGN:
            self.refused((f"{STANDARD}.Error.UnknownObject",), "/", NAME, "RemoveClient", "o", path)
            for method, signature, arguments in (("Disable", "", ()), ("Approve", "b", (True,)), ("Explain", "", ())):
                self.refused((f"{STANDARD}.Error.UnknownObject", f"{STANDARD}.Error.UnknownMethod"), path, NAME + ".Client",
                             method, signature, *arguments)
            self.refused((f"{STANDARD}.Error.UnknownObject", f"{STANDARD}.Error.UnknownProperty"), path, PROPERTIES, "Set",
                         "ssv", NAME + ".Client", "Enabled", False)

    def test_text_that_is_no_utf_8(self):
        """A bus lets no such message pass, and lets go of who sends it; the server has heard of nothing."""
        peer = socket.socket(socket.AF_UNIX)
        self.addCleanup(peer.close)
        peer.settimeout(60)
        peer.connect(self.bus.address.removeprefix("unix:path="))
        peer.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(os.geteuid()).encode().hex().encode())
        self.assertRegex(peer.recv(4096), rb"^OK ")
        peer.sendall(b"BEGIN\r\n" + message(STANDARD, "/org/freedesktop/DBus", STANDARD, "Hello", "", b"", 1))
        self.assertEqual(peer.recv(1), b"l")
        body = b"".join((text(b"se.recompile.Mandos.Client"), text(b"Host"), b"\1s\0"))
        body += bytes(-len(body) % 4) + text(b"host \xff\xfe")
        peer.sendall(message(NAME, "/clients/one", PROPERTIES, "Set", "ssv", body, 2))
        while peer.recv(4096):
            pass

    @staticmethod
    def variant(signature, value):
        types = {"s": dbus.String, "b": dbus.Boolean, "y": dbus.Byte, "n": dbus.Int16, "q": dbus.UInt16, "i": dbus.Int32,
                 "u": dbus.UInt32, "x": dbus.Int64, "t": dbus.UInt64, "d": dbus.Double, "o": dbus.ObjectPath,
                 "g": dbus.Signature, "ay": dbus.ByteArray}
        if signature in types:
            return types[signature](value)
        if signature.startswith("a{"):
            return dbus.Dictionary(value, signature=signature[2:-1])
        if signature.startswith("a"):
            return dbus.Array(value, signature=signature[1:])
        return dbus.Struct(value)


def text(content):
    """A string as it stands in a message whose numbers are little-endian, with what aligns the next one."""
    encoded = struct.pack("<I", len(content)) + content + b"\0"
    return encoded + bytes(-len(encoded) % 4)


def message(destination, path, interface, member, signature, body, serial):
    """A method call as the D-Bus specification has it ("Message Format")."""
    fields = b""
    for code, kind, value in ((1, b"o", path), (6, b"s", destination), (2, b"s", interface), (3, b"s", member)):
        fields += bytes(-len(fields) % 8) + bytes([code, 1]) + kind + b"\0"
        fields += struct.pack("<I", len(value)) + value.encode() + b"\0"
    if signature:
        fields += bytes(-len(fields) % 8) + b"\x08\1g\0" + bytes([len(signature)]) + signature.encode() + b"\0"
    head = b"l\1\0\1" + struct.pack("<III", len(body), serial, len(fields)) + fields
    return head + bytes(-len(head) % 8) + body


if __name__ == "__main__":
    main()
