#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gnutls/gnutls.h>

#include "adapters/tls/gnutls_error.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "core/key_id.h"

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

std::unexpected<Error> fail_step(gnutls_session_t session, std::string_view what, int code) {
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED) {
        const char* alert = gnutls_alert_get_name(gnutls_alert_get(session));
        return fail(ErrorKind::Denied, "{}: the peer sent the alert \"{}\"", what,
                    alert == nullptr ? "unknown" : alert);
    }
    return fail_gnutls(kind_of(code), what, code);
}

} // namespace

Result<Session> Session::create(const Context& context, int socket) {
    gnutls_session_t raw = nullptr;
    if (const int code = gnutls_init(&raw, context.flags_); code != 0)
        return fail_gnutls(ErrorKind::System, "cannot make a TLS session", code);
    Session session(Handle(raw), (context.flags_ & GNUTLS_CLIENT) != 0U);
    if (const int code = gnutls_priority_set(raw, context.priorities_.get()); code != 0)
        return fail_gnutls(ErrorKind::System, "cannot use the TLS priorities", code);
    if (const int code = gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, context.credentials_.get());
        code != 0)
        return fail_gnutls(ErrorKind::System, "cannot use the TLS credentials", code);
    if (!session.checks_peer_)
        gnutls_certificate_server_set_request(raw, GNUTLS_CERT_IGNORE);
    gnutls_transport_set_int(raw, socket);
    gnutls_handshake_set_timeout(raw, GNUTLS_INDEFINITE_TIMEOUT); // the caller limits it
    return session;
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
        return fail_step(session_.get(), "TLS handshake failed", code);
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
            return fail_step(session_.get(), "cannot send", static_cast<int>(sent));
        sent_ += static_cast<std::size_t>(sent);
    }
    sent_ = 0;
    return Progress::Done;
}

Result<Progress> Session::send_close_notify() {
    const int code = gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
    if (must_wait(code))
        return direction();
    if (code != 0)
        return fail_step(session_.get(), "cannot say close_notify", code);
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
        return fail_step(session_.get(), "cannot receive", static_cast<int>(got));
    return Received{.bytes = static_cast<std::size_t>(got)};
}

} // namespace mandos::tls
