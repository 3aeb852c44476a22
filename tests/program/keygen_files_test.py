"""The four key files: never overwritten unasked, replaced as one or not at all, readable by their owner alone."""

import os
import signal
import stat

from tests.program.keygen_case import FILES, KeygenCase
from tests.support.case import build_folder, main

ROOT = os.geteuid() == 0


class Refusal(KeygenCase):
    def test_each_file_alone_is_a_reason(self):
        for name in FILES:
            with self.subTest(name):
                path = self.write(f"keys/{name}", "")
                before = self.content()
                self.refuse(f'refusing to overwrite "keys/{name}"; use --force to replace the keys')
                self.assertEqual(self.content(), before)
                path.unlink()

    def test_what_is_no_file_is_a_reason_too(self):
        (self.keys / "seckey.txt").symlink_to("nowhere")
        self.refuse('refusing to overwrite "keys/seckey.txt"; use --force to replace the keys')
        (self.keys / "seckey.txt").unlink()
        (self.keys / "tls-pubkey.pem").mkdir()
        self.refuse('refusing to overwrite "keys/tls-pubkey.pem"; use --force to replace the keys')
        self.assertEqual(list(self.content()), ["tls-pubkey.pem"])

    def test_the_directory_must_be_there(self):
        self.keys.rmdir()
        self.refuse('directory "keys" cannot be used; make it first, or give --dir: No such file or directory')
        self.write("keys", "a file")
        self.refuse('"keys" is no directory; give --dir')

    def test_of_two_at_once_one_wins(self):
        """The others find its files, before or after they have made their own keys, and change none of them."""
        started = [self.start([self.keygen_path, "--dir", self.keys, f"--name=number-{i}"]) for i in range(8)]
        ended = [program.finish() for program in started]
        self.assertEqual(sorted(ended), [0] + [1] * 7, [program.stderr for program in started])
        winner = started[ended.index(0)]
        self.assertEqual(sorted(self.content()), sorted(FILES))
        self.assertIn(self.key_id(), winner.stdout.decode())
        number = f"number-{ended.index(0)}"
        for name in ("seckey.txt", "pubkey.txt"):
            self.assertIn(f"Comment: Mandos client key for {number}\n", (self.keys / name).read_text())


