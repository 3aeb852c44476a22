#include "core/direct_routes.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "core/ip_address.h"
#include "core/limits.h"

namespace mandos::core {

namespace {

bool is_ipv4_link_local(const IpAddress& address) { // 169.254/16 (RFC 3927)
    return address.is_ipv4() && address.bytes[12] == std::byte{169} && address.bytes[13] == std::byte{254};
}

} // namespace

std::vector<DirectRoutes::Route> DirectRoutes::link_left(std::uint32_t link) {
    links_.erase(link);
    std::vector<Route> left;
    for (const Route& route : routes_)
        if (route.link == link)
            left.push_back(route);
    for (const Route& route : left)
        routes_.erase(route);
    return left;
}

Result<DirectRoutes::Verdict> DirectRoutes::may_add(const Route& route) const {
    const IpAddress& address = route.address;
    if (!address.is_reachable_host() || address.is_ipv6_link_local() || is_ipv4_link_local(address))
        return fail(ErrorKind::Invalid, "a route to {} is asked for, which no server needs", address.text());
    if (routes_.contains(route))
        return Verdict::ThereAlready;
    if (!links_.contains(route.link) || routes_.size() >= limits::direct_routes)
        return Verdict::No;
    return Verdict::Yes;
}

} // namespace mandos::core
