// mandos-keygen: makes the keys of a client, enrols its password, and proves that both work.
#include <cstdlib>

#include <fmt/core.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/error.h"
#include "base/say.h"
#include "base/version.h"
#include "programs/mandos-keygen/create.h"
#include "programs/mandos-keygen/enrol.h"
#include "programs/mandos-keygen/messages.h"
#include "programs/mandos-keygen/options.h"
#include "programs/mandos-keygen/prove.h"

namespace mandos::keygen {

namespace {

Result<void> run(int argc, char** argv) {
    privilege::harden_process();
    MANDOS_TRY(privilege::occupy_standard_descriptors());
    const Options options = MANDOS_TRY(read_options(argc, argv));
    switch (options.mode) {
    case Mode::CreateKeys:
        return create_keys(options);
    case Mode::PrintSection:
        return print_section(options);
    case Mode::Prove:
        return prove(options);
    case Mode::Help:
        return tell(help_text());
    case Mode::Version:
        return tell(fmt::format("mandos-keygen {}\n", version()));
    }
    return {};
}

} // namespace

} // namespace mandos::keygen

int main(int argc, char** argv) {
    const mandos::Result<void> outcome = mandos::keygen::run(argc, argv);
    if (!outcome)
        mandos::keygen::complain(outcome.error().text());
    return outcome ? EXIT_SUCCESS : EXIT_FAILURE;
}
