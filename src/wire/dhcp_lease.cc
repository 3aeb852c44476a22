#include "wire/dhcp_lease.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/quote.h"
#include "core/addressing.h"
#include "wire/network_fields.h"

namespace mandos::wire {

namespace {

// What stands behind NAME=, without quotes; none: there is no such line.
std::optional<std::string_view> value_of(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != '=')
            continue;
        line.remove_prefix(name.size() + 1);
        if (line.size() >= 2 && (line.front() == '\'' || line.front() == '"') && line.back() == line.front())
            line = line.substr(1, line.size() - 2);
        return line;
    }
    return std::nullopt;
}

} // namespace

Result<core::Lease> parse_dhcp_lease(std::string_view text) {
    const auto address = value_of(text, "IPV4ADDR");
    const auto netmask = value_of(text, "IPV4NETMASK");
    if (!address || !netmask || address->contains('/') || netmask->empty())
        return fail(ErrorKind::Invalid, "it has no address with its netmask");
    core::Lease lease{.address = MANDOS_TRY(parse_subnet(*address, *netmask, "the address")), .gateway = {}};
    if (!lease.address.address.is_ipv4() || !lease.address.address.is_reachable_host())
        return fail(ErrorKind::Invalid, "{} is no address that a machine can have", quoted(*address));
    if (const auto gateway = value_of(text, "IPV4GATEWAY")) {
        const auto parsed = parse_bracketed_address(*gateway, "the gateway");
        if (parsed && parsed->is_ipv4() && parsed->is_reachable_host())
            lease.gateway = *parsed;
    }
    return lease;
}

} // namespace mandos::wire
