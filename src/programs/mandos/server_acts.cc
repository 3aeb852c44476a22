#include "programs/mandos/server_acts.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "core/client.h"
#include "core/events.h"
#include "programs/mandos/clients.h"

namespace mandos::server {

void ServerActs::act(core::Event event, Done done) {
    engine_.act(event, [done = std::move(done)](const Result<void>& stored) mutable { done(stored); });
}

void ServerActs::reload(std::string actor, Reloaded done) {
    reload_.request(std::move(actor), std::move(done));
}

Result<core::ClientSettings> ServerActs::parse_section(std::string_view section) {
    return read_client_section(section);
}

} // namespace mandos::server
