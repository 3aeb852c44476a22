// password-agent: answers the questions of systemd's password agents with the password that a program, by
// default mandos-client, gets. Its exit statuses are those of Mandos 1.8.
#include <csignal>
#include <cstdlib>
#include <variant>

#include <sysexits.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/say.h"
#include "programs/password-agent/agent.h"
#include "programs/password-agent/options.h"

namespace mandos::agent {

namespace {

int run(int argc, char** argv) {
    if (const auto occupied = privilege::occupy_standard_descriptors(); !occupied) {
        say_as("password-agent", occupied.error().text());
        return EX_OSERR;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    const auto asked = read_options(argc, argv);
    if (!asked) {
        say_as("password-agent", asked.error().text());
        return EX_USAGE;
    }
    if (const auto* information = std::get_if<Information>(&*asked))
        return tell(information->text) ? EXIT_SUCCESS : EX_IOERR;
    return answer_questions(std::get<Options>(*asked));
}

} // namespace

} // namespace mandos::agent

int main(int argc, char** argv) {
    mandos::privilege::allow_locking_all_memory();
    mandos::privilege::harden_process();
    return mandos::agent::run(argc, argv);
}
