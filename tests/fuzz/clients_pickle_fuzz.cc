// clients.pickle: whatever is in it, what is read keeps to its limits and to itself, and a refusal says why.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "base/check.h"
#include "base/duration.h"
#include "core/limits.h"
#include "wire/clients_pickle.h"

namespace {

void check_values(const mandos::wire::ImportedValues& values) {
    for (const auto time : {values.timeout, values.extended_timeout, values.interval, values.approval_delay,
                            values.approval_duration})
        mandos::check(time >= mandos::Duration::zero() && time <= mandos::core::limits::time_span,
                      "a time span is one that a configuration can have");
    mandos::check(values.interval >= mandos::core::limits::shortest_interval,
                  "checks have a pause between them");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto state = mandos::wire::parse_clients_pickle({reinterpret_cast<const std::byte*>(data), size});
    if (!state) {
        mandos::check(!state.error().text().empty(), "a refusal says why");
        return 0;
    }
    std::set<std::string> names;
    for (const auto& settings : state->settings) {
        check_values(settings.values);
        if (!settings.removed)
            mandos::check(names.insert(settings.name).second, "no name is there twice");
    }
    for (const auto& client : state->clients) {
        check_values(client.values);
        mandos::check(names.erase(client.name) == 1, "each client has settings");
    }
    mandos::check(names.empty(), "who has no client was removed");
    return 0;
}
