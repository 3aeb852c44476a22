// The command line of password-agent (password-agent(8mandos)), in the forms of Mandos 1.8.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <sys/types.h>

#include "base/error.h"

namespace mandos::agent {

struct Options {
    std::string directory = "/run/systemd/ask-password";
    std::string helper_directory = "/lib/mandos/plugin-helpers";
    uid_t user = 65534;
    gid_t group = 65534;
    std::vector<std::string> client{"/lib/mandos/plugins.d/mandos-client"}; // and its arguments
};

// What was asked for instead: text for standard output.
struct Information {
    std::string text;
};

// Options end at the first word that is none, or at "--". Invalid: what is wrong.
Result<std::variant<Options, Information>> read_options(int argc, char** argv);

} // namespace mandos::agent
