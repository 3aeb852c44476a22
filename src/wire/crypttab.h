// What mandos-to-cryptroot-unlock needs to know of crypttab(5): does any volume ask for a password? And what
// the environment of a process that asks says (/usr/share/doc/cryptsetup/README.initramfs.gz: CRYPTTAB_NAME,
// CRYPTTAB_TRIED, CRYPTTAB_OPTION_tries).
#pragma once

#include <string>
#include <string_view>

namespace mandos::wire {

// A line of TEXT names a volume without key file and without a keyscript of its own.
bool crypttab_asks(std::string_view text);

// Fills in what ENVIRONMENT (proc(5), /proc/PID/environ: "NAME=value" and NUL) says; what it does not say, or
// nonsense, leaves the defaults.
struct AskingEnvironment {
    std::string volume;
    unsigned tried = 0;
    unsigned tries = 3;
};
AskingEnvironment parse_asking_environment(std::string_view environment);

} // namespace mandos::wire
