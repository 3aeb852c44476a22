"""Compares src/wire/clients_pickle with Python's own pickle module: thousands of random states, as Python 3 writes them
in protocols 0, 1 and 2 and as Python 2 did, and every one of them damaged. Both say the same of each that is whole."""
import codecs
import datetime
import io
import json
import os
import pickle
import random
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

READER = Path(os.environ["MANDOS_BUILD_DIR"]) / "tests/pickle_to_json"
STATES = int(os.environ.get("MANDOS_TEST_FILES", "3000"))
EPOCH = datetime.datetime(1970, 1, 1)
LONGEST = datetime.timedelta(days=36500)
TEXTS = ["", "localhost", "fping -q -- %(host)s", "Grüße", "密码", "\U0001f512", "a\\b\\u0041", "line\nline\r\x1a\0",
         "'", "\"", "'\"", "\x7f\x80\xff", "x" * 255, "y" * 256, "é" * 130]


class Python2Writer(pickle._Pickler):
    """Writes bytes as Python 2 wrote its str, and its dictionaries in the same way; text that it can as bytes too."""

    dispatch = dict(pickle._Pickler.dispatch)

    def __init__(self, file, protocol, texts_as_bytes):
        super().__init__(file, protocol, fix_imports=True)
        self.texts_as_bytes = texts_as_bytes

    def save_bytes(self, value):
        if self.bin and len(value) < 256:
            self.write(b"U" + struct.pack("<B", len(value)) + value)
        elif self.bin:
            self.write(b"T" + struct.pack("<i", len(value)) + value)
        else:
            # repr() of a str of Python 2 is that of bytes of Python 3, without the b.
            self.write(b"S" + repr(value)[1:].encode("ascii") + b"\n")
        if id(value) not in self.memo:  # there is but one empty value
            self.memoize(value)

    def save_text(self, value):
        if self.texts_as_bytes:
            return self.save_bytes(value.encode())
        return pickle._Pickler.save_str(self, value)

    def save_number(self, value):
        # A long of Python 2, which it used at random.
        if self.proto >= 2 and value % 3 == 0:
            encoded = pickle.encode_long(value)
            return self.write(b"\x8a" + struct.pack("<B", len(encoded)) + encoded)
        return pickle._Pickler.save_long(self, value)

    dispatch[bytes] = save_bytes
    dispatch[str] = save_text
    dispatch[int] = save_number


def write(rng, state):
    """Returns the pickle and how it was made."""
    protocol = rng.choice([0, 1, 2, 2])
    kind = rng.choice(["C", "Python", "2", "2 text"])
    if kind == "C":
        return pickle.dumps(state, protocol), f"{kind} {protocol}"
    file = io.BytesIO()
    if kind == "Python":
        pickle._Pickler(file, protocol).dump(state)
    else:
        Python2Writer(file, protocol, kind == "2").dump(state)
    return file.getvalue(), f"{kind} {protocol}"


def text(rng):
    return rng.choice(TEXTS) + rng.choice(["", "", str(rng.randrange(10**6))])


def time(rng):
    if rng.randrange(3) == 0:
        return None
    if rng.randrange(10) == 0:
        return rng.choice([datetime.datetime.min, datetime.datetime.max, EPOCH, datetime.datetime(2028, 2, 29)])
    return EPOCH + datetime.timedelta(days=rng.randrange(30000), microseconds=rng.randrange(86400 * 10**6))


def span(rng):
    if rng.randrange(10) == 0:
        return rng.choice([datetime.timedelta.max, datetime.timedelta.min, LONGEST, LONGEST + datetime.timedelta.resolution,
                           datetime.timedelta(0), -datetime.timedelta.resolution])
    return datetime.timedelta(days=rng.choice([0, 0, 1, 400]), milliseconds=rng.randrange(86400 * 1000),
                              microseconds=rng.choice([0, 0, 999]))


def key_id(rng):
    return rng.choice(["", f"{rng.getrandbits(256):064X}", f"{rng.getrandbits(256):064x}"])


def common_fields(rng):
    fields = {
        "approved_by_default": bool(rng.randrange(2)), "enabled": bool(rng.randrange(2)), "key_id": key_id(rng),
        "fingerprint": f"{rng.getrandbits(160):040X}", "host": text(rng), "timeout": span(rng),
        "extended_timeout": span(rng), "interval": span(rng), "approval_delay": span(rng),
        "approval_duration": span(rng), "checker_command": text(rng), "last_approval_request": time(rng),
        "last_checked_ok": time(rng), "last_checker_status": rng.choice([None, -2, -1, 0, 1, 255, 2**31 - 1, -2**31, -2**63]),
    }
    for name in ("key_id", "fingerprint"):
        if rng.randrange(10) == 0:
            del fields[name]
    return fields


def client_fields(rng, name):
    fields = {"encrypted_secret": rng.randbytes(rng.choice([1, 10, 255, 256, 3000])), "name": name, **common_fields(rng)}
    fields.update(created=time(rng), last_enabled=time(rng), expires=time(rng))
    fields.update(
        approved=None, approvals_pending=rng.randrange(3), current_checker_command=rng.choice([None, text(rng)]),
        checker_initiator_tag=rng.choice([None, rng.randrange(2**31)]), checker_callback_tag=None,
        disable_initiator_tag=None, client_structure=[*fields], last_checker_signal=rng.choice([None, 9]),
    )
    if rng.randrange(20) == 0:
        fields["client_structure"].append(fields["client_structure"])  # contains itself
    return dict(rng.sample(list(fields.items()), len(fields)))


