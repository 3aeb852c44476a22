// AnnouncedServers: the servers that announce themselves on this machine's links, found by adapters/mdns, as
// what a search is told of (programs/fetch/source.h). Which links there are it hears from the manager
// (two_processes.h), also while no search runs; and asks it for routes to servers that none leads to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/mdns/finder.h"
#include "base/unique_fd.h"
#include "core/ip_address.h"
#include "core/race.h"
#include "loop/asio.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/source.h"
#include "wire/helper_message.h"

namespace mandos::client {

class AnnouncedServers final : public fetch::Source {
  public:
    // Nowhere: servers are given, and links are only heard of.
    enum class Look : std::uint8_t { Everywhere, Nowhere };

    AnnouncedServers(UniqueFd channel, Look look, fetch::Detail detail)
        : channel_(std::move(channel)), look_(look), detail_(detail) {}

    void start(const io::any_io_executor& strand, fetch::Candidates& candidates) override;
    void stop() override;
    io::awaitable<std::unique_ptr<fetch::Way>> make_way(fetch::Found server) override;

  private:
    using Id = mdns::Finder::Id;
    using Descriptor = io::posix::stream_descriptor;
    using Target = std::pair<std::uint32_t, core::IpAddress>; // and the link to it

    enum class RouteIs : std::uint8_t { AskedFor, There, Refused };
    struct Route {
        int used = 0; // by ways
        RouteIs state = RouteIs::AskedFor;
        io::steady_timer answered; // cancelled then
    };
    class DirectWay;

    void wait();
    void hear();
    void heard(const wire::LinkCame& came);
    void heard(const wire::LinkLeft& left);
    void heard(const wire::RouteAnswer& answer);
    void leave_way(const Target& target);
    void ask(const wire::NetworkRequest& request);

    void found(Id id, const mdns::Finder::Server& server);
    void gone(Id id);

    const UniqueFd channel_;
    const Look look_;
    const fetch::Detail detail_;
    std::map<std::uint32_t, std::string> links_; // that there are, and their names
    // While it is started:
    fetch::Candidates* candidates_ = nullptr;
    std::optional<Descriptor> hearing_; // of channel_, which it does not own
    std::unique_ptr<mdns::Finder> finder_;
    std::map<Target, Route> routes_;
    std::map<Id, fetch::Found> there_;
    // How many services of one announcer say the same place: it is gone with the last of them.
    std::map<std::pair<core::Announcer, std::string>, int> told_;
};

} // namespace mandos::client
