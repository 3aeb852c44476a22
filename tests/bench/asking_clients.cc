// Many Mandos clients, each with a key and a connection of its own, that ask one after the other within a
// given time, whether or not those before them have been answered: tools/bench measures how long a server
// lets each wait.
//
//   asking_clients keys FOLDER COUNT                           makes their keys; prints the key IDs, one a
//   line asking_clients ask FOLDER COUNT ADDRESS PORT SECONDS       asks; prints the seconds that each took
//   until it had
//                                                              its whole secret, one a line
//
// ADDRESS is an IPv4 one; they come from 127.0.92.1 on, one address for each. Exits with 1 if one was not
// served, with 2 for wrong usage.
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
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/file.h"
#include "base/handle.h"
#include "base/hex.h"
#include "base/numbers.h"
#include "base/unique_fd.h"
#include "tests/support/raw_tls.h"
#include "tests/support/scripted_peer.h"

namespace mandos::bench {
namespace {

using support::Identity;
using support::ScriptedPeer;
using Clock = ScriptedPeer::Clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds patience(60); // for each of them

std::string key_id_of(const std::string& public_pem) {
    gnutls_pubkey_t raw = nullptr;
    check(gnutls_pubkey_init(&raw) == 0, "there is memory for a key");
    const Handle<gnutls_pubkey_st, gnutls_pubkey_deinit> key(raw);
    Bytes pem(as_bytes(public_pem).begin(), as_bytes(public_pem).end());
    const gnutls_datum_t datum{.data = reinterpret_cast<unsigned char*>(pem.data()),
                               .size = static_cast<unsigned>(pem.size())};
    std::array<std::byte, 32> id{};
    std::size_t size = id.size();
    check(gnutls_pubkey_import(raw, &datum, GNUTLS_X509_FMT_PEM) == 0
              && gnutls_pubkey_get_key_id(raw, GNUTLS_KEYID_USE_SHA256,
                                          reinterpret_cast<unsigned char*>(id.data()), &size)
                     == 0,
          "GnuTLS reads what it has made");
    return to_hex(id);
}

std::string key_file(const std::string& folder, std::size_t number, const char* which) {
    return fmt::format("{}/{}-{}.pem", folder, number, which);
}

Result<void> make_keys(const std::string& folder, std::size_t count) {
    constexpr mode_t owner_only = 0600;
    for (std::size_t i = 0; i < count; ++i) {
        const support::KeyPair keys = support::make_ed25519_keys();
        MANDOS_TRY(
            write_file_atomically(key_file(folder, i, "public"), as_bytes(keys.public_pem), owner_only));
        MANDOS_TRY(
            write_file_atomically(key_file(folder, i, "private"), as_bytes(keys.private_pem), owner_only));
        fmt::print("{}\n", key_id_of(keys.public_pem));
    }
    return {};
}

Result<std::vector<Identity>> read_identities(const std::string& folder, std::size_t count) {
    constexpr std::size_t limit = 4096;
    std::vector<Identity> identities;
    for (std::size_t i = 0; i < count; ++i) {
        support::KeyPair keys;
        keys.public_pem = as_text(MANDOS_TRY(read_file(key_file(folder, i, "public"), limit)));
        keys.private_pem = as_text(MANDOS_TRY(read_file(key_file(folder, i, "private"), limit)));
        identities.push_back({.credentials = support::raw_key_credentials(keys),
                              .priorities = support::parse_priority(support::priority_of_1_8),
                              .flags = support::flags_of_1_8});
    }
    return identities;
}

class Asking {
  public:
    Asking(std::span<const Identity> identities, sockaddr_in server, Seconds within)
        : identities_(identities),
          server_(server),
          within_(within),
          script_{.line = {{std::byte{'1'}, std::byte{'\r'}, std::byte{'\n'}}}},
          epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

    // Whether all were served.
    Result<bool> run() {
        while (begun_ < identities_.size() || !peers_.empty()) {
            while (begun_ < identities_.size() && due(begun_) <= Clock::now())
                MANDOS_TRY(begin());
            MANDOS_TRY(wait());
        }
        return all_served_;
    }

  private:
    Clock::time_point due(std::size_t number) const {
        const Seconds after = within_ * static_cast<double>(number) / static_cast<double>(identities_.size());
        return start_ + std::chrono::duration_cast<Clock::duration>(after);
    }