def random_state(rng):
    names = [f"{text(rng)}-{number}" for number in range(rng.choice([0, 1, 2, 5]))]
    settings = {}
    for name in names:
        settings[name] = common_fields(rng)
    clients = {name: client_fields(rng, name) for name in rng.sample(names, rng.randrange(len(names) + 1))}
    for name in names:
        if name not in clients:
            settings[name]["secret"] = rng.choice([b"", rng.randbytes(1000)])
    return clients, settings


def time_number(value):
    return None if value is None else (value - EPOCH) // datetime.timedelta(microseconds=1)


def span_number(value):
    return min(max(value, datetime.timedelta(0)), LONGEST) // datetime.timedelta(milliseconds=1)


def expected_values(name, fields):
    spans = ("timeout", "extended_timeout", "approval_delay", "approval_duration")
    return {
        "name": name, "key_id": fields.get("key_id", "").upper() or None, "fingerprint": fields.get("fingerprint", ""),
        **{field: fields[field] for field in ("host", "checker_command", "enabled", "approved_by_default")},
        **{field: span_number(fields[field]) for field in spans},
        "interval": max(span_number(fields["interval"]), 1000),
    }


def expected(state):
    clients, settings = state
    times = ("created", "last_enabled", "expires", "last_checked_ok", "last_approval_request")
    return {
        "clients": [
            {
                **expected_values(name, fields),
                **{field: time_number(fields[field]) for field in times},
                "last_checker_status": fields["last_checker_status"],
                "encrypted_secret": fields["encrypted_secret"].hex(),
            }
            for name, fields in clients.items()
        ],
        "settings": [
            {**expected_values(name, fields), "removed": name not in clients} for name, fields in settings.items()
        ],
    }


class AgainstPython(unittest.TestCase):
    def read(self, pickles):
        """What our reader says of each."""
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, content in enumerate(pickles):
                path = Path(folder) / str(number)
                path.write_bytes(content)
                paths.append(path)
            output = subprocess.run([READER, *paths], check=True, capture_output=True, timeout=120).stdout
        answers = [json.loads(line) for line in output.decode().split("\n")[:-1]]
        self.assertEqual(len(answers), len(pickles))
        return answers

    def random(self):
        seed = int(os.environ.get("MANDOS_TEST_SEED", random.SystemRandom().randrange(2**32)))
        print(f"MANDOS_TEST_SEED={seed}", flush=True)
        return random.Random(seed)

    def test_what_calls_something_is_refused(self):
        class Call:
            def __reduce__(self):
                return os.system, ("false",)

        for protocol in range(3):
            (answer,) = self.read([pickle.dumps(({"c": Call()}, {}), protocol)])
            self.assertRegex(answer["error"], r'^offset \d+: the name "posix\.system" is not one that Mandos 1\.8 stores$')

    def test_what_python_has_otherwise_is_refused(self):
        strange = [1.5, {1}, frozenset(), complex(1), bytearray(b"x"), datetime.date.max, datetime.time.max, Ellipsis,
                   datetime.datetime.now(datetime.timezone.utc), object(), 2**64, codecs.lookup, "\ud800", range(3)]
        for value in strange:
            for protocol in range(3):
                try:
                    content = pickle.dumps(({"c": {"x": value}}, {}), protocol)
                except (TypeError, pickle.PicklingError):
                    continue  # Python cannot either
                (answer,) = self.read([content])
                self.assertRegex(answer.get("error", "accepted"), r"^offset \d+: ", f"{value!r}: {content!r}")

    def test_later_protocols_are_refused(self):
        rng = self.random()
        for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
            (answer,) = self.read([pickle.dumps(random_state(rng), protocol)])
            self.assertEqual(answer["error"], f"offset 0: a pickle of protocol {protocol}; Mandos 1.8 writes 2")

    def test_a_state_cut_short_anywhere_is_refused(self):
        rng = self.random()
        for _ in range(4):
            content, how = write(rng, random_state(rng))
            for answer in self.read([content[:size] for size in range(min(len(content), 2000))]):
                self.assertIn("error", answer, how)

    def test_damaged_states_are_read_or_refused(self):
        rng = self.random()
        damaged = []
        for _ in range(STATES):
            content = bytearray(write(rng, random_state(rng))[0])
            for _ in range(rng.choice([1, 1, 2, 10])):
                content[rng.randrange(len(content))] = rng.choice([rng.randrange(256), *b"(.)]}NRtaeusqh\x81\x85"])
            damaged.append(bytes(content))
        for start in range(0, STATES, 500):
            self.read(damaged[start : start + 500])

    def test_random_states_are_read_as_python_holds_them(self):
        rng = self.random()
        for _ in range(STATES // 500):
            states = [random_state(rng) for _ in range(500)]
            written = [write(rng, state) for state in states]
            answers = self.read([content for content, _ in written])
            for state, (content, how), answer in zip(states, written, answers):
                self.assertEqual(answer, expected(state), f"{how}: {content!r}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
