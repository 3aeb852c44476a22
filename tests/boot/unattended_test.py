"""A machine with an encrypted root comes up with nobody at its keyboard, on a link where nothing is but a server."""

from tests.boot.boot_case import FAMILY, GENERATOR, PROMPT, ROOT, BootCase
from tests.support.avahi import Avahi
from tests.support.bus import PrivateBus
from tests.support.case import SOURCE, main, program
from tests.support.mandos import DEBIAN_MANDOS




class Unattended(BootCase):
    def comes_up(self, server, guest, story):
        server.wait_until_sent()
        report = guest.report()
        self.assert_nothing_left(report)
        self.print_times(f"{FAMILY} in {GENERATOR}, {story}", report)
        return report

    def test_a_server_on_the_link_lets_it_come_up_by_itself(self):
        server = self.serve(self.section())
        self.comes_up(server, self.boot(), "found by Zeroconf")

    def test_so_does_debians_server(self):
        server = self.serve(self.section(), family=DEBIAN_MANDOS)
        self.comes_up(server, self.boot(), "Debian's server")

    def test_a_server_that_comes_a_minute_late_is_not_too_late(self):
        guest = self.boot()
        self.wait_for_prompt(guest)
        guest.stays_without(ROOT, 60)
        server = self.serve(self.section())
        self.comes_up(server, guest, f"server after {guest.seconds():.0f} s")

    def test_it_waits_for_an_approval_and_comes_up_with_it(self):
        bus = PrivateBus(self.addCleanup, self.folder)
        server = self.serve(self.section("approved_by_default = no", "approval_delay = PT1H"), bus=bus)
        guest = self.boot()
        server.program.wait_for('client "boottest": waits for approval', deadline=600)
        guest.wait_for(PROMPT)
        self.assert_locked(guest)
        approved_at = guest.seconds()
        self.run_program([program("mandos-ctl"), "--approve", "boottest"], environment=bus.environment)
        self.comes_up(server, guest, f"approved after {approved_at:.0f} s")

    def test_a_server_that_talks_garbage_does_not_keep_it_from_the_good_one(self):
        garbage = self.lan.start(["/usr/bin/python3", "-B", SOURCE / "tests/boot/garbage_server.py", "4711"])
        garbage.wait_for_output("listening")
        avahi = Avahi(self, self.lan)
        self.lan.start(["avahi-publish-service", "Mandos of another kind", "_mandos._tcp", "4711"], environment=avahi.environment
                       ).wait_for("Established under name")
        guest = self.boot()
        garbage.wait_for_output("asked", deadline=600)
        server = self.serve(self.section(), avahi=avahi)
        self.comes_up(server, guest, "garbage beside the server")

    def test_mandos_connect_with_ip_reaches_a_server_that_announces_nothing(self):
        self.lan.ip("address add 192.0.2.1/24 dev eth0")
        server = self.serve(self.section(), options=["--no-zeroconf", "--address=::", "--port=4711"])
        guest = self.boot("ip=192.0.2.2::192.0.2.1:255.255.255.0::ens2:off mandos=connect:192.0.2.1:4711")
        server.wait_until_sent()
        report = guest.report()
        if FAMILY == "ours":  # 1.8 leaves the address that ip= asks for
            self.assert_nothing_left(report)
        self.print_times(f"{FAMILY} in {GENERATOR}, mandos=connect", report)


if __name__ == "__main__":
    main()
