// AnnouncedService: one Mandos server as one announcer tells of it, put together from the records that came,
// in whatever order and number of messages, each with a life of its own. Used by core/discovery.
//
//          | PTR        | SRV                  | A, AAAA of its host | questions()   | goodbye to, or end of
//  --------+------------+----------------------+---------------------+---------------+----------------------
//  Named   | lives on   | Located              | not its host's      | SRV           | PTR: gone
//  Located | lives on   | the newest holds     | Reachable           | A and AAAA    | SRV: Named; PTR: gone
//  Reachable| lives on  | Located, or the same | one more, or lives  | what is soon  | last address: Located;
//          |            | if its host is       | on                  | over          | SRV: Named; PTR: gone
//
// It begins as Named, with a PTR record. Goodbyes take effect after a second (RFC 6762 §10.1), so do records
// that others with the cache-flush bit replace (§10.2). What is missing is asked for at once and then after
// 1, 2, 4 ... s; what is over soon at 80, 85, 90 and 95 % of its life (§5.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/duration.h"
#include "core/dns.h"
#include "core/ip_address.h"
#include "core/time.h"

namespace mandos::core {

class AnnouncedService {
  public:
    // A place that it can be reached at.
    struct Place {
        IpAddress address;
        std::uint16_t port = 0;
        std::uint16_t priority = 0;
        std::uint16_t weight = 0;
        bool operator==(const Place&) const = default;
    };

    AnnouncedService(DnsName instance, std::chrono::seconds ttl, Time now);

    // A TTL of 0 is a goodbye.
    void heard_pointer(std::chrono::seconds ttl, Time now);
    void heard_location(const DnsLocation& location, std::chrono::seconds ttl, Time now);
    // Of the host it is on; others are none of its business. More than core::limits::addresses_of_service
    // are left out.
    void heard_address(const DnsName& host, const IpAddress& address, std::chrono::seconds ttl, Time now);
    // All addresses of this kind (A, or AAAA) that HOST has were heard just now.
    void flush_addresses(const DnsName& host, DnsType type, Time now);

    // Whether the service itself is over.
    bool is_over(Time now) const { return pointer_.is_over(now); }
    // Lets go what else is over.
    void let_go(Time now);
    // Where it is, the best first: IPv6 link-local, other IPv6, IPv4.
    std::vector<Place> places() const;
    // What is to be asked now; it counts as asked.
    std::vector<DnsQuestion> questions(Time now);
    // When questions() has something, or something is over.
    Time next_question() const;
    Time next_end() const;

  private:
    // How long a record is believed.
    class Life {
      public:
        Life(std::chrono::seconds ttl, Time now);
        void end_soon(Time now);
        bool is_over(Time now) const { return now >= ends_; }
        Time began() const { return began_; }
        Time ends() const { return ends_; }
        Time next_question() const; // Time::max(): none any more
        bool ask(Time now);         // whether one is due, which then is taken for asked

      private:
        Time began_;
        Time ends_;
        int asked_ = 0;
    };
    struct Located {
        DnsLocation location;
        Life life;
    };

    bool is_complete() const { return located_ && !addresses_.empty(); }
    void begin_asking(Time now);
    void ask_for_what_is_missing(std::vector<DnsQuestion>& questions, Time now);

    DnsName instance_;
    Life pointer_;
    std::optional<Located> located_;
    std::map<IpAddress, Life> addresses_; // of the host in located_
    Time next_missing_;                   // when what is missing is asked for; while not complete
    Duration missing_interval_{};
};

} // namespace mandos::core
