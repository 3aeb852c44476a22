// TLS by GnuTLS, as Mandos uses it: the Mandos client is the TLS *server* and proves a raw public key (RFC
// 7250); the Mandos server is the TLS *client*, has no key, and takes nothing but a raw public key from its
// peer. No X.509 anywhere, no tickets, no session is ever resumed.
//
// A Session works on a non-blocking stream socket that it does not own. Every step either ends or tells what
// it waits for; waiting, and for how long, is the caller's business. How much a peer may say is limited here.
// One thread at a time may use a session; a Context may serve any number of sessions on any threads.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gnutls/gnutls.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/secret_bytes.h"
#include "core/key_id.h"

namespace mandos::tls {

// What both programs offer unless told otherwise: what Mandos 1.8 offers, in another order. X25519 first, so
// that it is the one key share of the first flight, and ChaCha20-Poly1305 first, whose key schedule hashes
// with SHA-256: together a third less work for the server. Old peers take it:
// docs/decisions/003-tls-offer.md, tests/interop.
extern const std::string default_priority;

// A step's outcome: it is done, or must be called again when the socket can be read or written.
enum class Progress { Done, WantRead, WantWrite };

// The raw key pair of a Mandos client.
struct KeyPair {
    std::string public_key_pem;  // "BEGIN PUBLIC KEY": SubjectPublicKeyInfo
    SecretBytes private_key_pem; // "BEGIN PRIVATE KEY": PKCS#8 without a passphrase
};

// What all sessions of one program share: priorities and credentials.
class Context {
  public:
    // For the Mandos server. Invalid: PRIORITY, with the position of the part that GnuTLS does not know.
    static Result<Context> for_mandos_server(const std::string& priority);
    // For the Mandos client. Invalid: PRIORITY, or a key that cannot be read. That the two keys belong
    // together is not checked, as in 1.8: the server finds out.
    static Result<Context> for_mandos_client(const std::string& priority, const KeyPair& keys);

  private:
    friend class Session;
    using Credentials = Handle<gnutls_certificate_credentials_st, gnutls_certificate_free_credentials>;
    using Priorities = Handle<gnutls_priority_st, gnutls_priority_deinit>;

    Context(Credentials credentials, Priorities priorities, unsigned flags)
        : credentials_(std::move(credentials)), priorities_(std::move(priorities)), flags_(flags) {}

    Credentials credentials_;
    Priorities priorities_;
    unsigned flags_; // of gnutls_init: which side, and what is switched on
};

// What receive() found: bytes are there, the peer said close_notify (all of the data has come), or it must
// wait.
struct Received {
    std::optional<Progress> wait = std::nullopt; // WantRead or WantWrite: nothing came, call again
    std::size_t bytes = 0;                       // 0 without wait: close_notify
    bool closed() const { return !wait && bytes == 0; }
};

class Session {
  public:
    // CONTEXT and SOCKET must outlive the session.
    static Result<Session> create(const Context& context, int socket);

    // Takes the handshake further. Denied: the peer is not who it must be (for a Mandos server: it showed
    // anything but a raw public key, or did not prove it); PeerClosed; Invalid: what came is no TLS of ours.
    // The alert that says so to the peer has been sent where that did not have to wait.
    Result<Progress> handshake();

    // The key that the peer proved, on the Mandos server's side, after the handshake is Done.
    const core::KeyId& peer_key_id() const;

    // Takes the sending of DATA further, beginning where the call before stopped: call it with the same DATA
    // until it is Done.
    Result<Progress> send(ByteView data);

    // Tells the peer that no more is coming (close_notify), once however often it is called.
    Result<Progress> send_close_notify();

    // Waits until the peer says the same. What else it sends is dropped, as much as LIMIT bytes of it; then,
    // and when it closes without a word, that is an error.
    Result<Progress> await_close_notify(std::size_t limit);

    // Bytes of the peer's answer into INTO. PeerClosed: the connection ended without close_notify, so that
    // what came until then may have been cut short.
    Result<Received> receive(std::span<std::byte> into);

  private:
    using Handle = mandos::Handle<gnutls_session_int, gnutls_deinit>;

    // What comes from the socket: as much as the peer may say in all. GnuTLS has its address, so it stays
    // where it is when the session is moved.
    struct Incoming {
        int socket;
        std::size_t limit;
        std::size_t left = limit;
        static ssize_t pull(gnutls_transport_ptr_t self, void* into, std::size_t size);
        static int wait(gnutls_transport_ptr_t self, unsigned milliseconds);
    };

    Session(std::unique_ptr<Incoming> incoming, Handle session, bool checks_peer)
        : incoming_(std::move(incoming)), session_(std::move(session)), checks_peer_(checks_peer) {}

    std::unexpected<Error> fail_step(std::string_view what, int code) const;
    Progress direction() const;
    Result<Progress> check_peer();

    std::unique_ptr<Incoming> incoming_; // outlives session_
    Handle session_;
    bool checks_peer_;
    bool said_goodbye_ = false;
    std::optional<core::KeyId> peer_;
    std::size_t sent_ = 0;    // of the data that send() is at
    std::size_t dropped_ = 0; // bytes that came instead of close_notify
};

// Key ID of a DER SubjectPublicKeyInfo.
core::KeyId key_id_of_spki(ByteView spki);

// The DER SubjectPublicKeyInfo of a PEM public key ("BEGIN PUBLIC KEY"), for its key ID.
Result<Bytes> spki_of_pem(std::string_view public_key_pem);

// Known-answer tests of the library: SHA-256, and a raw-public-key handshake between two sessions in memory
// which succeeds with the right key and fails with the wrong one.
Result<void> self_test();

} // namespace mandos::tls
