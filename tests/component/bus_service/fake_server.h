// A core::Server with neither store nor connections, whose clock stands at 2026-11-24 03:10:42.106667 until
// it is set: what the D-Bus interface acts on.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "core/client.h"
#include "core/events.h"
#include "core/server.h"
#include "core/time.h"
#include "programs/mandos/acts.h"
#include "programs/mandos/watcher.h"

namespace mandos::test {

class FakeServer final : public server::Acts {
  public:
    explicit FakeServer(std::vector<core::ClientSettings> clients);

    const core::Server& state() const override { return server_; }
    void act(core::Event event, Done done) override;
    void reload(std::string actor, Reloaded done) override;
    Result<core::ClientSettings> parse_section(std::string_view section) override;

    // EVENT happens, and the watcher is told.
    void happen(const core::Event& event);
    core::ClientId id(std::string_view name) { return server_.find(name)->id; }

    server::Watcher* watcher = nullptr;
    core::Now now;
    // As audited, the last one last: "enabled one by uid 0 (:1.5)".
    std::vector<std::string> audited;
    std::optional<Error> refusal; // of each act
    bool holds_acts = false;      // instead of saying that they are done
    std::vector<Done> held;
    int acts = 0;

  private:
    core::Server server_;
};

// A client that is enabled and has a key and a secret.
core::ClientSettings client_named(std::string name);

} // namespace mandos::test
