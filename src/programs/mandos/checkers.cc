#include "programs/mandos/checkers.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sys/socket.h>

#include "adapters/checker/pinger.h"
#include "adapters/checker/shells.h"
#include "adapters/net/resolve.h"
#include "adapters/ssh/check.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "core/server_address.h"
#include "loop/asio.h"
#include "loop/workers.h"
#include "programs/mandos/check_outcome.h"
#include "programs/mandos/ssh_connect.h"
#include "wire/checker_command.h"

namespace mandos::server {

namespace {

namespace limits = core::limits;
using std::chrono::milliseconds;

} // namespace

class Checkers::Parts : public std::enable_shared_from_this<Checkers::Parts> {
  public:
    Parts(const io::any_io_executor& strand, CheckersOptions options)
        : strand_(strand),
          ssh_port_(options.ssh_port),
          shells_(strand, options.shell_errors,
                  {.at_a_time = limits::checker_shells, .grace = limits::checker_grace}),
          lookups_(strand, limits::lookup_threads),
          ssh_(strand, limits::ssh_threads) {
        if (options.ping_sockets)
            pinger_.emplace(strand, *std::move(options.ping_sockets));
    }

    Result<std::string> start(std::uint32_t client, CheckRequest request, Handler done);

    // What has begun for it is ended; what comes later from there finds nobody.
    void stop(std::uint32_t client) {
        auto found = checks_.extract(client);
        if (!found.empty() && found.mapped().stop_step)
            found.mapped().stop_step();
    }
    void stop_all() {
        while (!checks_.empty())
            stop(checks_.begin()->first);
    }
    bool running(std::uint32_t client) const { return checks_.contains(client); }

  private:
    using Endpoints = std::vector<net::Endpoint>;
    using WithEndpoints = std::move_only_function<void(Endpoints)>;

    struct Check {
        std::uint64_t number = 0; // of all checks ever
        std::string command;
        std::string host;
        milliseconds time_limit;
        Handler done;
        std::chrono::steady_clock::time_point deadline;
        std::move_only_function<void()> stop_step; // ends what is waited for now
    };

    void run_shell(std::uint32_t client, Check& check);
    void look_up(std::uint32_t client, Check& check, std::uint16_t port, WithEndpoints then);
    void ping(std::uint32_t client, const Endpoints& endpoints);
    void connect(std::uint32_t client, wire::SshHostKey key, Endpoints endpoints);
    void look_at_host_key(std::uint32_t client, wire::SshHostKey key, UniqueFd connected);

    void end(std::uint32_t client, CheckOutcome outcome);
    void end(std::uint32_t client, BuiltInExit exit, std::string reason);

    bool is_here(std::uint32_t client, std::uint64_t number) const {
        const auto found = checks_.find(client);
        return found != checks_.end() && found->second.number == number;
    }

    // Not counting what the check has taken so far.
    static milliseconds rest(const Check& check, milliseconds most) {
        const auto left = std::chrono::ceil<milliseconds>(check.deadline - std::chrono::steady_clock::now());
        return std::clamp(left, milliseconds::zero(), most);
    }

