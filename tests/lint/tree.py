"""The files of the source tree, for lint tests. Works in a clone and in an unpacked archive alike."""

import os
import pathlib

NOT_OURS = {"build", ".git", ".cache", "__pycache__", "compile_commands.json"}


def files(root, *suffixes):
    """Every file below `root` whose name ends in one of the suffixes (none: every file), sorted, without build trees."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - NOT_OURS)
        found += [pathlib.Path(folder) / name for name in sorted(names) if name not in NOT_OURS]
    return [file for file in found if not suffixes or file.name.endswith(suffixes)]


def text(file):
    return file.read_text(encoding="utf-8", errors="replace")


class Sample:
    """A made-up tree in a folder, for the self-checks: each lint test shows that it finds what it looks for."""

    def __init__(self, root):
        self.root = root

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path
