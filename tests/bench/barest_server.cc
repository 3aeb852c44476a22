// The barest Mandos server thinkable, the yardstick that the real one is measured against: accept, read the
// line, handshake, send, bye, with blocking sockets on as many threads as there are processors; no limit, no
// table, no log. Usage: barest_server SOCKET-DESCRIPTOR SECRET-FILE PRIORITY {all-shares|top-share}. Serves
// until it is killed.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/numbers.h"
#include "base/unique_fd.h"
#include "tests/support/raw_tls.h"

namespace mandos::bench {
namespace {

struct Offer {
    support::Credentials credentials;
    support::Priorities priorities;
    unsigned flags;
};

bool read_line(int socket) {
    char byte = 0;
    std::string line(64, '\0');
    const ssize_t got = recv(socket, line.data(), line.size(), 0);
    if (got <= 0)
        return false;
    byte = line[static_cast<std::size_t>(got) - 1];
    while (byte != '\n')
        if (recv(socket, &byte, 1, 0) != 1)
            return false;
    return true;
}

int until_done(gnutls_session_t session, int (*step)(gnutls_session_t)) {
    int code = 0;
    do
        code = step(session);
    while (code < 0 && gnutls_error_is_fatal(code) == 0);
    return code;
}

void serve(const Offer& offer, int socket, ByteView secret) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!read_line(socket))
        return;
    gnutls_session_t raw = nullptr;
    if (gnutls_init(&raw, offer.flags) < 0)
        return;
    const support::Session session(raw);
    gnutls_priority_set(raw, offer.priorities.get());
    gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, offer.credentials.get());
    gnutls_transport_set_int(raw, socket);
    if (until_done(raw, gnutls_handshake) < 0 || gnutls_record_send(raw, secret.data(), secret.size()) < 0)
        return;
    until_done(raw, [](gnutls_session_t ending) { return gnutls_bye(ending, GNUTLS_SHUT_RDWR); });
}

[[noreturn]] void serve_all(const Offer& offer, int listener, ByteView secret) {
    for (;;)
        if (const UniqueFd socket(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)); socket)
            serve(offer, socket.get(), secret);
}

} // namespace
} // namespace mandos::bench

int main(int count, char** words) {
    using namespace mandos; // NOLINT(google-build-using-namespace): main() is what this file is for
    const std::vector<std::string> arguments(words, words + count);
    const auto listener = count == 5 ? parse_number<int>(arguments[1]) : std::nullopt;
    const auto content = count == 5 ? read_file(arguments[2], 1 << 20) : Bytes{};
    if (!listener || !content) {
        std::fputs("usage: barest_server SOCKET-DESCRIPTOR SECRET-FILE PRIORITY {all-shares|top-share}\n",
                   stderr);
        return 2;
    }
    unsigned shares = 0;
    if (arguments[4] == "top-share")
        shares = GNUTLS_KEY_SHARE_TOP;
    const bench::Offer offer{.credentials = support::no_credentials(),
                             .priorities = support::parse_priority(arguments[3]),
                             .flags = GNUTLS_CLIENT | GNUTLS_NO_SIGNAL | support::flags_of_1_8 | shares};
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back(
            [&offer, &content, socket = *listener] { bench::serve_all(offer, socket, *content); });
}
