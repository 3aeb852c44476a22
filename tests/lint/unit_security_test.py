"""The server's systemd unit stays hardened: systemd-analyze's exposure level has a limit. Reads dist/systemd."""

import re

from tests.support.case import SOURCE, TestCase, main

EXPOSURE = 16  # tenths: 0 is confined, 100 is a service with all rights


class UnitSecurity(TestCase):
    def exposure(self, unit):
        shown = self.run_program(["systemd-analyze", "security", "--offline=yes", "--no-pager", unit])
        return float(re.search(rb"exposure level for \S+ ([0-9.]+)", shown.stdout).group(1)) * 10

    def test_the_servers_unit_is_hardened(self):
        self.assertLessEqual(self.exposure(SOURCE / "dist/systemd/mandos.service"), EXPOSURE)

    def test_a_unit_that_is_root_is_over_the_limit(self):
        text = (SOURCE / "dist/systemd/mandos.service").read_text()
        unit = self.write("mandos.service", re.sub("(?m)^(User|Group|NoNewPrivileges)=.*\n", "", text))
        self.assertGreater(self.exposure(unit), EXPOSURE)


if __name__ == "__main__":
    main()
