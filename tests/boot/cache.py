"""What takes minutes to make and is needed by every build tree: folders named after all that went into them.

They are in $XDG_CACHE_HOME/mandos-tests, by default /var/cache/mandos-tests. Removing them is safe.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import tempfile


def cache_folder():
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "/var/cache") / "mandos-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def digest_of(*parts):
    """PARTS: texts, and paths of files, whose content counts. 16 hex digits."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, pathlib.Path) else part.encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:16]


def cached(name, digest, make):
    """The folder NAME-DIGEST. If it is not there, make(folder) fills a new one, which appears whole or not at all.

    Two who want the same wait for each other. Older folders of the same name go when a new one has come.
    """
    place = cache_folder()
    target = place / f"{name}-{digest}"
    with open(place / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return target
        for stale in place.glob(f"partial-{name}-*"):
            shutil.rmtree(stale, ignore_errors=True)
        partial = pathlib.Path(tempfile.mkdtemp(prefix=f"partial-{name}-", dir=place))
        partial.chmod(0o755)
        try:
            make(partial)
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        for older in place.glob(f"{name}-????????????????"):
            if older != target:
                shutil.rmtree(older, ignore_errors=True)
        return target
