"""The command line of mandos-client: exit status 64 for what is wrong, 69 for keys that are, at once."""

import os
import signal

from tests.program.client_case import ClientCase
from tests.support.case import main, program

PREFIX = "Mandos plugin mandos-client: "


class CommandLine(ClientCase):
    def refuse(self, status, words, *options):
        client = self.run_program([program("mandos-client"), *options], expect=status, deadline=20)
        self.assertEqual(client.stdout, b"")
        self.assertTrue(client.stderr.startswith(PREFIX), client.stderr)
        self.assertEqual(client.stderr.count("\n"), 1, client.stderr)
        for word in words if isinstance(words, tuple) else (words,):
            self.assertIn(word, client.stderr)

    def test_usage_errors(self):
        cases = {
            "unknown option \"--foo\"": ["--foo"],
            "unknown option \"-x\"": ["-x"],
            "option \"--se\" is unclear; it could be --server, --seckey": ["--se"],
            "option \"--d\" is unclear; it could be --dh-bits, --dh-params, --delay, --debug": ["--d"],
            "option \"--debug\" takes no argument": ["--debug=yes"],
            "option \"--retry\" needs an argument": ["--retry"],
            "option \"-c\" needs an argument": ["-c"],
            "unexpected argument \"word\"": ["word"],
            "\"localhost\" has no port": ["--connect=localhost"],
            "\"localhost:0\" has the port \"0\"": ["-clocalhost:0"],
            "\"1.2.3:1\" has \"1.2.3\", which is no IPv4 address": ["--conn", "1.2.3:1"],
            "[fe80::1]:1 is a link-local address": ["--connect=fe80::1:1", "--interface=eth0,eth1"],
            "option --server: [fe80::1]:": ["--server=fe80::1", "--interface=eth0,eth1"],
            "\"localhost:\" has the port \"\"": ["--server=localhost:"],
            "\"[::1\" has no \"]\"": ["--server", "[::1"],
            "\"1.2.3\", which is no IPv4 address": ["--server=1.2.3"],
            "\"a/b\", which is neither an address nor a name": ["--serv=a/b"],
            "option \"--server\" needs an argument": ["--server"],
            "\"-1\" is no time in seconds": ["--retry=-1"],
            "\"nan\" is no time in seconds": ["--retry=nan"],
            "\"inf\" is no time in seconds": ["--delay=inf"],
            "\"2,5\" is no time in seconds": ["--delay", "2,5"],
            "\"many\" is no number of bits": ["--dh-bits=many"],
            "\"a/b\" cannot be the name of a network interface": ["--interface=a/b"],
            "priority string \"NONSENSE\" is not understood": ["--priority=NONSENSE"],
        }
        for words, options in cases.items():
            with self.subTest(words):
                self.refuse(os.EX_USAGE, words, *options)

    def test_without_a_server(self):
        """With an interface to look on, it would look for servers there."""
        self.refuse(1, "use --interface=NAME or --connect=ADDRESS:PORT", "--interface=none", *self.keys.options)

    def test_bad_key_files(self):
        options = dict(option[2:].split("=") for option in self.keys.options)
        empty = self.write("empty", "")
        junk = self.write("junk", "-----BEGIN PRIVATE KEY-----\njunk\n-----END PRIVATE KEY-----\n")
        large = self.write("large", b"x" * (1 << 20) + b"x")
        for option in options:
            for path, words in (
                (self.folder / "missing", ("cannot open file", "No such file or directory")),
                (self.folder, ("Is a directory",)),
                (empty, ()),
                (junk, ()),
                (large, ("larger than 1048576 bytes",)),
                (options["tls-privkey" if option.endswith("key") and "tls" not in option else "seckey"], ()),
            ):
                with self.subTest(option=option, path=path):
                    wrong = [f"--{name}={value}" for name, value in (options | {option: str(path)}).items()]
                    self.refuse(os.EX_UNAVAILABLE, (str(path), *words), "--connect=::1:1", *wrong)

    def test_takes_each_option_of_old(self):
        server = self.server("good")
        client = self.client(
            server.address,
            options=[
                "--interface=none,lo",
                "-i",
                ",lo",
                "--priority=SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA",
                "--dh-bits=1024",
                "--dh-params=/nonexistent",
                "--del=0",
                "--retry=1e1",
                "--network-hook-dir=/nonexistent",
            ],
        )
        self.assert_gets_password(client)

    def test_a_network_setting_that_is_for_others_is_said_and_left_out(self):
        """It stands on the kernel's command line, which not only this program reads."""
        server = self.server("good")
        settings = ["--ip=ibft", "--vlan=lan5:eth0", "--route=198.51.100.0:192.0.2.1", "--ip=off", *["--ip=eth9:off"] * 64]
        client = self.client(server.address, options=settings)
        self.assert_gets_password(client)
        for words in ('going on without ip="ibft": "ibft" is not done here', 'going on without vlan="lan5:eth0": ',
                      'going on without rd.route="198.51.100.0:192.0.2.1": ', "going on without more of them"):
            self.assertIn(PREFIX + words, client.stderr)
        self.assertEqual(client.stderr.count("going on without"), 4)

    def test_information(self):
        mandos_client = program("mandos-client")
        version = self.run_program([mandos_client, "-V"])
        self.assertRegex(version.stderr, rf"^{PREFIX}mandos-client \d+\.\d+\.\d+\n$")
        self.assertEqual(version.stdout, b"")
        for option in ("--help", "-?", "--usage", "--hel"):
            told = self.run_program([mandos_client, option])
            self.assertTrue(told.stdout.startswith(b"Usage: mandos-client"))
            self.assertIn(b"--network-hook-dir=DIR", told.stdout)
            self.assertEqual(told.stderr, "")

    def test_only_interface_is_the_scope(self):
        """A link-local address is tried on the one interface that is named, beside "none"."""
        client = self.client("[fe80::1]:1", options=["--interface=none,lo"])
        client.wait_for(r"\[fe80::1\]:1: cannot connect: ")
        self.assertEqual(client.stop(), -signal.SIGTERM)


if __name__ == "__main__":
    main()
