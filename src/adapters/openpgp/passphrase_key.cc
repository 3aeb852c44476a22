#include "adapters/openpgp/passphrase_key.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

// RFC 9580 §5.3.1 and §3.7.1
constexpr std::byte packet_version{4};
constexpr std::byte simple_specifier{0};
constexpr std::byte salted_specifier{1};
constexpr std::byte iterated_specifier{3};
constexpr std::size_t salt_size = 8;
constexpr std::size_t block_size = 16; // of AES
constexpr std::byte aes256{9};
constexpr std::byte sha256{8};
constexpr std::size_t aes256_key_size = 32;

struct Cipher {
    std::uint8_t number;
    std::size_t key_size;
};
constexpr std::array<Cipher, 10> ciphers{
    {{2, 24}, {3, 16}, {4, 16}, {7, 16}, {8, 24}, {9, 32}, {10, 32}, {11, 16}, {12, 24}, {13, 32}}};

struct Hash {
    std::uint8_t number;
    gnutls_digest_algorithm_t algorithm;
};
constexpr std::array<Hash, 5> hashes{{{2, GNUTLS_DIG_SHA1},
                                      {8, GNUTLS_DIG_SHA256},
                                      {9, GNUTLS_DIG_SHA384},
                                      {10, GNUTLS_DIG_SHA512},
                                      {11, GNUTLS_DIG_SHA224}}};

std::unexpected<Error> fail_gnutls(const char* what, int code) {
    return fail(ErrorKind::System, "{}: {}", what, gnutls_strerror(code));
}

// The header of a packet (RFC 9580 §4.2): its body, or nothing where it is not of TAG, or longer than 191
// bytes.
ByteView short_packet(ByteView message, unsigned tag) {
    if (message.size() < 2)
        return {};
    const std::byte old_format = std::byte{0x80} | std::byte(tag << 2U);
    const std::byte new_format = std::byte{0xC0} | std::byte(tag);
    const auto size = std::to_integer<std::size_t>(message[1]);
    if ((message[0] != old_format && message[0] != new_format) || size > 191 || size > message.size() - 2)
        return {};
    return message.subspan(2, size);
}

// The member of LIST that has NUMBER; nothing (nullptr) where there is none.
template <class Member, std::size_t Size>
const Member* find(const std::array<Member, Size>& list, std::byte number) {
    const auto found = std::ranges::find(list, std::to_integer<std::uint8_t>(number), &Member::number);
    return found == list.end() ? nullptr : &*found;
}

// The hash over ZEROS zero bytes and the packet's salt and the passphrase, repeated as it asks for.
Result<void> hash_repeated(gnutls_digest_algorithm_t algorithm, std::size_t zeros,
                           const SecretBytes& repeated, std::size_t size, std::span<std::byte> digest) {
    gnutls_hash_hd_t hash = nullptr;
    if (const int code = gnutls_hash_init(&hash, algorithm); code < 0)
        return fail_gnutls("the hash of a passphrase is not to be had", code);
    int code = 0;
    constexpr std::byte zero{0};
    for (std::size_t i = 0; i < zeros && code >= 0; ++i)
        code = gnutls_hash(hash, &zero, 1);
    for (std::size_t left = size; left > 0 && code >= 0;) {
        const std::size_t now = std::min(left, repeated.size());
        code = gnutls_hash(hash, repeated.reveal().data(), now);
        left -= now;
    }
    gnutls_hash_deinit(hash, digest.data());
    if (code < 0)
        return fail_gnutls("a passphrase cannot be hashed", code);
    return {};
}

// BLOCK encrypted with AES-256: its encryption in CBC mode with an initial vector of zeros.
Result<void> encrypt_block(const SecretBytes& key, std::span<std::byte> block) {
    std::array<unsigned char, block_size> zeros{};
    gnutls_datum_t vector{.data = zeros.data(), .size = block_size};
    SecretBytes copy = SecretBytes::copy_of(key.reveal()); // GnuTLS asks for what it could write to
    gnutls_datum_t key_datum{.data = reinterpret_cast<unsigned char*>(copy.reveal().data()),
                             .size = static_cast<unsigned>(copy.size())};
    gnutls_cipher_hd_t cipher = nullptr;
    if (const int code = gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_CBC, &key_datum, &vector);
        code < 0)
        return fail_gnutls("AES-256 is not to be had", code);
    const int code = gnutls_cipher_encrypt(cipher, block.data(), block.size());
    gnutls_cipher_deinit(cipher);
    if (code < 0)
        return fail_gnutls("AES-256 fails", code);
    return {};
}

} // namespace

