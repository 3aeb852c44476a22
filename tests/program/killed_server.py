"""A server that leads tests/program/scripted_life until it is killed at a call (killed_at_call.cc), and what is found of its
life when it is started again."""

import contextlib
import datetime
import os
import select
import shutil
import socket
import sqlite3
import subprocess

import dbus
import dbus.bus

from tests.program.scripted_life import ALWAYS, CLIENT, DEFAULTS, LATER, MUST_WAIT, NAME, SeenWorld, secret
from tests.program.state_of_1_8 import client_of_1_8, pickled, write_pickle
from tests.support.bus import PrivateBus
from tests.support.case import build_folder, program
from tests.support.mandos import KeyFiles, section

CLOCKS_APART = 0.1  # s; the server reads two, one after the other
PROPERTIES = "org.freedesktop.DBus.Properties"


def seconds_between(first, second):
    """Both as the server tells them; one that is disabled expires at no time, which is "" and before all others."""
    if not first or not second:
        return float(bool(second)) - float(bool(first))
    return (datetime.datetime.fromisoformat(second) - datetime.datetime.fromisoformat(first)).total_seconds()


class Killed(Exception):
    """The server has gone in the middle of an act."""


class Workshop:
    """What all lives of one test share: keys, the bus, and the folder in which one life after the other takes place."""

    def __init__(self, test):
        self.test = test
        self.folder = test.folder
        self.bus = PrivateBus(test.addCleanup, test.folder)
        self.connection = dbus.bus.BusConnection(self.bus.address)
        self.keys = {}
        for name in (*ALWAYS, *LATER):
            keys = self.folder / f"keys-{name}"
            keys.mkdir()
            test.run_program([program("mandos-keygen"), "--dir", keys, "--name", name], expect=0)
            self.keys[name] = KeyFiles(keys)
        self.sections = {name: self._section(name) for name in self.keys}
        self.state = self.folder / "state"
        self.account = self.folder / "account"
        self.owner = None  # of the state, once a server has made it

    def _section(self, name):
        extra = ["approved_by_default = no", "approval_delay = PT1H"] if name in ("four", "waits") else []
        return section(name, self.keys[name], secret(name), *extra).replace("host = localhost\n", "")

    def configure(self, later):
        text = DEFAULTS + "\n".join(self.sections[name] for name in (*ALWAYS, later))
        self.test.write("clients.conf", text)

    def clean(self):
        for folder in (self.state, self.account):
            shutil.rmtree(folder, ignore_errors=True)
        for name in ("entries", "synced"):
            (self.account / name).mkdir(parents=True)
        for folder in (self.account, *self.account.iterdir()):
            folder.chmod(0o777)  # the server gives up root
        self.configure("goes")

    def leave_state_of_1_8(self):
        """In it `two` is disabled, and `three` is not mentioned."""
        if self.owner is None:
            server = Server(self, kill_at=None)
            server.wait_until_ready()
            server.kill()
            self.owner = self.state.stat()
            shutil.rmtree(self.state)
        self.state.mkdir(mode=0o700)
        os.chown(self.state, self.owner.st_uid, self.owner.st_gid)
        clients = {name: client_of_1_8(name, self.keys[name].key_id) for name in (*ALWAYS, "goes") if name != "three"}
        clients["two"] = client_of_1_8("two", self.keys["two"].key_id, enabled=False, expires=None)
        pickle = write_pickle(self.state, pickled(clients))
        shutil.copy(pickle, self.account / "synced" / str(pickle.stat().st_ino))
        (self.account / "entries" / pickle.name).write_text(str(pickle.stat().st_ino))

    def cut_the_power(self):
        """The folder of the state as it is after a power cut: what was synced, under the names that were."""
        owner = self.state.stat()
        for path in self.state.iterdir():
            path.unlink()
        for entry in (self.account / "entries").iterdir():
            path, synced = self.state / entry.name, self.account / "synced" / entry.read_text()
            path.write_bytes(synced.read_bytes() if synced.exists() else b"")
            path.chmod(0o600)
            shutil.chown(path, owner.st_uid, owner.st_gid)

    def audit(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.state}/state.db?mode=ro", uri=True)) as database:
            return list(database.execute("SELECT event, client FROM audit ORDER BY number"))


