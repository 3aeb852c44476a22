#include "programs/fetch/search.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/net/resolve.h"
#include "adapters/tls/tls.h"
#include "base/check.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"
#include "core/race.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/reporter.h"
#include "programs/fetch/source.h"

namespace mandos::fetch {

namespace {

// Coroutines here return errors; what is thrown is out of memory, and ends the program.
void rethrow(const std::exception_ptr& thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

bool is_ignored(int number) {
    struct sigaction action{};
    return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

} // namespace

std::string Search::Place::text() const {
    if (service)
        return fmt::format("{} ({})", quoted(*service), endpoint->text());
    if (!endpoint)
        return server.text();
    return fmt::format("{} ({})", server.text(), endpoint->text());
}

Reporter::Origin Search::Place::origin() const {
    return service ? Reporter::Origin::Found : Reporter::Origin::Given;
}

Search::Search(const Settings& settings, tls::Context tls, Report report)
    : settings_(settings),
      tls_(std::move(tls)),
      reporter_(std::move(report), settings.detail),
      random_(std::random_device{}()),
      race_({.longest_retry = settings.retry}) {
    for (const core::ServerAddress& server : settings.servers)
        places_[race_.add(loop::now())].server = server;
}

Result<Outcome> Search::run() {
    watch_signals();
    limit_time();
    if (settings_.source != nullptr) {
        settings_.source->start(loop_.get_executor(), *this);
        offer_again();
    }
    take_turns();
    loop_.run();
    if (settings_.source != nullptr)
        settings_.source->stop();
    check(outcome_.has_value(), "a search ends with an outcome");
    notice_late_signal();
    return *std::move(outcome_);
}

// A signal that came while the search was ending was caught by its handler, and must not be lost with it.
void Search::notice_late_signal() {
    held_signals_.emplace(std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP});
    loop_.restart();
    loop_.poll();
    signals_.cancel();
    loop_.restart();
    loop_.poll();
}

void Search::watch_signals() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        if (is_ignored(number)) // by nohup(1), for instance
            continue;
        std::error_code error;
        (void)signals_.add(number, error);
        check(!error, "a signal can be waited for");
    }
    signals_.async_wait([this](const std::error_code& error, int number) {
        if (!error)
            interrupt(number);
    });
}

// Whatever else came at the same time, a password too.
void Search::interrupt(int signal) {
    outcome_ = Outcome(Interrupted{.signal = signal});
    loop_.stop();
}

void Search::limit_time() {
    if (!settings_.give_up_after)
        return;
    give_up_.expires_after(*settings_.give_up_after);
    give_up_.async_wait([this](const std::error_code& error) {
        if (error)
            return;
        const std::string failures = reporter_.last_failures();
        end(fail(ErrorKind::TimedOut, "no server gave the password within {:.3g} s: {}",
                 std::chrono::duration<double>(*settings_.give_up_after).count(),
                 failures.empty() ? "none has answered yet" : failures));
    });
}

void Search::end(Result<Outcome> outcome) {
    if (outcome_)
        return;
    outcome_ = std::move(outcome);
    loop_.stop();
}

void Search::take_turns() {
    turns_ = Turns::Asleep;
    while (const auto candidate = race_.begin_next(loop::now()))
        io::co_spawn(loop_, try_once(*candidate), rethrow);
    while (const auto candidate = race_.hang_up_next(loop::now())) {
        if (const auto line = lines_.find(*candidate); line != lines_.end())
            line->second.hang_up();
    }
    drop_forgotten();
    const auto next = race_.next_turn();
    if (!next)
        return;
    next_turn_.expires_after(*next - loop::now());
    next_turn_.async_wait([this](const std::error_code& error) {
        if (!error)
            take_turns();
    });
}

// Once for all that happens at one time: a flood of announcements is no flood of this.
void Search::take_turns_soon() {
    if (turns_ == Turns::Soon)
        return;
    turns_ = Turns::Soon;
    io::post(loop_, [this] { take_turns(); });
}

io::awaitable<void> Search::try_once(Candidate candidate) {
    const Place place = places_.at(candidate);
    std::optional<net::Endpoint> endpoint = place.endpoint;
    if (!endpoint) {
        const auto numeric = net::numeric_endpoint(place.server, settings_.interface);
        if (!numeric) {
            fail_try(candidate, place, numeric.error());
            co_return;
        }
        if (!*numeric) {
            co_await look_up_again(candidate, place);
            co_return;
        }
        endpoint = **numeric;
    }
    auto password = co_await ask_endpoint(candidate, place, *endpoint);
    if (!password) {
        fail_try(candidate, place, password.error());
    } else if (race_.answered(candidate)) {
        reporter_.step(place.text(), "the password is there");
        end(Outcome(*std::move(password)));
    }
}

io::awaitable<void> Search::look_up_again(Candidate candidate, const Place& place) {
    reporter_.step(place.text(), "looking up the name");
    const auto deadline = std::chrono::steady_clock::now() + core::limits::resolve_time;
    const auto endpoints = co_await net::look_up(place.server, settings_.interface, deadline);
    if (!endpoints) {
        fail_try(candidate, place, endpoints.error());
        co_return;
    }
    replace_addresses(candidate, *endpoints);
    (void)race_.rested(candidate, loop::now());
    take_turns_soon();
}

// Those that the name has no more are not tried again, those that it still has keep their back-off.
void Search::replace_addresses(Candidate name, const std::vector<net::Endpoint>& endpoints) {
    Place& place = places_.at(name);
    const auto is_at = [this](const net::Endpoint& endpoint) {
        return [this, &endpoint](Candidate known) { return places_.at(known).endpoint == endpoint; };
    };
    std::vector<Candidate> addresses;
    for (const net::Endpoint& endpoint : endpoints) {
        const auto known = std::ranges::find_if(place.addresses, is_at(endpoint));
        if (known != place.addresses.end()) {
            addresses.push_back(*known);
            continue;
        }
        const Candidate added = race_.add(loop::now());
        places_[added] = Place{
            .server = place.server, .endpoint = endpoint, .addresses = {}, .service = {}, .announcer = {}};
        addresses.push_back(added);
    }
    for (const Candidate known : place.addresses) {
        if (std::ranges::find(addresses, known) != addresses.end())
            continue;
        race_.remove(known);
        places_.erase(known);
    }
    place.addresses = std::move(addresses);
}

void Search::fail_try(Candidate candidate, const Place& place, const Error& error) {
    const auto jitter = static_cast<std::uint16_t>(random_() % 1001);
    const auto again = race_.failed(candidate, loop::now(), {.thousandths = jitter});
    reporter_.failed(place.text(), place.origin(), error.text(), again, loop::now());
    take_turns_soon();
}

} // namespace mandos::fetch
