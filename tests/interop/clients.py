"""The clients of the interop tests: for each one a set of key files, a clients.conf section and the password in it.

A kind of client says who made the OpenPGP key, who made the TLS key and who wrote the section. Each client has a TLS
key of its own, since the key ID is what a server tells clients apart by.
"""

import dataclasses
import random
import shutil

from tests.interop.make_keys import TLS_KEYS, make_tls_keys
from tests.support.case import build_folder
from tests.support.mandos import DEBIAN_MANDOS, OUR_MANDOS, KeyFiles, gpg_encrypt, section

# What has to arrive as it is: a final newline, NUL bytes, bytes that are no text, text that is not ASCII.
PASSWORDS = {
    "newline": b"ends in a newline\n",
    "nul": b"\0 starts with NUL, has one \0 inside and ends with one\0",
    "utf8": "Grüße, пароль, 密码".encode(),
    "bytes": bytes(range(256)),
    "one-byte": b"x",
}
# More than 100 kB on the wire too, since random bytes do not compress.
LARGE_PASSWORD = random.Random(1).randbytes(102_400)


@dataclasses.dataclass
class Client:
    name: str
    keys: KeyFiles
    section: str
    password: bytes


def prepared_keys():
    """The folder that the fixture make_keys.py fills."""
    return build_folder() / "interop-keys"


def debian_openpgp(test, name, tls_kind=None):
    """Debian's RSA-4096 OpenPGP key with a TLS key of the kind, or with a new Ed25519 one."""
    folder = test.folder / f"keys-{name}"
    folder.mkdir()
    for file in ("pubkey.txt", "seckey.txt"):
        shutil.copy(prepared_keys() / "debian" / file, folder)
    if tls_kind is None:
        make_tls_keys(folder, TLS_KEYS["ed25519"])
    else:
        for file in ("tls-pubkey.pem", "tls-privkey.pem"):
            shutil.copy(prepared_keys() / f"tls-{tls_kind}" / file, folder)
    return KeyFiles(folder)


def our_keys(test, name, *options):
    folder = test.folder / f"keys-{name}"
    folder.mkdir()
    OUR_MANDOS.keygen(test, "--dir", folder, "--name", name, *options)
    return KeyFiles(folder)


def written_by_gpg(test, name, keys, password):
    return Client(name, keys, section(name, keys, gpg_encrypt(test, keys, password)), password)


def written_by_keygen(test, family, name, keys, password):
    """The section is what the family's keygen prints, to the last byte."""
    file = test.write(f"password-{name}", password)
    printed = family.keygen(test, "--dir", keys.openpgp, "--name", name, "--passfile", file).stdout
    return Client(name, keys, printed.decode(), password)


def baseline_clients(test):
    """Clients in which nothing of ours is: what 1.8's server and client have to agree about between themselves."""
    clients = [
        written_by_gpg(test, f"password-{kind}", debian_openpgp(test, f"password-{kind}"), password)
        for kind, password in {**PASSWORDS, "large": LARGE_PASSWORD}.items()
    ]
    clients += [
        written_by_gpg(test, f"tls-{kind}", debian_openpgp(test, f"tls-{kind}", kind), f"by {kind}\n".encode())
        for kind in TLS_KEYS
    ]
    keys = debian_openpgp(test, "all-debian")
    clients.append(written_by_keygen(test, DEBIAN_MANDOS, "all-debian", keys, b"from Debian's keygen\n"))
    return clients


def our_clients(test):
    """Clients whose keys, secret, or section are made by our keygen."""

    def by_us(name, keys, password):
        return written_by_keygen(test, OUR_MANDOS, name, keys, password)

    clients = [
        by_us("all-ours", our_keys(test, "all-ours"), b"from our keygen\n"),
        by_us("our-rsa", our_keys(test, "our-rsa", "--type=RSA", "--length=3072"), b"by our RSA key"),
        by_us("our-text", debian_openpgp(test, "our-text"), b"Debian's key, our secret\n"),
        by_us("our-large", our_keys(test, "our-large"), LARGE_PASSWORD),
        written_by_gpg(test, "gpg-secret", our_keys(test, "gpg-secret"), b"our key, gpg's secret\n"),
    ]
    clients += [by_us(f"our-{kind}", our_keys(test, f"our-{kind}"), password) for kind, password in PASSWORDS.items()]
    keys = our_keys(test, "debian-text")
    clients.append(written_by_keygen(test, DEBIAN_MANDOS, "debian-text", keys, b"our key, Debian's secret\n"))
    return clients
