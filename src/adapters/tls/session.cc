#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "adapters/tls/gnutls_error.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "core/key_id.h"
#include "core/limits.h"

namespace mandos::tls {

namespace {

bool must_wait(ssize_t code) {
    return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

ErrorKind kind_of(int code) {
    switch (code) {
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
        return ErrorKind::PeerClosed;
    case GNUTLS_E_PK_SIG_VERIFY_FAILED:
    case GNUTLS_E_CERTIFICATE_ERROR:
    case GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE:
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
        return ErrorKind::Denied;
    default:
        return ErrorKind::Invalid;
    }
}

} // namespace

Result<Session> Session::create(const Context& context, int socket) {
    gnutls_session_t raw = nullptr;
    if (const int code = gnutls_init(&raw, context.flags_); code != 0)
        return fail_gnutls(ErrorKind::System, "cannot make a TLS session", code);
    Handle handle(raw);
    const bool is_mandos_server = (context.flags_ & GNUTLS_CLIENT) != 0U;
    const std::size_t limit =
        is_mandos_server ? core::limits::talk_of_a_client : core::limits::talk_of_a_server;
    auto incoming = std::make_unique<Incoming>(Incoming{.socket = socket, .limit = limit});
    Session session(std::move(incoming), std::move(handle), is_mandos_server);
    if (const int code = gnutls_priority_set(raw, context.priorities_.get()); code != 0)
        return fail_gnutls(ErrorKind::System, "cannot use the TLS priorities", code);
    if (const int code = gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, context.credentials_.get());
        code != 0)
        return fail_gnutls(ErrorKind::System, "cannot use the TLS credentials", code);
    if (!session.checks_peer_)
        gnutls_certificate_server_set_request(raw, GNUTLS_CERT_IGNORE);
    // GnuTLS sends as it always does, for which its pointer is the descriptor; what comes is counted.
    gnutls_transport_set_int(raw, socket);
    gnutls_transport_ptr_t own = nullptr;
    gnutls_transport_ptr_t sends_to = nullptr;
    gnutls_transport_get_ptr2(raw, &own, &sends_to);
    gnutls_transport_set_ptr2(raw, session.incoming_.get(), sends_to);
    gnutls_transport_set_pull_function(raw, Incoming::pull);
    gnutls_transport_set_pull_timeout_function(raw, Incoming::wait);
    gnutls_handshake_set_timeout(raw, GNUTLS_INDEFINITE_TIMEOUT); // the caller limits it
    return session;
}

// GnuTLS puts a handshake message of any announced length (16 MB) together before it looks at its own limit,
// and goes on reading as long as there is something to read. So the limit is here.
ssize_t Session::Incoming::pull(gnutls_transport_ptr_t self, void* into, std::size_t size) {
    auto& incoming = *static_cast<Incoming*>(self);
    if (incoming.left == 0) {
        errno = EMSGSIZE;
        return -1;
    }
    const ssize_t got = recv(incoming.socket, into, std::min(size, incoming.left), 0);
    if (got > 0)
        incoming.left -= static_cast<std::size_t>(got);
    return got;
}

int Session::Incoming::wait(gnutls_transport_ptr_t self, unsigned milliseconds) {
    pollfd readable{.fd = static_cast<Incoming*>(self)->socket, .events = POLLIN, .revents = 0};
    return poll(&readable, 1, static_cast<int>(milliseconds));
}

std::unexpected<Error> Session::fail_step(std::string_view what, int code) const {
    if (code == GNUTLS_E_PULL_ERROR && incoming_->left == 0)
        return fail(ErrorKind::Exhausted, "{}: the peer sent more than {} bytes", what, incoming_->limit);
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED) {
        const char* alert = gnutls_alert_get_name(gnutls_alert_get(session_.get()));
        return fail(ErrorKind::Denied, "{}: the peer sent the alert \"{}\"", what,
                    alert == nullptr ? "unknown" : alert);
    }
    return fail_gnutls(kind_of(code), what, code);
}

