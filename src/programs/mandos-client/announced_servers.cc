#include "programs/mandos-client/announced_servers.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "adapters/mdns/finder.h"
#include "adapters/net/resolve.h"
#include "base/check.h"
#include "base/quote.h"
#include "core/ip_address.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/source.h"
#include "programs/mandos-client/helper_channel.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/process.h"
#include "wire/helper_message.h"

namespace mandos::client {

namespace {

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

core::IpAddress address_of(const net::Endpoint& endpoint) {
    core::IpAddress address;
    if (endpoint.address.ss_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &endpoint.address, sizeof ipv4);
        std::array<std::byte, 4> bytes{};
        std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
        return core::IpAddress::from_v4(bytes);
    }
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &endpoint.address, sizeof ipv6);
    std::memcpy(address.bytes.data(), &ipv6.sin6_addr, address.bytes.size());
    return address;
}

} // namespace

void AnnouncedServers::start(const io::any_io_executor& strand, fetch::Candidates& candidates) {
    candidates_ = &candidates;
    hearing_.emplace(strand, channel_.get());
    if (look_ == Look::Everywhere)
        finder_ = std::make_unique<mdns::Finder>(
            strand, mdns::Finder::Handlers{
                        .found = [this](Id id, const mdns::Finder::Server& server) { found(id, server); },
                        .gone = [this](Id id) { gone(id); },
                        .remark =
                            [this](std::string_view line) {
                                if (detail_ == fetch::Detail::EachStep)
                                    say(line);
                            }});
    for (const auto& [index, name] : links_)
        if (finder_)
            finder_->link_up(index, name);
    wait();
}

void AnnouncedServers::stop() {
    (void)hearing_->release();
    hearing_.reset();
    for (const auto& [target, route] : routes_)
        ask(wire::RemoveRoute{.link = target.first, .address = target.second});
    routes_.clear();
    finder_.reset();
    candidates_ = nullptr;
    there_.clear();
    told_.clear();
}

// What the manager says
// ---------------------------------------------------------------------------------------

void AnnouncedServers::wait() {
    hearing_->async_wait(Descriptor::wait_read, [this](const std::error_code& error) {
        if (!error && hearing_)
            hear();
    });
}

void AnnouncedServers::hear() {
    Packet buffer{};
    for (;;) {
        const auto packet = receive_packet(channel_.get(), buffer);
        if (!packet) // it was killed: nobody waits for the password any more
            leave(EX_OSERR);
        if (!*packet)
            break;
        const auto news = wire::read_news(**packet);
        check(news.has_value(), "the manager says what is in the table");
        std::visit([this](const auto& one) { heard(one); }, *news);
    }
    wait();
}

void AnnouncedServers::heard(const wire::LinkCame& came) {
    links_[came.link] = came.name;
    if (finder_)
        finder_->link_up(came.link, came.name);
    candidates_->network_changed();
}

void AnnouncedServers::heard(const wire::LinkLeft& left) {
    links_.erase(left.link);
    if (finder_)
        finder_->link_gone(left.link);
}

void AnnouncedServers::heard(const wire::RouteAnswer& answer) {
    const auto route = routes_.find({answer.link, answer.address});
    if (route == routes_.end() || route->second.state != RouteIs::AskedFor)
        return; // nobody waits for it any more
    route->second.state = answer.state == wire::RouteState::Added ? RouteIs::There : RouteIs::Refused;
    route->second.answered.cancel();
}

void AnnouncedServers::ask(const wire::NetworkRequest& request) {
    // What cannot be asked for is not answered; what cannot be taken back is, at the end.
    (void)send_packet(channel_.get(), wire::write_request(request));
}

// Ways
// --------------------------------------------------------------------------------------------------------

class AnnouncedServers::DirectWay final : public fetch::Way {
  public:
    DirectWay(AnnouncedServers& servers, const Target& target) : servers_(servers), target_(target) {
        ++servers_.routes_.at(target).used;
    }
    DirectWay(const DirectWay&) = delete;
    DirectWay& operator=(const DirectWay&) = delete;
    ~DirectWay() override { servers_.leave_way(target_); }

  private:
    AnnouncedServers& servers_;
    const Target target_;
};

void AnnouncedServers::leave_way(const Target& target) {
    const auto route = routes_.find(target); // none: stop() took it back
    if (route == routes_.end() || --route->second.used > 0)
        return;
    ask(wire::RemoveRoute{.link = target.first, .address = target.second});
    routes_.erase(route);
}

io::awaitable<std::unique_ptr<fetch::Way>> AnnouncedServers::make_way(fetch::Found server) {
    const Target target{server.announcer.link, address_of(server.endpoint)};
    if (target.second.is_ipv6_link_local() || !target.second.is_reachable_host())
        co_return nullptr;
    const auto strand = co_await io::this_coro::executor;
    const auto [route, is_new] = routes_.try_emplace(
        target, Route{.used = 0, .state = RouteIs::AskedFor, .answered = io::steady_timer(strand)});
    auto way = std::make_unique<DirectWay>(*this, target);
    if (is_new) {
        ask(wire::AddRoute{.link = target.first, .address = target.second});
        route->second.answered.expires_after(core::limits::route_answer_time);
    }
    if (route->second.state == RouteIs::AskedFor) {
        std::error_code error;
        co_await route->second.answered.async_wait(io::redirect_error(io::use_awaitable, error));
    }
    if (route->second.state != RouteIs::There)
        co_return nullptr;
    co_return way;
}

// What is announced
// -------------------------------------------------------------------------------------------

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
