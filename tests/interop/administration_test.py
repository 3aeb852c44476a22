"""What only our server can: our mandos-ctl asks it why, reads and verifies its log, reloads, locks down, adds clients.

And what a server of 1.8 answers to that: nothing, and mandos-ctl says so.
"""

import json
import re
import signal
import sqlite3
import sys

sys.argv.insert(1, "ours")
from tests.interop import clients  # noqa: E402
from tests.interop import ctl_case  # noqa: E402
from tests.interop.ctl_case import CtlCase, plain_section  # noqa: E402
from tests.support.case import main, program  # noqa: E402
from tests.support.mandos import DEBIAN_MANDOS, OUR_MANDOS  # noqa: E402

MARKER = b"marker-77ab01-of-a-password"


class Administration(CtlCase):
    def serve_client(self, *options):
        self.client = clients.written_by_gpg(self, "one", clients.debian_openpgp(self, "one"), MARKER)
        self.serve(self.client.section + "\n".join(["checker = true", *options, ""]))

    def fetch(self):
        return OUR_MANDOS.client(self, self.client.keys, self.listener.address)

    def assert_gets(self):
        fetching = self.fetch()
        self.assertEqual(fetching.finish(), 0, fetching.stderr)
        self.assertEqual(fetching.stdout, MARKER)

    def assert_refused(self, why):
        seen = len(re.findall(why, self.server.stderr))
        fetching = self.fetch()
        self.server.wait_for(why, count=seen + 1)
        fetching.kill()
        self.assertEqual(fetching.stdout, b"")

    def restart(self, how):
        self.server.send(how)
        self.server.finish()
        self.serve_again()

    def explain(self):
        return json.loads(self.new("explain", "--json", "one").stdout)

    def log(self, *options):
        return [json.loads(line) for line in self.new("log", "--json", *options).stdout.decode().splitlines()]

    def test_lockdown_refuses_everybody_and_survives_a_kill(self):
        self.serve_client()
        self.assertEqual(self.new("lockdown").stdout, b"off\n")
        self.new("lockdown", "on")
        self.assert_refused(r'client "one" gets nothing: the server is in lockdown')
        self.restart(signal.SIGKILL)
        self.assertEqual(self.new("lockdown").stdout, b"on\n")
        self.assert_refused(r'client "one" gets nothing: the server is in lockdown')
        self.assertIn("lockdown", self.explain()["Reason"])
        self.new("lockdown", "off")
        self.assert_gets()

    def test_what_was_acknowledged_holds_after_a_kill(self):
        self.serve_client()
        self.new("--disable", "one")
        self.restart(signal.SIGKILL)
        self.assert_refused(r'client "one" is disabled')
        self.new("--enable", "--host", "there", "one")
        self.restart(signal.SIGKILL)
        self.assertEqual(self.clients()["one"]["Host"], "there")
        self.assert_gets()
        self.new("--approval-duration", "PT1H", "--deny", "one")
        self.restart(signal.SIGKILL)
        self.assert_refused(r'client "one" was denied')
        self.new("--remove", "one")
        self.restart(signal.SIGKILL)
        self.assertEqual(self.clients(), {})
        self.assert_refused("unknown key ID")

    def test_explain_says_why(self):
        self.serve_client()
        explained = self.explain()
        self.assertEqual((explained["Name"], explained["WouldGet"]), ("one", True))
        self.new("-d", "one")
        explained = self.explain()
        self.assertFalse(explained["WouldGet"])
        self.assertIn("disabled", explained["Reason"])
        self.assertIn("mandos-ctl --enable", explained["Remedy"])
        text = self.new("explain", "one").stdout.decode()
        self.assertRegex(text, r'\Aclient "one" would not get its secret now: .*\n(.*\n)*what would change that: ')
        self.new("explain", "nobody", expect=1)
        for wrong in ([], ["one", "two"], ["--foo", "one"]):
            self.new("explain", *wrong, expect=2)

    def test_explain_ends_with_the_last_decisions_in_words(self):
        self.serve_client()
        self.assert_gets()
        self.new("-d", "one")
        self.assert_refused(r'client "one" is disabled')
        decisions = self.explain()["Decisions"]
        self.assertEqual([decision["Event"] for decision in decisions],
                         ["client-added", "secret-released", "secret-delivered", "disabled", "refused"])
        self.assertEqual(decisions, self.log("--client", "one"))
        *_, heading, added, released, sent, disabled, refused = self.new("explain", "one").stdout.decode().splitlines()
        self.assertEqual(heading, "what was decided lately, in UTC:")
        time, peer = r"  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", r"\[::1\]:\d+"
        self.assertRegex(added, rf"^{time}it was added: enabled, by clients\.conf$")
        self.assertRegex(released, rf"^{time}its secret was released to {peer}$")
        self.assertRegex(sent, rf"^{time}its secret was sent to {peer}$")
        self.assertRegex(disabled, rf"^{time}it was disabled, by uid 0 \(:1\.\d+\)$")
        self.assertRegex(refused, rf'^{time}it was refused its secret at {peer}: client "one" is disabled$')

    def test_explain_shows_ten_decisions_at_most(self):
        self.serve_client()
        for _ in range(6):
            self.new("-d", "one")
            self.new("-e", "one")
        decisions = self.explain()["Decisions"]
        self.assertEqual([decision["Event"] for decision in decisions], ["disabled", "enabled"] * 5)
        self.assertEqual(decisions, self.log("--client", "one")[-10:])
        self.assertEqual(len(re.findall(r"(?m)^  \d{4}-", self.new("explain", "one").stdout.decode())), 10)

    def test_explain_where_nothing_is_recorded(self):
        """As of a client whose state came from Mandos 1.8."""
        self.serve_client()
        self.server.stop()
        self.empty_the_log()
        self.serve_again()
        self.assertEqual(self.explain()["Decisions"], [])
        self.assertTrue(self.new("explain", "one").stdout.endswith(b"\nnothing is recorded about it\n"))

    def empty_the_log(self):
        database = sqlite3.connect(self.folder / "state/state.db")
        for trigger, in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("DELETE FROM audit")
        database.execute("UPDATE server SET audit_records = 0, audit_hash = zeroblob(32)")
        database.commit()
        database.close()

    def test_the_log_says_who_when_and_why(self):
        self.serve_client()
        self.assert_gets()
        self.new("-d", "one")
        self.assert_refused(r'client "one" is disabled')
        events = [(entry["Event"], entry["Client"]) for entry in self.log()]
        for event in ("client-added", "secret-released", "secret-delivered", "disabled", "refused"):
            self.assertIn((event, "one"), events)
        self.assertEqual([entry["Number"] for entry in self.log()], list(range(1, len(events) + 1)))
        disabled = next(entry for entry in self.log("--client=one") if entry["Event"] == "disabled")
        self.assertRegex(disabled["Actor"], r"^uid 0 \(:1\.\d+\)$")
        self.assertEqual({entry["Client"] for entry in self.log("--client", "one")}, {"one"})
        self.assertEqual(self.log("--since", "2099-01-01"), [])
        self.assertEqual(self.log("--since", "PT1H"), self.log())
        self.assertRegex(self.new("log").stdout.decode(),
                         r'(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d secret-released "one" \[::1\]:\d+$')
        self.assertNotIn(MARKER, self.new("log").stdout)
        for wrong in (["--since", "soon"], ["--since", "2026-13-01"], ["--verify", "--client=one"], ["word"]):
            self.new("log", *wrong, expect=2)

    def test_a_log_that_somebody_changed_is_found(self):
        self.serve_client()
        self.assert_gets()
        self.assertRegex(self.new("log", "--verify").stdout.decode(), r"^all \d+ records are as they were written\n$")
        self.server.stop()
        database = sqlite3.connect(self.folder / "state/state.db")
        database.execute("DROP TRIGGER audit_is_never_changed")
        number, = database.execute("SELECT number FROM audit WHERE event = 'secret-released'").fetchone()
        database.execute("UPDATE audit SET client = 'two' WHERE number = ?", [number])
        database.commit()
        database.close()
        self.serve_again()
        verified = self.new("log", "--verify", expect=1).stdout.decode()
        self.assertRegex(verified, rf"^{number - 1} records are as they were written, the next is not: ")
        self.assertFalse(json.loads(self.new("log", "--verify", "--json", expect=1).stdout)["Good"])

    def test_reload_tells_what_is_wrong(self):
        self.serve_client()
        configuration = self.folder / "configuration/clients.conf"
        before = configuration.read_text()
        configuration.write_text(before + plain_section("two", 2))
        self.new("reload")
        self.assertEqual(set(self.clients()), {"one", "two"})
        configuration.write_text(before + plain_section("three", 3, "timeout = soon"))
        wrong = self.new("reload", expect=1)
        self.assertRegex(wrong.stderr, r'clients.conf:\d+: section "three", option timeout: ')
        self.assertEqual(set(self.clients()), {"one", "two"})

    def test_an_added_client_stays(self):
        self.serve_client()
        section = self.write("section", plain_section("new", 7))
        self.new("add", section)
        self.new("add", section, expect=1)  # there is one of that name now
        self.new("add", stdin=plain_section("newer", 8).encode())
        self.assertIn("expected", self.new("add", stdin=b"no section at all\n", expect=1).stderr)
        self.restart(signal.SIGKILL)
        self.assertEqual(set(self.clients()), {"one", "new", "newer"})
        self.new("--remove", "new")
        self.restart(signal.SIGTERM)
        self.assertEqual(set(self.clients()), {"one", "newer"})

    def test_a_server_of_1_8_has_none_of_this(self):
        ctl_case.SERVER = "1.8"
        self.addCleanup(setattr, ctl_case, "SERVER", "ours")
        self.serve(plain_section("one", 1))
        for command in (["explain", "one"], ["log"], ["log", "--verify"], ["reload"], ["lockdown"], ["lockdown", "on"]):
            with self.subTest(command):
                answered = self.new(*command, expect=1)
                self.assertIn("is it Mandos 1.8?", answered.stderr)


class AfterAKill(CtlCase):
    """The same story with both servers: a client is disabled, the server is killed and started again. Who gets the secret?"""

    def story(self, server):
        client = clients.written_by_gpg(self, "one", clients.debian_openpgp(self, "one"), MARKER)
        ctl_case.SERVER = server
        self.addCleanup(setattr, ctl_case, "SERVER", "ours")
        self.serve(client.section + "\nchecker = true\n")
        self.new("--disable", "one")
        self.assertFalse(self.clients()["one"]["Enabled"])
        self.server.kill()
        self.serve_again()
        return OUR_MANDOS.client(self, client.keys, self.listener.address)

    def test_mandos_1_8_hands_out_the_secret_of_a_disabled_client(self):
        fetching = self.story("1.8")
        self.assertEqual(fetching.finish(), 0, fetching.stderr)
        self.assertEqual(fetching.stdout, MARKER)

    def test_ours_does_not(self):
        fetching = self.story("ours")
        self.server.wait_for(r'refused: client "one" is disabled')
        fetching.kill()
        self.assertEqual(fetching.stdout, b"")


if __name__ == "__main__":
    main()
