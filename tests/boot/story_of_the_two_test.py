"""Two machines with encrypted roots are each other's server, and there is nobody else: one that restarts is let in by the
other; when both were off, both stay locked until a person types the password at one of them.

Each machine's server is started by tests/boot/guest/serve, not by systemd.
"""

import io
import tarfile

from tests.boot.boot_case import FAMILY, GENERATOR, PROMPT, ROOT, BootCase
from tests.boot.guest import Guest, Lan
from tests.boot.image import PASSWORD, client_image
from tests.support.case import TestCase, main
from tests.support.mandos import PATIENT_DEFAULTS

NAMES = ("alpha", "bravo")
# Longer than it takes to be let in by somebody who is up.
NOBODY_LETS_THEM_IN = 60


class StoryOfTheTwo(BootCase):
    def setUp(self):
        TestCase.setUp(self)
        self.images = {name: client_image(FAMILY, GENERATOR, name=name, server=True) for name in NAMES}
        self.lan = Lan(self, "link")
        self.boots = 0

    def other(self, name):
        return NAMES[1 - NAMES.index(name)]

    def knowledge(self, name):
        """The second disk of NAME: what it knows about the other."""
        content = (PATIENT_DEFAULTS + self.images[self.other(name)].section).encode()
        path = self.folder / f"knowledge-{name}.tar"
        with tarfile.open(path, "w") as tar:
            member = tarfile.TarInfo("clients.conf")
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, io.BytesIO(content))
        return path

    def switch_on(self, name):
        self.boots += 1
        return Guest(self, self.lan, self.images[name], name=f"{name}-{self.boots}", number=self.boots,
                     options="init=/boot-test/serve", second_disk=self.knowledge(name))

    def is_let_in(self, machine, name, by):
        up_at = machine.wait_for(ROOT)
        by.wait_for(f'client "{name}": secret sent to ')
        machine.wait_for("announced as ")
        return up_at

    def test_each_lets_the_other_in_and_both_off_is_locked_until_somebody_types(self):
        alpha, bravo = self.switch_on("alpha"), self.switch_on("bravo")
        for machine in (alpha, bravo):
            machine.wait_for(PROMPT)
        alpha.stays_without(ROOT, NOBODY_LETS_THEM_IN)
        self.assert_locked(bravo)
        locked_for = alpha.seconds()
        alpha.type(PASSWORD)
        alpha_up = alpha.wait_for(ROOT)
        bravo_up = self.is_let_in(bravo, "bravo", alpha)
        print(f"boot: {FAMILY} in {GENERATOR}, the two: both locked for {locked_for:.0f} s, password typed at alpha, alpha's root "
              f"{alpha_up:.1f} s, bravo's root by itself {bravo_up:.1f} s", flush=True)
        alpha.off()
        alpha = self.switch_on("alpha")
        print(f"boot: {FAMILY} in {GENERATOR}, the two: alpha restarts, let in by bravo, root "
              f"{self.is_let_in(alpha, 'alpha', bravo):.1f} s", flush=True)
        bravo.off()
        bravo = self.switch_on("bravo")
        print(f"boot: {FAMILY} in {GENERATOR}, the two: bravo restarts, let in by alpha, root "
              f"{self.is_let_in(bravo, 'bravo', alpha):.1f} s", flush=True)


if __name__ == "__main__":
    main()
