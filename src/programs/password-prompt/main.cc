// password-prompt: asks for the password of a disk on the terminal and writes it to standard output, as
// Mandos 1.8's plugin of that name. Where Plymouth has the console it leaves the asking to the plugin for
// that.
#include <cstdlib>
#include <variant>

#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/terminal/passphrase.h"
#include "base/error.h"
#include "base/file.h"
#include "core/disk_prompt.h"
#include "core/limits.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/plymouth_daemon.h"

namespace mandos::prompt_plugins {

namespace {

constexpr Plugin plugin{.name = "password-prompt",
                        .purpose = "Asks for a password on the terminal and writes it to standard output.",
                        .words = Plugin::Words::PromptAndPrefix,
                        .help_status = EX_USAGE}; // so that help is never taken for a password

int status_of(const Error& error) {
    switch (error.kind()) {
    case ErrorKind::PeerClosed:
    case ErrorKind::System:
        return EX_IOERR;
    case ErrorKind::NotFound:
    case ErrorKind::Invalid:
    case ErrorKind::Denied:
    case ErrorKind::TimedOut:
    case ErrorKind::Exhausted:
    case ErrorKind::Unsupported:
    case ErrorKind::Interrupted:
        break;
    }
    return EX_OSERR;
}

int run(int argc, char** argv) {
    if (const auto prepared = prepare_process(); !prepared)
        return plugin.fail_with(EX_OSERR, prepared.error());
    const auto asked = read_options(plugin, argc, argv);
    if (const int* status = std::get_if<int>(&asked))
        return *status;
    const auto& options = std::get<Options>(asked);
    if (const auto plymouth = find_plymouth()) {
        if (options.detail == Detail::EachStep)
            plugin.say(
                fmt::format("Plymouth has the console (process {}): nothing is asked here", plymouth->pid));
        return EXIT_FAILURE;
    }
    if (!terminal::is_interactive())
        return plugin.fail_with(EX_UNAVAILABLE, Error(ErrorKind::Unsupported,
                                                      "standard input is no terminal: nobody can be asked"));
    const auto password = terminal::insist_on_passphrase(
        core::terminal_prompt(volume_of_environment(), options.words), core::limits::typed_password);
    if (!password)
        return plugin.fail_with(status_of(password.error()), password.error());
    if (const auto written = write_all(STDOUT_FILENO, password->reveal()); !written)
        return plugin.fail_with(EX_IOERR, Error(written.error()).context("standard output"));
    return EXIT_SUCCESS;
}

} // namespace

} // namespace mandos::prompt_plugins

int main(int argc, char** argv) {
    return mandos::prompt_plugins::run(argc, argv);
}
