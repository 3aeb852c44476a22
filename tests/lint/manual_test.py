"""The manual has every option of every program and of every configuration file, and invents none.

Reads: dist/man/*, docs/troubleshooting.md, the names and messages in src/ and dist/, and what BUILD/bin/* --help prints.
Registered for the release preset; programs that are not in that build tree are not asked.
"""

import os
import re
import subprocess

from tests.lint.tree import files, text
from tests.support.case import SOURCE, TestCase, build_folder, main

MANUAL = SOURCE / "dist/man"
TROUBLESHOOTING = SOURCE / "docs/troubleshooting.md"
# Our section of its own, for programs that only an initramfs runs; mandoc(1) knows those of its system.
EXPECTED_WARNING = "unknown manual section: Dt ... 8mandos"
# Pages of other packages that ours may refer to.
OTHERS = {
    ("crypttab", "5"), ("cryptsetup", "8"), ("cryptsetup-luksOpen", "8"), ("dracut.cmdline", "7"), ("dracut", "8"), ("interfaces", "5"),
    ("fifo", "7"), ("initramfs-tools", "7"), ("initramfs.conf", "5"), ("landlock", "7"), ("plymouth", "8"), ("proc", "5"), ("sd_listen_fds", "3"),
    ("sd_notify", "3"), ("seccomp", "2"), ("syslog", "3"), ("systemd-ask-password", "1"), ("update-initramfs", "8"), ("bootparam", "7"),
}  # fmt: skip


def pages():
    """{(name, section): file}."""
    return {tuple(re.fullmatch(r"(.+)\.(\d\w*)", file.name).groups()): file for file in files(MANUAL)}


def complaints(page):
    """What mandoc(1) has against a page."""
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() + done.stderr.splitlines() if EXPECTED_WARNING not in line]


def options_of_page(page):
    """{"--name", "-n"} of the items that describe options; others may be mentioned anywhere."""
    found = set()
    for item in re.findall(r"^\.It (Fl .*|Cm .*)$", page, re.MULTILINE):
        found |= {"--" + name for name in re.findall(r"Fl \\-([a-z][a-z0-9-]*)", item)}
        found |= {"-" + letter for letter in re.findall(r"Fl \\?&?([a-zA-Z?])(?= |$)", item)}
    return found


def mentioned(page):
    """Long options anywhere in a page."""
    return set(re.findall(r"(?:Fl \\-|(?<![\w-])--)([a-z][a-z0-9-]*)", page))


def subcommands_of_page(page):
    return set(re.findall(r"^\.It Cm ([a-z]+)", page, re.MULTILINE))


def options_of_help(text_of_help):
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text_of_help))
    return found | set(re.findall(r"^ {1,4}(-[a-zA-Z?])\b", text_of_help.replace("-?,", "-? ,"), re.MULTILINE)) | set(re.findall(r"^ {1,4}(-\?)", text_of_help, re.MULTILINE))


def subcommands_of_help(text_of_help):
    return set(re.findall(r"^  ([a-z]+) ", text_of_help.partition("\nSubcommands")[2], re.MULTILINE))


def configured(page):
    """The options of a configuration file that a page describes."""
    return set(re.findall(r"^\.It Ic ([a-z_]+) Ns = ", page, re.MULTILINE))


def read_by(source):
    """The options of a configuration file that a source file reads."""
    array = re.search(r"known_options\{(.*?)\}", source, re.DOTALL)
    if array:
        return set(re.findall(r'"([a-z_]+)"', array.group(1)))
    return set(re.findall(r'reader\.(?:text|raw|duration|boolean)\("([a-z_]+)"\)', source))


def items(page, head):
    """{name: text} of the items whose line matches `head`, up to the next one."""
    return {match.group(1): match.group(2) for match in re.finditer(rf"^\.It {head}.*\n((?:(?!\.It |\.El).*\n)*)", page, re.MULTILINE)}


def defaults_of_help(text_of_help):
    """{option: what it is if it is not given}, of those that say so."""
    return dict(re.findall(r"^ +(?:-., )?--([a-z][a-z0-9-]*)\S* .*\bdefault ([\w/.-]+)", text_of_help, re.MULTILINE))


def defaults_of_source(source):
    """The same of the options that a configuration file has built in."""
    words = {"True": "yes", "False": "no"}
    return {name: words.get(value, value) for name, value in re.findall(r'\{"(\w+)", \{\.text = "([^"]+)"\}\}', source)}


def wrong_defaults(defaults, described):
    return [f"{name}: {value}" for name, value in defaults.items() if not re.search(rf"(?<![\w/]){re.escape(value)}(?!\w)", described.get(name, ""))]


