"""Bad configurations: file, line, section, option, value and what was expected; exit status 1; nothing half started."""

import os
import resource
import signal
import socket
import subprocess
import unittest

from tests.program.server_case import KEY_ID, NOTHING_KEY_ID, OTHER_KEY_ID, SECRET, ServerCase, section
from tests.support.case import main

TIME = 'is no time span; expected one like "PT5M" or "P1DT2H0M30S" (RFC 3339), or "5m 30s" with the units s, m, h, d and w'
BOOLEAN = "is neither yes nor no; expected 1, yes, true or on, or 0, no, false or off"

# clients.conf, and the one finding that it must lead to.
BAD_CLIENTS = {
    "boolean": (section("a", enabled="perhaps"), f'clients.conf:4: section "a", option enabled: "perhaps" {BOOLEAN}'),
    "time": (section("a", timeout="5x"), f'clients.conf:4: section "a", option timeout: "5x" {TIME}'),
    "base64": (
        section("a", secret="QUJ"),
        'clients.conf:3: section "a", option secret: the base64 padding ("=" at the end) is missing or too short; '
        "expected base64, as `mandos-keygen --password` prints it",
    ),
    "hex length": (
        section("a", key_id="abcdef"),
        'clients.conf:2: section "a", option key_id: "abcdef" is no key ID: 6 hexadecimal digits, expected 64; '
        "expected what `mandos-keygen --password` prints",
    ),
    "hex digit": (
        section("a", key_id="x" * 64),
        f'clients.conf:2: section "a", option key_id: "{"x" * 64}" is no key ID: character "x" at position 1 is not a '
        "hexadecimal digit; expected what `mandos-keygen --password` prints",
    ),
    "section twice": (
        section("a") + section("b", OTHER_KEY_ID) + "[a]\n" + f"secret = {SECRET}\nkey_id = {'c' * 64}\n",
        'clients.conf:7: section "a": section "a" is given twice, first in line 1; expected one section for each name',
    ),
    "option twice": (
        section("a") + "SECRET = QQ==\n",
        'clients.conf:4: section "a", option secret: option "secret" is given twice, first in line 3',
    ),
    "no secret": (
        f"[a]\nkey_id = {KEY_ID}\n",
        'clients.conf:1: section "a", option secret: the client has neither a secret nor a secfile; expected what '
        "`mandos-keygen --password` prints",
    ),
    "lone percent": (
        section("a", host="100%"),
        'clients.conf:4: section "a", option host: a lone % in "%"; write %% for a percent sign',
    ),
    "recursion": (
        section("a", host="%(host)s"),
        'clients.conf:4: section "a", option host: the references are more than 10 deep; do they lead back to themselves?',
    ),
    "unknown reference": (
        section("a", host="%(hots)s"),
        'clients.conf:4: section "a", option host: "%(hots)s" names an option that is neither in this section nor in '
        "[DEFAULT]",
    ),
    "no section": (
        "enabled = no\n",
        'clients.conf:1: "enabled"... stands before any section; expected a line like [DEFAULT] or [name] first',
    ),
    "nonsense": (
        section("a") + "nonsense\n",
        'clients.conf:4: section "a": a line of 8 bytes is neither a section, nor an option with a value, nor a comment; '
        'expected "option = value"; lines that continue a value begin with a blank',
    ),
    "secfile": (
        f"[a]\nkey_id = {KEY_ID}\nsecfile = /nonexistent/secret\n",
        'clients.conf:3: section "a", option secfile: cannot open file "/nonexistent/secret": No such file or directory; '
        "expected a file with the client's OpenPGP message",
    ),
    "key file": (
        f"[a]\nsecret = {SECRET}\nopenpgp_keyfile = /nonexistent/key\n",
        'clients.conf:3: section "a", option openpgp_keyfile: cannot open file "/nonexistent/key": No such file or '
        "directory; expected an armoured OpenPGP public key",
    ),
    "key text": (
        f"[a]\nsecret = {SECRET}\nopenpgp_key = nonsense\n",
        'clients.conf:3: section "a", option openpgp_key: no OpenPGP key can be read; expected an armoured one: ',
    ),
}

BAD_CONF = {
    "boolean": ("debug = maybe", f'mandos.conf:2: section "DEFAULT", option debug: "maybe" {BOOLEAN}'),
    "port": ("port = 65536", 'mandos.conf:2: section "DEFAULT", option port: "65536" is no number from 0 to 65535'),
    "port word": ("port = http", 'mandos.conf:2: section "DEFAULT", option port: "http" is no number from 0 to 65535'),
    "level": (
        "debuglevel = LOUD",
        'mandos.conf:2: section "DEFAULT", option debuglevel: "LOUD" is no log level; expected CRITICAL, ERROR, WARNING, '
        "NOTICE, INFO or DEBUG",
    ),
    "percent": ("foreground = %", 'mandos.conf:2: section "DEFAULT", option foreground: a lone % in "%"; write %% for a percent sign'),
    "twice": ("port = 1\nPort = 2", 'mandos.conf:3: section "DEFAULT", option port: option "port" is given twice, first in line 2'),
}

