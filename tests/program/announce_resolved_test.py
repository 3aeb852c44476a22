"""Where there is no Avahi, systemd-resolved announces the server; where there are both, Avahi does."""

from tests.program.announce_case import DEFAULT_PORT, AnnounceCase
from tests.support.avahi import Avahi
from tests.support.case import main
from tests.support.resolved import Resolved

BY_RESOLVED = r'NOTICE: announced as "Mandos" by systemd-resolved: port 6263, IPv6, all interfaces'
BY_AVAHI = r'NOTICE: announced as "Mandos" by Avahi: port 6263'
REFUSED = r"WARNING: systemd-resolved does not announce this server, and it is tried again: polkit must allow "


class ByResolved(AnnounceCase):
    def test_announced_and_withdrawn(self):
        watcher = self.observer().browse()
        resolved = Resolved(self, self.here)
        server = self.announce(resolved.bus.environment)
        server.wait_for(BY_RESOLVED)
        self.assertEqual(self.seen(watcher)[1], DEFAULT_PORT)
        self.assert_serves_here(server)
        resolved.wait_until_probed("Mandos")
        self.assertEqual(server.stop(), 0)
        self.gone(watcher)

    def test_a_name_that_is_taken_on_the_link_is_changed(self):
        self.assert_a_taken_name_is_changed(Resolved(self, self.here).bus.environment, "systemd-resolved")

    def test_what_a_killed_server_left_is_replaced(self):
        watcher = self.observer().browse()
        resolved = Resolved(self, self.here)
        first = self.announce(resolved.bus.environment)
        first.wait_for(BY_RESOLVED)
        resolved.wait_until_probed("Mandos")
        first.kill()
        second = self.announce(resolved.bus.environment)
        second.wait_for(BY_RESOLVED)
        self.assertEqual(self.seen(watcher)[1], DEFAULT_PORT)
        resolved.wait_until_probed("Mandos", count=2)
        self.assertEqual(second.stop(), 0)
        self.gone(watcher)

    def test_it_may_restart(self):
        resolved = Resolved(self, self.here)
        server = self.announce(resolved.bus.environment)
        server.wait_for(BY_RESOLVED)
        resolved.stop()
        server.wait_for("nothing announces this server until Avahi or systemd-resolved runs")
        resolved.start()
        server.wait_for(BY_RESOLVED, count=2)

    def test_avahi_goes_before_it(self):
        resolved = Resolved(self, self.here)
        server = self.announce(resolved.bus.environment)
        server.wait_for(BY_RESOLVED)
        avahi = Avahi(self, self.here, bus=resolved.bus)
        server.wait_for(BY_AVAHI)
        resolved.stop()  # nobody misses it
        avahi.stop()
        server.wait_for("nothing announces this server until Avahi or systemd-resolved runs")
        resolved.start()
        server.wait_for(BY_RESOLVED, count=2)
        self.assert_said_once(server, "nothing announces this server")

    def test_it_takes_over_when_avahi_goes(self):
        resolved = Resolved(self, self.here)
        avahi = Avahi(self, self.here, bus=resolved.bus)
        server = self.announce(resolved.bus.environment)
        server.wait_for(BY_AVAHI)
        self.assertNotIn("by systemd-resolved", server.stderr)
        avahi.stop()
        server.wait_for(BY_RESOLVED)
        self.assertNotIn("nothing announces", server.stderr)

    def test_polkit_may_refuse(self):
        resolved = Resolved(self, self.here)
        # Of another user, whom no rule names.
        script = "sed -i /^_mandos:/d /run/passwd; mount --bind /run/passwd /etc/passwd"
        self.here.run(["sh", "-ec", f"cp /etc/passwd /run/passwd; {script}"])
        server = self.announce(resolved.bus.environment)
        server.wait_for(REFUSED)
        self.assert_serves_here(server)
        self.assertEqual(server.stop(), 0)
        self.assert_said_once(server, REFUSED)


if __name__ == "__main__":
    main()
