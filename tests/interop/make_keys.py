"""Fixture: the keys of the interop tests that take long to make, in BUILD/interop-keys, made once per build tree.

  debian/        a client's four files by Debian's mandos-keygen: RSA-4096 OpenPGP, Ed25519 TLS
  tls-NAME/      TLS keys of every kind by GnuTLS's certtool
"""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# The private key in the format of its own kind (BEGIN RSA PRIVATE KEY) instead of PKCS#8.
TRADITIONAL = "traditional"

TLS_KEYS = {
    "ed25519": ["--key-type=ed25519"],
    "ed448": ["--key-type=ed448"],
    "ecdsa-p256": ["--key-type=ecdsa", "--curve=secp256r1"],
    "ecdsa-p384": ["--key-type=ecdsa", "--curve=secp384r1"],
    "ecdsa-p521": ["--key-type=ecdsa", "--curve=secp521r1"],
    "rsa-1024": ["--key-type=rsa", "--bits=1024"],
    "rsa-2048": ["--key-type=rsa", "--bits=2048"],
    "rsa-4096": ["--key-type=rsa", "--bits=4096"],
    "rsa-8192": ["--key-type=rsa", "--bits=8192"],
    "rsa-pss-4096": ["--key-type=rsa-pss", "--bits=4096"],
    "pkcs1": ["--key-type=rsa", "--bits=2048", TRADITIONAL],
    "sec1": ["--key-type=ecdsa", "--curve=secp256r1", TRADITIONAL],
}


def make_tls_keys(folder, options):
    private = folder / "tls-privkey.pem"
    certtool = ["certtool", "--password="]
    form = ["--pkcs8"] if TRADITIONAL not in options else []
    options = [option for option in options if option != TRADITIONAL]
    generate = [*certtool, "--generate-privkey", *options, *form, "--no-text", f"--outfile={private}"]
    subprocess.run(generate, check=True, capture_output=True)
    public = folder / "tls-pubkey.pem"
    export = [*certtool, f"--load-privkey={private}", "--pubkey-info", "--no-text", f"--outfile={public}"]
    subprocess.run(export, check=True, capture_output=True)


def make_debian_keys(folder, keygen):
    with tempfile.TemporaryDirectory(prefix="mandos-keys-") as temporary:
        subprocess.run(
            ["/bin/sh", keygen, "--dir", folder, "--name", "debian"],
            check=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": temporary},
        )


def make(target, make_files, *arguments):
    """Calls make_files(folder, *arguments) unless `target` is there; it appears whole or not at all."""
    if target.exists():
        return f"{target.name}: already made"
    partial = pathlib.Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        make_files(partial, *arguments)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return f"{target.name}: made"


def main():
    build = pathlib.Path(os.environ["MANDOS_BUILD_DIR"])
    target = build / "interop-keys"
    target.mkdir(exist_ok=True)
    keygen = build / "debian-mandos/usr/sbin/mandos-keygen"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(make, target / "debian", make_debian_keys, keygen)]
        jobs += [pool.submit(make, target / f"tls-{name}", make_tls_keys, options) for name, options in TLS_KEYS.items()]
        for job in jobs:
            print(job.result())
    return 0


if __name__ == "__main__":
    sys.exit(main())
