// Usage: import_state STATE-DIRECTORY [NAME FILE-WITH-ITS-CONFIGURED-SECRET]...
// Prints, as JSON, what the server would import: null where there is nothing; the error's text; or the state
// and, for each NAME, its last secret, or why that cannot be had.
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hex.h"
#include "core/limits.h"
#include "programs/mandos/import_state.h"
#include "tests/support/imported_state_json.h"
#include "wire/clients_pickle.h"

namespace {

nlohmann::json secret_of(const mandos::wire::ImportedState& state, const std::string& name,
                         const std::string& file) {
    const auto configured = mandos::read_file(file, mandos::core::limits::secret);
    if (!configured)
        return {{"error", configured.error().text()}};
    for (const auto& client : state.clients) {
        if (client.name != name)
            continue;
        const auto secret = mandos::server::recover_secret(client.encrypted_secret, *configured);
        if (!secret)
            return {{"error", secret.error().text()}};
        return mandos::to_hex(*secret);
    }
    return nullptr;
}

} // namespace

int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() % 2 != 0)
        return 2;
    const auto state = mandos::server::read_clients_pickle(arguments[1]);
    nlohmann::json said;
    if (!state) {
        said["error"] = state.error().text();
    } else if (*state) {
        said = mandos::test::to_json(**state);
        for (std::size_t i = 2; i + 1 < arguments.size(); i += 2)
            said["secrets"][arguments[i]] = secret_of(**state, arguments[i], arguments[i + 1]);
    }
    (void)std::printf("%s\n", said.dump().c_str());
    return 0;
}
