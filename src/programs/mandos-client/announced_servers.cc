#include "programs/mandos-client/announced_servers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "adapters/mdns/finder.h"
#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "core/ip_address.h"
#include "loop/asio.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/source.h"
#include "programs/mandos-client/messages.h"

namespace mandos::client {

namespace {

struct InterfacesEnd {
    void operator()(struct if_nameindex* interfaces) const noexcept { if_freenameindex(interfaces); }
};

bool is_for_servers(int socket, const char* name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(socket, SIOCGIFFLAGS, &request) != 0)
        return false; // it went away meanwhile
    const auto flags = static_cast<unsigned short>(request.ifr_flags);
    return (flags & IFF_BROADCAST) != 0 && (flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP)) == 0;
}

Result<std::vector<Link>> all_links() {
    const std::unique_ptr<struct if_nameindex, InterfacesEnd> interfaces(if_nameindex());
    const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!interfaces || !any)
        return fail_errno(errno, "cannot list the network interfaces");
    std::vector<Link> links;
    for (const auto* interface = interfaces.get(); interface->if_name != nullptr; ++interface)
        if (is_for_servers(any.get(), interface->if_name))
            links.push_back({.index = interface->if_index, .name = interface->if_name});
    std::ranges::sort(links, {}, &Link::name);
    return links;
}

net::Endpoint endpoint_of(const mdns::Finder::Server& server) {
    net::Endpoint endpoint;
    const core::IpAddress& address = server.place.address;
    if (address.is_ipv4()) {
        sockaddr_in ipv4{};
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(server.place.port);
        std::memcpy(&ipv4.sin_addr, address.bytes.data() + 12, sizeof ipv4.sin_addr);
        std::memcpy(&endpoint.address, &ipv4, sizeof ipv4);
        endpoint.length = sizeof ipv4;
        return endpoint;
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(server.place.port);
    ipv6.sin6_scope_id = server.scope;
    std::memcpy(&ipv6.sin6_addr, address.bytes.data(), sizeof ipv6.sin6_addr);
    std::memcpy(&endpoint.address, &ipv6, sizeof ipv6);
    endpoint.length = sizeof ipv6;
    return endpoint;
}

} // namespace

Result<std::vector<Link>> links_to_look_on(const std::vector<std::string>& names) {
    if (names.empty())
        return all_links();
    std::vector<Link> links;
    for (const std::string& name : names) {
        if (name == "none")
            continue;
        if (const unsigned index = if_nametoindex(name.c_str()); index != 0)
            links.push_back({.index = index, .name = name});
        else
            say(fmt::format("there is no network interface {}", quoted(name)));
    }
    return links;
}

void AnnouncedServers::start(const io::any_io_executor& strand, fetch::Candidates& candidates) {
    candidates_ = &candidates;
    finder_ = std::make_unique<mdns::Finder>(
        strand, mdns::Finder::Handlers{
                    .found = [this](Id id, const mdns::Finder::Server& server) { found(id, server); },
                    .gone = [this](Id id) { gone(id); },
                    .remark =
                        [this](std::string_view line) {
                            if (detail_ == fetch::Detail::EachStep)
                                say(line);
                        }});
    for (const Link& link : links_)
        finder_->link_up(link.index, link.name);
}

void AnnouncedServers::stop() {
    finder_.reset();
    candidates_ = nullptr;
    there_.clear();
    told_.clear();
}

void AnnouncedServers::found(Id id, const mdns::Finder::Server& server) {
    const auto& announced =
        there_
            .emplace(id, fetch::Found{.endpoint = endpoint_of(server),
                                      .announcer = {.link = server.announcer.link,
                                                    .source = server.announcer.address.text()},
                                      .service = std::string(server.instance.labels().at(0))})
            .first->second;
    ++told_[{announced.announcer, announced.endpoint.text()}];
    if (detail_ == fetch::Detail::EachStep)
        say(fmt::format("found {} at {}", quoted(announced.service), announced.endpoint.text()));
    candidates_->found(announced);
}

void AnnouncedServers::gone(Id id) {
    const auto left = there_.extract(id);
    const fetch::Found& announced = left.mapped();
    const auto told = told_.find({announced.announcer, announced.endpoint.text()});
    if (--told->second > 0)
        return;
    told_.erase(told);
    if (detail_ == fetch::Detail::EachStep)
        say(fmt::format("{} at {} is gone", quoted(announced.service), announced.endpoint.text()));
    candidates_->gone(announced);
}

} // namespace mandos::client