class Failure(KeygenCase):
    """With --force, and a failure half-way: the old set stays, byte for byte, and nothing else is there."""

    def assert_fails(self, words, before, **options):
        result = self.keygen("--force", "--name=a", expect=1, **options)
        self.assertIn(words, result.stderr)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(self.content(), before)
        return result

    def test_a_directory_in_the_place_of_a_file(self):
        for name in FILES:
            with self.subTest(name):
                self.some_keys()
                (self.keys / name).unlink()
                (self.keys / name).mkdir()
                self.assert_fails(f'cannot keep the old "{self.keys / name}" as "{self.keys / name}.~1~"', self.content())
                (self.keys / name).rmdir()

    def test_a_file_that_may_not_grow_that_far(self):
        before = self.some_keys()
        for size in (0, 100, 1000):  # the largest of the four has more
            self.assert_fails("cannot write: File too large", before, wrapper=["prlimit", f"--fsize={size}"])

    def test_a_full_or_read_only_file_system(self):
        if not ROOT:
            self.skipTest("only root can mount a file system of its own")
        old = self.some_keys()
        cases = {f"size={4 * (len(old) + more)}k": "No space left on device" for more in range(len(old))}
        # The directory, the old files, then each new file and each second name of an old one.
        cases |= {f"nr_inodes={1 + len(old) + more}": "No space left on device" for more in range(2 * len(old))}
        cases |= {"ro": "Read-only file system"}
        for limit, words in cases.items():
            with self.subTest(limit):
                mount = "mount -t tmpfs -o mode=700" + ("" if limit == "ro" else f",{limit}")
                result = self.keygen("--force", "--name=a", expect=1, wrapper=["unshare", "--mount", "sh", "-ec", f"""
                    rm -rf {self.folder}/copy
                    cp -a {self.keys} {self.folder}/copy
                    {mount} none {self.keys}
                    cp -a {self.folder}/copy/. {self.keys}
                    if [ {limit} = ro ]; then mount -o remount,ro {self.keys}; fi
                    "$@" && exit 3
                    diff -r {self.folder}/copy {self.keys} && exit 1""", "sh"])
                self.assertRegex(result.stderr, rf"^mandos-keygen: .*: {words}\n\Z")
                self.assertEqual(result.stdout, b"")

    def failing(self, call):
        return {"LD_PRELOAD": str(build_folder() / "tests/libfailing_calls.so"), "MANDOS_FAILING_CALL": call,
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def test_every_single_step_that_fails(self):
        before = self.some_keys()
        for call, times in {"mkostemp": 4, "fsync": 5, "link": 4, "rename": 4}.items():
            for number in range(1, times + 1):
                with self.subTest(f"{call}:{number}"):
                    result = self.assert_fails("Input/output error\n", before, environment=self.failing(f"{call}:{number}"))
                    self.assertTrue(result.stderr.startswith(f"failing_calls: {call}:{number}\n"), result.stderr)
            after = self.keygen("--name=a", "--force", environment=self.failing(f"{call}:{times + 1}"))
            self.assertEqual(after.stderr, "")  # there are no more of them
            self.assertEqual({name: self.content()[f"{name}.~1~"] for name in FILES}, before)
            for path in self.keys.iterdir():
                path.unlink()
            before = self.some_keys()

    def test_every_single_step_that_fails_where_nothing_was(self):
        for call, times in {"mkostemp": 4, "fsync": 5, "link": 4}.items():
            for number in range(1, times + 1):
                with self.subTest(f"{call}:{number}"):
                    result = self.keygen("--name=a", expect=1, environment=self.failing(f"{call}:{number}"))
                    self.assertTrue(result.stderr.startswith(f"failing_calls: {call}:{number}\n"), result.stderr)
                    self.assertEqual(self.content(), {})

    def test_an_old_file_that_was_not_there_is_not_there_afterwards(self):
        self.some_keys()
        (self.keys / "pubkey.txt").unlink()
        self.assert_fails("Input/output error", self.content(), environment=self.failing("rename:4"))

    def test_a_signal_half_way_waits_for_the_new_set(self):
        """Having begun, it finishes, and then ends by the signal."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            for call in ("mkostemp:1", "fsync:4", "link:1", "rename:1", "rename:4", "fsync:5"):
                with self.subTest(number=number, call=call):
                    before = self.some_keys()
                    self.keygen("--force", "--name=a", expect=-number, environment=self.failing(f"{call}:{number}"))
                    after = self.content()
                    self.assertEqual({name: after.pop(f"{name}.~1~") for name in FILES}, before)
                    self.assertEqual(sorted(after), sorted(FILES))
                    self.assertIn(b"Comment: Mandos client key for a\n", after["seckey.txt"][2])
                    for path in self.keys.iterdir():
                        path.unlink()


class Success(KeygenCase):
    def test_only_the_owner_may_read_them_whatever_the_umask(self):
        for umask in ("000", "022", "777"):
            with self.subTest(umask):
                self.keygen("--force", wrapper=["sh", "-c", f'umask {umask}; exec "$@"', "sh"])
                self.assertEqual({mode for kind, mode, _ in self.content().values()}, {0o600})
        self.assertEqual(stat.S_IMODE(self.keys.stat().st_mode), 0o700)

    def test_replaced_ones_stay_as_numbered_backups(self):
        first = self.some_keys()
        self.keygen("--force")
        second = {name: self.content()[name] for name in FILES}
        self.write("keys/pubkey.txt.~2~", "somebody's own")
        (self.keys / "seckey.txt.~2~").symlink_to("nowhere")
        self.keygen("--force")
        found = self.content()
        for name in FILES:
            self.assertEqual(found[f"{name}.~1~"], first[name])
            number = 3 if name in ("pubkey.txt", "seckey.txt") else 2
            self.assertEqual(found[f"{name}.~{number}~"], second[name])
            self.assertNotIn(found[name], (first[name], second[name]))
        self.assertEqual(found["pubkey.txt.~2~"][2], b"somebody's own")
        self.assertEqual(len(found), 4 * 3 + 2)

    def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(self):
        elsewhere = self.write("elsewhere", "a key on another disk")
        (self.keys / "seckey.txt").symlink_to(elsewhere)
        self.keygen("--force")
        self.assertEqual(elsewhere.read_text(), "a key on another disk")
        self.assertEqual(self.content()["seckey.txt.~1~"][2], str(elsewhere))
        self.assertEqual(self.content()["seckey.txt"][:2], (stat.S_IFREG, 0o600))

    def test_it_tells_what_servers_must_know(self):
        result = self.keygen("--name=client.example")
        fingerprint = self.keygen("--no-ssh", "--name=x", "--passfile", self.write("password", "x")).stdout.decode()
        fingerprint = fingerprint.split("fingerprint = ")[1].split("\n")[0]
        self.assertEqual(result.stdout.decode(), f'keys of "client.example" are in "{self.keys}"\n'
                         f"  key ID       {self.key_id()}\n  fingerprint  {fingerprint}\n")
        self.assertEqual(result.stderr, "")

    def test_the_default_directories(self):
        if not ROOT:
            self.skipTest("only root can put a file system over /etc")
        script = """
            mount -t tmpfs none /etc; mkdir -p /etc/mandos/keys; "$@"; ls /etc/mandos/keys
            mkdir -p /etc/keys/mandos; "$@"; ls /etc/keys/mandos"""
        result = self.run_program(["unshare", "--mount", "sh", "-ec", script, "sh", self.keygen_path, "--name=a"])
        self.assertEqual(result.stdout.decode().split().count("seckey.txt"), 2)
        self.assertIn('are in "/etc/mandos/keys"', result.stdout.decode())
        self.assertIn('are in "/etc/keys/mandos"', result.stdout.decode())


if __name__ == "__main__":
    main()
