// One address that is pinged, and whether a reply is from it. Pure; used by pinger.cc alone.
#pragma once

#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "wire/icmp_echo.h"

namespace mandos::checker {

class PingTarget {
  public:
    // An IPv4 address mapped into IPv6 is taken as the IPv4 address that it is. Unsupported: neither.
    static Result<PingTarget> of(const sockaddr_storage& address);

    wire::IpVersion version() const;
    const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
    socklen_t size() const;

    // Whether SENDER, of SIZE bytes, is this address (on this link, for link-local ones).
    bool is(const sockaddr_storage& sender, socklen_t size) const;

    // "192.0.2.1", "fe80::1%eth0".
    std::string text() const;

  private:
    explicit PingTarget(const sockaddr_storage& address) : address_(address) {}

    sockaddr_storage address_;
};

} // namespace mandos::checker
