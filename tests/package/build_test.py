"""tools/package builds the packages, and lintian has nothing to say at warning level. Others need what it made."""

import re

from tests.support.case import SOURCE, TestCase, main


class Build(TestCase):
    def test_the_packages_are_built_and_lintian_is_content(self):
        built = self.run_program([SOURCE / "tools/package"], deadline=1500)
        said = built.stdout.decode() + built.stderr
        self.assertRegex(said, "lintian has nothing to say at warning level")
        self.assertEqual(sorted(re.findall(r"(mandos\S*?)_\S+\.deb", said)), ["mandos", "mandos-client"])


if __name__ == "__main__":
    main()
