"""The command line of mandos-keygen: what is refused, with exactly which words, before anything is touched."""

from tests.program.keygen_case import KeygenCase
from tests.support.case import main


class CommandLine(KeygenCase):
    def refuse_all(self, cases):
        for message, options in cases.items():
            with self.subTest(message):
                self.refuse(message, *options)
                self.assertEqual(self.content(), {})

    def test_what_is_no_option(self):
        self.refuse_all({
            'unknown option "--foo"; see --help': ["--foo"],
            'unknown option "-z"; see --help': ["-z"],
            'option "--length" needs an argument; see --help': ["--length"],
            'option "-n" needs an argument; see --help': ["-n"],
            'option "--force" takes no argument': ["--force=yes"],
            'option "--pass" is unclear; it could be --password, --passfile': ["--pass"],
            'unexpected argument "word": there are only options; see --help': ["word"],
        })

    def test_values_that_are_none(self):
        length = "is no length in bits; expected a number from 512 on"
        expiry = ("is no time of expiry; expected 0 for never, a number of days, one with d, w, m or y behind it, "
                  "or a date to come like 2031-12-31, and before 2106")
        signs = "is no type of OpenPGP key that can sign; expected RSA, DSA, ECDSA or EDDSA"
        encrypts = "is no type of OpenPGP key that can encrypt; expected RSA, ELG-E or ECDH"
        self.refuse_all({
            'option --dir: the value is empty': ["--dir="],
            'option --type: the value is empty': ["--type", ""],
            f'option --type: "RSB" {signs}': ["--type=RSB"],
            f'option --type: "ECDH" {signs}': ["--type=ECDH"],
            f'option --type: "ELG-E" {signs}': ["-t", "ELG-E"],
            f'option --type: "16" {signs}': ["-t16"],
            f'option --type: "a\\n\\xff" {signs}': ["-t", "a\n\udcff"],
            f'option --subtype: "DSA" {encrypts}': ["--subtype=DSA"],
            f'option --subtype: "EDDSA" {encrypts}': ["-s", "EDDSA"],
            f'option --subtype: "RSB" {encrypts}': ["-s", "RSB", "--type", "RSA"],
            'option --subtype: the value is empty': ["-s", ""],
            f'option --length: "511" {length}': ["--length=511"],
            f'option --length: "4096 " {length}': ["--length=4096 "],
            f'option --length: "0x800" {length}': ["-l0x800"],
            f'option --length: "-2048" {length}': ["-l", "-2048"],
            f'option --length: "4294967296" {length}': ["-l", "4294967296"],
            f'option --length: "" {length}': ["-l", ""],
            f'option --sublength: "many" {length}': ["--sublength", "many"],
            f'option --sublength: "2048.0" {length}': ["-L2048.0"],
            'a key of type RSA with 100000 bits cannot be made: Error during key generation': ["--length=100000"],
            f'option --expire: "" {expiry}': ["--expire="],
            f'option --expire: "soon" {expiry}': ["--expire=soon"],
            f'option --expire: "-1" {expiry}': ["-x", "-1"],
            f'option --expire: "1h" {expiry}': ["-x1h"],
            f'option --expire: "w" {expiry}': ["-xw"],
            f'option --expire: "0d" {expiry}': ["-x0d"],
            f'option --expire: "137y" {expiry}': ["-x137y"],
            f'option --expire: "100y" {expiry}': ["-x100y"],
            f'option --expire: "2106-03-01" {expiry}': ["-x", "2106-03-01"],
            f'option --expire: "4294967295y" {expiry}': ["-x4294967295y"],
            f'option --expire: "2001-01-01" {expiry}': ["-x2001-01-01"],
            f'option --expire: "2042-02-30" {expiry}': ["-x2042-02-30"],
            f'option --expire: "2042-2-3" {expiry}': ["-x2042-2-3"],
            'option --tls-keytype: "dsa" is no type of TLS key; expected ed25519, ed448, ecdsa or rsa': ["--tls-keytype=dsa"],
            'option --tls-keytype: the value is empty': ["-T", ""],
        })

    def test_names_that_no_section_can_have(self):
        unfit = ("has line breaks, control characters or bytes that are no UTF-8; expected the client's host name")
        blank = "begins or ends with white space, which clients.conf cannot keep"
        self.refuse_all({
            "option --name: the name is empty; expected the client's host name": ["--name="],
            'option --name: "DEFAULT" is the section of clients.conf for all clients, and no client': ["-n", "DEFAULT"],
            f'option --name: "a\\nb" {unfit}': ["--name=a\nb"],
            f'option --name: "a\\r" {unfit}': ["--name=a\r"],
            f'option --name: "\\x1b[2J" {unfit}': ["--name=\x1b[2J"],
            f'option --name: "\\xe5ngstr\\xf6m" {unfit}': ["--name", "\udce5ngstr\udcf6m"],
            f'option --name: " a" {blank}': ["--name= a"],
            f'option --name: "a\u3000" {blank}': ["--name=a\u3000"],
        })

    def test_user_ids_that_no_key_can_have(self):
        unfit = "name, comment and email must be UTF-8 without line breaks or other control characters"
        self.refuse_all({
            f'{unfit}: "a (b\\nc)"': ["-n", "a", "--comment", "b\nc"],
            f'{unfit}: "a <b@c\\x7f>"': ["-n", "a", "--email", "b@c\x7f"],
            f'{unfit}: "a (\\xff)"': ["-n", "a", "--comment", "\udcff"],
        })
        self.refuse(f'"{"x" * 256}"... cannot be a user ID: Bad parameters', "--name", "x" * 300)

    def test_what_does_not_go_together(self):
        self.refuse_all({
            "option --test: --password and --test cannot be given together": ["--password", "--test", "--connect=::1:1"],
            "option --password: --password and --test cannot be given together": ["--test", "-p"],
            "--connect and --device go with --test": ["--connect=[::1]:1"],
        })
        self.refuse("--connect and --device go with --test", "--password", "--device=/dev/null")
        self.refuse("--test needs --connect=ADDRESS:PORT: this version does not look for servers itself", "--test")
        self.refuse("--test takes --device or --passfile, not both",
                    "--test", "--connect=[::1]:1", "--passfile=/dev/null", "--device=/dev/null")
        self.refuse('option --patience: "0" is no number of seconds from 1 to 86400', "--test", "--patience=0")
        self.refuse('option --patience: "1s" is no number of seconds from 1 to 86400', "--test", "--patience=1s")

    def test_servers_that_are_none(self):
        for address in ("localhost", "localhost:0", "[::1]:65536", ":1"):
            with self.subTest(address):
                result = self.keygen("--test", "--connect", address, expect=1)
                self.assertRegex(result.stderr, rf"^mandos-keygen: option --connect: .*\n\Z")

    def test_help_and_version_come_first(self):
        version = self.keygen("--type=RSA", "--password", "--version", "--test")
        self.assertRegex(version.stdout.decode(), r"^mandos-keygen \d+\.\d+\.\d+\n\Z")
        for option in ("--help", "-h"):
            text = self.keygen(option, "--password").stdout.decode()
            for name in ("dir", "type", "length", "subtype", "sublength", "name", "email", "comment", "expire", "force",
                         "tls-keytype", "password", "passfile", "no-ssh", "version", "help", "test", "connect", "device"):
                self.assertIn(f"--{name}", text)
        self.assertEqual(self.content(), {})


