#include "programs/mandos/serve.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <random>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <malloc.h>
#include <sys/resource.h>

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "base/check.h"
#include "base/error.h"
#include "core/admission.h"
#include "core/clients.h"
#include "core/limits.h"
#include "core/server.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "programs/mandos/access_log.h"
#include "programs/mandos/announcer.h"
#include "programs/mandos/bus_service.h"
#include "programs/mandos/check_runner.h"
#include "programs/mandos/engine.h"
#include "programs/mandos/listener.h"
#include "programs/mandos/reload.h"
#include "programs/mandos/server_acts.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

// One descriptor a connection, and some for everything else: fewer connections are better than failing ones.
core::Admission::Limits limits_within_descriptors(log::Log& log) {
    constexpr rlim_t for_everything_else = 64;
    core::Admission::Limits limits;
    rlimit descriptors{};
    check(getrlimit(RLIMIT_NOFILE, &descriptors) == 0, "the limit on descriptors can be read");
    const rlim_t wanted = limits.in_all + for_everything_else;
    if (descriptors.rlim_cur < wanted) {
        descriptors.rlim_cur = std::min(wanted, descriptors.rlim_max);
        (void)setrlimit(RLIMIT_NOFILE, &descriptors); // what it is then is looked at next
        check(getrlimit(RLIMIT_NOFILE, &descriptors) == 0, "the limit on descriptors can be read");
    }
    if (descriptors.rlim_cur < wanted) {
        limits.in_all = descriptors.rlim_cur > 2 * for_everything_else
                            ? descriptors.rlim_cur - for_everything_else
                            : for_everything_else;
        log.write(wire::LogLevel::Warning,
                  fmt::format("the limit of {} open files leaves room for {} connections, not {}; raise "
                              "LimitNOFILE= or ulimit -n",
                              descriptors.rlim_cur, limits.in_all, core::limits::connections));
    }
    limits.from_one_address = std::min(limits.from_one_address, limits.in_all / 2);
    limits.from_one_network = std::min(limits.from_one_network, limits.in_all / 2);
    return limits;
}

// Which moments checks begin at need not be secret, only different.
std::uint64_t seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

// Tells the service manager that decisions are still made, as often as it wants to hear that.
class Heartbeat {
  public:
    Heartbeat(const io::any_io_executor& strand, service::Manager& manager)
        : manager_(manager), timer_(strand) {
        beat();
    }
    void stop() { timer_.cancel(); }

  private:
    void beat() {
        if (!manager_.watchdog())
            return;
        manager_.alive();
        timer_.expires_after(*manager_.watchdog());
        timer_.async_wait([this](const std::error_code& error) {
            if (!error)
                beat();
        });
    }

    service::Manager& manager_;
    io::steady_timer timer_;
};

// All that serves, in the order in which one needs the other. What is in it runs on the strand, apart from
// the connections.
class Serving {
  public:
    Serving(Service service, service::Manager& manager, log::Log& log)
        : manager_(manager),
          log_(log),
          service_(std::move(service)),
          access_log_(log),
          strand_(io::make_strand(loop_)),
          engine_(strand_,
                  core::Server::start(std::move(service_.stored), std::move(service_.clients), loop::moment(),
                                      seed()),
                  *service_.store, log, access_log_),
          checks_(strand_, std::move(service_.checkers), engine_, log),
          listener_(loop_, strand_, std::move(service_.socket), limits_within_descriptors(log), engine_,
                    service_.context, access_log_),
          reload_(strand_, service_.configuration, engine_, manager, log),
          acts_(engine_, reload_),
          heartbeat_(strand_, manager),
          hang_up_(strand_, SIGHUP),
          signals_(strand_, SIGTERM, SIGINT) {
        engine_.set_checks(checks_);
        if (service_.announce)
            announcer_.emplace(strand_, log_, *service_.announce);
        if (!service_.bus)
            return;
        bus_.emplace(strand_, acts_, log, std::move(*service_.bus));
        engine_.set_watcher(*bus_);
        checks_.set_object_path([this](core::ClientId client) { return bus_->path_of(client); });
    }

    Result<void> run(Starting starting) {
        is_ready_ = std::move(starting.is_ready);
        MANDOS_TRY(engine_.settle()); // what cannot be stored at the start is not served
        (void)malloc_trim(0);         // reading everything took much more than keeping it does
        reload_on_hang_up();
        stop_on_signal();
        starting.handles_signals();
        io::co_spawn(strand_, listen(),
                     [](const std::exception_ptr& error) { check(!error, "listening ends with a value"); });
        tell_ready_with_the_bus();
        run_on_all_processors();
        return std::move(outcome_);
    }

  private:
    io::awaitable<void> listen() {
        if (Result<void> ended = co_await listener_.run(); !ended)
            outcome_ = std::move(ended);
        stop();
    }

    // Who is started after this server may ask it over D-Bus at once. Deliveries have begun meanwhile, and
    // the bus has 5 s to take something from us, and 25 s to give us our names.
    void tell_ready_with_the_bus() {
        if (bus_)
            bus_->when_settled([this] { tell_ready(); });
        else
            io::post(strand_, [this] { tell_ready(); });
    }

    void tell_ready() {
        if (stopping_)
            return;
        if (Result<void> told = is_ready_(); !told) {
            outcome_ = std::move(told);
            stop();
            return;
        }
        manager_.ready();
    }

    void reload_on_hang_up() {
        hang_up_.async_wait([this](const std::error_code& error, int) {
            if (error)
                return;
            reload_.request("SIGHUP", [](const auto&) {}); // the log says how it went
            reload_on_hang_up();
        });
    }

    void stop_on_signal() {
        signals_.async_wait([this](const std::error_code& error, int signal) {
            if (error)
                return;
            log_.write(wire::LogLevel::Info, fmt::format("signal {}: stopping", signal));
            stop();
        });
    }

    // First the announcement, which brings clients here; then the connections, whose ends are still to be
    // recorded; the bus last, which tells of it.
    void stop() {
        if (std::exchange(stopping_, true))
            return;
        manager_.stopping();
        heartbeat_.stop();
        signals_.cancel();
        hang_up_.cancel();
        reload_.stop();
        if (announcer_)
            announcer_->stop([this] { stop_serving(); });
        else
            stop_serving();
    }

    void stop_serving() {
        listener_.stop([this] {
            engine_.stop();
            checks_.stop_all();
            if (bus_)
                bus_->stop();
        });
    }

    void run_on_all_processors() {
        const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < processors; ++i)
            others.emplace_back([this] { loop_.run(); });
        loop_.run();
    }

    service::Manager& manager_;
    log::Log& log_;
    Service service_;
    AccessLog access_log_;
    io::io_context loop_;
    const io::any_io_executor strand_;
    Engine engine_;
    CheckRunner checks_;
    Listener listener_;
    Reload reload_;
    ServerActs acts_;
    std::optional<BusService> bus_;
    std::optional<Announcer> announcer_;
    std::move_only_function<Result<void>()> is_ready_;
    Heartbeat heartbeat_;
    io::signal_set hang_up_;
    io::signal_set signals_;
    bool stopping_ = false;
    Result<void> outcome_;
};

} // namespace

Result<void> serve(Service service, service::Manager& manager, log::Log& log, Starting starting) {
    return Serving(std::move(service), manager, log).run(std::move(starting));
}

} // namespace mandos::server
