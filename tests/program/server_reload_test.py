"""SIGHUP takes over the configuration as it is now: as a whole, or not at all. Files are root's and stay so."""

import re
import signal

from tests.program.state_case import StateCase
from tests.support.case import main


class Reload(StateCase):
    def reload(self, server, pattern=r"the configuration was read anew: \d+ clients"):
        seen = len(re.findall(pattern, server.stderr))
        server.send(signal.SIGHUP)
        server.wait_for(pattern, count=seen + 1)

    def test_a_new_client_is_served_and_one_that_left_is_not(self):
        old, new = self.section("old"), self.section("new")
        server = self.serve(old)
        self.assert_given(server, "old")
        self.write("clients.conf", new)
        self.reload(server)
        self.assert_given(server, "new")
        client = self.client(server, "old")
        server.wait_for("refused: unknown key ID")
        client.kill()
        self.assertEqual(client.stdout, b"")

    def test_an_error_leaves_everything_as_it_was(self):
        one, two = self.section("one"), self.section("two")
        server = self.serve(one)
        self.write("clients.conf", two + "timeout = soon\n")
        self.reload(server, r"nothing of it is taken, the one before stays in force")
        self.assertRegex(server.stderr, r'clients.conf:\d+: section "two", option timeout: ')
        self.assert_given(server, "one")
        self.write("clients.conf", one + two)
        self.reload(server)
        self.assert_given(server, "two")

    def test_a_file_of_its_own_for_each_client(self):
        one, two = self.section("one"), self.section("two")
        self.write("clients.d/one.conf", one)
        server = self.serve("[DEFAULT]\nenabled = no\n")
        self.assert_refused(server, "one", "is disabled")  # the defaults of clients.conf hold there too
        self.write("clients.d/two.conf", "[DEFAULT]\nenabled = yes\n" + two)
        self.write("clients.d/.hidden.conf", "not even a section\n")
        self.write("clients.d/readme.txt", "not even a section\n")
        self.reload(server)
        self.assert_given(server, "two")
        self.assert_refused(server, "one", "is disabled")
        self.write("clients.d/three.conf", two)
        self.reload(server, r"nothing of it is taken")
        self.assertRegex(server.stderr, r'two.conf:\d+: section "two": .*three.conf has a client of this name too')

    def test_a_lockout_survives(self):
        one = self.section("one", timeout="PT1S", interval="PT1H")
        server = self.serve(one)
        server.wait_for('client "one": expired')
        self.write("clients.conf", one.replace("timeout = PT1S", "timeout = PT1H") + self.section("two"))
        self.reload(server)
        self.assert_refused(server, "one", "is disabled")
        self.assert_given(server, "two")

    def test_enabling_is_a_change_of_the_configuration(self):
        one = self.section("one", enabled="no")
        server = self.serve(one)
        self.reload(server)
        self.assert_refused(server, "one", "is disabled")
        self.write("clients.conf", one.replace("enabled = no", "enabled = yes"))
        self.reload(server)
        self.assert_given(server, "one")
        self.write("clients.conf", one)
        self.reload(server)
        self.assert_refused(server, "one", "is disabled")

    def test_who_waits_for_approval_goes_on_waiting(self):
        one = self.section("one", approval_delay="PT3S")
        server = self.serve(one)
        client = self.client(server, "one")
        server.wait_for('client "one": waits for approval')
        self.write("clients.conf", one + self.section("two"))
        self.reload(server)
        self.assertEqual(client.finish(), 0, client.stderr)

    def test_many_reloads_at_once(self):
        one = self.section("one")
        server = self.serve(one)
        for _ in range(50):
            server.send(signal.SIGHUP)
        server.wait_for(r"the configuration was read anew")
        self.assert_given(server, "one")
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    main()
