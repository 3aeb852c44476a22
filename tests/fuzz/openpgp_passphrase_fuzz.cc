// A message that is encrypted with a passphrase, as Mandos 1.8's state holds them: only what was encrypted
// with the passphrase comes out, and in the corpus that is always the same text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/passphrase_key.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/secret_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t limit = 4096;
    constexpr std::size_t quick = 65'536; // bytes to hash; messages say how many
    constexpr std::string_view passphrase = "mandos";
    const mandos::ByteView message(reinterpret_cast<const std::byte*>(data), size);
    const auto packet = mandos::openpgp::read_passphrase_packet(message);
    if (!packet)
        return 0;
    mandos::check(packet->size <= size && packet->salt.size() <= size, "a packet is in its message");
    if (packet->hashed_bytes > quick)
        return 0;
    const auto secret = mandos::openpgp::decrypt_with_passphrase(
        message, mandos::SecretBytes::copy_of(mandos::as_bytes(passphrase)), limit);
    mandos::check(!secret || secret->equals(mandos::as_bytes("an OpenPGP message\n")),
                  "only what was encrypted with the passphrase comes out of a message");
    mandos::check(secret || !secret.error().text().empty(), "a refusal says why");
    return 0;
}