def examples(page):
    """The blocks of a page that are files: they begin with a section."""
    return [block for block in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", page, re.MULTILINE | re.DOTALL) if block.startswith("[")]


def references(page):
    return {(name, section) for name, section in re.findall(r"^\.(?:It )?Xr (\S+) (\d\w*)", page, re.MULTILINE)}


def program_names(build):
    return sorted(file.name for file in (build / "bin").iterdir() if file.is_file() and os.access(file, os.X_OK))


def page_of(program_name, manual):
    return next((manual[program_name, section] for section in ("8", "8mandos") if (program_name, section) in manual), None)


def literal_text(root):
    """All string literals below src/ and what is in dist/, with literals of several lines put together."""
    sources = "\n".join(text(file) for file in files(root / "src", ".cc", ".h"))
    return re.sub(r'"\s*\n\s*(?:R?)"', "", sources).replace('\\"', '"') + "\n".join(text(file) for file in files(root / "dist") if file.parent != MANUAL)


def quoted_messages(document, root):
    """{message: fragments between what changes ("...", "NAME")} of headings that are nothing but a message.

    A section whose title names who says that, a `PROGRAM` or a file below `dist/`, is left out where the tree has no such thing.
    """
    found = {}
    for section in re.split(r"^(?=## )", document, flags=re.MULTILINE):
        said_by = re.findall(r"`([\w/-]+)`", section.partition("\n")[0])
        if not all((root / "src/programs" / name).is_dir() or (root / "dist" / name).is_file() for name in said_by):
            continue
        for message in re.findall(r"^### `(.+)`$", section, re.MULTILINE):
            parts = [part.strip(" ()") for part in re.split(r"\.\.\.|\b(?:N|ID|NAME|FILE|DIR|DEVICE)\b", message)]
            found[message] = [part for part in parts if len(part) > 3]
    return found


def missing_messages(document, root):
    """Quoted fragments that no string of ours has. A line is put together from several strings: ", " and ": " end one."""
    said = literal_text(root)
    problems = []
    for message, parts in quoted_messages(document, root).items():
        for part in parts:
            pieces = [part] if part in said else [piece.strip() for piece in re.split(r"[:,](?= |$)", part)]
            problems += [f"{message!r}: {piece!r}" for piece in pieces if len(piece) > 3 and piece not in said]
    return problems


class Manual(TestCase):
    def setUp(self):
        super().setUp()
        self.pages = pages()

    def test_pages_are_well_formed(self):
        self.assertGreater(len(self.pages), 15)
        for page in self.pages.values():
            with self.subTest(page.name):
                self.assertEqual(complaints(page), [])

    def test_each_program_has_a_page_with_its_options_and_no_others(self):
        programs = program_names(build_folder())
        self.assertIn("mandos", programs)
        for name in programs:
            with self.subTest(name):
                page = page_of(name, self.pages)
                self.assertIsNotNone(page, "no page")
                # Plugins of Mandos 1.8 show their help with status 64, or on standard error; ours keep that.
                shown = self.run_program([build_folder() / "bin" / name, "--help"], expect=None)
                told = shown.stdout.decode() + shown.stderr
                self.assertEqual(sorted(options_of_page(text(page))), sorted(options_of_help(told)))
                self.assertEqual(wrong_defaults(defaults_of_help(told), items(text(page), r"Fl .*?\\-([a-z][a-z0-9-]*)")), [])
                if "\nSubcommands" in told:
                    self.assertEqual(subcommands_of_help(told), subcommands_of_page(text(page)))

    def test_each_configuration_option_is_there_and_no_other(self):
        for page, source in (("mandos.conf", "mandos_conf.cc"), ("mandos-clients.conf", "clients_conf.cc")):
            with self.subTest(page):
                read = text(SOURCE / "src/wire" / source)
                described = text(self.pages[page, "5"])
                self.assertGreater(len(read_by(read)), 12)
                self.assertEqual(configured(described), read_by(read))
                self.assertGreater(len(defaults_of_source(read)), 6)
                self.assertEqual(wrong_defaults(defaults_of_source(read), items(described, r"Ic (\w+)")), [])

    def test_configuration_that_is_shown_is_right(self):
        for page, file in (("mandos.conf", "mandos.conf"), ("mandos-clients.conf", "clients.conf")):
            shown = examples(text(self.pages[page, "5"]))
            self.assertEqual(len(shown), 2)
            for example in shown:
                with self.subTest(example):
                    path = self.write(f"etc/{file}", example.replace("eth0", "lo"))
                    self.run_program([build_folder() / "bin/mandos", "--check", f"--configdir={path.parent}"], expect=0)
                    path.unlink()

    def test_each_key_of_the_monitor_is_there(self):
        table = re.sub(r'"\s*\n\s*"', "", text(SOURCE / "src/programs/mandos-monitor/command.cc"))
        keys = re.findall(r'\{Command::\w+,\s*\{.*?\},\s*"([^"]+)"', table, re.DOTALL)
        self.assertGreater(len(keys), 20)
        page = text(self.pages["mandos-monitor", "8"]).replace("\\&", "")
        self.assertEqual([key for key in keys if f"\n.It Ic {key}\n" not in page], [])

    def test_options_that_are_mentioned_are_somebodys(self):
        every = {option.removeprefix("--") for page in self.pages.values() for option in options_of_page(text(page))}
        for page in self.pages.values():
            with self.subTest(page.name):
                self.assertEqual(mentioned(text(page)) - every, set())

    def test_what_is_referred_to_is_there(self):
        for page in self.pages.values():
            with self.subTest(page.name):
                self.assertEqual(references(text(page)) - set(self.pages) - OTHERS, set())

    def test_what_troubleshooting_quotes_is_said(self):
        document = text(TROUBLESHOOTING)
        self.assertGreater(len(quoted_messages(document, SOURCE)), 15)
        self.assertEqual(missing_messages(document, SOURCE), [])


class SelfCheck(TestCase):
    HELP = (
        "usage: x [--json]\n\n  -a, --all          Do it\n      --debug=LEVEL  Not -z; see --all\n  -?, --help\n"
        "\nSubcommands (first):\n  log [x]   y\n"
    )
    PAGE = (
        ".It Fl a , Fl \\-all\nSee\n.Fl \\-elsewhere .\n.It Fl \\-debug Ns = Ns Ar LEVEL\n.It Fl \\&? , Fl \\-help\n"
        ".It Cm log Op x\n.Bl\n.It Fl \\-json\n.It Ic port Ns = Ns Ar N\n.Xr nobody 8 ,\n"
    )

    def test_options_are_read(self):
        options = {"-a", "--all", "--debug", "-?", "--help", "--json"}
        self.assertEqual(options_of_help(self.HELP), options)
        self.assertEqual(options_of_page(self.PAGE), options)
        self.assertEqual(options_of_help(self.HELP + "  -n, --new-one=X  New\n") - options_of_page(self.PAGE), {"-n", "--new-one"})
        self.assertEqual(options_of_page(self.PAGE + ".It Fl \\-invented\n") - options_of_help(self.HELP), {"--invented"})
        self.assertEqual(subcommands_of_help(self.HELP), subcommands_of_page(self.PAGE))
        self.assertEqual(mentioned("\n.Fl \\-one ,\n.Dl x --two=a-b -- --three\n"), {"one", "two", "three"})

    def test_configuration_is_read(self):
        self.assertEqual(configured(self.PAGE), {"port"})
        self.assertEqual(read_by('known_options{\n"port", "new"};'), {"port", "new"})
        self.assertEqual(read_by('set(x, reader.text("port")); reader.duration("new")'), {"port", "new"})

    def test_defaults_are_read(self):
        self.assertEqual(defaults_of_help("  -p, --port=PORT  Listen there (default 6263)\n"), {"port": "6263"})
        self.assertEqual(defaults_of_source('{"timeout", {.text = "PT5M"}}, {"debug", {.text = "False"}}'), {"timeout": "PT5M", "debug": "no"})
        page = ".It Fl p Ar N , Fl \\-port Ns = Ns Ar N\nListen.\nDefault: 6263.\n.It Ic timeout Ns = Ns Ar T\nDefault:\n.Ql PT5M .\n.El\n"
        described = items(page, r"Fl .*?\\-([a-z]+)") | items(page, r"Ic (\w+)")
        self.assertEqual(wrong_defaults({"port": "6263", "timeout": "PT5M"}, described), [])
        self.assertEqual(wrong_defaults({"port": "626", "timeout": "PT15M", "gone": "1"}, described), ["port: 626", "timeout: PT15M", "gone: 1"])

    def test_references_are_read(self):
        self.assertEqual(references(self.PAGE), {("nobody", "8")})

    def test_a_bad_page_is_complained_of(self):
        self.assertNotEqual(complaints(self.write("bad.8", ".Dd November 24, 2026\n.Dt X 8\n.Os\n.Sh NAME\n.Xx\n")), [])

    def test_a_message_that_nobody_says_is_found(self):
        self.write("src/programs/x/main.cc", 'say(fmt::format("server {}: cannot "\n        "be reached: {}", a, b));')
        good = "## What `x` says\n\n### `server NAME: cannot be reached: ...`\n"
        self.assertEqual(missing_messages(good, self.folder), [])
        bad = good.replace("reached", "found")
        self.assertEqual(len(missing_messages(bad, self.folder)), 1)
        self.assertEqual(missing_messages(bad.replace("`x`", "`not-built`"), self.folder), [])


if __name__ == "__main__":
    main()
