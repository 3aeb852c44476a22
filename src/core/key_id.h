// KeyId: the identity of a Mandos client: SHA-256 over the DER SubjectPublicKeyInfo (RFC 7250 §3) of the raw
// public key that it proves in the TLS handshake. The same 64 hexadecimal digits as `certtool --key-id
// --hash=sha256 --infile tls-pubkey.pem`.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mandos::core {

class KeyId {
  public:
    using Digest = std::array<std::byte, 32>;

    explicit KeyId(const Digest& digest) : digest_(digest) {}

    // Reads 64 hexadecimal digits of either case; blanks (and tabs, line breaks) between them are dropped.
    // Invalid: anything else, with what was found.
    static Result<KeyId> parse(std::string_view text);

    // 64 upper-case hexadecimal digits, as logs and D-Bus show it.
    std::string text() const;

    // The key ID of no bytes at all, which a faulty 1.8.0 client printed. It must never match anybody.
    bool is_of_nothing() const;

    const Digest& digest() const { return digest_; }
    auto operator<=>(const KeyId&) const = default;

  private:
    Digest digest_;
};

} // namespace mandos::core

template <>
struct std::hash<mandos::core::KeyId> {
    std::size_t operator()(const mandos::core::KeyId& id) const noexcept {
        // Any part of a digest is as good a hash as another; all of it, so that key IDs that somebody wrote
        // by hand do not fall into one bucket. Peers cannot fill one: only configured clients are in a table.
        std::string_view bytes(reinterpret_cast<const char*>(id.digest().data()), id.digest().size());
        return std::hash<std::string_view>{}(bytes);
    }
};
