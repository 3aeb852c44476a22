// usplash: lets Usplash, a boot screen, ask for the password of a disk, as Mandos 1.8's plugin of that name.
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sysexits.h>
#include <unistd.h>

#include "adapters/processes/find.h"
#include "adapters/processes/run.h"
#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "core/disk_prompt.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/rights.h"
#include "programs/prompt_plugins/splash.h"
#include "programs/usplash/fifos.h"

namespace mandos::prompt_plugins {

namespace {

constexpr Plugin plugin{.name = "usplash",
                        .purpose = "Asks for a password through Usplash and writes it to standard output."};
const char* const daemon_path = "/sbin/usplash";

Result<SecretBytes> ask(const processes::EndingSignals& signals) {
    MANDOS_TRY(usplash::send_command("TIMEOUT 0", signals)); // a person may take long
    const std::string prompt = core::terminal_prompt(volume_of_environment(), {});
    MANDOS_TRY(usplash::send_command("INPUTQUIET " + prompt, signals));
    return usplash::read_answer(signals);
}

// As it was before the question.
void go_on(const processes::EndingSignals& signals) {
    for (const char* command : {"TIMEOUT 15", "PULSATE"})
        (void)usplash::send_command(command, signals); // what it draws now is nobody's concern
}

// Ended while it asks: the question would stay on the screen.
void start_again(const Splash& splash, const processes::Process& daemon) {
    if (!splash.rights().has_root())
        return plugin.say("Usplash goes on asking: only root can start it again");
    splash.end(daemon.pid);
    std::vector<std::string> arguments = daemon.arguments;
    arguments.front() = daemon_path;
    (void)splash.daemon(std::move(arguments)); // without it there is no picture, and that is all
    go_on(splash.signals());
}

int run(int argc, char** argv) {
    const auto begun = begin(plugin, argc, argv);
    if (const int* status = std::get_if<int>(&begun))
        return *status;
    const Splash& splash = std::get<Begun>(begun).splash;
    const auto daemon = processes::find(run_by_root({daemon_path, "/usr/sbin/usplash"}));
    if (!daemon) {
        splash.step("Usplash is not running");
        return EX_UNAVAILABLE;
    }
    const auto password = ask(splash.signals());
    if (!password && password.error().kind() == ErrorKind::Interrupted) {
        const int signal = splash.signals().take().value_or(SIGTERM);
        start_again(splash, *daemon);
        die_of(signal);
    }
    if (!password)
        return plugin.fail_with(EX_UNAVAILABLE, password.error());
    go_on(splash.signals());
    if (const auto written = write_all(STDOUT_FILENO, password->reveal()); !written)
        return plugin.fail_with(EX_IOERR, written.error());
    return EXIT_SUCCESS;
}

} // namespace

} // namespace mandos::prompt_plugins

int main(int argc, char** argv) {
    return mandos::prompt_plugins::run(argc, argv);
}
