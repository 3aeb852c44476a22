"""A private D-Bus daemon that stands in for the system bus: everybody may own and call everything.

Programs reach it through `environment`; the machine's own buses are neither needed nor touched.
"""

import signal

from tests.support.program import Program

_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus-socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="false"/>
    <allow receive_sender="*"/>
    {rules}
  </policy>
</busconfig>
"""


class PrivateBus:
    def __init__(self, add_cleanup, folder, rules=""):
        """RULES: elements for the policy, after those that allow everything (dbus-daemon(1))."""
        configuration = folder / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, rules=rules))
        self._daemon = Program(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address"]
        )
        add_cleanup(self._daemon.kill)
        # Without its ",guid=": another bus that takes its place later has the same address.
        self.address = self._daemon.wait_for_output(rb"^(unix:[^,\s]+)\S*\n").group(1).decode()

    def kill(self):
        self._daemon.kill()

    def pause(self):
        """Whoever connects is not refused, and not answered."""
        self._daemon.send(signal.SIGSTOP)

    def resume(self):
        self._daemon.send(signal.SIGCONT)

    @property
    def environment(self):
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
