"""A machine in a folder on which packages are installed, upgraded, removed and purged, by somebody at a terminal.

    machine = Machine(self)            # Debian 12 with a kernel, cryptsetup and all that our packages depend on
    machine.install(*our_packages("mandos"))

What has to be downloaded is downloaded once, when the root is made; the tests know no network. Nothing is started in the
machine: a policy-rc.d refuses.
"""

import fcntl
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import termios
import time

from tests.boot.cache import cached, digest_of
from tests.boot.image import our_packages
from tests.boot.root import Root, base, run

_RECIPE = "1"  # changed whenever a root made by an older version of this file must not be used
_CRYPTTAB = "root UUID=5e1f0000-b007-4e57-8000-00000000d15c none luks,initramfs\n"
_DEADLINE = 900
DEBIANS = "/var/cache/debian-mandos"


def packaged_base():
    """A tar file of a root with what the packages depend on, an image without Mandos, and Debian's 1.8 as files."""
    debs = our_packages("mandos", "mandos-client")
    dependencies = run(["dpkg-deb", "--showformat=${Depends}\n", "--show", debs[0]]) + run(
        ["dpkg-deb", "--showformat=${Depends}\n", "--show", debs[1]])

    def make(folder):
        with tempfile.TemporaryDirectory(prefix="root-", dir=folder.parent) as temporary:
            root = Root(pathlib.Path(temporary) / "root", base("initramfs-tools"))
            root.write("etc/crypttab", _CRYPTTAB)
            root.write("etc/resolv.conf", pathlib.Path("/etc/resolv.conf").read_bytes())
            install = "apt-get --quiet --yes --no-install-recommends install"
            for deb in debs:
                root.write(f"root/{deb.name}", deb.read_bytes())
            root.run(["sh", "-c", f"{install} /root/*.deb && rm /root/*.deb"], network="the machine's")
            root.run(["apt-get", "--quiet", "--yes", "purge", "mandos", "mandos-client"])
            debians = root.folder / DEBIANS[1:]
            debians.mkdir()
            root.run(["sh", "-c", f"cd {DEBIANS} && apt-get --quiet download mandos mandos-client"], network="the machine's")
            root.run(["sh", "-c", f"{install} {DEBIANS}/*.deb"], network="the machine's")
            root.run(["apt-get", "--quiet", "--yes", "purge", "mandos", "mandos-client"])
            root.run(["sh", "-c", "rm -rf /etc/mandos /etc/keys/mandos /var/lib/mandos /boot/initrd.img-*; userdel _mandos"])
            root.run(["sh", "-c", "update-initramfs -c -k $(ls /lib/modules)"])
            run(["tar", "--create", "--numeric-owner", f"--file={folder}/root.tar", f"--directory={root.folder}", "."])

    return cached("packages", digest_of(_RECIPE, dependencies.decode(), base("initramfs-tools").parent.name), make) / "root.tar"


class Machine(Root):
    def __init__(self, test):
        folder = tempfile.TemporaryDirectory(prefix="mandos-package-", dir="/var/tmp")
        test.addCleanup(folder.cleanup)
        super().__init__(pathlib.Path(folder.name) / "root", packaged_base())

    def install(self, *debs):
        """At a terminal where nobody types; returns what it showed. A question is a failure."""
        for deb in debs:
            self.write(f"var/cache/debs/{deb.name}", deb.read_bytes())
        return self.at_terminal(["dpkg", "--install", *(f"/var/cache/debs/{deb.name}" for deb in debs)])

    def remove(self, *packages):
        return self.at_terminal(["dpkg", "--remove", *packages])

    def purge(self, *packages):
        return self.at_terminal(["dpkg", "--purge", *packages])

    def at_terminal(self, command):
        prepare = 'mount -t proc none "$0/proc" && mount -t devpts none "$0/dev/pts" && exec chroot "$0" "$@"'
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--ipc", "--net", "--fork", "--kill-child", "sh", "-c", prepare, self.folder, *command],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb"})
        os.close(theirs)
        shown, end = b"", time.monotonic() + _DEADLINE
        try:
            while time.monotonic() < end:
                if not select.select([ours], [], [], 1)[0]:
                    continue
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # the other end is closed: the program has ended
                    break
                shown += piece
                for question in (b"[default=N] ?", b"Configuration file '", b"Press enter", b"[More]", b"Password"):
                    if question in shown:
                        raise AssertionError(f"it asks a question:\n{shown.decode(errors='backslashreplace')[-3000:]}")
        finally:
            os.close(ours)
            if process.poll() is None and (time.monotonic() >= end or b"?" in shown[-3:]):
                process.kill()
            status = process.wait(timeout=60)
        text = shown.decode(errors="backslashreplace").replace("\r\n", "\n")
        if status != 0:
            raise AssertionError(f"{' '.join(command)} ended with {status}:\n{text[-6000:]}")
        return text

    def path(self, name):
        return self.folder / name.lstrip("/")

    def text(self, name):
        return self.path(name).read_text()

    def describe(self, name):
        """"OWNER:GROUP MODE", by the machine's own names."""
        return self.run(["stat", "--format=%U:%G %a", name]).decode().strip()

    @property
    def image(self):
        return next(self.folder.glob("boot/initrd.img-*"))

    def unpacked_image(self):
        """Where the newest state of its initramfs image is unpacked: a path in the machine."""
        self.run(["sh", "-c", "rm -rf /unpacked && unmkinitramfs /boot/initrd.img-* /unpacked"])
        return "/unpacked/main" if self.path("/unpacked/main").is_dir() else "/unpacked"
