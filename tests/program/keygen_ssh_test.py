"""The SSH part of the section that mandos-keygen prints: this machine's host key, and the checker that looks at it.

A network namespace stands in for the machine (with_ssh_host.py), so this needs root.
"""

import os
import re
import sys
import unittest

from tests.program.keygen_case import KeygenCase
from tests.support.case import SOURCE, main

SECRET = r"(    [A-Za-z0-9+/=]{1,64}\n)+"

# What 1.8's server makes of a section: single percent signs when it starts, doubled ones for each run.
EXPAND_CHECKER = """
import configparser, sys
config = configparser.ConfigParser()
config.read(sys.argv[1])
print(config.get("localhost", "checker") % {"host": "localhost"})
"""


@unittest.skipUnless(os.geteuid() == 0, "only root makes a network namespace")
class SshKey(KeygenCase):
    def setUp(self):
        super().setUp()
        self.keygen("--name=x")
        self.password = self.write("password", "hunter2")

    def on_a_machine_with(self, types):
        """A wrapper for a command: the machine has host keys of TYPES."""
        return [sys.executable, "-B", SOURCE / "tests/program/with_ssh_host.py", types]

    def end_of_section(self, types, *options):
        """What follows the secret."""
        wrapper = self.on_a_machine_with(types)
        done = self.keygen("--name=x", "--passfile", self.password, *options, wrapper=wrapper)
        self.assertEqual(done.stderr, "")
        return re.search(rf"secret =\n{SECRET}((?s:.*))\Z", done.stdout.decode()).group(2)

    def test_nothing_where_none_is_wanted(self):
        for option in ("--no-ssh", "-S"):
            self.assertEqual(self.end_of_section("ed25519", option), "")

    def test_nothing_where_there_is_none_of_the_three_kinds(self):
        self.assertEqual(self.end_of_section("ecdsa-384"), "")

    def test_the_first_kind_that_is_there(self):
        for types, scan_type, name in [
            ("rsa,ecdsa-256,ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
            ("rsa,ed25519", "ed25519", "ssh-ed25519"),
            ("rsa", "rsa", "ssh-rsa"),
        ]:
            with self.subTest(types):
                checker = (
                    f"checker = ssh-keyscan -t {scan_type} %%(host)s 2>/dev/null | grep --fixed-strings --line-regexp "
                    '--quiet --regexp=%%(host)s" %(ssh_fingerprint)s"\n'
                )
                fingerprint = rf"ssh_fingerprint = {name} [A-Za-z0-9+/]+={{0,2}}\n"
                self.assertRegex(self.end_of_section(types), rf"\A{re.escape(checker)}{fingerprint}\Z")

    def test_the_checker_finds_this_machine_and_no_other(self):
        section, expand = self.folder / "section", self.write("expand.py", EXPAND_CHECKER)
        check = f'checker=$({sys.executable} {expand} {section}) && sh -c "$checker"'
        script = self.write("script", f'"$@" > {section} && {check} && echo right machine', mode=0o700)
        options = ["--name=localhost", "--passfile", self.password]
        here = self.keygen(*options, wrapper=[*self.on_a_machine_with("ed25519"), "/bin/sh", script])
        self.assertEqual(here.stdout, b"right machine\n")
        # With the same section, on a machine that has another key of the same kind.
        other = self.write("other", f"{check} || echo another machine", mode=0o700)
        there = self.run_program([*self.on_a_machine_with("ed25519"), "/bin/sh", other])
        self.assertEqual(there.stdout, b"another machine\n")


if __name__ == "__main__":
    main()
