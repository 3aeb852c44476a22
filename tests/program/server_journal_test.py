"""The server's audit records in systemd's journal: a real journald, in a mount namespace of the test's own."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

from tests.program.state_case import StateCase
from tests.support.bus import PrivateBus
from tests.support.case import SOURCE, main, program
from tests.support.program import DEADLINE

INSIDE = "MANDOS_TEST_INSIDE_NAMESPACE"
JOURNALD = "/lib/systemd/systemd-journald"
JOURNALS = pathlib.Path("/run/log/journal")
SOCKET = pathlib.Path("/run/systemd/journal/socket")


def enter_a_namespace():
    """Goes on in a mount namespace where neither journal nor logs of the machine outside are. Needs root."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--", sys.executable, "-B", *sys.argv])
    for folder in ("/run", "/var/log"):
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    JOURNALS.mkdir(parents=True)
    machine = pathlib.Path("/run/machine-id")  # journald needs one
    machine.write_text("0123456789abcdef0123456789abcdef\n", encoding="ascii")
    if os.path.exists("/etc/machine-id"):
        subprocess.run(["mount", "--bind", machine, "/etc/machine-id"], check=True)
    else:
        machine.rename("/etc/machine-id")
    if os.path.exists("/dev/log"):  # a link to journald's, or somebody else's
        subprocess.run(["mount", "--bind", "/dev/null", "/dev/log"], check=True)


class InJournal(StateCase):
    def setUp(self):
        super().setUp()
        self.bus = PrivateBus(self.addCleanup, self.folder)
        for of_another_test in JOURNALS.iterdir():
            shutil.rmtree(of_another_test)
        self.start_journal()

    def start_journal(self):
        """As systemd does it: the socket is there before journald is."""
        SOCKET.parent.mkdir(parents=True, exist_ok=True)
        SOCKET.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(SOCKET))
            SOCKET.chmod(0o666)  # for a server that has given up root
            script = f'exec 3<&{listener.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec {JOURNALD}'
            self.journald = self.start(["/bin/bash", "-c", script], descriptors=[listener.fileno()])

    def entries(self, *matches, synchronized=0):
        """What journalctl finds, after all that was sent has been written."""
        self.run_program(["journalctl", "--sync"], expect=synchronized)
        command = ["journalctl", f"--directory={JOURNALS}", "--output=json", "--all", "--quiet", *matches]
        return [json.loads(line) for line in self.run_program(command, expect=None).stdout.splitlines()]

    def wait_for_entries(self, *matches, count=1):
        """Asks until there are so many. At first there may be nobody yet who could synchronize anything."""
        until = time.monotonic() + DEADLINE
        while len(found := self.entries(*matches, synchronized=None)) < count:
            self.assertTrue(self.journald.running(), self.journald.stderr)
            self.assertLess(time.monotonic(), until, f"{matches}: {found}")
        self.assertEqual(len(found), count, found)
        return found

    def serve(self, clients, *, level="NOTICE", environment=None):
        listener = self.listener()
        self.write("clients.conf", clients)
        server = self.start(
            [self.mandos, "--foreground", "--no-zeroconf", f"--debuglevel={level}", f"--socket={listener.descriptor}", *self.configure()],
            descriptors=[listener.descriptor], environment={**self.bus.environment, **(environment or {})})
        server.address = listener.socket.getsockname()
        self.wait_for_entries("MANDOS_EVENT=server-started", f"_PID={server.pid}")
        return server

    def ctl(self, *arguments):
        return self.run_program([program("mandos-ctl"), *arguments], environment=self.bus.environment)

    def fields(self, entry):
        return {name: value for name, value in entry.items()
                if name.startswith("MANDOS_") or name in ("MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY")}

    def records(self):
        """The audit log by number: what each column has."""
        columns = ("number", "event", "client", "peer", "cause", "actor", "left_out")
        rows = self.database().execute(f"SELECT {', '.join(columns)} FROM audit")
        return {row[0]: dict(zip(columns, row)) for row in rows}


