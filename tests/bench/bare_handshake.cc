// The other yardstick: one TLS handshake and nothing around it. GnuTLS's client role as in Mandos 1.8's
// server, Ed25519 raw public key, both sides in this process, bytes passed on in memory; counted is the CPU
// time of the client side only. Usage: bare_handshake COUNT PRIORITY {all-shares|top-share}. Prints
// microseconds of CPU for each handshake.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gnutls/gnutls.h>
#include <sys/types.h>

#include "base/check.h"
#include "base/numbers.h"
#include "tests/support/raw_tls.h"

namespace mandos::bench {
namespace {

// One side of a connection in memory: what it sends lies in `outgoing` until the other side has taken it.
struct Side {
    support::Session session;
    std::string outgoing;
    Side* other = nullptr;

    static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size) {
        static_cast<Side*>(self)->outgoing.append(static_cast<const char*>(data), size);
        return static_cast<ssize_t>(size);
    }
    static ssize_t pull(gnutls_transport_ptr_t self, void* into, std::size_t size) {
        std::string& incoming = static_cast<Side*>(self)->other->outgoing;
        if (incoming.empty()) {
            errno = EAGAIN;
            return -1;
        }
        const std::size_t taken = std::min(size, incoming.size());
        std::memcpy(into, incoming.data(), taken);
        incoming.erase(0, taken);
        return static_cast<ssize_t>(taken);
    }
    static int pull_timeout(gnutls_transport_ptr_t /*self*/, unsigned /*milliseconds*/) { return 1; }
};

struct Settings {
    support::Credentials credentials;
    support::Priorities priorities;
    unsigned flags;
};

void open(Side& side, Side& other, const Settings& settings) {
    gnutls_session_t session = nullptr;
    check(gnutls_init(&session, settings.flags | GNUTLS_NONBLOCK | support::flags_of_1_8) == 0,
          "gnutls_init");
    side.session.reset(session);
    side.other = &other;
    check(gnutls_priority_set(session, settings.priorities.get()) == 0, "gnutls_priority_set");
    check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, settings.credentials.get()) == 0,
          "gnutls_credentials_set");
    gnutls_transport_set_ptr(session, &side);
    gnutls_transport_set_push_function(session, Side::push);
    gnutls_transport_set_pull_function(session, Side::pull);
    gnutls_transport_set_pull_timeout_function(session, Side::pull_timeout);
}

bool shake_hands(const Side& side) {
    const int code = gnutls_handshake(side.session.get());
    check(code == 0 || gnutls_error_is_fatal(code) == 0, "the handshake works");
    return code == 0;
}

// Adds up the CPU time of this thread between its start() and stop() calls.
class Stopwatch {
  public:
    void start() { started_ = now(); }
    void stop() { total_ += now() - started_; }
    double microseconds() const { return total_ * 1e6; }

  private:
    static double now() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    }
    double started_ = 0;
    double total_ = 0;
};

void one_handshake(const Settings& as_client, const Settings& as_server, Stopwatch& stopwatch) {
    Side client;
    Side server;
    open(server, client, as_server);
    gnutls_certificate_server_set_request(server.session.get(), GNUTLS_CERT_IGNORE);
    stopwatch.start();
    open(client, server, as_client);
    bool client_done = shake_hands(client);
    stopwatch.stop();
    bool server_done = false;
    while (!client_done || !server_done) {
        server_done = server_done || shake_hands(server);
        stopwatch.start();
        client_done = client_done || shake_hands(client);
        stopwatch.stop();
    }
    stopwatch.start();
    client.session.reset();
    stopwatch.stop();
}

} // namespace
} // namespace mandos::bench

int main(int count, char** words) {
    using namespace mandos; // NOLINT(google-build-using-namespace): main() is what this file is for
    const std::vector<std::string> arguments(words, words + count);
    const auto handshakes = count == 4 ? parse_number<int>(arguments[1]) : std::nullopt;
    if (!handshakes || *handshakes < 1) {
        std::fputs("usage: bare_handshake COUNT PRIORITY {all-shares|top-share}\n", stderr);
        return 2;
    }
    unsigned shares = 0;
    if (arguments[3] == "top-share")
        shares = GNUTLS_KEY_SHARE_TOP;
    const bench::Settings as_client{.credentials = support::no_credentials(),
                                    .priorities = support::parse_priority(arguments[2]),
                                    .flags = GNUTLS_CLIENT | shares};
    const bench::Settings as_server{.credentials = support::raw_key_credentials(support::make_ed25519_keys()),
                                    .priorities = support::parse_priority(support::priority_of_1_8),
                                    .flags = GNUTLS_SERVER};
    bench::Stopwatch warming_up;
    for (int i = 0; i < 10; ++i)
        bench::one_handshake(as_client, as_server, warming_up);
    bench::Stopwatch stopwatch;
    for (int i = 0; i < *handshakes; ++i)
        bench::one_handshake(as_client, as_server, stopwatch);
    fmt::print("{:.1f}\n", stopwatch.microseconds() / *handshakes);
}
