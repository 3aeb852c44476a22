#include "tests/component/bus_service/served.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"
#include "adapters/log/log.h"
#include "base/check.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/client.h"
#include "loop/asio.h"
#include "programs/mandos/bus_service.h"

namespace mandos::test {

namespace {

UniqueFd listen_at(const std::string& path) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    check(path.size() < sizeof address.sun_path, "the path of the socket is short");
    path.copy(address.sun_path, path.size());
    check(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "a log can be listened to");
    return socket;
}

std::string beside(const std::string& address) {
    const std::string path = address.substr(address.find('/'));
    return path.substr(0, path.rfind('/')) + "/log";
}

} // namespace

Served::Served(const std::string& policy)
    : daemon_(policy),
      log_path_(beside(daemon_.address())),
      log_socket_(listen_at(log_path_)),
      log_({.level = wire::LogLevel::Info, .socket = log_path_}),
      strand_(io::make_strand(context_)) {
    setenv("DBUS_SYSTEM_BUS_ADDRESS", daemon_.address().c_str(),
           1); // NOLINT(concurrency-mt-unsafe): no thread yet
    heard_ = std::make_unique<Listener>();
}

Served::~Served() {
    if (!thread_.joinable())
        return;
    stop();
    context_.stop();
    thread_.join();
}

void Served::start(std::vector<core::ClientSettings> clients) {
    server_ = std::make_unique<FakeServer>(std::move(clients));
    thread_ = std::thread([this] {
        const auto work = io::make_work_guard(context_);
        context_.run();
    });
    on_strand([this] {
        server::BusService::Settings settings{.listening_on = {.address = "::1", .port = 4711},
                                              .audit = log_access_};
        settings.connection.first_pause = std::chrono::milliseconds(20);
        settings.connection.longest_pause = std::chrono::milliseconds(100);
        service_ = std::make_unique<server::BusService>(strand_, *server_, log_, std::move(settings));
        server_->watcher = service_.get();
    });
}

void Served::serve(std::vector<core::ClientSettings> clients) {
    const std::size_t count = clients.size();
    start(std::move(clients));
    heard_->until("dbus.NameOwnerChanged('old'");
    for (std::size_t index = 0; index < count; ++index)
        heard_->until("old.ClientAdded(");
    if (count > 0)
        heard_->until("new.Client', {Expires: "); // of the last one
    caller_.emplace(bus::Bus::open_system().value());
}

void Served::serve(const std::vector<std::string>& names) {
    std::vector<core::ClientSettings> clients;
    for (const std::string& name : names)
        clients.push_back(client_named(name));
    serve(std::move(clients));
}

void Served::stop() {
    on_strand([this] {
        server_->watcher = nullptr;
        if (service_)
            service_->stop();
        service_.reset();
    });
}

Served::Values Served::call(const std::string& path, const std::string& interface, const std::string& method,
                            const std::string& signature, std::vector<bus::Value> arguments) {
    return caller_->call({.destination = new_server,
                          .path = path,
                          .interface = interface,
                          .method = method,
                          .signature = signature,
                          .arguments = std::move(arguments),
                          .limit = std::chrono::seconds(25)});
}

Served::Values Served::get(const std::string& path, const std::string& property,
                           const std::string& interface) {
    return call(path, properties, "Get", "ss", {interface, property});
}

std::string Served::set(const std::string& path, const std::string& property, bus::Value value,
                        const std::string& interface) {
    const Values done = call(path, properties, "Set", "ssv", {interface, property, std::move(value)});
    return done ? "ok" : done.error().text();
}

std::string Served::log_line() {
    pollfd ready{.fd = log_socket_.get(), .events = POLLIN, .revents = 0};
    constexpr int patience_ms = 60'000; // never needed by a passing test
    if (poll(&ready, 1, patience_ms) != 1)
        return "no line in the log";
    char text[4096];
    const ssize_t size = recv(log_socket_.get(), text, sizeof text, 0);
    return {text, static_cast<std::size_t>(size)};
}

std::string shown(const Result<std::vector<bus::Value>>& values) {
    return values ? show(*values) : values.error().text();
}

} // namespace mandos::test
