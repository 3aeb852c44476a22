// splashy: lets Splashy, a graphical boot screen, ask for the password of a disk, as Mandos 1.8's plugin of
// that name.
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sysexits.h>

#include "adapters/processes/find.h"
#include "adapters/processes/run.h"
#include "base/error.h"
#include "core/disk_prompt.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/rights.h"
#include "programs/prompt_plugins/splash.h"

namespace mandos::prompt_plugins {

namespace {
using processes::Outcome;

constexpr Plugin plugin{.name = "splashy",
                        .purpose = "Asks for a password through Splashy and writes it to standard output."};
const char* const daemon_path = "/sbin/splashy";

// Ended while it asks: the question would stay on the screen.
void start_again(const Splash& splash, const processes::Process& daemon) {
    if (!splash.rights().has_root())
        return plugin.say("Splashy goes on asking: only root can start it again");
    splash.end(daemon.pid);
    std::vector<std::string> arguments = daemon.arguments;
    arguments.front() = daemon_path;
    (void)splash.daemon(std::move(arguments)); // without it there is no picture, and that is all
}

int ask(const Splash& splash, const processes::Process& daemon) {
    const std::string prompt = core::terminal_prompt(volume_of_environment(), {});
    const Outcome asked = splash.question({"/sbin/splashy_update", "getpass " + prompt});
    if (asked.succeeded())
        return EXIT_SUCCESS;
    if (asked.how != Outcome::How::Interrupted)
        return plugin.fail_with(EX_UNAVAILABLE, Error(ErrorKind::System, "Splashy gave no answer"));
    start_again(splash, daemon);
    die_of(asked.number);
}

int run(int argc, char** argv) {
    const auto begun = begin(plugin, argc, argv);
    if (const int* status = std::get_if<int>(&begun))
        return *status;
    const Splash& splash = std::get<Begun>(begun).splash;
    const auto daemon = processes::find(run_by_root({daemon_path, "/usr/sbin/splashy"}));
    if (!daemon) {
        splash.step("Splashy is not running");
        return EX_UNAVAILABLE;
    }
    return ask(splash, *daemon);
}

} // namespace

} // namespace mandos::prompt_plugins

int main(int argc, char** argv) {
    return mandos::prompt_plugins::run(argc, argv);
}
