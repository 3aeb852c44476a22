"""The life that a server leads under tests/program/server_killed_test: acts of administrators, clients and time, each with
what it makes of the world.

A World is what can be seen of a server from outside: whether it is locked down, and of each client some properties and
what it gets on the wire. An act that was acknowledged holds from then on, whatever happens to the server.
"""

import copy
import unittest.mock

import dbus

HOUR = 3600_000
ANYTHING = unittest.mock.ANY
MUST_WAIT = "it has to wait for an approval"  # in place of what it gets
DENIED = None  # what a client gets that gets nothing
NAME = "se.recompile.Mandos"
CLIENT = f"{NAME}.Client"
ALWAYS = ("one", "two", "three", "four", "waits", "brief")
LATER = ("goes", "comes", "added")  # part of the time
DEFAULTS = """[DEFAULT]
timeout = PT1H
extended_timeout = PT1H
interval = PT1H
approval_duration = PT1H
checker = true

"""


def secret(name):
    return f"the first secret of {name}".encode()


# Long enough to need pages of its own.
SECOND_SECRET = b"the second secret of one, " * 300


def client(**changes):
    return {"Enabled": True, "Timeout": HOUR, "Host": "", "ApprovalDelay": 0, **changes}


class World:
    def __init__(self):
        self.lockdown = False
        self.clients = {name: client(gets=secret(name)) for name in (*ALWAYS, "goes")}
        for name in ("four", "waits"):
            self.clients[name].update(gets=MUST_WAIT, ApprovalDelay=HOUR)

    def after(self, act):
        world = copy.deepcopy(self)
        act.change(world)
        return world

    def gets(self, name):
        """What the client gets on the wire."""
        return DENIED if self.lockdown or name not in self.clients else self.clients[name]["gets"]

    def difference(self, other):
        """One line for each way in which OTHER, a SeenWorld, is not this one."""
        found = []
        if other.lockdown != self.lockdown:
            found.append(f"lockdown is {other.lockdown}")
        for name in sorted({*self.clients, *other.clients}):
            if name not in self.clients or name not in other.clients:
                found.append(f"{name} is {'there' if name in other.clients else 'gone'}")
                continue
            for key, value in self.clients[name].items():
                if key != "gets" and other.clients[name][key] != value:
                    found.append(f"{key} of {name} is {other.clients[name][key]}, not {value}")
        for name in (*ALWAYS, *LATER):
            if other.given[name] != self.gets(name):
                found.append(f"{name} gets {other.given[name]}, not {self.gets(name)}"[:200])
        return found


class SeenWorld:
    def __init__(self, lockdown, clients, given):
        """GIVEN: what each of all clients got, whether it is there or not."""
        self.lockdown, self.clients, self.given = lockdown, clients, given


class Act:
    """DO(life) does it and returns when it was acknowledged; CHANGE(world) is what holds then; RECORDS: what the audit log
    says of it, (event, client)."""

    def __init__(self, name, do, change=lambda world: None, records=()):
        self.name, self.do, self.change, self.records = name, do, change, records


def _set(name, **changes):
    def change(world):
        world.clients[name].update(changes)
    return change


def _property(name, key, value, record="settings-changed", **changes):
    return Act(f"{key} of {name}", lambda life: life.set(name, key, value), _set(name, **{key: value, **changes}),
               [(record, name)])


def _secret(life):
    life.set("one", "Secret", dbus.ByteArray(SECOND_SECRET))


def _call(name, method, *arguments):
    return lambda life: life.call(life.path(name), CLIENT, method, *arguments)


def _lockdown(on):
    def change(world):
        world.lockdown = on
    return Act(f"lockdown is {on}", lambda life: life.put("/", NAME, "Lockdown", on), change,
               [("lockdown-begun" if on else "lockdown-ended", "")])


def _deliver(name):
    return Act(f"{name} gets its secret", lambda life: life.deliver(name), records=[("secret-released", name)])


def _approve_waiting(life):
    peer = life.peer("waits")
    life.wait_for('client "waits": waits for approval')
    life.call(life.path("waits"), CLIENT, "Approve", True)
    life.take("waits", peer)


def _reload(life):
    life.configure("comes")
    life.call("/", NAME, "Reload")


def _configuration_changed(world):
    del world.clients["goes"]
    world.clients["comes"] = client(gets=secret("comes"))


def _expire(life):
    life.wait_for('client "brief": expired')


def _remove(life):
    life.call("/", NAME, "RemoveClient", life.path("three"))


def _added(world):
    world.clients["added"] = client(gets=secret("added"))


LIFE = [
    _deliver("one"),
    Act("a good check", lambda life: life.check("one", "checked and alive")),
    Act("a bad check", lambda life: life.check("two", "check failed", checker="false"), records=[("settings-changed", "two")]),
    Act("two is disabled", _call("two", "Disable"), _set("two", Enabled=False, gets=DENIED), [("disabled", "two")]),
    Act("two is enabled", _call("two", "Enable"), _set("two", Enabled=True, gets=secret("two")), [("enabled", "two")]),
    Act("another secret", _secret, _set("one", gets=SECOND_SECRET), [("settings-changed", "one")]),
    _property("two", "Timeout", dbus.UInt64(2 * HOUR)),
    _property("two", "Host", "host.example"),
    Act("a client is added", lambda life: life.call("/", NAME, "AddClient", life.section("added")), _added,
        [("client-added", "added")]),
    _deliver("added"),
    Act("a client is removed", _remove, lambda world: world.clients.pop("three"), [("client-removed", "three")]),
    # An approval is for who is there: it does not outlive the server.
    Act("four is approved", _call("four", "Approve", True), records=[("approved", "four")]),
    _deliver("four"),
    Act("one that waits is approved", _approve_waiting, records=[("approved", "waits"), ("secret-released", "waits")]),
    Act("one is denied", _call("one", "Approve", False), _set("one", gets=DENIED), [("denied", "one")]),
    _lockdown(True),
    _lockdown(False),
    Act("reload", _reload, _configuration_changed, [("configuration-read", "")]),
    Act("a short timeout", lambda life: life.set("brief", "Timeout", dbus.UInt64(200)),
        _set("brief", Timeout=200, Enabled=ANYTHING, gets=ANYTHING), [("settings-changed", "brief")]),
    Act("brief expires", _expire, _set("brief", Enabled=False, gets=DENIED), [("expired", "brief")]),
    Act("four is disabled", _call("four", "Disable"), _set("four", Enabled=False, gets=DENIED), [("disabled", "four")]),
]
