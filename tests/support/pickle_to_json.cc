// Prints what src/wire reads from each clients.pickle that is named, a line of JSON for each: the state, or
// the error's text. For the comparison with Python.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "tests/support/imported_state_json.h"
#include "wire/clients_pickle.h"

namespace {

nlohmann::json read(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    const auto state = mandos::wire::parse_clients_pickle(mandos::as_bytes(content));
    if (!state)
        return {{"error", state.error().text()}};
    return mandos::test::to_json(*state);
}

} // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i)
        (void)std::printf("%s\n", read(argv[i]).dump().c_str());
    return 0;
}
