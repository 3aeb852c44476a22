// Responder: a service on the message bus that answers multicast DNS (RFC 6762) for this machine, and that
// can announce the server: AvahiResponder and ResolvedResponder. They make the calls; what is called when is
// up to core/announcement.h. All calls come from the strand of the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "core/announcement.h"

namespace mandos::server {

constexpr const char* service_type = "_mandos._tcp";

// What is announced, apart from the name.
struct AnnouncedService {
    enum class Family : std::uint8_t { Ipv6, Ipv4 };

    std::uint16_t port = 0;
    Family family = Family::Ipv6;
    std::string address;               // as the server is bound to: "::"
    std::string interface;             // empty: on all
    std::int32_t interface_index = -1; // of that one, else -1
};

class Responder {
  public:
    // What becomes of the last add(), when that is not outdated; Failed has an error.
    using Happened = std::function<void(core::Announcement::Event event, std::optional<Error> why)>;
    using Done = std::function<void()>;

    Responder() = default;
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    virtual ~Responder() = default;

    // Each time there is a message bus.
    virtual Result<void> begin() = 0;
    // There is none any more.
    virtual void forget() = 0;

    virtual void add(const std::string& name) = 0;
    // Withdraws what was added, if anything was; DONE is called when it is, or cannot be, at once if there is
    // nothing to wait for. Not called if the bus is lost before.
    virtual void remove(Done done) = 0;
};

} // namespace mandos::server
