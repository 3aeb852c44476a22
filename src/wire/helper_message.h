// What mandos-client's two processes say to each other (programs/mandos-client/two_processes.h): the one that
// has rights over the network, and the one that talks to servers and has none. Each message is one packet of
// a SOCK_SEQPACKET pair, always helper_message bytes:
//
//   byte    | 0    | 1      | 2, 3 | 4 to 7                        | 8 to 23                | 24 to 39
//   --------+------+--------+------+-------------------------------+------------------------+-------------
//   content | kind | answer | 0    | index of the interface, not 0 | address, IPv4 mapped   | name
//           |      |        |      | (this machine's byte order)   | (core/ip_address.h)    | (below)
//
//   kind             | who says it    | answer    | address | name | what for
//   -----------------+----------------+-----------+---------+------+----------------------------------------
//   1 LinkCame       | with rights    | 0         | 0       | yes  | servers can be looked for on this link,
//                    |                |           |         |      | or asked by it; perhaps again
//   2 LinkLeft       | with rights    | 0         | 0       | 0    | not any more
//   3 RouteAnswer    | with rights    | 1 is there| yes     | 0    | to AddRoute; none to RemoveRoute
//                    |                | 2 is not  |         |      |
//   4 AddRoute       | without rights | 0         | yes     | 0    | a route to this address, by this link
//   5 RemoveRoute    | without rights | 0         | yes     | 0    | that route is not used any more
//
// What is 0 must be; a name is 1 to 15 bytes, none of them zero, then zeros. Anything else is Invalid, and
// who says it is not trusted any more. Whether what is asked for may be done is core/direct_routes.h's to
// say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "core/ip_address.h"

namespace mandos::wire {

constexpr std::size_t helper_message = 40; // bytes

struct LinkCame {
    std::uint32_t link = 0;
    std::string name;
    bool operator==(const LinkCame&) const = default;
};
struct LinkLeft {
    std::uint32_t link = 0;
    bool operator==(const LinkLeft&) const = default;
};
enum class RouteState : std::uint8_t { Added = 1, NotAdded = 2 };
struct RouteAnswer {
    std::uint32_t link = 0;
    core::IpAddress address;
    RouteState state = RouteState::NotAdded;
    bool operator==(const RouteAnswer&) const = default;
};
struct AddRoute {
    std::uint32_t link = 0;
    core::IpAddress address;
    bool operator==(const AddRoute&) const = default;
};
struct RemoveRoute {
    std::uint32_t link = 0;
    core::IpAddress address;
    bool operator==(const RemoveRoute&) const = default;
};

using NetworkNews = std::variant<LinkCame, LinkLeft, RouteAnswer>; // to who has no rights
using NetworkRequest = std::variant<AddRoute, RemoveRoute>;        // to who has them

using HelperMessage = std::array<std::byte, helper_message>;

HelperMessage write_news(const NetworkNews& news);
HelperMessage write_request(const NetworkRequest& request);

// Invalid: MESSAGE is no such message.
Result<NetworkNews> read_news(ByteView message);
Result<NetworkRequest> read_request(ByteView message);

} // namespace mandos::wire
