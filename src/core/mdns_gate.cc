#include "core/mdns_gate.h"

#include <chrono>
#include <cstdint>

#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

namespace {

constexpr std::uint16_t responder_port = 5353;
constexpr int hop_limit_of_neighbours = 255;

} // namespace

MdnsGate::Verdict MdnsGate::judge(const MdnsOrigin& origin, Time now) {
    if (origin.port != responder_port)
        return Verdict::NotFromResponder;
    if (origin.hop_limit != hop_limit_of_neighbours || !origin.source.is_reachable_host())
        return Verdict::OffLink;
    auto [found, is_new] = links_.try_emplace({origin.link, origin.path});
    Second& second = found->second;
    if (is_new || now < second.begin || now - second.begin >= std::chrono::seconds(1))
        second = {.begin = now, .in_all = 0, .by_source = {}};
    if (second.in_all >= limits::mdns_messages_of_link)
        return Verdict::TooMany;
    auto& of_source = second.by_source[origin.source];
    if (of_source >= limits::mdns_messages_of_source)
        return Verdict::TooMany;
    ++of_source;
    ++second.in_all;
    return Verdict::Taken;
}

void MdnsGate::link_gone(std::uint32_t link) {
    links_.erase({link, MdnsOrigin::Path::Answer});
    links_.erase({link, MdnsOrigin::Path::Announcement});
}

} // namespace mandos::core
