// Where things are in the image, as Debian's cryptsetup and Mandos 1.8 have them, and the command line, which
// can say otherwise.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/error.h"

namespace mandos::unlock {

struct Settings {
    std::string runner = "/lib/mandos/plugin-runner";
    std::vector<std::string> runner_options; // behind those that this program gives
    std::string askpass = "/lib/cryptsetup/askpass";
    std::string fifo = "/lib/cryptsetup/passfifo"; // which askpass makes
    std::string crypttab = "/cryptroot/crypttab";
    std::string keep_running = "/run/mandos-keep-running"; // removed when the root disk is there
    std::string runner_pid = "/run/mandos-plugin-runner.pid";
};

// What was asked for instead: text for standard output.
struct Information {
    std::string text;
};

// Invalid: what is wrong.
Result<std::variant<Settings, Information>> read_settings(int argc, char** argv);

} // namespace mandos::unlock
