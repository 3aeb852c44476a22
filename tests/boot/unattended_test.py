"""A machine with an encrypted root comes up with nobody at its keyboard, on a link where nothing is but a server."""

from tests.boot.boot_case import FAMILY, GENERATOR, BootCase
from tests.support.case import main


class Unattended(BootCase):
    def test_a_server_that_knows_the_machine_lets_it_come_up_by_itself(self):
        server = self.serve(self.section())
        guest = self.boot()
        server.wait_until_sent()
        report = guest.report()
        self.assert_nothing_left(report)
        self.print_times(f"{FAMILY} in {GENERATOR}, found by Zeroconf", report)


if __name__ == "__main__":
    main()
