// mandos-ctl: shows and changes the clients of the server that runs on this machine.
#include "adapters/privilege/process_hygiene.h"
#include "base/error.h"
#include "programs/mandos-ctl/clients.h"
#include "programs/mandos-ctl/messages.h"
#include "programs/mandos-ctl/subcommands.h"

int main(int argc, char** argv) {
    namespace ctl = mandos::ctl;
    mandos::privilege::harden_process();
    if (const mandos::Result<void> occupied = mandos::privilege::occupy_standard_descriptors(); !occupied) {
        ctl::say(occupied.error().text());
        return ctl::Failure;
    }
    if (const ctl::Subcommand* const subcommand = ctl::asked_subcommand(argc, argv))
        return subcommand->run(argc - 1, argv + 1);
    return ctl::run_clients(argc, argv);
}
