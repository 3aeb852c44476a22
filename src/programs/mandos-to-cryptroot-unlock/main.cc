// mandos-to-cryptroot-unlock: runs in an initramfs beside cryptsetup's scripts, gets the password by
// plugin-runner, and gives it to each volume that cryptsetup asks for. No file and no shell ever has it.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "loop/held_signals.h"
#include "programs/mandos-to-cryptroot-unlock/settings.h"
#include "programs/mandos-to-cryptroot-unlock/unlocking.h"
#include "wire/crypttab.h"

namespace mandos::unlock {

namespace {

// In doubt it is: the table may not be there yet, or be written anew from the kernel's command line.
bool may_be_asked(const Settings& settings) {
    const auto table = read_file(settings.crypttab, core::limits::crypttab);
    const auto line = read_file("/proc/cmdline", core::limits::crypttab);
    return !table || wire::crypttab_asks(as_text(*table))
           || (line && as_text(*line).find("cryptopts=") != std::string_view::npos);
}

UniqueFd watch_signals() {
    sigset_t awaited{};
    (void)sigemptyset(&awaited);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
        (void)sigaddset(&awaited, number);
    return UniqueFd(signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK));
}

int unlock(const Settings& settings) {
    if (access(settings.askpass.c_str(), X_OK) != 0) {
        say(fmt::format(
            "there is no {}, so no volume asks for a password in a way that this program can answer; "
            "where crypttab has plugin-runner as keyscript, nothing is missing",
            quoted(settings.askpass)));
        return EXIT_SUCCESS;
    }
    if (!may_be_asked(settings)) {
        say(fmt::format("no volume in {} asks for a password; nothing is done", quoted(settings.crypttab)));
        return EXIT_SUCCESS;
    }
    const loop::HeldSignals held({SIGCHLD, SIGTERM, SIGINT, SIGHUP});
    (void)signal(SIGCHLD, SIG_DFL);
    UniqueFd signals = watch_signals();
    const UniqueFd flag(open(settings.keep_running.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (!signals || !flag) {
        say(Error::from_errno(errno, fmt::format("cannot make {}", quoted(settings.keep_running))).text());
        return EX_OSERR;
    }
    Unlocking(settings, std::move(signals)).run();
    (void)unlink(settings.keep_running.c_str());
    return EXIT_SUCCESS;
}

int run(int argc, char** argv) {
    if (const auto occupied = privilege::occupy_standard_descriptors(); !occupied) {
        say(occupied.error().text());
        return EX_OSERR;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    const auto asked = read_settings(argc, argv);
    if (!asked) {
        say(asked.error().text());
        return EX_USAGE;
    }
    if (const auto* information = std::get_if<Information>(&*asked))
        return tell(information->text) ? EXIT_SUCCESS : EX_IOERR;
    return unlock(std::get<Settings>(*asked));
}

} // namespace

} // namespace mandos::unlock

int main(int argc, char** argv) {
    mandos::privilege::allow_locking_all_memory();
    mandos::privilege::harden_process();
    return mandos::unlock::run(argc, argv);
}
