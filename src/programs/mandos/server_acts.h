// ServerActs: what administrators do on D-Bus, done by the engine and the reload.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/client.h"
#include "core/events.h"
#include "core/server.h"
#include "programs/mandos/acts.h"
#include "programs/mandos/engine.h"
#include "programs/mandos/reload.h"

namespace mandos::server {

class ServerActs final : public Acts {
  public:
    // Both outlive it.
    ServerActs(Engine& engine, Reload& reload) : engine_(engine), reload_(reload) {}

    const core::Server& state() const override { return engine_.server(); }
    void act(core::Event event, Done done) override;
    void reload(std::string actor, Reloaded done) override;
    Result<core::ClientSettings> parse_section(std::string_view section) override;

  private:
    Engine& engine_;
    Reload& reload_;
};

} // namespace mandos::server
