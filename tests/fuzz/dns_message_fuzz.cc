// Multicast DNS responses, as anybody on a link can send them, and what core/discovery makes of them:
// whatever came, nothing is found beyond its limits, and all of it is gone with the link. Names go into
// queries and come out of them as they were.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <variant>

#include "base/bytes.h"
#include "base/check.h"
#include "core/discovery.h"
#include "core/dns.h"
#include "core/limits.h"
#include "core/mdns_gate.h"
#include "core/time.h"
#include "wire/dns_message.h"

namespace {

using mandos::check;
using mandos::core::Discovery;
using mandos::core::DnsName;

constexpr std::uint32_t link = 2;

void require_valid(const DnsName& name) {
    const auto again = DnsName::from_wire(name.wire());
    check(again && *again == name, "a name that was read is one");
    (void)name.text();
}

void take(const Discovery::Actions& actions, std::set<Discovery::Id>& found) {
    for (const auto& action : actions) {
        if (const auto* query = std::get_if<Discovery::Query>(&action))
            check(mandos::wire::write_dns_query(0, query->questions).size() <= 512, "a query fits");
        else if (const auto* one = std::get_if<Discovery::Found>(&action))
            check(found.insert(one->id).second, "what is found is told once");
        else
            check(found.erase(std::get<Discovery::Gone>(action).id) == 1, "what is gone was there");
    }
    check(found.size()
              <= mandos::core::limits::services_of_announcer * mandos::core::limits::addresses_of_service,
          "one announcer stays within its limits");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto records = mandos::wire::read_dns_response(std::as_bytes(std::span(data, size)));
    if (!records)
        return 0;
    check(records->size() <= mandos::core::limits::dns_records, "no more records than are looked at");
    for (const auto& record : *records)
        require_valid(record.name);
    auto now = mandos::core::Time(std::chrono::hours(1));
    Discovery discovery;
    std::set<Discovery::Id> found;
    take(*discovery.link_came(link, now, {}), found);
    mandos::core::MdnsOrigin origin{.link = link, .source = {}, .port = 5353, .hop_limit = 255, .path = {}};
    origin.source.bytes = {std::byte{0xfe}, std::byte{0x80}, std::byte{1}};
    for (int i = 0; i < 2; ++i) {
        take(discovery.heard(origin, *records, now), found);
        for (int j = 0; j < 4; ++j) {
            now = *discovery.next();
            take(discovery.pass(now), found);
        }
    }
    take(discovery.link_gone(link), found);
    check(found.empty() && !discovery.next(), "with the link all is gone");
    return 0;
}
