// A client with all the properties that a server tells, for the tests of what mandos-ctl shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/bus/value.h"
#include "programs/mandos-ctl/client.h"

namespace mandos::test {

inline ctl::Client sample_client(const std::string& name, bool enabled = true) {
    return {.name = name,
            .path = {"/clients/" + name},
            .properties = {
                {"ApprovalDelay", std::uint64_t{0}},
                {"ApprovalDuration", std::uint64_t{1000}},
                {"ApprovalPending", false},
                {"ApprovedByDefault", true},
                {"Checker", ":"},
                {"CheckerRunning", false},
                {"Created", "2026-11-24T03:22:44.599866"},
                {"Enabled", enabled},
                {"Expires", "2026-11-24T03:26:03.566500"},
                {"ExtendedTimeout", std::uint64_t{900'000}},
                {"Fingerprint", "ECEC8376160A4E64C6CE9483C1FC3805D1EA330F"},
                {"Host", "::1"},
                {"Interval", std::uint64_t{120'000}},
                {"KeyID", "6609BA19BCCB63B411FCD417F487BD0A492DD7593B3B3F34E35616073A4C215A"},
                {"LastApprovalRequest", ""},
                {"LastCheckedOK", ""},
                {"LastCheckerStatus", std::int16_t{-2}},
                {"LastEnabled", "2026-11-24T03:22:44.598844"},
                {"Name", name},
                {"ObjectPath", bus::ObjectPath{"/clients/" + name}},
                {"Timeout", std::uint64_t{300'000}},
            }};
}

inline void set_property(ctl::Client& client, std::string_view name, const bus::Value& value) {
    for (auto& [key, old] : client.properties)
        if (key == name)
            old = value;
}

inline void forget_property(ctl::Client& client, std::string_view name) {
    std::erase_if(client.properties, [name](const auto& entry) { return entry.first == name; });
}

} // namespace mandos::test