class Output(KeygenCase):
    """Where standard output or standard error lead nowhere."""

    def through_shell(self, redirection, *arguments, expect):
        return self.keygen(*arguments, wrapper=["/bin/sh", "-c", f'exec "$@" {redirection}', "sh"], expect=expect)

    def test_what_cannot_be_printed_is_an_error(self):
        for redirection, why in {">&-": "Bad file descriptor", "<&- >&-": "Bad file descriptor", ">/dev/full": "No space left on device"}.items():
            for mode, before in ((["--version"], ""), (["--help"], ""), (["--force"], "the keys are in place, but that cannot be told: ")):
                with self.subTest(redirection=redirection, mode=mode):
                    result = self.through_shell(redirection, *mode, expect=1)
                    self.assertEqual(result.stderr, f"mandos-keygen: {before}standard output: cannot write: {why}\n")

    def test_no_key_file_becomes_standard_output(self):
        self.through_shell("<&- >&- 2>&-", "--name=a", expect=1)
        for name, start in {"seckey.txt": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "tls-pubkey.pem": "-----BEGIN PUBLIC KEY-----\n"}.items():
            self.assertTrue((self.keys / name).read_text().startswith(start))

    def test_errors_that_cannot_be_told_are_errors_all_the_same(self):
        for redirection in ("2>&-", "2>/dev/full"):
            self.assertEqual(self.through_shell(redirection, "--type=NONE", expect=1).stderr, "")


if __name__ == "__main__":
    main()
