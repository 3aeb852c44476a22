// plymouth: lets Plymouth, a graphical boot screen, ask for the password of a disk and passes its answer on
// to standard output, as Mandos 1.8's plugin of that name. plymouthd listens to root alone, so root's rights
// are needed (programs/prompt_plugins/rights.h).
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/processes/find.h"
#include "adapters/processes/run.h"
#include "base/error.h"
#include "core/disk_prompt.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/plymouth_daemon.h"
#include "programs/prompt_plugins/rights.h"
#include "programs/prompt_plugins/splash.h"

namespace mandos::prompt_plugins {

namespace {
using processes::Outcome;

constexpr Plugin plugin{.name = "plymouth",
                        .purpose = "Asks for a password through Plymouth and writes it to standard output.",
                        .words = Plugin::Words::Prompt};

// How plymouthd is started again: as it was.
std::vector<std::string> old_arguments(const std::optional<processes::Process>& daemon) {
    if (!daemon)
        return {"--mode=boot", "--attach-to-session"};
    return {daemon->arguments.begin() + 1, daemon->arguments.end()};
}

// Ended while the question is on the screen: it would stay there, and take the next password that is typed.
void take_question_back(const Splash& splash, const std::string& client) {
    const auto daemon = find_plymouth();
    (void)splash.command({client, "quit"}); // where it fails, what follows shows it
    if (daemon)
        splash.see_off(daemon->pid);
    const std::string path = first_executable({"/sbin/plymouthd", "/usr/sbin/plymouthd"});
    if (path.empty())
        return plugin.say("there is no plymouthd to be started again in /sbin or /usr/sbin");
    std::vector<std::string> arguments = old_arguments(daemon);
    arguments.insert(arguments.begin(), path);
    if (const Outcome started = splash.daemon(std::move(arguments));
        started.how == Outcome::How::Exited && started.number != 0)
        return plugin.say(fmt::format("{} could not be started again: status {}", path, started.number));
    (void)splash.command({client, "show-splash"}); // without it there are texts instead of pictures
}

int ask(const Splash& splash, const std::string& client, const Options& options) {
    if (!splash.command({client, "--ping"}).succeeded())
        return plugin.fail_with(
            EX_UNAVAILABLE,
            Error(ErrorKind::NotFound,
                  splash.rights().has_root()
                      ? "Plymouth does not answer: it is not running"
                      : fmt::format(
                            "Plymouth does not answer: it is not running, or does not listen to user {}, "
                            "who is not root",
                            geteuid())));
    const std::string prompt = core::splash_prompt(volume_of_environment(), options.words);
    const Outcome asked = splash.question({client, "ask-for-password", "--prompt=" + prompt});
    if (asked.succeeded())
        return EXIT_SUCCESS;
    if (asked.how != Outcome::How::Interrupted)
        return plugin.fail_with(EX_TEMPFAIL, Error(ErrorKind::System, "Plymouth gave no answer"));
    take_question_back(splash, client);
    return EXIT_FAILURE;
}

int run(int argc, char** argv) {
    const auto begun = begin(plugin, argc, argv);
    if (const int* status = std::get_if<int>(&begun))
        return *status;
    const auto& [options, splash] = std::get<Begun>(begun);
    const std::string client = first_executable({"/bin/plymouth", "/usr/bin/plymouth"});
    if (client.empty())
        return plugin.fail_with(
            EX_UNAVAILABLE, Error(ErrorKind::NotFound, "there is no program plymouth in /bin or /usr/bin"));
    return ask(splash, client, options);
}

} // namespace

} // namespace mandos::prompt_plugins

int main(int argc, char** argv) {
    return mandos::prompt_plugins::run(argc, argv);
}
