"""Every option that mandos-ctl --help shows is in the completion of each shell, and no other is.

Reads: dist/completion/* and what BUILD/bin/mandos-ctl --help prints. Registered for the release preset.
"""

import re

from tests.support.case import SOURCE, TestCase, main, program

COMPLETIONS = SOURCE / "dist/completion"


def options_of_help(text):
    """{"--name", "-n"} of the lines that describe options."""
    found = set()
    for letter, name in re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)", text, re.MULTILINE):
        found |= {name, letter} - {""}
    return found


# Lines in which the file calls something that has options of its own.
OWN_BUSINESS = re.compile(r"^\s*#|\bcompgen -[fcA]|compopt|printf|complete -F|_describe|_arguments")


def options_of_words(text):
    """Those that stand as they are typed, which is how the files for bash and zsh list them."""
    lines = [line for line in text.splitlines() if not OWN_BUSINESS.search(line)]
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", "\n".join(lines)))


def options_of_fish(text):
    found = set()
    for line in re.findall(r"^complete -c mandos-ctl (.*)", text, re.MULTILINE):
        found |= {f"-{letter}" for letter in re.findall(r"-s (\w)\b", line)}
        found |= {f"--{name}" for name in re.findall(r"-l ([\w-]+)", line)}
    return found


READERS = {
    "mandos-ctl.bash": options_of_words,
    "_mandos-ctl": options_of_words,
    "mandos-ctl.fish": options_of_fish,
}


def missing(wanted, file_name, text):
    return sorted(wanted - READERS[file_name](text))


def invented(wanted, file_name, text):
    long_names = {option for option in READERS[file_name](text) if option.startswith("--")}
    return sorted(long_names - wanted)


class Completion(TestCase):
    def setUp(self):
        super().setUp()
        self.wanted = options_of_help(self.run_program([program("mandos-ctl"), "--help"]).stdout.decode())

    def test_each_shell_has_every_option(self):
        self.assertGreater(len(self.wanted), 35)
        self.assertEqual({file.name for file in COMPLETIONS.iterdir()}, set(READERS))
        for name in READERS:
            with self.subTest(name):
                text = (COMPLETIONS / name).read_text()
                self.assertEqual(missing(self.wanted, name, text), [])
                self.assertEqual(invented(self.wanted, name, text), [])


class SelfCheck(TestCase):
    HELP = "usage: x\n\n  -a, --all          Do it\n      --debug=LEVEL  Not -z\n"

    def test_the_help_is_read(self):
        self.assertEqual(options_of_help(self.HELP), {"-a", "--all", "--debug"})

    def test_each_option_that_is_not_there_is_found(self):
        for name in READERS:
            text = (COMPLETIONS / name).read_text()
            for option, pattern in (("--is-enabled", r"is-enabled"), ("-H", r"-H\b|-s H\b"), ("--approve", r"approve\b(?!-)")):
                with self.subTest(name=name, option=option):
                    self.assertEqual(missing({option}, name, text), [])
                    self.assertEqual(missing({option}, name, re.sub(pattern, "gone", text)), [option])
            with self.subTest(name=name):
                self.assertEqual(invented({"--all"}, name, text)[:1], ["--approval-delay"])


if __name__ == "__main__":
    main()
