// Discovery: which Mandos servers there are on the links of this machine, from what is heard by Multicast DNS
// (RFC 6762) in answer to its queries and without them. No clock and no I/O: it is told what happens and
// when, and returns what is to be done. Used by adapters/mdns.
//
// Nobody proves who he is here; so everything is kept by announcer, which is a source address on a link. Its
// records, goodbyes and cache-flush bits touch what it announced itself and nothing else, and the limits
// (core/limits.h) hold for each: whoever announces thousands of servers, or takes back those of others, uses
// up and takes back its own. A newcomer above a limit is left out; nobody who is in goes for it. Half of the
// announcers of a link can only be such as answered what was asked, so that whoever forges announcements from
// thousands of addresses does not keep a server out that answers.
//
//               | link_came()      | heard()                 | pass()                   | link_gone()
//  -------------+------------------+-------------------------+--------------------------+------------------
//  no link      | query: IPv6, IPv4| nothing                 | -                        | nothing
//  link         | asked anew, see  | PTR: an announcer, with | query, see               | all of it Gone
//               | mdns_schedule.h  | a service               | mdns_schedule.h          |
//  announcer's  | -                | see announced_service.h;| what is missing or soon  | Gone
//  service      |                  | each new place: Found;  | over is asked for; each  |
//               |                  | each left one: Gone     | place that is over: Gone |
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "core/announced_service.h"
#include "core/dns.h"
#include "core/ip_address.h"
#include "core/mdns_gate.h"
#include "core/mdns_schedule.h"
#include "core/time.h"

namespace mandos::core {

class Discovery {
  public:
    enum class Family { V6, V4 };
    enum class Id : std::uint64_t {}; // of one place of one server; never used twice

    struct Announcer {
        std::uint32_t link = 0; // index of the network interface
        IpAddress address;
        auto operator<=>(const Announcer&) const = default;
    };
    struct Server {
        DnsName instance; // "Mandos._mandos._tcp.local"
        Announcer announcer;
        AnnouncedService::Place place;
        std::uint32_t scope = 0; // the link where the address is link-local, else 0
    };

    // Search: for servers. Complete: for what an answer left out, or is soon over.
    enum class Purpose { Search, Complete };
    struct Query {
        std::uint32_t link = 0;
        Family family = Family::V6;
        Purpose purpose = Purpose::Search;
        std::vector<DnsQuestion> questions;
    };
    struct Found {
        Id id;
        Server server;
    };
    struct Gone {
        Id id;
    };
    using Actions = std::vector<std::variant<Query, Found, Gone>>;

    // How much of a quarter more the intervals between queries are, so that machines that start together do
    // not ask together. The caller draws it.
    struct Jitter {
        std::uint16_t thousandths = 0; // 0 to 1000
    };

    // LINK is there, or something happened to it: it has a carrier, or an address that can be used now.
    // Exhausted: there are too many of them; servers on this one are not looked for.
    Result<Actions> link_came(std::uint32_t link, Time now, Jitter jitter);
    Actions link_gone(std::uint32_t link);

    // Whether a message that came by one of the links is to be read; only then heard() is told.
    MdnsGate::Verdict judge(const MdnsOrigin& origin, Time now) { return gate_.judge(origin, now); }
    Actions heard(const MdnsOrigin& origin, std::span<const DnsRecord> records, Time now);

    // QUERY could not be sent.
    void unsent(const Query& query, Time now);
    Actions pass(Time now);
    // When pass() has something to do, if nothing else happens. Nothing: never.
    std::optional<Time> next() const;

  private:
    struct Known {
        AnnouncedService service;
        std::vector<std::pair<AnnouncedService::Place, Id>> reported;
    };
    using Services = std::map<DnsName, Known>;
    struct Asking {
        MdnsSchedule schedule;
        Time may_complete = Time::min(); // when the next query of that purpose may go out
    };
    struct Link {
        std::array<Asking, 2> asking; // by family
        std::map<IpAddress, Services> announcers;
    };

    static void hear_pointers(Link& link, const MdnsOrigin& origin, std::span<const DnsRecord> records,
                              Time now);
    void report(const Announcer& announcer, const DnsName& instance, Known& known, Actions& actions);
    void complete(std::uint32_t index, Link& link, Family family, Time now, Actions& actions);
    void let_go(std::uint32_t index, Link& link, Time now, Actions& actions);

    std::map<std::uint32_t, Link> links_;
    MdnsGate gate_;
    std::uint64_t last_id_ = 0;
};

} // namespace mandos::core
