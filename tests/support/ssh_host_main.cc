// ssh_host DESCRIPTOR TYPE...: serves the listening socket that it inherits as DESCRIPTOR; a line on standard
// output says that the keys are made.
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/numbers.h"
#include "tests/support/ssh_host.h"

int main(int argc, char** argv) {
    const auto listener = argc > 2 ? mandos::parse_number<int>(argv[1]) : std::nullopt;
    if (!listener)
        return EXIT_FAILURE;
    mandos::support::serve_ssh(*listener, std::vector<std::string>(argv + 2, argv + argc), STDOUT_FILENO);
}
