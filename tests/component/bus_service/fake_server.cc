#include "tests/component/bus_service/fake_server.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/server.h"
#include "core/time.h"

namespace mandos::test {

using std::chrono::microseconds;

namespace {

const core::Now beginning{.boot = core::Time(std::chrono::seconds(1000)),
                          .wall = core::WallTime(microseconds(1'795'489'842'106'667))};

} // namespace

core::ClientSettings client_named(std::string name) {
    core::KeyId::Digest digest{};
    const std::size_t hash = std::hash<std::string>{}(name);
    for (std::size_t index = 0; index < sizeof hash; ++index)
        digest.at(index) = static_cast<std::byte>(hash >> (8 * index));
    digest.at(31) = std::byte{0xAB};
    core::ClientSettings settings;
    settings.name = std::move(name);
    settings.key_id = core::KeyId(digest);
    settings.secret = core::make_secret(to_bytes("MARKER-of-a-secret"));
    settings.host = "host.example";
    settings.fingerprint = std::string(40, 'F');
    return settings;
}

FakeServer::FakeServer(std::vector<core::ClientSettings> clients)
    : now(beginning), server_(core::Server::start({}, std::move(clients), beginning, 1).first) {}

void FakeServer::happen(const core::Event& event) {
    for (const core::Action& action : server_.handle(event, now)) {
        if (const auto* const audit = std::get_if<core::Audit>(&action))
            audited.push_back(fmt::format("{} {} by {}", name_of(audit->record.event), audit->record.client,
                                          audit->record.actor));
        if (watcher != nullptr)
            watcher->happened(action);
    }
}

void FakeServer::act(core::Event event, Done done) {
    ++acts;
    if (refusal) {
        done(std::unexpected(*refusal));
        return;
    }
    happen(event);
    if (holds_acts)
        held.push_back(std::move(done));
    else
        done({});
}

void FakeServer::reload(std::string /*actor*/, Reloaded done) {
    if (refusal)
        done(std::unexpected(*refusal));
    else
        done(std::vector<std::string>{"line 3: \xFF is odd", "line 4"});
}

// A section here is a name in brackets.
Result<core::ClientSettings> FakeServer::parse_section(std::string_view section) {
    if (!section.starts_with('[') || !section.ends_with(']'))
        return fail(ErrorKind::Invalid, "line 1: no section begins here");
    return client_named(std::string(section.substr(1, section.size() - 2)));
}

} // namespace mandos::test