class Journal(InJournal):
    def test_a_clients_entries_are_found_by_its_name(self):
        server = self.serve(self.section("web") + self.section("other"))
        self.assert_given_quietly(server, "web")
        self.ctl("--disable", "web")
        refused = self.client(server, "web")
        entries = self.wait_for_entries("MANDOS_CLIENT=web", count=4)
        refused.kill()
        self.assertEqual([entry["MANDOS_EVENT"] for entry in entries],
                         ["secret-released", "secret-delivered", "disabled", "refused"])
        released, delivered, disabled, refused = map(self.fields, entries)
        self.assertEqual(released["MANDOS_ADDRESS"], "127.0.0.1")
        self.assertRegex(released["MANDOS_PEER"], r"\A127\.0\.0\.1:\d+\Z")
        self.assertEqual(delivered["MESSAGE"], f'client "web": secret sent to {released["MANDOS_PEER"]}')
        self.assertEqual(delivered["PRIORITY"], "5")
        self.assertEqual(disabled["PRIORITY"], "4")
        self.assertRegex(disabled["MANDOS_ACTOR"], r"\Auid 0 \(:\d+\.\d+\)\Z")
        self.assertEqual(refused["MANDOS_CAUSE"], 'client "web" is disabled')
        for entry in (released, delivered, disabled, refused):
            self.assertEqual(entry["SYSLOG_IDENTIFIER"], "mandos")
            self.assertEqual(entry["SYSLOG_FACILITY"], "3")
            self.assertEqual(entry["MANDOS_SERVICE"], "Mandos")

    def assert_given_quietly(self, server, name):
        """The client ends when all of it is there; the server's record of that comes a little later."""
        self.assert_given(server, name)
        self.wait_for_entries("MANDOS_EVENT=secret-delivered", f"MANDOS_CLIENT={name}")

    def test_each_record_is_there_once_and_by_its_number(self):
        server = self.serve(self.section("one", approval_delay="PT1H", approved_by_default="no"), level="INFO")
        asking = self.client(server, "one")
        self.wait_for_entries("MANDOS_EVENT=approval-needed")
        self.ctl("--approve", "one")
        self.assertEqual(asking.finish(), 0)
        self.wait_for_entries("MANDOS_EVENT=secret-delivered")
        self.ctl("--timeout=PT2H", "one")
        self.ctl("lockdown", "on")
        self.ctl("lockdown", "off")
        self.ctl("--deny", "--remove", "one")
        self.assertEqual(server.stop(), 0)
        entries = {}
        for entry in self.entries(f"_PID={server.pid}"):
            if "MANDOS_RECORD" in entry:
                self.assertNotIn(entry["MANDOS_RECORD"], entries)
                entries[entry["MANDOS_RECORD"]] = entry
        records = self.records()
        self.assertEqual({int(number) for number in entries}, set(records))
        for number, record in records.items():
            entry = entries[str(number)]
            self.assertEqual(entry["MANDOS_EVENT"], record["event"])
            for column in ("client", "peer", "cause", "actor"):
                self.assertEqual(entry.get(f"MANDOS_{column.upper()}", ""), record[column] or "")

    def test_the_message_ids_are_those_of_the_documentation(self):
        listed = dict(re.findall(r"^\| `([a-z-]+)` \| `([0-9a-f]{32})` \|", (SOURCE / "docs/log.md").read_text(encoding="utf-8"), re.MULTILINE))
        self.assertEqual(len(set(listed.values())), 20)
        server = self.serve(self.section("one"), level="INFO")
        self.assert_given_quietly(server, "one")
        self.assertEqual(server.stop(), 0)
        seen = {entry["MANDOS_EVENT"]: entry["MESSAGE_ID"] for entry in self.entries(f"_PID={server.pid}") if "MANDOS_EVENT" in entry}
        self.assertLessEqual({"server-started", "client-added", "secret-released", "secret-delivered", "server-stopped"}, set(seen))
        self.assertEqual(seen, {event: listed[event] for event in seen})

    def test_a_name_that_is_no_text_stays_what_it_is(self):
        """And no name makes a field of its own."""
        name = "é =x"
        server = self.serve(self.section("one").replace("[one]", f"[{name}]"))
        self.ctl("--disable", name)
        entry, = self.wait_for_entries(f"MANDOS_CLIENT={name}")
        self.assertEqual(entry["MANDOS_EVENT"], "disabled")
        self.assertEqual(server.stop(), 0)

    def test_nothing_is_told_twice_where_standard_error_is_the_journal(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        stream = os.fstat(writer)
        listener = self.listener()
        self.write("clients.conf", "")
        command = [self.mandos, "--foreground", "--debug", "--no-zeroconf", "--no-dbus", f"--socket={listener.descriptor}", *self.configure()]
        server = self.start(["/bin/bash", "-c", f'exec "$@" 2>&{writer}', "bash", *command], descriptors=[listener.descriptor, writer],
                            environment={"JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}"})
        os.close(writer)
        self.wait_for_entries("MANDOS_EVENT=server-started")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(os.read(reader, 4096), b"")


class Trouble(InJournal):
    def test_a_journal_that_takes_nothing_delays_nobody(self):
        server = self.serve(self.section("one"), level="DEBUG")
        self.journald.send(signal.SIGSTOP)
        for _ in range(600):  # lines, more than wait for a socket that nobody reads
            self.ask(server, b"2\r\n").close()
        self.assert_given(server, "one")
        self.journald.send(signal.SIGCONT)
        self.wait_for_entries("MANDOS_EVENT=server-started")
        self.assert_given(server, "one")
        self.assertEqual(server.stop(), 0)
        messages = [entry["MESSAGE"] for entry in self.entries(f"_PID={server.pid}")]
        self.assertTrue([line for line in messages if re.match(r"\(\d+ lines before this one were lost\) ", line)], messages[-20:])

    def test_a_journal_that_goes_and_comes_back(self):
        server = self.serve(self.section("one"))
        self.journald.kill()
        SOCKET.unlink(missing_ok=True)
        self.assert_given(server, "one")
        server.wait_for('client "one": secret sent to ')
        self.start_journal()
        self.ctl("--disable", "one")
        self.wait_for_entries("MANDOS_EVENT=disabled", "MANDOS_CLIENT=one")
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    enter_a_namespace()
    main()
