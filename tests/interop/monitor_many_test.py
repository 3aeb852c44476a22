"""mandos-monitor beside our server with ten thousand clients: the list is there, and keys are answered at once.

What is held to a bound is the processor time of the monitor, which does not grow when the machine has other work.
"""

import os

from tests.interop.monitor_case import MonitorCase, section
from tests.support.case import main, program

MANY = 10_000
LAST = f"client{MANY - 1:05}"
CHANGING = 2_000  # at one time
# Seconds; some ten times what a build without optimization needs.
TO_READ_ALL = 5.0
FOR_A_KEY = 0.1
FOR_A_CHANGE = 0.01


class Many(MonitorCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve("".join(section(f"client{number:05}", number) for number in range(MANY)))
        self.window = self.monitor(columns=120)
        self.window.wait_for(rf"\A.* {MANY} clients, by name\nclient00000: enabled")

    def processor_time(self):
        """Seconds that the monitor has used so far."""
        with open(f"/proc/{self.window.child('mandos-monitor')}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def press_each(self, keys):
        """Presses keys and waits for what each shows; returns the monitor's processor time for one, on average."""
        before = self.processor_time()
        for key, shown in keys:
            self.window.press(key)
            self.window.wait_for(shown)
        return (self.processor_time() - before) / len(keys)

    def test_keys_are_answered_at_once(self):
        used = self.processor_time()
        self.assertLess(used, TO_READ_ALL)
        moving = [
            ("End", f"^{LAST}: "),
            ("Home", r"\A.*\nclient00000: "),
            ("PageDown", "^client00014: "),
            ("PageUp", r"\A.*\nclient00000: "),
        ]
        moved = self.press_each(moving * 5)
        print(f"{used:.2f} s to read {MANY} clients, {moved * 1000:.1f} ms for a key that moves,", end=" ")
        self.assertLess(moved, FOR_A_KEY)
        ordered = self.press_each([("o", "by time left"), ("o", "by state"), ("o", "by name")] * 3)
        print(f"{ordered * 1000:.1f} ms for another order,", end=" ")
        self.assertLess(ordered, FOR_A_KEY)
        letters = [("9", f"[0-9] of {MANY} clients"), ("9", "filter: 99$"), ("7", "filter: 997$"), ("7", "^client09977: ")]
        filtered = self.press_each([("/", "^Filter:"), *letters])
        print(f"{filtered * 1000:.1f} ms for a letter of a filter")
        self.assertLess(filtered, FOR_A_KEY)
        self.window.press("Enter", "Escape")
        self.window.wait_for(rf"\A.* {MANY} clients, by name$")

    def test_keys_are_answered_while_many_clients_change(self):
        before = self.processor_time()
        changing = [f"client{number:05}" for number in range(CHANGING)]
        disabling = self.start([program("mandos-ctl"), "--disable", *changing], environment=self.bus.environment)
        self.window.wait_for("^client00000: DISABLED$")
        for key, shown in (("End", f"^{LAST}: "), ("Home", r"\A.*\nclient00000: ")) * 5:
            self.window.press(key)
            self.window.wait_for(shown)
        self.assertEqual(disabling.finish(), 0)
        self.window.press("/")
        self.window.type("disabled")
        self.window.wait_for(rf"\A.* {CHANGING} of {MANY} clients")
        used = self.processor_time() - before
        print(f"{used * 1000 / CHANGING:.2f} ms for a client that was disabled, with {CHANGING} of them")
        self.assertLess(used, CHANGING * FOR_A_CHANGE)

    def test_all_are_there_again_when_the_server_is(self):
        self.window.press("End")
        self.window.wait_for(f"^{LAST}: ")
        self.server.kill()
        self.window.wait_for("^No clients$")
        self.serve_again()
        self.window.wait_for(rf"\A.* {MANY} clients")
        self.window.wait_until(lambda _: self.is_selected(self.window, LAST), f"{LAST} selected again")


if __name__ == "__main__":
    main()
