#include "programs/mandos/reload.h"

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "base/error.h"
#include "core/events.h"
#include "loop/asio.h"
#include "programs/mandos/clients.h"
#include "programs/mandos/configuration_process.h"
#include "programs/mandos/engine.h"
#include "programs/mandos/start.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

std::vector<std::string> lines_of(const wire::Findings& findings, wire::Severity severity) {
    std::vector<std::string> lines;
    for (const wire::Finding& finding : findings)
        if (finding.severity == severity)
            lines.push_back(finding.describe());
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "\n") + line;
    return text;
}

} // namespace

Reload::Reload(const io::any_io_executor& strand, ConfigurationProcess& process, Engine& engine,
               service::Manager& manager, log::Log& log)
    : strand_(strand), process_(process), engine_(engine), manager_(manager), log_(log) {}

void Reload::request(std::string actor, Done done) {
    requests_.push_back({.actor = std::move(actor), .done = std::move(done)});
    if (!std::exchange(running_, true))
        io::co_spawn(strand_, run(), io::detached);
}

void Reload::stop() {
    requests_.clear();
    process_.cancel();
}

io::awaitable<void> Reload::run() {
    while (!requests_.empty()) {
        manager_.reloading();
        Result<ClientsRead> read = co_await process_.read(strand_);
        if (requests_.empty())
            break; // the server stops
        Request request = std::move(requests_.front());
        requests_.erase(requests_.begin());
        if (read) {
            take_over(std::move(*read), std::move(request));
        } else {
            log_.write(wire::LogLevel::Error,
                       fmt::format("the configuration cannot be read anew: {}; the one "
                                   "before stays in force",
                                   read.error().text()));
            request.done(std::unexpected(std::move(read).error()));
        }
        manager_.ready();
    }
    running_ = false;
}

void Reload::take_over(ClientsRead read, Request request) {
    if (!report(read.findings, log_)) {
        log_.write(wire::LogLevel::Error,
                   "the configuration has errors: nothing of it is taken, the one before stays in force");
        request.done(fail(ErrorKind::Invalid, "nothing was changed: the configuration has errors\n{}",
                          joined(lines_of(read.findings, wire::Severity::Error))));
        return;
    }
    engine_.act(core::Reconfigure{.configured = std::move(read.clients), .actor = std::move(request.actor)},
                [warnings = lines_of(read.findings, wire::Severity::Warning),
                 done = std::move(request.done)](const Result<void>& stored) mutable {
                    if (!stored) {
                        done(std::unexpected(stored.error()));
                        return;
                    }
                    done(std::move(warnings));
                });
}

} // namespace mandos::server