    const io::any_io_executor strand_;
    const std::uint16_t ssh_port_;
    // A step that has been stopped calls nobody, so whatever is called is for the check that is here now.
    std::unordered_map<std::uint32_t, Check> checks_;
    std::uint64_t last_number_ = 0;
    checker::Shells shells_;
    std::optional<checker::Pinger> pinger_;
    loop::Workers lookups_;
    loop::Workers ssh_;
};

Result<std::string> Checkers::Parts::start(std::uint32_t client, CheckRequest request, Handler done) {
    std::string command = MANDOS_TRY(wire::expand_checker(request.command, request.attribute));
    stop(client);
    Check& check = checks_[client];
    check.number = ++last_number_;
    check.command = command;
    check.host = std::move(request.host);
    check.time_limit = request.time_limit;
    check.done = std::move(done);
    check.deadline = std::chrono::steady_clock::now() + request.time_limit;

    wire::CheckerKind kind = wire::recognise(request.command);
    if (std::holds_alternative<wire::Ping>(kind) && pinger_) {
        constexpr std::uint16_t any_port = 1; // there are no ports in what follows
        look_up(client, check, any_port, [this, client](const Endpoints& found) { ping(client, found); });
    } else if (auto* key = std::get_if<wire::SshHostKey>(&kind)) {
        look_up(client, check, ssh_port_, [this, client, key = std::move(*key)](Endpoints found) mutable {
            connect(client, std::move(key), std::move(found));
        });
    } else {
        run_shell(client, check);
    }
    return command;
}

void Checkers::Parts::run_shell(std::uint32_t client, Check& check) {
    const auto id =
        shells_.start(check.command, check.time_limit,
                      [this, client, limit = check.time_limit](const Result<checker::ShellEnded>& ended) {
                          if (ended)
                              end(client, outcome_of(*ended, limit));
                          else
                              end(client, BuiltInExit::NotDone, ended.error().text());
                      });
    check.stop_step = [this, id] { shells_.stop(id); };
}

// THEN with at least one endpoint; or the check ends.
void Checkers::Parts::look_up(std::uint32_t client, Check& check, std::uint16_t port, WithEndpoints then) {
    core::ServerAddress address{.host = check.host, .scope = "", .port = port};
    // No thread, which others may hold, for what is no name.
    if (auto numeric = net::numeric_endpoint(address, ""); numeric && *numeric) {
        io::post(strand_, [weak = weak_from_this(), client, number = check.number, endpoint = **numeric,
                           then = std::move(then)]() mutable {
            const auto self = weak.lock();
            if (self && self->is_here(client, number))
                then({endpoint});
        });
        return;
    }
    auto task = [address = std::move(address)]() -> Result<Endpoints> {
        if (address.host.empty() || address.host.contains('\0'))
            return fail(ErrorKind::Invalid, "the client has no host to check");
        return net::look_up_blocking(address, "");
    };
    const auto id = lookups_.run<Endpoints>(
        std::move(task), rest(check, limits::lookup_time),
        [this, client, host = check.host, then = std::move(then)](Result<Endpoints> found) mutable {
            if (found)
                then(*std::move(found));
            else
                end(client, BuiltInExit::NoAddress,
                    fmt::format("looking up {}: {}", quoted(host), found.error().text()));
        });
    check.stop_step = [this, id] { lookups_.cancel(id); };
}

void Checkers::Parts::ping(std::uint32_t client, const Endpoints& endpoints) {
    Check& check = checks_.at(client);
    std::vector<sockaddr_storage> addresses;
    for (const net::Endpoint& endpoint : endpoints)
        if (addresses.size() < limits::pinged_addresses)
            addresses.push_back(endpoint.address);
    const auto id = pinger_->start(addresses, rest(check, limits::ping_time),
                                   [this, client](const Result<void>& answered) {
                                       end(client, answered ? BuiltInExit::Alive : BuiltInExit::Unreachable,
                                           answered ? "" : answered.error().text());
                                   });
    check.stop_step = [this, id] { pinger_->stop(id); };
}

void Checkers::Parts::connect(std::uint32_t client, wire::SshHostKey key, Endpoints endpoints) {
    Check& check = checks_.at(client);
    if (endpoints.size() > limits::pinged_addresses)
        endpoints.resize(limits::pinged_addresses);
    check.stop_step =
        connect_to_one(strand_, std::move(endpoints), rest(check, limits::ssh_time),
                       [this, client, key = std::move(key)](Result<UniqueFd> connected) mutable {
                           if (connected)
                               look_at_host_key(client, std::move(key), *std::move(connected));
                           else
                               end(client, BuiltInExit::Unreachable, connected.error().text());
                       });
}

void Checkers::Parts::look_at_host_key(std::uint32_t client, wire::SshHostKey key, UniqueFd connected) {
    Check& check = checks_.at(client);
    const milliseconds limit = rest(check, limits::ssh_time);
    // Rounded up: zero would be for ever.
    const auto seconds = std::max(std::chrono::ceil<std::chrono::seconds>(limit), std::chrono::seconds(1));
    ssh::ExpectedKey expected{.type = std::move(key.type), .line = std::move(key.line)};
    auto task = [connected = std::move(connected), expected = std::move(expected), seconds]() mutable {
        return ssh::ssh_check(std::move(connected), expected, seconds);
    };
    const auto id =
        ssh_.run<void>(std::move(task), limit, [this, client, host = check.host](const Result<void>& shown) {
            end(client, shown ? BuiltInExit::Alive : BuiltInExit::Unreachable,
                shown ? "" : fmt::format("{}: {}", quoted(host), shown.error().text()));
        });
    check.stop_step = [this, id] { ssh_.cancel(id); };
}

void Checkers::Parts::end(std::uint32_t client, BuiltInExit exit, std::string reason) {
    end(client, {.wait_status = wait_status_of(exit), .command = {}, .reason = std::move(reason)});
}

void Checkers::Parts::end(std::uint32_t client, CheckOutcome outcome) {
    auto found = checks_.extract(client);
    Check& check = found.mapped();
    outcome.command = std::move(check.command);
    check.done(std::move(outcome));
}

Checkers::Checkers(const io::any_io_executor& strand, CheckersOptions options)
    : parts_(std::make_shared<Parts>(strand, std::move(options))) {}

Checkers::~Checkers() {
    stop_all();
}

Result<std::string> Checkers::start(std::uint32_t client, CheckRequest request, Handler done) {
    return parts_->start(client, std::move(request), std::move(done));
}

void Checkers::stop(std::uint32_t client) {
    parts_->stop(client);
}

void Checkers::stop_all() {
    parts_->stop_all();
}

bool Checkers::running(std::uint32_t client) const {
    return parts_->running(client);
}

} // namespace mandos::server
