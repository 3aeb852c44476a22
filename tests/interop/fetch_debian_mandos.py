"""Fixture: Debian's mandos and mandos-client packages, unpacked into BUILD/debian-mandos and never installed.

apt checks what it downloads against the signed package lists. Not getting the packages is a failure, not a skip.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGES = ("mandos", "mandos-client")


def download(folder):
    command = ["apt-get", "download", "--quiet", *PACKAGES]
    first_try = subprocess.run(command, cwd=folder, check=False)
    if first_try.returncode != 0 and os.geteuid() == 0:
        # A fresh image has no package lists yet.
        subprocess.run(["apt-get", "update", "--quiet"], check=True)
        subprocess.run(command, cwd=folder, check=True)
    return sorted(pathlib.Path(folder).glob("*.deb"))


def main():
    target = pathlib.Path(os.environ["MANDOS_BUILD_DIR"]) / "debian-mandos"
    if target.exists():
        print(f"already unpacked: {(target / 'versions').read_text().strip()}")
        return 0
    partial = pathlib.Path(tempfile.mkdtemp(prefix="debian-mandos-", dir=target.parent))
    try:
        with tempfile.TemporaryDirectory(prefix="mandos-debs-") as folder:
            packages = download(folder)
            if len(packages) != len(PACKAGES):
                print(f"apt-get download left {[p.name for p in packages]}, not {PACKAGES}; is the network up?")
                return 1
            for package in packages:
                subprocess.run(["dpkg-deb", "--extract", package, partial], check=True)
            names = " ".join(package.name for package in packages)
        (partial / "versions").write_text(names + "\n")
        partial.chmod(0o755)
        partial.rename(target)  # whole or not at all
        print(f"unpacked {names}")
        return 0
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
