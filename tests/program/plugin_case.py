"""What the tests of the plugins that ask a person share."""

import pathlib
import shutil

from tests.support.case import TestCase, program
from tests.support.terminal import OnTerminal

NOBODY = 65534


class PluginCase(TestCase):
    def installed(self, name):
        """A copy that every user may run; the build tree may be closed to them."""
        copy = self.folder / name
        if not copy.exists():
            shutil.copyfile(self.path_of(name), copy)
            copy.chmod(0o755)
        return copy

    def path_of(self, name):
        return pathlib.Path(program(name))

    def on_terminal(self, arguments, **environment):
        return OnTerminal(self, arguments, environment=environment)
