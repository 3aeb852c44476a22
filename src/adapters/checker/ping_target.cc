#include "adapters/checker/ping_target.h"

#include <array>
#include <cstring>
#include <string>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "wire/icmp_echo.h"

namespace mandos::checker {

namespace {

template <class Address>
Address as(const sockaddr_storage& storage) {
    Address address{};
    std::memcpy(&address, &storage, sizeof address);
    return address;
}

} // namespace

Result<PingTarget> PingTarget::of(const sockaddr_storage& address) {
    sockaddr_storage to_ask{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_addr = as<sockaddr_in>(address).sin_addr;
        std::memcpy(&to_ask, &v4, sizeof v4);
        return PingTarget(to_ask);
    }
    if (address.ss_family != AF_INET6)
        return fail(ErrorKind::Unsupported, "only IPv4 and IPv6 addresses can be pinged");
    const auto given = as<sockaddr_in6>(address);
    if (IN6_IS_ADDR_V4MAPPED(&given.sin6_addr)) {
        constexpr std::size_t v4_at = 12;
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        std::memcpy(&v4.sin_addr, &given.sin6_addr.s6_addr[v4_at], sizeof v4.sin_addr);
        std::memcpy(&to_ask, &v4, sizeof v4);
        return PingTarget(to_ask);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6; // without port: a raw socket takes that for a protocol
    v6.sin6_addr = given.sin6_addr;
    v6.sin6_scope_id = given.sin6_scope_id;
    std::memcpy(&to_ask, &v6, sizeof v6);
    return PingTarget(to_ask);
}

wire::IpVersion PingTarget::version() const {
    return address_.ss_family == AF_INET ? wire::IpVersion::V4 : wire::IpVersion::V6;
}

socklen_t PingTarget::size() const {
    return address_.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

bool PingTarget::is(const sockaddr_storage& sender, socklen_t size) const {
    if (sender.ss_family != address_.ss_family || size < this->size())
        return false;
    if (address_.ss_family == AF_INET)
        return as<sockaddr_in>(sender).sin_addr.s_addr == as<sockaddr_in>(address_).sin_addr.s_addr;
    const auto ours = as<sockaddr_in6>(address_);
    const auto theirs = as<sockaddr_in6>(sender);
    return std::memcmp(&ours.sin6_addr, &theirs.sin6_addr, sizeof ours.sin6_addr) == 0
           && (ours.sin6_scope_id == 0 || !IN6_IS_ADDR_LINKLOCAL(&ours.sin6_addr)
               || ours.sin6_scope_id == theirs.sin6_scope_id);
}

std::string PingTarget::text() const {
    std::array<char, NI_MAXHOST> host{};
    if (getnameinfo(address(), size(), host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0)
        return "an unknown address";
    return host.data();
}

} // namespace mandos::checker
