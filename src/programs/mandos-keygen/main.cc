// mandos-keygen: makes the keys of a client, enrols its password, and proves that both work.
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/error.h"
#include "base/version.h"
#include "programs/mandos-keygen/create.h"
#include "programs/mandos-keygen/enrol.h"
#include "programs/mandos-keygen/options.h"
#include "programs/mandos-keygen/prove.h"

namespace mandos::keygen {

namespace {

Result<void> run(const Options& options) {
    switch (options.mode) {
    case Mode::CreateKeys:
        return create_keys(options);
    case Mode::PrintSection:
        return print_section(options);
    case Mode::Prove:
        return prove(options);
    case Mode::Help:
        fmt::print("{}", help_text());
        return {};
    case Mode::Version:
        fmt::print("mandos-keygen {}\n", version());
        return {};
    }
    return {};
}

} // namespace

} // namespace mandos::keygen

int main(int argc, char** argv) {
    using namespace mandos; // NOLINT(google-build-using-namespace): this is the program
    privilege::harden_process();
    const Result<keygen::Options> options = keygen::read_options(argc, argv);
    const Result<void> outcome =
        options ? keygen::run(*options) : Result<void>(std::unexpected(options.error()));
    if (!outcome)
        fmt::print(stderr, "mandos-keygen: {}\n", outcome.error().text());
    return outcome ? EXIT_SUCCESS : EXIT_FAILURE;
}
