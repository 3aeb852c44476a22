"""Private D-Bus daemons that stand in for the system bus. On a PrivateBus everybody may own and call everything; a
SystemBus has the policy of the machine's own.

Programs reach it through `environment`; the machine's own buses are neither needed nor touched.
"""

import re
import signal

from tests.support.case import SOURCE, temporary_folder
from tests.support.program import Program

_HEAD = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus-socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
"""

_CONFIGURATION = _HEAD + """\
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


# Nobody may own a name or call anything, apart from the bus itself, but for what the services' own files allow.
_SYSTEM_CONFIGURATION = _HEAD + """\
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
  </policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  <includedir>{own_policy}</includedir>
  {more}
</busconfig>
"""


class SystemBus:
    """With the policies of the installed packages and of ours. MORE: elements at the end of its configuration.
    NAMESPACE: whose packages and users they are, instead of the machine's."""

    def __init__(self, test, more="", namespace=None):
        self._folder = temporary_folder(test.addCleanup, "mandos-bus-")
        self._test = test
        self._command = namespace.command if namespace else list
        text = _SYSTEM_CONFIGURATION.format(folder=self._folder, own_policy=SOURCE / "dist/dbus", more=more)
        (self._folder / "bus.conf").write_text(text)
        self.address = f"unix:path={self._folder}/bus-socket"
        self._daemon = None
        self.start()

    def start(self):
        """Also anew, at the same address, after kill()."""
        self._daemon = self._test.start(self._command(
            ["dbus-daemon", f"--config-file={self._folder}/bus.conf", "--nofork", "--nopidfile", "--print-address"]))
        self._daemon.wait_for_output(rb"^unix:")

    def wait_for_owner(self, name):
        """Until somebody has NAME."""
        watch = ["dbus-monitor", "--system", "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"]
        watcher = self._test.start(watch, environment=self.environment)
        watcher.wait_for_output(rb"NameAcquired")  # it listens; one that is there already is asked for
        owned = self._test.run_program(
            ["dbus-send", "--system", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
             "org.freedesktop.DBus.NameHasOwner", f"string:{name}"], environment=self.environment).stdout
        if b"true" not in owned:
            watcher.wait_for_output(rf'string "{re.escape(name)}"\n\s+string ""\n\s+string ":')
        watcher.kill()

    def kill(self):
        self._daemon.kill()
        (self._folder / "bus-socket").unlink(missing_ok=True)

    @property
    def environment(self):
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
