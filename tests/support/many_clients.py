"""Stands in for the server on the bus, with what 1.8's does not have: any number of clients, hostile texts, a peer with
each approval, lockdown. Usage: many_clients.py COUNT FIFO

It takes its name on the bus of DBUS_SYSTEM_BUS_ADDRESS, says "ready", and obeys lines in the FIFO:
  approval INDEX DELAY-MS PEER    a client waits for an approval
  lockdown on|off
  storm ROUNDS                    every client changes that often, as fast as the bus takes it
  stop                            ends in good order
"""

import datetime
import os
import sys

import dbus
import dbus.lowlevel
import dbus.mainloop.glib
from gi.repository import GLib

NAME = "se.recompile.Mandos"
CLIENT = f"{NAME}.Client"
EVIL_NAME = "evil\x1b[2J\x1b]0;title\x07\n"


def stamp(seconds):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")


class Server:
    def __init__(self, connection, count):
        self.connection = connection
        self.lockdown = False
        self.clients = {f"/clients/c{index}": self.properties(index) for index in range(count)}
        connection.add_message_filter(self.answer)

    @staticmethod
    def properties(index):
        return dbus.Dictionary(
            {
                "Name": EVIL_NAME if index == 0 else f"client{index:05}.example",
                "Host": f"host{index}.example",
                "Enabled": True,
                "Expires": stamp(3600 + index),
                "Timeout": dbus.UInt64(7200_000),
                "ExtendedTimeout": dbus.UInt64(7200_000),
                "Interval": dbus.UInt64(120_000),
                "ApprovalDelay": dbus.UInt64(0),
                "ApprovalDuration": dbus.UInt64(1000),
                "ApprovalPending": False,
                "ApprovedByDefault": False,
                "LastApprovalRequest": "",
                "LastCheckerStatus": dbus.Int16(0),
                "LastCheckedOK": stamp(0),
                "LastEnabled": stamp(0),
                "Created": stamp(0),
                "Checker": "fping -q -- host",
                "CheckerRunning": False,
                "KeyID": f"{index:064X}",
                "Fingerprint": f"{index:040X}",
            },
            signature="sv",
        )

    def answer(self, _connection, message):
        if not isinstance(message, dbus.lowlevel.MethodCallMessage):
            return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
        member = message.get_member()
        reply = dbus.lowlevel.MethodReturnMessage(message)
        if member == "GetManagedObjects":
            objects = {path: {CLIENT: properties} for path, properties in self.clients.items()}
            reply.append(objects, signature="a{oa{sa{sv}}}")
        elif member == "Get":
            reply.append(self.lockdown, signature="v")
        else:
            print(f"called {message.get_path()} {member} {message.get_args_list()}", flush=True)
        if not message.get_no_reply():
            self.connection.send_message(reply)
        return dbus.lowlevel.HANDLER_RESULT_HANDLED

    def signal(self, path, interface, member, signature, *arguments):
        message = dbus.lowlevel.SignalMessage(path, interface, member)
        message.append(*arguments, signature=signature)
        self.connection.send_message(message)

    def change(self, path, **changed):
        self.clients[path].update(changed)
        self.signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", CLIENT, changed, [])

    def approval(self, index, delay, peer):
        path = f"/clients/c{index}"
        self.change(path, ApprovalDelay=dbus.UInt64(delay))
        self.change(path, LastApprovalRequest=stamp(0))
        self.signal(path, CLIENT, "NeedApproval", "tb", int(delay), False)
        self.signal(path, CLIENT, "ApprovalNeeded", "tbs", int(delay), False, peer)
        self.change(path, ApprovalPending=True)

    def set_lockdown(self, state):
        self.lockdown = state == "on"
        changed = {"Lockdown": self.lockdown}
        self.signal("/", "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", NAME, changed, [])

    def storm(self, rounds):
        for number in range(int(rounds)):
            for path in self.clients:
                self.change(path, LastCheckerStatus=dbus.Int16(number % 2))
            self.connection.flush()
        self.change("/clients/c0", Host="after the storm")

    def obey(self, line):
        command, *arguments = line.split()
        if command == "stop":
            return False
        {"approval": self.approval, "lockdown": self.set_lockdown, "storm": self.storm}[command](*arguments)
        return True


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    server = Server(bus, int(sys.argv[1]))
    assert bus.request_name(NAME, dbus.bus.NAME_FLAG_DO_NOT_QUEUE) == dbus.bus.REQUEST_NAME_REPLY_PRIMARY_OWNER
    loop = GLib.MainLoop()

    # For both, so that it never ends; without a buffer, so that lines are where the loop looks for them.
    orders = os.open(sys.argv[2], os.O_RDWR)

    def read(_source, _condition):
        for line in os.read(orders, 65536).decode().splitlines():
            if not server.obey(line):
                loop.quit()
        return True

    GLib.io_add_watch(orders, GLib.PRIORITY_DEFAULT, GLib.IO_IN, read)
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
