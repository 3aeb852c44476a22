"""A machine in QEMU, by software emulation, whose serial console is read and typed on by events.

    lan = Lan(self)                                # a bridge in a namespace of the test's own, "eth0"
    guest = Guest(self, lan, image)                # starts
    guest.wait_for(r"Please unlock disk", deadline=...)
    guest.type(PASSWORD)
    report = guest.report()                        # what guest/init told once the root was mounted
"""

import dataclasses
import re
import socket
import threading
import time

from tests.support.netns import Namespace

# Emulation on a machine that does something else as well: thirty seconds when all is quiet.
BOOT_DEADLINE = 600.0
# On a busy machine the emulated clocks drift apart, which a kernel takes for broken hardware.
_KERNEL = "console=ttyS0 root=/dev/mapper/root ro init=/boot-test/init panic=-1 tsc=unstable nowatchdog no_timer_check loglevel=5 " \
          "trace_event=sched:sched_process_exec,sched:sched_process_exit"


class Lan(Namespace):
    """A link without any router, server or address but the link-local ones, to which guests are joined by taps."""

    def __init__(self, test, name="server"):
        super().__init__(test, name)
        self.ip("link add eth0 type bridge mcast_snooping 0")
        self.prepare("eth0")
        self.ip("link set eth0 up")
        self._taps = 0

    def new_tap(self):
        name = f"tap{self._taps}"
        self._taps += 1
        self.ip(f"tuntap add {name} mode tap")
        self.ip(f"link set {name} master eth0 up")
        return name


@dataclasses.dataclass(frozen=True)
class Execution:
    """One program's life in the guest, in seconds since QEMU's start; None: until the root was up, or since before."""

    program: str
    started: float
    ended: float | None


class Report:
    """What the guest's root found when it was up."""

    def __init__(self, console, up_at):
        self.up_at = up_at
        self._lines = re.findall(r"^boot-test: (\w+): (.*?)\r?$", console, re.MULTILINE)
        # The guest's own clock began with its kernel.
        self._offset = up_at - float(re.search(r"boot-test: root is up at ([\d.]+)", console).group(1))

    def lines(self, kind):
        return [line for seen, line in self._lines if seen == kind]

    def executions(self, program):
        """Of the programs whose file is called so, in order."""
        ends, found = {}, []
        for line in reversed(self.lines("trace")):
            stamp = re.search(r"\s([\d.]+): sched_process_(exec|exit): (?:filename|comm)=(.*?) pid=(\d+)", line)
            at, name, pid = float(stamp.group(1)) + self._offset, stamp.group(3).rsplit("/", 1)[-1], stamp.group(4)
            if stamp.group(2) == "exit":
                ends[pid] = (at, name)
                continue
            ended, last_name = ends.pop(pid, (None, ""))
            # What is executed by descriptor has its name only at its end, and at most 15 characters of it (proc(5), comm).
            if name == program or last_name == program[:15]:
                found.append(Execution(program, at, ended))
        return found[::-1]


class Guest:
    def __init__(self, test, lan, image, *, options="", name="guest", number=1, second_disk=None, memory=512):
        """OPTIONS: more of the kernel's command line. Several guests of a link have different numbers.
        SECOND_DISK: a file that it sees as /dev/vdb."""
        self.name = name
        self._changed = threading.Condition()
        self._console = ""
        self._marks = []  # (position in the console's text, when it had come)
        self._ended = False
        listener = socket.socket(socket.AF_UNIX)
        test.addCleanup(listener.close)
        path = test.folder / f"console-{name}"
        listener.bind(str(path))
        listener.listen(1)
        self.started_at = time.monotonic()
        # It ends with the test, also when that is killed for taking too long.
        self._qemu = lan.start([
            "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", memory, "-display", "none", "-monitor", "none",
            "-nodefaults", "-no-reboot", "-kernel", image.kernel, "-initrd", image.initrd, "-append", f"{_KERNEL} {options}",
            "-drive", f"file={image.disk},format=raw,if=virtio,snapshot=on",
            *(["-drive", f"file={second_disk},format=raw,if=virtio,readonly=on"] if second_disk else []),
            "-netdev", f"tap,id=lan,ifname={lan.new_tap()},script=no,downscript=no",
            "-device", f"virtio-net-pci,netdev=lan,romfile=,mac=52:54:00:b0:07:{number:02x}", "-device", "virtio-rng-pci",
            "-chardev", f"socket,id=console,path={path}", "-serial", "chardev:console"], environment={"TMPDIR": str(test.folder)})
        listener.settimeout(60)
        try:
            self._socket, _ = listener.accept()
        except TimeoutError:
            raise AssertionError(f"QEMU did not open its console: {self._qemu.stderr}") from None
        test.addCleanup(self._socket.close)
        threading.Thread(target=self._collect, daemon=True).start()

    @property
    def console(self):
        """All that it has shown."""
        with self._changed:
            return self._console

    def seconds(self):
        """Since QEMU's start."""
        return time.monotonic() - self.started_at

    def type(self, line):
        self._socket.sendall(line.encode() + b"\n")

    def wait_for(self, pattern, *, count=1, deadline=BOOT_DEADLINE):
        """Until the console has shown it so many times; seconds from QEMU's start to then."""
        expression = re.compile(pattern, re.MULTILINE)
        until = time.monotonic() + deadline
        with self._changed:
            while True:
                found = list(expression.finditer(self._console))
                if len(found) >= count:
                    end = found[count - 1].end()
                    return next(at for position, at in self._marks if position >= end)
                remaining = until - time.monotonic()
                if self._ended or remaining <= 0:
                    break
                self._changed.wait(remaining)
            raise AssertionError(f"{self.name}'s console never showed {pattern!r}{' and ended' if self._ended else ''}\n"
                                 f"  QEMU: {self._qemu.stderr}\n  console: {self._console[-8000:]}")

    def stays_without(self, pattern, seconds):
        """Fails if the console shows it, or ends, within so many seconds."""
        expression = re.compile(pattern, re.MULTILINE)
        until = time.monotonic() + seconds
        with self._changed:
            while True:
                if expression.search(self._console) or self._ended:
                    raise AssertionError(f"{self.name}'s console shows {pattern!r} or has ended: {self._console[-8000:]}")
                remaining = until - time.monotonic()
                if remaining <= 0:
                    return
                self._changed.wait(remaining)

    def report(self, *, deadline=BOOT_DEADLINE):
        """Waits for the root and all that it has to tell; then the machine is off."""
        up_at = self.wait_for(r"boot-test: root is up at [\d.]+", deadline=deadline)
        self.wait_for(r"^boot-test: end", deadline=deadline)
        self.off()
        return Report(self.console, up_at)

    def off(self):
        """As if its plug were pulled."""
        self._qemu.kill()

    def _collect(self):
        while True:
            try:
                chunk = self._socket.recv(65536)
            except OSError:
                chunk = b""
            with self._changed:
                self._console += chunk.decode(errors="backslashreplace")
                self._marks.append((len(self._console), self.seconds()))
                self._ended = self._ended or not chunk
                self._changed.notify_all()
            if not chunk:
                return
