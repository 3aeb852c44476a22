// clients.conf: a section that is taken keeps to the limits, and one that is not has an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/duration.h"
#include "core/limits.h"
#include "wire/clients_conf.h"
#include "wire/finding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = mandos::wire::parse_clients_conf(text, "f");
    for (const auto& section : parsed.sections) {
        const auto& client = section.settings;
        mandos::check(!client.secret || client.secret->size() <= mandos::core::limits::secret,
                      "a secret keeps to its limit");
        for (const auto time : {client.timeout, client.extended_timeout, client.interval,
                                client.approval_delay, client.approval_duration})
            mandos::check(time >= mandos::Duration::zero(), "no time is negative");
        mandos::check(client.interval > mandos::Duration::zero(), "checks have a pause between them");
    }
    for (const auto& finding : parsed.findings)
        mandos::check(!finding.describe().empty(), "a finding says something");
    return 0;
}
