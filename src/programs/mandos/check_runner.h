// CheckRunner: has the checks that the engine wants run by Checkers, and tells it how they began and ended.
// On the engine's strand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/log/log.h"
#include "core/actions.h"
#include "core/clients.h"
#include "loop/asio.h"
#include "programs/mandos/checkers.h"
#include "programs/mandos/checks.h"

namespace mandos::server {

class Engine;

class CheckRunner final : public Checks {
  public:
    // ENGINE and LOG outlive it.
    CheckRunner(const io::any_io_executor& strand, CheckersOptions options, Engine& engine, log::Log& log)
        : strand_(strand), checkers_(strand, std::move(options)), engine_(engine), log_(log) {}

    void start(const core::StartCheck& start, const core::Client& client) override;
    void stop(core::ClientId client) override;
    // All of them, at the end.
    void stop_all() { checkers_.stop_all(); }

    // The path of a client's object, for %(dbus_object_path)s; without one there is no such attribute.
    void set_object_path(std::function<std::string(core::ClientId)> object_path) {
        object_path_ = std::move(object_path);
    }

  private:
    std::optional<std::string> attribute(const core::Client& client, std::string_view name) const;

    const io::any_io_executor strand_;
    Checkers checkers_;
    Engine& engine_;
    log::Log& log_;
    std::function<std::string(core::ClientId)> object_path_;
};

} // namespace mandos::server
