"""A machine to boot: a root on a LUKS2 disk with a Mandos client, its kernel and its initramfs, made without root's devices.

    image = client_image("1.8", "initramfs-tools")
    image.kernel, image.initrd, image.disk       # files
    image.section, image.wrong_section           # for a server's clients.conf: with the disk's password, with another

Nothing of this machine is used for it but its programs: no loop device, no device-mapper, no mount that others see.
"""

import dataclasses
import pathlib
import re
import shutil
import tempfile

from tests.boot.cache import cached, digest_of
from tests.boot.root import Root, base, run
from tests.support.case import SOURCE

PASSWORD = "correct horse of the boot test"
WRONG_PASSWORD = "not the password of this disk"
_UUID = "5e1f0000-b007-4e57-8000-00000000d15c"
_HERE = pathlib.Path(__file__).parent
_RECIPE = "1"  # changed whenever an image made by an older version of this file must not be used


@dataclasses.dataclass
class Image:
    folder: pathlib.Path
    disk: pathlib.Path
    name: str  # the client's, in its section

    @property
    def kernel(self):
        return self.folder / "vmlinuz"

    @property
    def initrd(self):
        return self.folder / "initrd.img"

    @property
    def initrd_without_mandos(self):
        return self.folder / "initrd-without-mandos.img"

    @property
    def section(self):
        return (self.folder / "section.conf").read_text()

    @property
    def wrong_section(self):
        return (self.folder / "wrong-section.conf").read_text()


def our_packages(*names):
    """The packages that tools/package made, by default the client's."""
    folder = SOURCE / "build/packages"
    found = [file for name in names or ("mandos-client",) for file in folder.glob(f"{name}_*.deb")]
    if len(found) != len(names or ("mandos-client",)):
        raise AssertionError(f"{folder} has {[file.name for file in found]} of {names}; run tools/package")
    return found


def client_image(family, generator, *, name="boottest", server=False):
    """FAMILY: "ours" or "1.8". GENERATOR: "initramfs-tools" or "dracut". SERVER: ours, and what announces it, is in it too."""
    debs = our_packages(*(["mandos-client", "mandos"] if server else ["mandos-client"])) if family == "ours" else []
    packages = [*([] if debs else ["mandos-client"]), *(["avahi-daemon", "dbus"] if server else [])]
    tar = base(generator)
    kind = f"{family}-{generator}-{name}"
    client = cached(f"client-{kind}", digest_of(_RECIPE, tar.parent.name, family, name, *packages, *debs),
                    lambda target: _install(target, tar, generator, name, packages, debs))
    disk = cached(f"disk-{kind}", digest_of(_RECIPE, client.name, *sorted(_HERE.glob("guest/*"))),
                  lambda target: _make_disk(target, client / "root.tar"))
    return Image(client, disk / "disk.img", name)


def _install(target, tar, generator, name, packages, debs):
    """The client in the root, and what it makes there: keys, initramfs, and sections for a server."""
    with tempfile.TemporaryDirectory(prefix="root-", dir=target.parent) as temporary:
        root = Root(pathlib.Path(temporary) / "root", tar)
        _configure(root, generator, name)
        initrd = _first_image(root, generator)
        shutil.copyfile(initrd, target / "initrd-without-mandos.img")
        if not debs:
            _parameters_for_1_8(root)
        (target / "installation.log").write_bytes(root.install(packages, debs))
        for file_name, password in (("section.conf", PASSWORD), ("wrong-section.conf", WRONG_PASSWORD)):
            file = root.write("root/password", password, 0o600)
            section = root.run(["mandos-keygen", "--name", name, "--no-ssh", "--passfile", "/root/password"])
            (target / file_name).write_bytes(section)
            file.unlink()
        shutil.copyfile(initrd, target / "initrd.img")
        shutil.copyfile(next(root.folder.glob("boot/vmlinuz-*")), target / "vmlinuz")
        initrd.unlink()
        for folder in ("var/cache", "var/lib/apt/lists"):
            shutil.rmtree(root.folder / folder)
        run(["tar", "--create", "--numeric-owner", f"--file={target}/root.tar", f"--directory={root.folder}", "."])


def _configure(root, generator, name):
    root.write("etc/hostname", f"{name}\n")
    # A root without a LUKS device behind it does not tell what has to be opened: the option does.
    option = "initramfs" if generator == "initramfs-tools" else "force"
    root.write("etc/crypttab", f"root UUID={_UUID} none luks,{option}\n")
    root.write("etc/fstab", "/dev/mapper/root / ext4 defaults 0 1\n")


def _version(root):
    return next(root.folder.glob("lib/modules/*")).name


def _dracut(root):
    version = _version(root)
    return ["dracut", "--force", "--kver", version, f"/boot/initrd.img-{version}"]


def _first_image(root, generator):
    """One has to exist before the client comes: the package only updates what is there. Its path."""
    version = _version(root)
    if generator == "initramfs-tools":
        root.run(["update-initramfs", "-c", "-k", version])
    else:
        root.write("etc/dracut.conf.d/boot-test.conf", 'hostonly="yes"\nadd_dracutmodules+=" crypt "\nomit_dracutmodules+=" shutdown "\n')
        root.run(_dracut(root))
    return root.folder / f"boot/initrd.img-{version}"


def _parameters_for_1_8(root):
    """1.8's package makes Diffie-Hellman parameters, which TLS 1.3 has no use for, in many seconds if there are none."""
    parameters = run(["certtool", "--get-dh-params", "--sec-param=high"])
    text = re.search(rb"-----BEGIN DH PARAMETERS-----.*", parameters, re.DOTALL).group(0)
    root.write("etc/keys/mandos/dhparams.pem", text, 0o600)
    (root.folder / "etc/keys/mandos").chmod(0o700)


def _make_disk(target, tar):
    """The root's files on an ext4 file system inside LUKS2, whose key is derived in no time: emulation is slow."""
    disk, header = target / "disk.img", 32
    with tempfile.TemporaryDirectory(prefix="root-", dir=target.parent) as temporary:
        root = Root(pathlib.Path(temporary) / "root", tar)
        for init in _HERE.glob("guest/*"):
            root.write(f"boot-test/{init.name}", init.read_bytes(), 0o755)
        used = int(run(["du", "--summarize", "--block-size=1M", root.folder]).split()[0])
        size = used + used // 8 + 64
        run(["truncate", f"--size={size + header}M", disk])
        run(["mkfs.ext4", "-q", "-d", root.folder, disk, f"{size}M"])
    run(["cryptsetup", "reencrypt", "--batch-mode", "--encrypt", "--type=luks2", "--force-offline-reencrypt",
         f"--reduce-device-size={header}M", "--pbkdf=argon2id", "--pbkdf-memory=32", "--pbkdf-parallel=1",
         "--pbkdf-force-iterations=4", f"--uuid={_UUID}", "--key-file=-", disk], stdin=PASSWORD.encode())
