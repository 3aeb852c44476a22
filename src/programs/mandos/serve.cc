#include "programs/mandos/serve.h"

#include <algorithm>
#include <csignal>
#include <exception>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/resource.h>

#include "adapters/log/log.h"
#include "base/check.h"
#include "base/error.h"
#include "core/admission.h"
#include "core/clients.h"
#include "core/limits.h"
#include "core/server.h"
#include "loop/asio.h"
#include "programs/mandos/access_log.h"
#include "programs/mandos/engine.h"
#include "programs/mandos/listener.h"
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

void run_on_all_processors(io::io_context& loop) {
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < processors; ++i)
        others.emplace_back([&loop] { loop.run(); });
    loop.run();
}

} // namespace

Result<void> serve(Service service, log::Log& log, std::move_only_function<Result<void>()> ready) {
    const core::Admission::Limits limits = limits_within_descriptors(log);
    AccessLog access_log(log);
    io::io_context loop;
    const io::any_io_executor strand = io::make_strand(loop);
    Engine engine(strand, core::Server(core::Clients(std::move(service.clients))), access_log);
    Listener listener(loop, strand, std::move(service.socket), limits, engine, service.context, access_log);

    io::signal_set signals(strand, SIGTERM, SIGINT, SIGHUP);
    const auto stop = [&engine, &listener, &signals] {
        signals.cancel();
        listener.stop();
        engine.stop();
    };
    signals.async_wait([&log, &stop](const std::error_code& error, int signal) {
        if (error)
            return;
        log.write(wire::LogLevel::Info, fmt::format("signal {}: stopping", signal));
        stop();
    });
    Result<void> outcome;
    io::co_spawn(strand, listener.run(),
                 [&outcome, &stop](const std::exception_ptr& error, Result<void> ended) {
                     check(!error, "listening ends with a value");
                     outcome = std::move(ended);
                     stop();
                 });
    MANDOS_TRY(ready());
    run_on_all_processors(loop);
    return outcome;
}

} // namespace mandos::server
