#include "programs/prompt_plugins/plymouth_daemon.h"

#include <array>
#include <optional>
#include <string>

#include "adapters/processes/find.h"

namespace mandos::prompt_plugins {

std::optional<processes::Process> find_plymouth() {
    static const std::array<std::string, 3> pid_files{"/run/plymouth/pid", "/run/initramfs/plymouth.pid",
                                                      "/dev/.initramfs/plymouth.pid"};
    return processes::find(pid_files, [](const processes::Process& process) {
        // It puts @ in place of its first letter, so that init lets it live
        // (systemd.io/ROOT_STORAGE_DAEMONS).
        if (process.user != 0)
            return false; // anybody can be called so
        const std::string name = process.base_name();
        return name == "plymouthd" || name == "@lymouthd";
    });
}

} // namespace mandos::prompt_plugins
