// scripted_peer ADDRESS PORT [OPTION...]: plays Mandos client, as often and as badly as it is told.
//
//   --keys=FOLDER         tls-pubkey.pem and tls-privkey.pem of the client (else new Ed25519 keys, known to
//   nobody)
//   --private-key=FILE    another private key than the one that belongs to the public key
//   --x509                an X.509 certificate in place of the raw public key
//   --priority=STRING     in place of Mandos 1.8's
//   --line=HEX[,HEX...]   in place of 31,0d0a; each piece is sent by itself; empty: nothing
//   --answer=HEX          is sent in answer to the ClientHello, in place of TLS
//   --answers=N           so many times
//   --chatter=WHAT        after the handshake: data or key-updates without end, in place of reading the
//   secret
//   --stop-after=STEP     stops after connect, line, handshake (reads nothing any more) or secret (no
//   goodbye)
//   --stop-sent=BYTES     stops when so many bytes are sent;     --stop-received=BYTES: or have come
//   --stop-step=BYTES     so many more for each next connection
//   --at-stop=WHAT        hold (default), reset or close
//   --pace=SECONDS        sends or takes one byte, then nothing for so long
//   --count=N --parallel=P   connections, of which P at one time (default: 1 and all)
//   --from=ADDRESS --sources=N   the address they come from, and how many from it on, by turns
//   --receive-buffer=BYTES       of the socket
//   --deadline=SECONDS    for each connection (default 60)
//   --expect=OUTCOME[,OUTCOME...]   see below (default: served)
//
// One connection: the secret goes to stdout. On stderr: "N connections are held" once all that still are
// there are held; a line for each connection, if they are few or it is not as expected; at the end one line
// of JSON: how many had each outcome (served, empty, cut, refused, closed, reset, stopped, unreachable,
// failed, late) and the longest and the shortest time in seconds of each. Exits with 0 if all ended as
// expected, 1 if not, 2 for wrong usage.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "tests/support/raw_tls.h"
#include "tests/support/scripted_peer.h"
#include "tests/support/scripted_peer_options.h"

namespace mandos::support {
namespace {

using Clock = ScriptedPeer::Clock;

// Without a word about raw public keys: such a peer answers with what it has, whatever it was asked for.
constexpr const char* priority_of_others = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

Result<Identity> make_identity(const PeerOptions& options) {
    if (options.x509)
        return Identity{.credentials = x509_credentials(),
                        .priorities = parse_priority(priority_of_others),
                        .flags = GNUTLS_NO_TICKETS};
    KeyPair keys = make_ed25519_keys();
    constexpr std::size_t limit = 65536;
    if (!options.keys.empty()) {
        keys.public_pem = as_text(MANDOS_TRY(read_file(options.keys + "/tls-pubkey.pem", limit)));
        keys.private_pem = as_text(MANDOS_TRY(read_file(options.keys + "/tls-privkey.pem", limit)));
    }
    if (!options.private_key.empty())
        keys.private_pem = as_text(MANDOS_TRY(read_file(options.private_key, limit)));
    return Identity{.credentials = raw_key_credentials(keys),
                    .priorities = parse_priority(options.priority),
                    .flags = flags_of_1_8};
}

// Runs all connections of one call, and counts how they ended.
class Run {
  public:
    Run(const PeerOptions& options, const Identity& identity)
        : options_(options), identity_(identity), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

    // Whether all ended as expected.
    Result<bool> to_the_end() {
        while (started_ < options_.count || !peers_.empty()) {
            while (started_ < options_.count && peers_.size() < options_.parallel)
                MANDOS_TRY(start());
            tell_if_all_are_held();
            MANDOS_TRY(wait());
        }
        fmt::print(stderr, "{}\n", summary());
        return as_expected_;
    }

  private:
    struct Running {
        Script script; // each has its own limits
        std::unique_ptr<ScriptedPeer> peer;
        Clock::time_point deadline;
        std::uint32_t events = 0; // that epoll watches for
    };
    struct Tally {
        std::size_t count = 0;
        double shortest = 0;
        double longest = 0;
    };