    Result<void> begin() {
        const std::size_t number = begun_++;
        UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket)
            return fail_errno(errno, "no socket");
        constexpr std::uint32_t first_source = 0x7F005C01; // 127.0.92.1
        sockaddr_in source{};
        source.sin_family = AF_INET;
        source.sin_addr.s_addr = htonl(first_source + static_cast<std::uint32_t>(number));
        const int on = 1;
        (void)setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
            return fail_errno(errno, "cannot bind the source address");
        // Whether it comes about is seen when the socket gets writable.
        (void)connect(socket.get(), reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
        const auto added = peers_.emplace(
            number, std::make_unique<ScriptedPeer>(std::move(socket), script_, identities_[number]));
        return watch(EPOLL_CTL_ADD, number, *added.first->second);
    }

    Result<void> watch(int operation, std::size_t number, const ScriptedPeer& peer) {
        epoll_event event{.events = peer.wanted_events(), .data = {.u64 = number}};
        if (epoll_ctl(epoll_.get(), operation, peer.descriptor(), &event) != 0)
            return fail_errno(errno, "cannot watch a socket");
        return {};
    }

    Result<void> wait() {
        std::array<epoll_event, 64> events{};
        const Clock::time_point next =
            begun_ < identities_.size()
                ? due(begun_)
                : start_ + std::chrono::duration_cast<Clock::duration>(within_ + patience);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
        const int ready = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                     static_cast<int>(std::max<std::int64_t>(0, left.count())));
        for (const epoll_event& event :
             std::span(events).first(static_cast<std::size_t>(std::max(0, ready)))) {
            const auto found = peers_.find(event.data.u64);
            found->second->advance(event.events);
            if (!found->second->outcome())
                MANDOS_TRY(watch(EPOLL_CTL_MOD, found->first, *found->second));
            else
                count(found);
        }
        if (begun_ == identities_.size() && next <= Clock::now())
            while (!peers_.empty()) {
                peers_.begin()->second->give_up();
                count(peers_.begin());
            }
        return {};
    }

    void count(std::map<std::size_t, std::unique_ptr<ScriptedPeer>>::iterator ended) {
        const ScriptedPeer& peer = *ended->second;
        fmt::print("{:.4f}\n", peer.seconds());
        if (peer.outcome() != support::Outcome::Served) {
            all_served_ = false;
            fmt::print(stderr, "#{} {}: {}\n", ended->first, name_of(*peer.outcome()), peer.detail());
        }
        peers_.erase(ended);
    }

    const std::span<const Identity> identities_;
    const sockaddr_in server_;
    const Seconds within_;
    const support::Script script_;
    const UniqueFd epoll_;
    const Clock::time_point start_ = Clock::now();
    std::size_t begun_ = 0;
    std::map<std::size_t, std::unique_ptr<ScriptedPeer>> peers_;
    bool all_served_ = true;
};

Result<bool> ask(std::span<const std::string> arguments, std::size_t count) {
    sockaddr_in server{};
    server.sin_family = AF_INET;
    const auto port = parse_number<std::uint16_t>(arguments[4]);
    const auto within = parse_number<double>(arguments[5]);
    if (!port || !within || inet_pton(AF_INET, arguments[3].c_str(), &server.sin_addr) != 1)
        return fail(ErrorKind::Invalid, "wrong usage");
    server.sin_port = htons(*port);
    rlimit descriptors{};
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
        descriptors.rlim_cur = descriptors.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &descriptors); // then socket() tells
    }
    const std::vector<Identity> identities = MANDOS_TRY(read_identities(arguments[1], count));
    return Asking(identities, server, Seconds(*within)).run();
}

Result<bool> run(std::span<const std::string> arguments) {
    const auto count = arguments.size() >= 3 ? parse_number<std::size_t>(arguments[2]) : std::nullopt;
    if (count && arguments.size() == 3 && arguments[0] == "keys") {
        MANDOS_TRY(make_keys(arguments[1], *count));
        return true;
    }
    if (count && arguments.size() == 6 && arguments[0] == "ask")
        return ask(arguments, *count);
    return fail(ErrorKind::Invalid, "wrong usage");
}

} // namespace
} // namespace mandos::bench

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    const auto all_served = mandos::bench::run(arguments);
    if (!all_served) {
        fmt::print(stderr, "asking_clients: {}\n", all_served.error().text());
        return 2;
    }
    return *all_served ? 0 : 1;
}