class Server:
    """The server while it runs; `server` is the program."""

    def __init__(self, workshop, kill_at="0:none"):
        self.workshop = workshop
        environment = {
            **workshop.bus.environment,
            "LD_PRELOAD": str(build_folder() / "tests/libkilled_at_call.so"),
            "MANDOS_KILL_FOLDER": str(workshop.state),
            "MANDOS_KILL_ACCOUNT": str(workshop.account),
            "MANDOS_KILL_CALL": kill_at,
        } if kill_at else workshop.bus.environment
        # The test itself must not hold it: nobody would be told that the server has gone.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.set_inheritable(True)
            self.address = listener.getsockname()
            self.server = workshop.test.start(
                [program("mandos"), "--foreground", "--debuglevel=DEBUG", "--no-zeroconf", f"--socket={listener.fileno()}",
                 "--configdir", workshop.folder, "--statedir", workshop.state],
                descriptors=[listener.fileno()], environment=environment)
        self.end = os.pidfd_open(self.server.pid)
        workshop.test.addCleanup(os.close, self.end)
        self.secrets_received = []  # by which client
        self.peers = []

    def kill(self):
        self.server.kill()
        for peer in self.peers:
            peer.kill()
            peer.communicate()

    def has_gone(self):
        """Its connections are closed a moment before it is seen to have ended."""
        return bool(select.select([self.end], [], [], 5)[0])

    def wait_until_ready(self):
        self.wait_for("D-Bus: on the message bus now")

    def wait_for(self, pattern):
        try:
            self.server.wait_for(pattern)
        except AssertionError as error:
            raise (Killed() if self.has_gone() else error) from error

    def configure(self, later):
        self.workshop.configure(later)

    def section(self, name):
        return DEFAULTS + self.workshop.sections[name]

    def call(self, path, interface, method, *arguments, signature=None):
        try:
            return self.workshop.connection.call_blocking(NAME, path, interface, method, signature, arguments, timeout=60)
        except dbus.DBusException as error:
            if error.get_dbus_name() in ("org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.ServiceUnknown"):
                raise Killed() from error
            raise

    def path(self, name):
        return next(path for path, properties in self.clients().items() if properties["Name"] == name)

    def clients(self):
        return self.call("/", NAME, "GetAllClientsWithProperties")

    def set(self, name, key, value):
        self.put(self.path(name), CLIENT, key, value)

    def put(self, path, interface, key, value):
        self.call(path, PROPERTIES, "Set", interface, key, value, signature="ssv")

    def check(self, name, line, checker=None):
        if checker:
            self.set(name, "Checker", checker)
        self.call(self.path(name), CLIENT, "StartChecker")
        self.wait_for(f'client "{name}": {line}')

    def peer(self, name):
        peer = subprocess.Popen(
            [build_folder() / "tests/scripted_peer", *map(str, self.address), f"--keys={self.workshop.folder}/keys-{name}",
             "--expect=served,empty"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.peers.append(peer)
        return peer

    def take(self, name, peer):
        """What the peer gets; None: nothing."""
        content, story = peer.communicate(timeout=60)
        self.peers.remove(peer)
        if b" served: " in story:
            self.secrets_received.append(name)
            return content
        if b" empty: " in story:
            return None  # it was told goodbye at once
        if not self.has_gone():
            raise AssertionError(f"{name}: {story.decode()}\n{self.server.stderr}")
        raise Killed()

    def deliver(self, name):
        if self.take(name, self.peer(name)) is None:
            raise AssertionError(f"{name} was refused\n{self.server.stderr}")
        self.wait_for(f'client "{name}": secret sent to ')

    def look(self):
        """What can be seen of the world now; asks for every client."""
        clients = {str(properties["Name"]): {key: properties[key] for key in ("Enabled", "Timeout", "Host", "ApprovalDelay", "Expires")}
                   for properties in self.clients().values()}
        given = dict.fromkeys((*ALWAYS, *LATER))
        peers = {}
        for name in given:
            explained = self.call(self.path(name), CLIENT, "Explain") if name in clients else {"Reason": ""}
            if "it needs approval" in explained["Reason"]:
                given[name] = MUST_WAIT
            else:
                peers[name] = self.peer(name)
        for name, peer in peers.items():
            given[name] = self.take(name, peer)
        return SeenWorld(bool(self.call("/", PROPERTIES, "Get", NAME, "Lockdown")), clients, given)


class Story:
    """What a life came to before it was killed."""

    def __init__(self, world):
        self.world = world  # all that was acknowledged
        self.last = None  # the last act that was
        self.pending = None  # the act that was not
        self.records = []
        self.received = []
        self.expires = {}  # by client, when nobody acted after that
        self.is_stopping = False
        self.ended_unharmed = False


def live(workshop, kill_at, world, acts):
    """Starts a server in WORLD, and does one act after the other until it is killed, or stops it at the end."""
    story = Story(world)
    server = Server(workshop, kill_at)
    try:
        server.wait_until_ready()
        for act in acts:
            story.pending = act
            act.do(server)
            story.world = story.world.after(act)
            story.records += act.records
            story.last, story.pending = act, None
            story.expires = {str(one["Name"]): str(one["Expires"]) for one in server.clients().values()}
        story.is_stopping = True
        status = server.server.stop()
        story.ended_unharmed = status == 0
    except Killed:
        status = server.server.finish()
    if status not in (0, -9):
        raise AssertionError(f"ended with {status}\n{server.server.stderr}")
    server.kill()
    story.received = server.secrets_received
    return story


def resurrect(workshop, story):
    """Starts the server again and returns all that is not as it has to be."""
    server = Server(workshop, kill_at=None)
    try:
        server.wait_until_ready()
        return list(_judge(workshop, story, server))
    finally:
        server.kill()


def _judge(workshop, story, server):
    seen = server.look()
    wrong = story.world.difference(seen)
    if wrong and story.pending:
        also_wrong = story.world.after(story.pending).difference(seen)
        wrong = also_wrong and [f"as if nothing had been begun: {wrong}", f"as if it had been done: {also_wrong}"]
    yield from wrong

    # An act may have given its client more time, also a moment after it was done; nobody else has any more, unless it was
    # an administrator who stopped the server.
    may_have_more = {client for act in (story.last, story.pending) if act for _, client in act.records}
    for name, client in seen.clients.items():
        told = story.expires.get(name)
        if story.is_stopping or name in may_have_more or told is None:
            continue
        if seconds_between(told, client["Expires"]) > CLOCKS_APART:
            yield f"{name} expires at {client['Expires']}, and was to at {told or 'no time'}"

    yield from _judge_audit(workshop.audit(), story, server.secrets_received)
    verified = subprocess.run([program("mandos-ctl"), "log", "--verify"], env=workshop.bus.environment, capture_output=True,
                              text=True, timeout=60)
    if verified.returncode != 0:
        yield f"mandos-ctl log --verify: {verified.stdout}{verified.stderr}"


def _judge_audit(audit, story, received_now):
    remaining = iter(audit)
    for record in story.records:
        if record not in remaining:
            yield f"no record of {record} in its place in {audit}"
            return
    for name in {*story.received, *received_now}:
        releases = audit.count(("secret-released", name))
        received = [*story.received, *received_now].count(name)
        if releases < received:
            yield f"{name} got {received} secrets, and {releases} releases are recorded"
