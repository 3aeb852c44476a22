// The D-Bus interface over a FakeServer, on a strand of a thread of its own, and callers on a private bus.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"
#include "adapters/log/log.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/client.h"
#include "core/events.h"
#include "loop/asio.h"
#include "programs/mandos/bus_service.h"
#include "programs/mandos/log_queries.h"
#include "tests/component/bus_service/fake_server.h"
#include "tests/component/bus_service/listener.h"
#include "tests/component/bus_service/private_bus.h"

namespace mandos::test {

inline const std::string new_client = "se.recompile.Mandos.Client";
inline const std::string old_client = "se.bsnet.fukt.Mandos.Client";
inline const std::string new_server = "se.recompile.Mandos";
inline const std::string old_server = "se.bsnet.fukt.Mandos";
inline const std::string properties = "org.freedesktop.DBus.Properties";
inline const std::string introspectable = "org.freedesktop.DBus.Introspectable";
inline const std::string object_manager = "org.freedesktop.DBus.ObjectManager";

class Served : public ::testing::Test {
  protected:
    explicit Served(const std::string& policy = PrivateBus::everything);
    ~Served() override;

    // With these clients; returns when it has its names and all clients are announced.
    void serve(const std::vector<std::string>& names);
    void serve(std::vector<core::ClientSettings> clients);
    // Without waiting.
    void start(std::vector<core::ClientSettings> clients);
    // The service goes, as at the server's end.
    void stop();

    using Values = Result<std::vector<bus::Value>>;
    Values call(const std::string& path, const std::string& interface, const std::string& method,
                const std::string& signature = "", std::vector<bus::Value> arguments = {});
    Values get(const std::string& path, const std::string& property,
               const std::string& interface = new_client);
    // TYPE of the variant; "ok", or the error's text.
    std::string set(const std::string& path, const std::string& property, bus::Value value,
                    const std::string& interface = new_client);

    // What FUNCTION returns, called on the strand.
    template <class Function>
    auto on_strand(Function function) {
        std::promise<decltype(function())> promise;
        auto future = promise.get_future();
        io::post(strand_, [&promise, &function] {
            if constexpr (std::is_void_v<decltype(function())>) {
                function();
                promise.set_value();
            } else {
                promise.set_value(function());
            }
        });
        return future.get();
    }
    void happen(const core::Event& event) {
        on_strand([this, &event] { server_->happen(event); });
    }
    // The one client has this settings and life now.
    core::Client client(const std::string& name) {
        return on_strand([this, &name] { return *server_->state().clients().find(server_->id(name)); });
    }
    std::string last_audit() {
        return on_strand([this] { return server_->audited.empty() ? "" : server_->audited.back(); });
    }
    // The next line of the server's log.
    std::string log_line();

    PrivateBus daemon_;
    std::unique_ptr<Listener> heard_;
    std::optional<bus::Bus> caller_;
    server::LogAccess log_access_;
    std::unique_ptr<FakeServer> server_;
    std::unique_ptr<server::BusService> service_; // on the strand only

  private:
    std::string log_path_;
    UniqueFd log_socket_;
    log::Log log_;
    io::io_context context_;
    io::any_io_executor strand_;
    std::thread thread_;
};

// The text, or the error's.
std::string shown(const Result<std::vector<bus::Value>>& values);

} // namespace mandos::test
