"""The sources are as clang-format leaves them. Reads: src/ and tests/, through tools/format --check."""

import shutil

from tests.lint.tree import Sample
from tests.support.case import SOURCE, TestCase, main


class Format(TestCase):
    def test_sources_are_formatted(self):
        self.run_program([SOURCE / "tools/format", "--check"])

    def test_a_badly_formatted_file_is_found(self):
        sample = Sample(self.folder)
        (self.folder / "tools").mkdir()
        shutil.copy(SOURCE / "tools/format", self.folder / "tools")
        shutil.copy(SOURCE / ".clang-format", self.folder)
        (self.folder / "tests").mkdir()
        sample.write("src/a.cc", "int  main( ) {return 0;}\n")
        found = self.run_program([self.folder / "tools/format", "--check"], expect=None)
        self.assertNotEqual(found.finish(), 0)
        self.run_program([self.folder / "tools/format"])
        self.run_program([self.folder / "tools/format", "--check"])


if __name__ == "__main__":
    main()