    Result<UniqueFd> connect_from(std::size_t number) {
        UniqueFd socket(
            ::socket(options_.server.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket)
            return fail_errno(errno, "no socket");
        const int on = 1;
        if (options_.receive_buffer)
            (void)setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &*options_.receive_buffer, sizeof(int));
        if (options_.source) {
            Address source = *options_.source;
            auto* four = reinterpret_cast<sockaddr_in*>(&source.storage);
            const auto step = static_cast<std::uint32_t>(number % options_.sources);
            if (source.storage.ss_family == AF_INET)
                four->sin_addr.s_addr = htonl(ntohl(four->sin_addr.s_addr) + step);
            (void)setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
            if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&source.storage), source.size) != 0)
                return fail_errno(errno, "cannot bind the source address");
        }
        // Whether it comes about is seen when the socket gets writable.
        (void)connect(socket.get(), reinterpret_cast<const sockaddr*>(&options_.server.storage),
                      options_.server.size);
        return socket;
    }

    Result<void> start() {
        const std::size_t number = started_++;
        UniqueFd socket = MANDOS_TRY(connect_from(number));
        Running& running = peers_[number];
        running.script = options_.script;
        for (auto* limit : {&running.script.stop_sent, &running.script.stop_received})
            if (*limit)
                **limit += number * options_.stop_step;
        running.peer = std::make_unique<ScriptedPeer>(std::move(socket), running.script, identity_);
        running.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(options_.deadline);
        return watch(EPOLL_CTL_ADD, number, running);
    }

    Result<void> watch(int operation, std::size_t number, Running& running) {
        epoll_event event{.events = running.peer->wanted_events(), .data = {.u64 = number}};
        if (operation == EPOLL_CTL_MOD && event.events == running.events)
            return {};
        running.events = event.events;
        if (epoll_ctl(epoll_.get(), operation, running.peer->descriptor(), &event) != 0)
            return fail_errno(errno, "cannot watch a socket");
        return {};
    }

    // They all have the same time, so the first in the map is the first that runs out of it.
    Clock::time_point next_event() const {
        Clock::time_point next = peers_.begin()->second.deadline;
        if (options_.script.pace.count() > 0)
            for (const auto& [number, running] : peers_)
                next = std::min(next, running.peer->pause().value_or(next));
        return next;
    }

    Result<void> wake_dawdlers() {
        if (options_.script.pace.count() == 0)
            return {};
        const Clock::time_point now = Clock::now();
        for (auto next = peers_.begin(); next != peers_.end();) {
            const auto dawdler = next++; // which may be gone then
            if (dawdler->second.peer->pause().value_or(Clock::time_point::max()) <= now)
                MANDOS_TRY(advance(dawdler, 0));
        }
        return {};
    }

    Result<void> advance(std::map<std::size_t, Running>::iterator entry, std::uint32_t events) {
        entry->second.peer->advance(events);
        if (!entry->second.peer->outcome())
            return watch(EPOLL_CTL_MOD, entry->first, entry->second);
        count(entry);
        return {};
    }

    Result<void> wait() {
        std::array<epoll_event, 256> events{};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_event() - Clock::now());
        const int ready = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                     static_cast<int>(std::max<std::int64_t>(0, left.count())));
        for (const epoll_event& event :
             std::span(events).first(static_cast<std::size_t>(std::max(0, ready)))) {
            const auto found = peers_.find(event.data.u64);
            if (found != peers_.end())
                MANDOS_TRY(advance(found, event.events));
        }
        MANDOS_TRY(wake_dawdlers());
        while (!peers_.empty() && peers_.begin()->second.deadline <= Clock::now()) {
            peers_.begin()->second.peer->give_up();
            count(peers_.begin());
        }
        return {};
    }

    void tell_if_all_are_held() {
        const auto held = [](const auto& entry) { return entry.second.peer->held(); };
        if (told_held_ || started_ < options_.count || peers_.empty() || !std::ranges::all_of(peers_, held))
            return;
        told_held_ = true;
        fmt::print(stderr, "{} connections are held\n", peers_.size());
    }

    void count(std::map<std::size_t, Running>::iterator ended) {
        const ScriptedPeer& peer = *ended->second.peer;
        const std::string name = name_of(*peer.outcome());
        Tally& tally = tallies_[name];
        tally.shortest = tally.count == 0 ? peer.seconds() : std::min(tally.shortest, peer.seconds());
        tally.longest = std::max(tally.longest, peer.seconds());
        ++tally.count;
        const bool expected = std::ranges::find(options_.expected, name) != options_.expected.end();
        as_expected_ = as_expected_ && expected;
        constexpr std::size_t few = 10;
        if (!expected || options_.count <= few)
            fmt::print(stderr, "#{} {}: {}; sent {}, received {} bytes in {:.3f} s\n", ended->first, name,
                       peer.detail(), peer.sent(), peer.received(), peer.seconds());
        if (options_.count == 1)
            (void)write_all(STDOUT_FILENO, as_bytes(peer.secret())); // a closed stdout is the caller's wish
        peers_.erase(ended);
    }

    std::string summary() const {
        std::string json;
        for (const auto& [name, tally] : tallies_)
            json += fmt::format(R"({}"{}": {{"count": {}, "shortest": {:.4f}, "longest": {:.4f}}})",
                                json.empty() ? "" : ", ", name, tally.count, tally.shortest, tally.longest);
        return "{" + json + "}";
    }

    const PeerOptions& options_;
    const Identity& identity_;
    UniqueFd epoll_;
    std::size_t started_ = 0;
    std::map<std::size_t, Running> peers_;
    std::map<std::string, Tally> tallies_;
    bool told_held_ = false;
    bool as_expected_ = true;
};

// Thousands of connections take more descriptors than a program has by default.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); // then there are fewer, and socket() tells
    }
}

Result<bool> run(std::span<const std::string> arguments) {
    const PeerOptions options = MANDOS_TRY(parse_peer_options(arguments));
    const Identity identity = MANDOS_TRY(make_identity(options));
    raise_descriptor_limit();
    return Run(options, identity).to_the_end();
}

} // namespace
} // namespace mandos::support

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    const auto as_expected = mandos::support::run(arguments);
    if (!as_expected) {
        fmt::print(stderr, "scripted_peer: {}\n", as_expected.error().text());
        return 2;
    }
    return *as_expected ? 0 : 1;
}
