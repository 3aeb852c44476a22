// AnnouncedServers: the servers that announce themselves on this machine's links, found by adapters/mdns, as
// what a search is told of (programs/fetch/source.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/mdns/finder.h"
#include "base/error.h"
#include "core/race.h"
#include "loop/asio.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/source.h"

namespace mandos::client {

struct Link {
    std::uint32_t index = 0;
    std::string name;
};

// The network interfaces that servers are looked for on: those of NAMES ("none" is no name) that there are;
// or where NAMES is empty, all that have broadcast and ARP and are neither loopback nor point-to-point. Need
// not be up: they are used when they are. System.
Result<std::vector<Link>> links_to_look_on(const std::vector<std::string>& names);

class AnnouncedServers final : public fetch::Source {
  public:
    AnnouncedServers(std::vector<Link> links, fetch::Detail detail)
        : links_(std::move(links)), detail_(detail) {}

    void start(const io::any_io_executor& strand, fetch::Candidates& candidates) override;
    void stop() override;

  private:
    using Id = mdns::Finder::Id;

    void found(Id id, const mdns::Finder::Server& server);
    void gone(Id id);

    const std::vector<Link> links_;
    const fetch::Detail detail_;
    fetch::Candidates* candidates_ = nullptr; // while it is started
    std::unique_ptr<mdns::Finder> finder_;
    std::map<Id, fetch::Found> there_;
    // How many services of one announcer say the same place: it is gone with the last of them.
    std::map<std::pair<core::Announcer, std::string>, int> told_;
};

} // namespace mandos::client
