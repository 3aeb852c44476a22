"""A machine that must not come up by itself does not, whatever the reason; its console asks at once, and a typed password
boots it.

That nothing happened is no proof: where there is a server, its log tells that the machine asked and why it got nothing.
"""

import secrets

from tests.boot.boot_case import FAMILY, GENERATOR, PROMPT, REFUSALS, ROOT, BootCase
from tests.support.bus import PrivateBus
from tests.support.case import main, program

# Longer than it takes from the password to the root when there is one, many times.
NOTHING_HAPPENS = 60


class Locked(BootCase):
    def by_hand(self, guest, story):
        report = self.boots_by_hand(guest, story=f"{FAMILY} in {GENERATOR}, {story}")
        clients = report.executions("mandos-client")
        self.assertTrue(clients, "the trace does not show that mandos-client ran")
        return report

    def test_by_a_server_that_disabled_it(self):
        server = self.serve(self.section("enabled = no"))
        guest = self.boot()
        server.wait_until_refused('refused: client "boottest" is disabled', count=REFUSALS)
        self.by_hand(guest, "disabled")
        self.assertNotIn("secret sent", server.log)

    def test_by_a_server_that_has_not_heard_of_it_in_time(self):
        server = self.serve(self.section("timeout = PT2S", "interval = PT1H", "checker = false"))
        server.program.wait_for('client "boottest": expired')
        guest = self.boot()
        server.wait_until_refused('refused: client "boottest" is disabled', count=REFUSALS)
        self.by_hand(guest, "timed out")
        self.assertNotIn("secret sent", server.log)

    def test_by_a_server_that_does_not_know_its_key(self):
        section = [f"key_id = {secrets.token_hex(32)}" if line.startswith("key_id") else line
                   for line in self.image.section.splitlines()]
        server = self.serve("\n".join(section) + "\n")
        guest = self.boot()
        server.wait_until_refused("refused: unknown key ID ", count=REFUSALS)
        self.by_hand(guest, "unknown key")
        self.assertNotIn("secret sent", server.log)

    def test_by_an_administrator_who_denies_it(self):
        bus = PrivateBus(self.addCleanup, self.folder)
        server = self.serve(self.section("approved_by_default = no", "approval_delay = PT1H", "approval_duration = PT1H"), bus=bus)
        guest = self.boot()
        server.program.wait_for('client "boottest": waits for approval', deadline=600)
        self.run_program([program("mandos-ctl"), "--deny", "boottest"], environment=bus.environment)
        server.wait_until_refused('refused: client "boottest" was denied', count=REFUSALS)
        self.by_hand(guest, "denied")
        self.assertNotIn("secret sent", server.log)

    def test_by_a_server_whose_secret_is_wrong(self):
        server = self.serve(self.image.wrong_section)
        guest = self.boot()
        server.wait_until_sent()
        guest.wait_for("cryptsetup failed, bad password")
        guest.wait_for(PROMPT, count=2)  # what is typed before it asks again is lost
        self.by_hand(guest, "wrong secret")

    def test_where_no_server_is(self):
        guest = self.boot()
        self.wait_for_prompt(guest)
        guest.stays_without(ROOT, NOTHING_HAPPENS)
        report = self.by_hand(guest, "no server")
        longest = max(client.ended - client.started for client in report.executions("mandos-client") if client.ended)
        self.assertGreater(longest, NOTHING_HAPPENS / 2, "mandos-client gave up")

    def test_when_mandos_off_is_on_the_kernels_command_line(self):
        server = self.serve(self.section())
        guest = self.boot("mandos=off")
        self.wait_for_prompt(guest)
        guest.stays_without(ROOT, NOTHING_HAPPENS)
        report = self.boots_by_hand(guest, story=f"{FAMILY} in {GENERATOR}, mandos=off")
        for program_of_mandos in ("plugin-runner", "mandos-client", "mandos-to-cryptroot-unlock"):
            self.assertEqual(report.executions(program_of_mandos), [])
        self.assertNotIn("secret sent", server.log)
        self.assertNotIn("refused", server.log)


if __name__ == "__main__":
    main()
