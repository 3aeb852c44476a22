"""A machine for a whole test script, as an initramfs is one: its own processes, /run, /dev, /sbin and network.

What the script starts is gone when it ends. Nothing of the machine around it is changed or seen, apart from the files
elsewhere.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

MACHINES_SBIN = pathlib.Path("/run/sbin")  # what /sbin was outside
_INSIDE = "MANDOS_TEST_OWN_MACHINE"


def enter_own_machine():
    """Before anything else: runs the script again inside. Only root can; an error otherwise, since nothing can be tested."""
    if os.environ.get(_INSIDE) != str(os.getpid()):
        words = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # The script is the first process there.
        os.execvpe("unshare", [*words, sys.executable, "-B", *sys.argv], {**os.environ, _INSIDE: "1"})
    _mount("-t", "tmpfs", "none", "/run")
    MACHINES_SBIN.mkdir()
    _mount("--bind", os.path.realpath("/sbin"), MACHINES_SBIN)
    _mount("-t", "tmpfs", "none", os.path.realpath("/sbin"))
    _own_dev()


def stand_in(path, script):
    """Makes PATH a program of the test's: in /sbin, or in place of one that is installed."""
    path = pathlib.Path(os.path.realpath(path))
    if path.parent == pathlib.Path(os.path.realpath("/sbin")):
        path.write_text(script)
        path.chmod(0o755)
        return
    file = pathlib.Path(tempfile.mkdtemp(dir="/run")) / path.name
    file.parent.chmod(0o755)
    file.write_text(script)
    file.chmod(0o755)
    _mount("--bind", file, path)


def take_back(path):
    """The program that was there before stand_in()."""
    subprocess.run(["umount", os.path.realpath(path)], check=True)


def as_plugin_of(user, program):
    """PROGRAM (a list) with USER as real user, root as effective and saved one: what keeps root under plugin-runner."""
    # The leak detector of the address sanitizer may not trace such a process, and ends it with a failure of its own.
    no_leaks = ["env", "ASAN_OPTIONS=detect_leaks=0"]
    return ["setpriv", f"--ruid={user}", f"--rgid={user}", "--clear-groups", *no_leaks, *program]


def as_user(user, program):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *program]


def _mount(*words):
    subprocess.run(["mount", *words], check=True)


def _own_dev():
    new = pathlib.Path("/run/dev")
    new.mkdir()
    _mount("-t", "tmpfs", "none", new)
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (new / name).touch()
        _mount("--bind", f"/dev/{name}", new / name)
    (new / "pts").mkdir()
    _mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620", "none", new / "pts")
    (new / "ptmx").symlink_to("pts/ptmx")
    (new / "fd").symlink_to("/proc/self/fd")
    _mount("--rbind", new, "/dev")
