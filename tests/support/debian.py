"""Debian's packages, unpacked into the build tree and never installed: programs that tests need beside the machine's.

apt checks what it downloads against the signed package lists. Not getting the packages is a failure, not a skip.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile


def _download(packages, folder):
    command = ["apt-get", "download", "--quiet", *packages]
    first_try = subprocess.run(command, cwd=folder, check=False)
    if first_try.returncode != 0 and os.geteuid() == 0:
        # A fresh image has no package lists yet.
        subprocess.run(["apt-get", "update", "--quiet"], check=True)
        subprocess.run(command, cwd=folder, check=True)
    return sorted(pathlib.Path(folder).glob("*.deb"))


def unpack(packages, target):
    """Unpacks PACKAGES, and nothing that they depend on, into TARGET; returns a fixture's exit status."""
    if target.exists():
        print(f"already unpacked: {(target / 'versions').read_text().strip()}")
        return 0
    partial = pathlib.Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        with tempfile.TemporaryDirectory(prefix="mandos-debs-") as folder:
            files = _download(packages, folder)
            if len(files) != len(packages):
                print(f"apt-get download left {[p.name for p in files]}, not {packages}; is the network up?")
                return 1
            for file in files:
                subprocess.run(["dpkg-deb", "--extract", file, partial], check=True)
            names = " ".join(file.name for file in files)
        (partial / "versions").write_text(names + "\n")
        partial.chmod(0o755)
        partial.rename(target)  # whole or not at all
        print(f"unpacked {names}")
        return 0
    finally:
        shutil.rmtree(partial, ignore_errors=True)
