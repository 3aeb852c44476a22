#include "adapters/checker/pinger.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "adapters/checker/echo_socket.h"
#include "adapters/checker/ping_sockets.h"
#include "adapters/checker/ping_target.h"
#include "base/check.h"
#include "base/error.h"
#include "loop/asio.h"
#include "wire/icmp_echo.h"

namespace mandos::checker {

namespace {

using wire::IpVersion;

constexpr auto first_pause = std::chrono::milliseconds(500);
constexpr auto pause_between = std::chrono::seconds(1);
// Requests sent, and replies taken, before others on the strand have their turn. A batch's replies, if they
// come at once, fit into the smallest buffer that a socket has.
constexpr std::size_t batch = 64;

std::uint64_t random_token() {
    std::uint64_t token = 0;
    check(getrandom(&token, sizeof token, 0) == static_cast<ssize_t>(sizeof token),
          "the kernel has eight random bytes");
    return token;
}

// One check: the addresses of one host.
struct Ping {
    Ping(const io::any_io_executor& strand, std::vector<PingTarget> to_ask, Pinger::Handler handler)
        : targets(std::move(to_ask)), again(strand), end(strand), done(std::move(handler)) {}

    std::vector<PingTarget> targets;
    io::steady_timer again; // when the next requests go out
    io::steady_timer end;
    Pinger::Handler done;
    std::uint64_t token = random_token();
    std::uint16_t first_sequence = 0;
    std::uint16_t rounds = 0; // begun: that many requests may have gone to each address
    bool sent = false;        // anything at all
    std::optional<Error> error;
};

std::string text_of(const std::vector<PingTarget>& targets) {
    std::string text;
    for (const PingTarget& target : targets)
        text += (text.empty() ? "" : ", ") + target.text();
    return text;
}

} // namespace

class Pinger::Parts : public std::enable_shared_from_this<Pinger::Parts> {
  public:
    Parts(const io::any_io_executor& strand, PingSockets sockets)
        : strand_(strand),
          v4_(strand, std::move(sockets.v4), IpVersion::V4),
          v6_(strand, std::move(sockets.v6), IpVersion::V6) {}

    void start(Id id, std::vector<PingTarget> targets, std::optional<Error> error,
               std::chrono::milliseconds limit, Handler done) {
        auto ping = std::make_unique<Ping>(strand_, std::move(targets), std::move(done));
        while (by_token_.contains(ping->token))
            ping->token = random_token();
        ping->first_sequence = next_sequence_++;
        ping->error = std::move(error);
        by_token_.emplace(ping->token, id);
        ping->end.expires_after(limit);
        ping->end.async_wait([self = shared_from_this(), id, limit](const std::error_code& cancelled) {
            if (!cancelled)
                self->time_is_up(id, limit);
        });
        pings_.emplace(id, std::move(ping));
        ask(id);
        listen(v4_);
        listen(v6_);
    }

    void stop(Id id) { (void)take(id); }

    void end() {
        pings_.clear();
        by_token_.clear();
        to_ask_.clear();
        v4_.close();
        v6_.close();
    }

  private:
    // Nothing listens while there is nothing to hear, so that the loop can end.
    std::unique_ptr<Ping> take(Id id) {
        auto found = pings_.extract(id);
        if (found.empty())
            return nullptr;
        by_token_.erase(found.mapped()->token);
        if (pings_.empty()) {
            v4_.cancel();
            v6_.cancel();
        }
        return std::move(found.mapped());
    }

    void time_is_up(Id id, std::chrono::milliseconds limit) {
        const auto ping = take(id);
        if (!ping)
            return;
        if (ping->error && !ping->sent) {
            ping->done(std::unexpected(*std::move(ping->error)));
            return;
        }
        ping->done(fail(ErrorKind::TimedOut, "no answer from {} within {} s", text_of(ping->targets),
                        std::chrono::duration<double>(limit).count()));
    }

    // Puts it into the queue of those that are to be asked.
    void ask(Id id) {
        to_ask_.push_back(id);
        if (to_ask_.size() == 1)
            io::post(strand_, [self = shared_from_this()] { self->ask_some(); });
    }

    void ask_some() {
        for (std::size_t sent = 0; sent < batch && !to_ask_.empty(); ++sent) {
            const auto found = pings_.find(to_ask_.front());
            if (found != pings_.end())
                ask_now(found->first, *found->second);
            to_ask_.pop_front();
        }
        receive(v4_);
        receive(v6_);
        if (!to_ask_.empty())
            io::post(strand_, [self = shared_from_this()] { self->ask_some(); });
    }

    void ask_now(Id id, Ping& ping) {
        const auto sequence = static_cast<std::uint16_t>(ping.first_sequence + ping.rounds);
        ++ping.rounds;
        for (const PingTarget& target : ping.targets) {
            EchoSocket& socket = target.version() == IpVersion::V4 ? v4_ : v6_;
            if (auto sent = socket.send(target, sequence, ping.token)) // or lost; the next follows soon
                ping.sent = true;
            else
                ping.error = std::move(sent).error();
        }
        ping.again.expires_after(ping.rounds == 1 ? first_pause : pause_between);
        ping.again.async_wait([self = shared_from_this(), id](const std::error_code& cancelled) {
            if (!cancelled)
                self->ask(id);
        });
    }

    void listen(EchoSocket& socket) {
        if (pings_.empty())
            return;
        socket.when_readable([self = shared_from_this(), &socket](const std::error_code& error) {
            if (!error)
                self->receive(socket);
            self->listen(socket);
        });
    }

    void receive(EchoSocket& socket) {
        for (const EchoSocket::Reply& reply : socket.receive(2 * batch))
            take_reply(reply);
    }

    void take_reply(const EchoSocket::Reply& reply) {
        const auto known = by_token_.find(reply.echo.token);
        if (known == by_token_.end())
            return;
        const Ping& asked = *pings_.at(known->second);
        if (static_cast<std::uint16_t>(reply.echo.sequence - asked.first_sequence) >= asked.rounds
            || std::ranges::none_of(asked.targets, [&](const PingTarget& target) {
                   return target.is(reply.sender, reply.sender_size);
               }))
            return;
        const auto ping = take(known->second);
        ping->done({});
    }

    const io::any_io_executor strand_;
    EchoSocket v4_;
    EchoSocket v6_;
    std::unordered_map<Id, std::unique_ptr<Ping>> pings_;
    std::unordered_map<std::uint64_t, Id> by_token_; // of all in pings_
    std::deque<Id> to_ask_;                          // while not empty, ask_some() is posted
    std::uint16_t next_sequence_ = 0;
};

Pinger::Pinger(const io::any_io_executor& strand, PingSockets sockets)
    : parts_(std::make_shared<Parts>(strand, std::move(sockets))) {}

Pinger::~Pinger() {
    parts_->end();
}

Pinger::Id Pinger::start(std::span<const sockaddr_storage> addresses, std::chrono::milliseconds limit,
                         Handler done) {
    check(!addresses.empty(), "there is an address to ping");
    std::vector<PingTarget> targets;
    std::optional<Error> error;
    for (const sockaddr_storage& address : addresses) {
        auto target = PingTarget::of(address);
        if (target)
            targets.push_back(*target);
        else
            error = std::move(target).error();
    }
    const Id id = ++last_;
    parts_->start(id, std::move(targets), std::move(error), limit, std::move(done));
    return id;
}

void Pinger::stop(Id id) {
    parts_->stop(id);
}

} // namespace mandos::checker
