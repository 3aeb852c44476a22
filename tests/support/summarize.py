"""Adds up ctest's JUnit files for tools/check. Usage: summarize.py SKIPS-FILE FAILED-STEPS JUNIT-FILE...

Prints each failure and each skip, and as last line "N passed, N failed, N skipped". A step of tools/check that failed
by itself (a build, say) counts as one failure. Ends with 1 on a failure or on a skip that SKIPS-FILE does not list.
"""

import re
import sys
import xml.etree.ElementTree

# GoogleTest calls a program with skipped tests a success; here it is a skip like any other.
GOOGLETEST_SKIP = re.compile(r"^\[  SKIPPED \] (\S+)$", re.MULTILINE)


def listed_skips(text):
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    without_reason = [line[0] for line in lines if len(line) < 2]
    if without_reason:
        raise SystemExit(f"the list of skips gives no reason for {', '.join(without_reason)}")
    return {name: reason for name, reason in lines}


def results(junit_text):
    """Yields (test, "passed" | "failed" | "skipped", detail) for one ctest run."""
    for case in xml.etree.ElementTree.fromstring(junit_text).iter("testcase"):
        output = case.findtext("system-out") or ""
        name, status = case.get("name"), case.get("status")
        if status == "run":
            skipped = GOOGLETEST_SKIP.findall(output)
            yield (name, "skipped", f"GoogleTest skipped {', '.join(skipped)}") if skipped else (name, "passed", "")
        elif status in ("notrun", "disabled"):
            reason = re.search(r"^skipped: .*", output, re.MULTILINE)
            yield name, "skipped", reason.group(0) if reason else "no reason was given"
        else:
            yield name, "failed", ""


def main():
    skips_file, failed_steps, *junit_files = sys.argv[1:]
    with open(skips_file, encoding="utf-8") as file:
        listed = listed_skips(file.read())
    counts = {"passed": 0, "failed": int(failed_steps), "skipped": 0}
    good = counts["failed"] == 0
    for junit_file in junit_files:
        with open(junit_file, encoding="utf-8", errors="replace") as file:
            run = junit_file.rsplit("/", 1)[-1].removesuffix(".xml")
            for name, result, detail in results(file.read()):
                counts[result] += 1
                if result == "failed":
                    print(f"FAILED {name} ({run})")
                    good = False
                elif result == "skipped":
                    print(f"skipped {name} ({run}): {listed.get(name, 'NOT LISTED in ' + skips_file)}; {detail}")
                    good = good and name in listed
    if sum(counts.values()) == 0:
        print("no test was run")
        good = False
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
