"""What is installed is hardened: read back from the ELF files of the release build and from how they were compiled.

Reads: BUILD/bin/*, the object files in BUILD/src and BUILD/compile_commands.json. Registered for the release preset.
"""

import json
import platform
import re
import subprocess
import unittest

from tests.support.case import SOURCE, TestCase, build_folder, main

# What leaves no mark in an ELF file is read from the compiler's command line.
COMPILER_OPTIONS = ("-fstack-clash-protection", "-ftrivial-auto-var-init=zero", "-D_FORTIFY_SOURCE=3")
X86 = platform.machine() == "x86_64"


def readelf(*arguments):
    command = ["readelf", "--wide", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def soft_spots(program):
    """What a hardened program has and this one lacks."""
    header, dynamic = readelf("--file-header", program), readelf("--dynamic", program)
    segments, symbols = readelf("--program-headers", program), readelf("--dyn-syms", program)
    stack = re.search(r"GNU_STACK.*?\s([RWE]+)\s+0x", segments)
    findings = {
        "is no position independent executable": not re.search(r"Type:\s+DYN", header) or "PIE" not in dynamic,
        "has writable relocations (no RELRO)": "GNU_RELRO" not in segments,
        "binds symbols late (no BIND_NOW)": not re.search(r"BIND_NOW|\bNOW\b", dynamic),
        "has an executable stack": stack is None or "E" in stack.group(1),
        "has no stack protector": "__stack_chk_fail" not in symbols,
        "uses no fortified function": not re.search(r"__(?!stack)\w+_chk\b", symbols),
        "has text relocations": "TEXTREL" in dynamic,
        "looks for libraries in a path of its own": bool(re.search(r"RPATH|RUNPATH", dynamic)),
    }
    return [f"{program.name} {problem}" for problem, found in findings.items() if found]


def unprotected_objects(objects):
    """Object files without control-flow protection (Intel CET)."""
    return [
        f"{file.name} lacks IBT or SHSTK"
        for file in objects
        if not {"IBT", "SHSTK"} <= set(re.findall(r"\b(IBT|SHSTK)\b", readelf("--notes", file)))
    ]


def soft_compilations(commands):
    return [
        f"{command['file']} is compiled without {option}"
        for command in commands
        for option in COMPILER_OPTIONS
        if option not in command["command"].split()
    ]


class Hardening(TestCase):
    def test_programs(self):
        programs = sorted((build_folder() / "bin").iterdir())
        self.assertGreater(len(programs), 2)
        self.assertEqual([spot for program in programs for spot in soft_spots(program)], [])

    @unittest.skipUnless(X86, "control-flow protection is an x86 feature")
    def test_objects_have_control_flow_protection(self):
        objects = sorted((build_folder() / "src").rglob("*.o"))
        self.assertGreater(len(objects), 10)
        self.assertEqual(unprotected_objects(objects), [])

    def test_compilation(self):
        commands = json.loads((build_folder() / "compile_commands.json").read_text())
        ours = [command for command in commands if command["file"].startswith(f"{SOURCE}/src/")]
        self.assertGreater(len(ours), 10)
        self.assertEqual(soft_compilations(ours), [])


class SelfCheck(TestCase):
    """Each rule finds a program that was made to break it."""

    SAMPLE = "#include <cstdio>\n#include <cstring>\nint main(int c, char** v) {char b[99]; std::strcpy(b, v[c - 1]); std::puts(b);}"
    GOOD = (
        "-O2 -fPIE -pie -fstack-protector-strong -D_FORTIFY_SOURCE=3 -fcf-protection=full "
        "-Wl,-z,relro,-z,now,-z,noexecstack"
    )

    def compile(self, options):
        source = self.write("sample.cc", self.SAMPLE)
        self.run_program(["g++", *options.split(), "-o", self.folder / "sample", source])
        return self.folder / "sample"

    def test_a_hardened_program_is_clean(self):
        self.assertEqual(soft_spots(self.compile(self.GOOD)), [])

    def test_each_soft_spot_is_found(self):
        for words, options in {
            "position independent": "-fno-pie -no-pie",
            "writable relocations": "-Wl,-z,norelro",
            "binds symbols late": "-Wl,-z,lazy",
            "executable stack": "-Wl,-z,execstack",
            "stack protector": "-fno-stack-protector",
            "fortified": "-U_FORTIFY_SOURCE",
            "path of its own": "-Wl,-rpath,/opt/lib",
        }.items():
            with self.subTest(words):
                found = soft_spots(self.compile(f"{self.GOOD} {options}"))
                self.assertTrue(any(words in spot for spot in found), found)

    @unittest.skipUnless(X86, "control-flow protection is an x86 feature")
    def test_an_unprotected_object_is_found(self):
        for options, count in (("-fcf-protection=full", 0), ("-fcf-protection=branch", 1), ("-fcf-protection=none", 1)):
            self.assertEqual(len(unprotected_objects([self.compile(f"-c {options}")])), count, options)

    def test_a_missing_compiler_option_is_found(self):
        self.assertEqual(len(soft_compilations([{"file": "a.cc", "command": "g++ -D_FORTIFY_SOURCE=3 -c a.cc"}])), 2)


if __name__ == "__main__":
    main()