Progress Session::direction() const {
    return gnutls_record_get_direction(session_.get()) == 0 ? Progress::WantRead : Progress::WantWrite;
}

Result<Progress> Session::handshake() {
    // A peer may send a few alerts that are only warnings; more of them is no handshake.
    constexpr int warnings_taken = 4;
    int code = 0;
    for (int warnings = 0; warnings <= warnings_taken; ++warnings) {
        code = gnutls_handshake(session_.get());
        if (code != GNUTLS_E_WARNING_ALERT_RECEIVED)
            break;
    }
    if (must_wait(code))
        return direction();
    if (code != 0) {
        // If the alert would have to wait, it is not sent: the connection ends all the same.
        (void)gnutls_alert_send_appropriate(session_.get(), code);
        return fail_step("TLS handshake failed", code);
    }
    if (checks_peer_)
        return check_peer();
    return Progress::Done;
}

Result<Progress> Session::check_peer() {
    // An X.509 peer completes the handshake in spite of the priority string: the type has to be looked at.
    const gnutls_certificate_type_t type = gnutls_certificate_type_get2(session_.get(), GNUTLS_CTYPE_PEERS);
    unsigned count = 0;
    const gnutls_datum_t* keys = gnutls_certificate_get_peers(session_.get(), &count);
    if (type != GNUTLS_CRT_RAWPK || keys == nullptr || count != 1 || keys->size == 0) {
        (void)gnutls_alert_send(session_.get(), GNUTLS_AL_FATAL, GNUTLS_A_UNSUPPORTED_CERTIFICATE);
        const char* name = gnutls_certificate_type_get_name(type);
        return fail(ErrorKind::Denied, "the peer showed {}, not a raw public key",
                    type == GNUTLS_CRT_RAWPK
                        ? std::string("no key")
                        : fmt::format("an {} certificate", name == nullptr ? "unknown" : name));
    }
    peer_ = key_id_of_spki(std::as_bytes(std::span(keys->data, keys->size)));
    return Progress::Done;
}

const core::KeyId& Session::peer_key_id() const {
    check(peer_.has_value(), "the peer's key is asked for after its handshake");
    return *peer_;
}

Result<Progress> Session::send(ByteView data) {
    while (sent_ < data.size()) {
        const ByteView rest = data.subspan(sent_);
        const ssize_t sent = gnutls_record_send(session_.get(), rest.data(), rest.size());
        if (must_wait(sent))
            return direction();
        if (sent < 0)
            return fail_step("cannot send", static_cast<int>(sent));
        sent_ += static_cast<std::size_t>(sent);
    }
    sent_ = 0;
    return Progress::Done;
}

Result<Progress> Session::send_close_notify() {
    if (said_goodbye_)
        return Progress::Done;
    const int code = gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
    if (must_wait(code))
        return direction();
    if (code != 0)
        return fail_step("cannot say close_notify", code);
    said_goodbye_ = true;
    return Progress::Done;
}

Result<Progress> Session::await_close_notify(std::size_t limit) {
    std::array<std::byte, 512> unwanted{};
    for (;;) {
        const Received received = MANDOS_TRY(receive(unwanted));
        if (received.wait)
            return *received.wait;
        if (received.closed())
            return Progress::Done;
        dropped_ += received.bytes;
        if (dropped_ > limit)
            return fail(ErrorKind::Exhausted, "the peer sent more than {} bytes instead of close_notify",
                        limit);
    }
}

Result<Received> Session::receive(std::span<std::byte> into) {
    const ssize_t got = gnutls_record_recv(session_.get(), into.data(), into.size());
    if (must_wait(got))
        return Received{.wait = direction()};
    if (got == GNUTLS_E_PREMATURE_TERMINATION)
        return fail(ErrorKind::PeerClosed, "the connection ended without close_notify");
    if (got < 0)
        return fail_step("cannot receive", static_cast<int>(got));
    return Received{.bytes = static_cast<std::size_t>(got)};
}

} // namespace mandos::tls
