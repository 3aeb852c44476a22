// Search: what a source finds, and what the race has forgotten of it.
#include <chrono>
#include <cstddef>
#include <memory>
#include <system_error>

#include "core/limits.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "programs/fetch/search.h"
#include "programs/fetch/source.h"

namespace mandos::fetch {

void Search::found(const Found& server) {
    if (told_.size() < core::limits::told_servers)
        told_.try_emplace({server.announcer, server.endpoint.text()}, server);
    offer(server);
    drop_forgotten();
}

void Search::gone(const Found& server) {
    told_.erase({server.announcer, server.endpoint.text()});
    race_.gone(server.announcer, server.endpoint.text(), loop::now());
}

void Search::network_changed() {
    race_.network_changed(loop::now());
    take_turns_soon();
}

io::awaitable<std::unique_ptr<Way>> Source::make_way(Found /*server*/) {
    co_return nullptr;
}

Search::Taken Search::offer(const Found& server) {
    const auto candidate = race_.found(server.announcer, server.endpoint.text(), loop::now());
    if (!candidate)
        return Taken::No;
    places_.try_emplace(*candidate, Place{.server = {},
                                          .endpoint = server.endpoint,
                                          .addresses = {},
                                          .service = server.service,
                                          .announcer = server.announcer});
    take_turns_soon();
    return Taken::Yes;
}

// Each second, those that the race did not take or has forgotten, by turns.
void Search::offer_again() {
    const std::size_t waiting = told_.size();
    auto next = told_.upper_bound(last_offered_);
    for (std::size_t offered = 0; offered < waiting; ++offered) {
        if (next == told_.end())
            next = told_.begin();
        const auto& [told, server] = *next++;
        if (race_.knows(server.announcer, told.second))
            continue;
        if (offer(server) == Taken::Yes)
            last_offered_ = told;
    }
    drop_forgotten();
    next_offer_.expires_after(std::chrono::seconds(1));
    next_offer_.async_wait([this](const std::error_code& error) {
        if (!error)
            offer_again();
    });
}

void Search::drop_forgotten() {
    if (places_.size() <= race_.candidates())
        return;
    for (auto place = places_.begin(); place != places_.end();) {
        if (race_.knows(place->first)) {
            ++place;
            continue;
        }
        reporter_.forget(place->second.text());
        place = places_.erase(place);
    }
}

} // namespace mandos::fetch
