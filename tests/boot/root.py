"""A Debian root in a folder: unpacked by mmdebstrap, and programs that run in it, cut off from this machine."""

import os
import pathlib
import subprocess

from tests.boot.cache import cached, digest_of

# What each way to make an initramfs needs, before any Mandos is there.
_ALWAYS = ("linux-image-cloud-amd64", "busybox", "zstd", "udev", "kmod", "cryptsetup-bin")
PACKAGES = {
    "initramfs-tools": (*_ALWAYS, "initramfs-tools", "cryptsetup-initramfs"),
    "dracut": (*_ALWAYS, "dracut", "mount", "systemd", "systemd-sysv", "dmsetup"),
}
_RECIPE = "4"  # changed whenever a base made by an older version of this file must not be used
_SUITE = "bookworm"


def base(generator):
    """A tar file of a root with GENERATOR ("initramfs-tools" or "dracut") and without Mandos."""

    def make(folder):
        command = [
            "mmdebstrap", "--mode=root", "--variant=apt", f"--include={','.join(PACKAGES[generator])}",
            "--skip=cleanup/apt/lists", '--aptopt=Acquire::Languages "none"', "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=force-unsafe-io", _SUITE, folder / "root.tar"]
        # An image is made when all is there that goes into it.
        run(command, environment={**os.environ, "INITRD": "No"}, deadline=1200)

    return cached(f"base-{generator}", digest_of(_RECIPE, _SUITE, *PACKAGES[generator]), make) / "root.tar"


def run(command, *, environment=None, deadline=600, stdin=b""):
    """A command's standard output; its failure says all that it said."""
    done = subprocess.run([os.fspath(word) for word in command], env=environment, input=stdin, capture_output=True,
                          timeout=deadline, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="backslashreplace")
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said[-6000:]}")
    return done.stdout


class Root:
    """A root that can be changed, in a folder."""

    def __init__(self, folder, tar):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        run(["tar", "--extract", "--numeric-owner", "--xattrs", f"--file={tar}", f"--directory={self.folder}"])
        # No package may start a service: it would run on this machine.
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)

    def write(self, name, content, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def run(self, command, *, network="none", deadline=900, stdin=b""):
        """In the root, with its own /proc, without this machine's environment, processes or, by default, network."""
        isolation = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child"]
        if network == "none":
            isolation.append("--net")
        prepare = 'mount -t proc none "$0/proc" && exec chroot "$0" "$@"'
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return run([*isolation, "sh", "-c", prepare, self.folder, *command], environment=environment, deadline=deadline,
                   stdin=stdin)

    def install(self, packages, debs=()):
        """PACKAGES by name, DEBS as files. What has to be downloaded is downloaded first: the installation has no network."""
        names = list(packages)
        for deb in debs:
            self.write(f"var/cache/debs/{deb.name}", deb.read_bytes())
            names.append(f"/var/cache/debs/{deb.name}")
        apt = ["apt-get", "--quiet", "--yes", "--no-install-recommends", "install"]
        resolver = pathlib.Path("/etc/resolv.conf")
        self.write("etc/resolv.conf", resolver.read_bytes() if resolver.exists() else b"")
        self.run([*apt, "--download-only", *names], network="the machine's")
        return self.run([*apt, *names])
