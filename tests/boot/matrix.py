"""Prints the table of tools/boot-matrix from ctest's JUnit file: what each machine did, and ours beside Debian's client."""

import re
import sys
import xml.etree.ElementTree

from tests.boot.image import client_image, our_packages

# How much faster than 1.8 ours has to be from the client's start to the password, and how much of what 1.8 adds to an
# initramfs ours may add. Told, not enforced: a busy machine blurs the times.
FASTER, LARGER = 3.0, 1.3


def stories(junit_text):
    """(test, "run" or "fail" and so on, its seconds, its lines that begin with "boot: ") for each test."""
    for case in xml.etree.ElementTree.fromstring(junit_text).iter("testcase"):
        lines = re.findall(r"boot: (.*)$", case.findtext("system-out") or "", re.MULTILINE)
        yield case.get("name"), case.get("status"), float(case.get("time") or 0), lines


def client_seconds(told, family):
    """From mandos-client's start to its end, in the plain story; None: it was not told."""
    for lines in told:
        for line in lines:
            took = re.match(rf"{re.escape(family)} in initramfs-tools, found by Zeroconf: .*client took ([\d.]+) s", line)
            if took:
                return float(took.group(1))
    return None


def print_comparison(told):
    ours, theirs = client_seconds(told, "ours"), client_seconds(told, "1.8")
    if ours and theirs:
        print(f"client's start to password: ours {ours:.1f} s, 1.8 {theirs:.1f} s, {theirs / ours:.1f} times faster (at least {FASTER})")


def print_sizes():
    added = {}
    for family in ("ours", "1.8"):
        image = client_image(family, "initramfs-tools")
        without, size = (file.stat().st_size for file in (image.initrd_without_mandos, image.initrd))
        added[family] = size - without
        print(f"initramfs with {family}: {size} bytes, {size - without} of them for Mandos")
    print(f"ours adds {added['ours'] / added['1.8']:.2f} of what 1.8 adds (at most {LARGER})")


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        all_stories = list(stories(file.read()))
    for name, status, seconds, lines in all_stories:
        print(f"{'ok    ' if status == 'run' else 'FAILED'} {name} ({seconds:.0f} s)")
        for line in lines:
            print(f"         {line}")
    print_comparison([lines for *_, lines in all_stories])
    try:
        our_packages()
    except AssertionError as problem:
        print(problem)
    else:
        print_sizes()


if __name__ == "__main__":
    main()
