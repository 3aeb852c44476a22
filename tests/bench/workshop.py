"""Where tools/bench does its work: a temporary folder, started programs, and the CPU time and memory that they took.

It has what tests.support's helpers ask of a test (folder, addCleanup, start, run_program), without being one.
"""

import contextlib
import json
import os
import pathlib
import re
import time

from tests.support.case import StartsPrograms, build_folder, temporary_folder
from tests.support.program import run

_TICKS = os.sysconf("SC_CLK_TCK")


class Workshop(StartsPrograms, contextlib.ExitStack):
    def __init__(self):
        super().__init__()
        self.folder = temporary_folder(self.addCleanup, prefix="mandos-bench-")

    def addCleanup(self, function, *arguments, **options):  # noqa: N802, the name that unittest gave it
        self.callback(function, *arguments, **options)


def yardstick(name, *arguments):
    return [build_folder() / "tests" / name, *map(str, arguments)]


def fetch(server, keys, count, *, parallel=16, deadline=60):
    """Has `count` good peers fetch their secret, as many at a time as keeps the server busy; all must get it."""
    sources = [] if ":" in server.host else ["--from=127.0.90.1", "--sources=4"]
    options = [f"--keys={keys.tls}", f"--count={count}", f"--parallel={parallel}", f"--deadline={deadline}", *sources]
    peer = run(yardstick("scripted_peer", server.host, server.port, *options), deadline=600)
    assert json.loads(peer.stderr.splitlines()[-1])["served"]["count"] == count


def cpu_of_process(pid):
    """Seconds of CPU of all threads that the process has or had, from the scheduler's own clock (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def cpu_of_family(pid):
    """The same with all children, running or ended, from /proc: in ticks of 10 ms, which is fine for what forks Python.

    What a parent has waited for is in its own numbers; the others, zombies too, are still in /proc. Exact when nothing
    is going on: call it then.
    """
    families = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        families[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    return sum(ticks for member, (_, ticks) in families.items() if _descends(member, pid, families)) / _TICKS


def _descends(member, ancestor, families):
    while member in families:
        if member == ancestor:
            return True
        member = families[member][0]
    return False


def most_resident_bytes(pid):
    """Since it began."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE).group(1)) * 1024


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