# What 1.8 starts with, and so do we.
TOLERATED = {
    "one key twice": (
        section("a") + section("b"),
        'clients.conf:4: warning: section "b", option key_id: section "a" (line 1) has the same: neither of them gets '
        "anything",
    ),
    "empty secret": (section("a", secret=""), 'clients.conf:3: warning: section "a", option secret: it is empty: this client gets nothing'),
    "junk in base64": (
        section("a", secret="Q-Q=="),
        'clients.conf:3: warning: section "a", option secret: there are characters in it that do not belong into base64; '
        "they are skipped",
    ),
    "key ID of nothing": (
        section("a", key_id=NOTHING_KEY_ID),
        'clients.conf:2: warning: section "a", option key_id: this is the key ID of no key at all, which a faulty Mandos '
        "1.8.0 printed: this client gets nothing. Make its section anew with `mandos-keygen --password`",
    ),
    "no key ID": (
        f"[a]\nsecret = {SECRET}\n",
        'clients.conf:1: warning: section "a", option key_id: the client has no key ID: it gets nothing. Expected what '
        "`mandos-keygen --password` prints",
    ),
    "negative time": (section("a", timeout="-5m"), 'clients.conf:4: warning: section "a", option timeout: "-5m" is less than nothing, and taken as PT0S'),
    "no clients": (
        "",
        "clients.conf: warning: there are no clients; add what `mandos-keygen --password` prints on each client",
    ),
}


class BadConfiguration(ServerCase):
    def refused(self, options, finding):
        """The server says FINDING and does not start: it ends with 1 and never listens."""
        server = self.run_program([self.mandos, "--foreground", "--no-zeroconf", "--port=1", *options], expect=1)
        self.assertIn(finding, server.stderr.replace(f"{self.folder}/", ""))
        self.assertNotIn("listening", server.stderr)
        self.assertEqual(server.stdout, b"")

    def test_every_bad_clients_conf(self):
        for name, (text, finding) in BAD_CLIENTS.items():
            with self.subTest(name):
                found = self.check(clients=text, expect=1)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(finding) if finding.endswith(": ") else found[0] == finding, found)
                self.refused(self.configure(text), finding)

    def test_every_bad_mandos_conf(self):
        for name, (text, finding) in BAD_CONF.items():
            with self.subTest(name):
                conf = f"[DEFAULT]\n{text}\n"
                self.assertEqual(self.check(clients=section("a"), conf=conf, expect=1), [finding])
                self.refused(self.configure(conf=conf), finding)

    def test_no_section_in_mandos_conf(self):
        self.assertEqual(
            self.check(clients=section("a"), conf="port = 1\n", expect=1),
            ['mandos.conf:1: "port"... stands before any section; expected a line like [DEFAULT] or [name] first'],
        )

    def test_all_findings_at_once(self):
        text = "".join(section(str(number), format(number, "064x"), timeout="x") for number in range(50))
        self.assertEqual(len(self.check(clients=text, conf="[DEFAULT]\nport = x\ndebug = y\n", expect=1)), 52)

    def test_invalid_priority_strings(self):
        for priority, words in {
            "NONSENSE": 'priority string "NONSENSE" is not understood',
            "NORMAL": 'priority string "NORMAL" allows no raw public keys',
        }.items():
            for way in ({"options": [f"--priority={priority}"]}, {"conf": f"[DEFAULT]\npriority = {priority}\n"}):
                with self.subTest(priority, way=way):
                    found = self.check(clients=section("a"), expect=1, **way)
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(words, found[0])
                    (self.folder / "mandos.conf").unlink(missing_ok=True)
            self.configure(section("a"))
            self.refused(["--configdir", self.folder, f"--priority={priority}"], words)

    def test_an_unreadable_file(self):
        (self.folder / "clients.conf").mkdir()
        self.assertIn("Is a directory", "".join(self.check(expect=1)))
        self.refused(self.configure(), "Is a directory")

    def test_bytes_that_are_no_text(self):
        self.assertEqual(
            self.check(clients=section("a").encode() + b"host = \xff\xfe\n", expect=1),
            ['clients.conf:4: section "a": the line is no UTF-8 text'],
        )

    def test_secrets_are_never_shown(self):
        marker = "TUFSS0VSMARKER"
        for text in (section("a", secret=marker + "x"), section("a", secret=f"%({marker}"), section("a", secret=marker) + "x\n"):
            result = self.run_program([self.mandos, "--check", *self.configure(text)], expect=None)
            self.assertNotIn(marker.encode(), result.stdout)
            if "%(" not in text:  # there it is the name of an option, which is no secret
                self.assertNotIn(marker, result.stderr)

    def test_what_1_8_tolerates_is_a_warning(self):
        for name, (text, finding) in TOLERATED.items():
            with self.subTest(name):
                self.assertEqual(self.check(clients=text, expect=0), [finding])
                server = self.serve(text)
                self.assertIn(finding.replace("clients.conf", f"{self.folder}/clients.conf"), server.stderr)
                self.assert_serves(server)
                self.assertEqual(server.stop(), 0)

    def test_no_files_at_all(self):
        self.assertEqual(len(self.check(expect=0)), 1)
        server = self.serve()
        self.assertRegex(server.stderr, r'WARNING: .*clients.conf: warning: there is no such file')
        self.assert_serves(server)

    def test_the_outdated_priority_of_old_packages(self):
        conf = "[DEFAULT]\npriority = SECURE256:!CTYPE-X.509:+CTYPE-OPENPGP:!RSA:+SIGN-DSA-SHA256\n"
        found = self.check(clients=section("a"), conf=conf, expect=0)
        self.assertIn("is for OpenPGP certificates, which TLS no longer has; the default is used instead", found[0])
        self.assert_serves(self.serve(section("a"), conf))

    def test_line_ends_and_names_of_the_world(self):
        text = section("Überraschung 東京 @home").replace("\n", "\r\n")
        self.assertEqual(self.check(clients=text, expect=0), [])
        self.assertIn("1 clients", self.serve(text).stderr)

    def test_a_hundred_thousand_clients(self):
        text = "".join(section(f"client{number}", format(number, "064x")) for number in range(100_000))
        self.assertEqual(self.check(clients=text, expect=0), [])
        server = self.serve(text)
        self.assertIn("100000 clients", server.stderr)
        self.assert_serves(server)


if __name__ == "__main__":
    main()