Result<PassphrasePacket> read_passphrase_packet(ByteView message) {
    constexpr unsigned tag = 3;
    constexpr std::size_t fixed_size = 4; // version, cipher, specifier, hash
    const ByteView body = short_packet(message, tag);
    if (body.size() < fixed_size)
        return fail(ErrorKind::Invalid, "no OpenPGP message that is encrypted with a passphrase");
    const Cipher* const cipher = find(ciphers, body[1]);
    const Hash* const hash = find(hashes, body[3]);
    if (body[0] != packet_version || cipher == nullptr || hash == nullptr)
        return fail(
            ErrorKind::Unsupported,
            "the message's version {}, cipher {} or hash {} is not known here; expected what gpg uses",
            std::to_integer<unsigned>(body[0]), std::to_integer<unsigned>(body[1]),
            std::to_integer<unsigned>(body[3]));
    const std::byte specifier = body[2];
    const std::size_t salted = specifier == simple_specifier ? 0 : salt_size;
    const std::size_t counted = specifier == iterated_specifier ? 1 : 0;
    const bool is_known = salted == 0 || counted == 1 || specifier == salted_specifier;
    if (!is_known || body.size() != fixed_size + salted + counted)
        return fail(ErrorKind::Unsupported,
                    "the message's key is not made of the passphrase as gpg does it with one passphrase");
    PassphrasePacket packet{.cipher = cipher->number,
                            .key_size = cipher->key_size,
                            .hash = hash->number,
                            .salt = body.subspan(fixed_size, salted),
                            .hashed_bytes = 0,
                            .size = body.size() + 2};
    if (counted == 1) { // RFC 9580 §3.7.1.3
        const auto count = std::to_integer<std::size_t>(body.back());
        packet.hashed_bytes = (16 + (count & 15U)) << ((count >> 4U) + 6U);
    }
    return packet;
}

Result<SecretBytes> passphrase_key(const PassphrasePacket& packet, const SecretBytes& passphrase) {
    const gnutls_digest_algorithm_t algorithm = find(hashes, std::byte{packet.hash})->algorithm;
    const std::size_t once = packet.salt.size() + passphrase.size();
    const std::size_t size = std::max(packet.hashed_bytes, once);
    // Many times the same behind each other, since a call for each would take longer than the hashing.
    constexpr std::size_t efficient_size = 65'536;
    SecretBytes repeated(once * (1 + std::min(efficient_size, size) / std::max<std::size_t>(once, 1)));
    for (auto out = repeated.reveal().begin(); out != repeated.reveal().end();) {
        out = std::ranges::copy(packet.salt, out).out;
        out = std::ranges::copy(passphrase.reveal(), out).out;
    }
    const std::size_t digest_size = gnutls_hash_get_len(algorithm);
    SecretBytes key((packet.key_size + digest_size - 1) / digest_size * digest_size);
    for (std::size_t i = 0; i * digest_size < key.size(); ++i)
        MANDOS_TRY(
            hash_repeated(algorithm, i, repeated, size, key.reveal().subspan(i * digest_size, digest_size)));
    key.resize(packet.key_size);
    return key;
}

Result<SecretBytes> wrap_key(std::uint8_t cipher, const SecretBytes& key, std::string_view passphrase) {
    SecretBytes wrapping_key(aes256_key_size);
    if (const int code = gnutls_hash_fast(GNUTLS_DIG_SHA256, passphrase.data(), passphrase.size(),
                                          wrapping_key.reveal().data());
        code < 0)
        return fail_gnutls("a passphrase cannot be hashed", code);

    const std::array<std::byte, 6> head{
        std::byte{0xC3}, std::byte(4 + 1 + key.size()), packet_version, aes256, simple_specifier, sha256};
    SecretBytes packet(head.size() + 1 + key.size());
    std::ranges::copy(head, packet.reveal().begin());
    const std::span<std::byte> wrapped = packet.reveal().subspan(head.size());
    wrapped[0] = std::byte{cipher};
    std::ranges::copy(key.reveal(), wrapped.begin() + 1);
    // In CFB mode: each block is added to the encryption of what came before it, the first to that of zeros.
    SecretBytes block(block_size);
    for (std::size_t start = 0; start < wrapped.size(); start += block_size) {
        MANDOS_TRY(encrypt_block(wrapping_key, block.reveal()));
        const std::size_t end = std::min(start + block_size, wrapped.size());
        for (std::size_t i = start; i < end; ++i) {
            wrapped[i] ^= block.reveal()[i - start];
            block.reveal()[i - start] = wrapped[i];
        }
    }
    return packet;
}

} // namespace mandos::openpgp
