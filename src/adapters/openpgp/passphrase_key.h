// The key that a message is encrypted with when it is encrypted with a passphrase (RFC 9580 §3.7, §5.3), and
// the same key put into a packet that a short passphrase opens. librnp takes no passphrase of more than 255
// bytes; those of Mandos 1.8's state are longer. Only the packet in front is touched here; what follows, with
// all that is encrypted, is left to librnp. Used by decrypt_with_passphrase.cc alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

// A symmetric-key encrypted session key packet without an encrypted session key: the key is made of the
// passphrase directly, as gpg does with one passphrase.
struct PassphrasePacket {
    std::uint8_t cipher = 0;      // RFC 9580 §9.3
    std::size_t key_size = 0;     // of that cipher, in bytes
    std::uint8_t hash = 0;        // RFC 9580 §9.5; one that is known here
    ByteView salt;                // 8 bytes, or none; lives as long as the message
    std::size_t hashed_bytes = 0; // of salt and passphrase, over and over; at least once
    std::size_t size = 0;         // of the packet
};

// The packet that MESSAGE begins with. Invalid: another packet, or cut short; Unsupported: another version,
// cipher or hash, or it has an encrypted session key.
Result<PassphrasePacket> read_passphrase_packet(ByteView message);

// The key that the packet and PASSPHRASE make. System: the library does not hash.
Result<SecretBytes> passphrase_key(const PassphrasePacket& packet, const SecretBytes& passphrase);

// A packet that gives KEY for CIPHER to whoever has PASSPHRASE: as secret as KEY is where PASSPHRASE is
// known.
Result<SecretBytes> wrap_key(std::uint8_t cipher, const SecretBytes& key, std::string_view passphrase);

} // namespace mandos::openpgp
