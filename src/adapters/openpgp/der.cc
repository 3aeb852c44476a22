#include "adapters/openpgp/der.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

constexpr std::size_t key_size = 32;
constexpr std::array<unsigned char, 12> spki_start{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::array<unsigned char, 16> pkcs8_start{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                    0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

} // namespace

Bytes spki_of_ed25519(ByteView public_key) {
    check(public_key.size() == key_size, "an Ed25519 public key has 32 bytes");
    Bytes spki(spki_start.size() + key_size);
    const auto rest = std::ranges::copy(std::as_bytes(std::span(spki_start)), spki.begin()).out;
    std::ranges::copy(public_key, rest);
    return spki;
}

std::string public_pem_of_ed25519(ByteView public_key) {
    return "-----BEGIN PUBLIC KEY-----\n" + to_base64(spki_of_ed25519(public_key))
           + "\n-----END PUBLIC KEY-----\n";
}

SecretBytes private_pem_of_ed25519(const SecretBytes& seed) {
    check(seed.size() == key_size, "an Ed25519 seed has 32 bytes");
    SecretBytes der(pkcs8_start.size() + key_size);
    std::ranges::copy(std::as_bytes(std::span(pkcs8_start)), der.reveal().begin());
    std::ranges::copy(seed.reveal(), der.reveal().begin() + pkcs8_start.size());
    std::string base64 = to_base64(der.reveal());

    constexpr std::string_view begin = "-----BEGIN PRIVATE KEY-----\n";
    constexpr std::string_view end = "\n-----END PRIVATE KEY-----\n";
    SecretBytes pem(begin.size() + base64.size() + end.size());
    auto at = pem.reveal().begin();
    for (const std::string_view part : {begin, std::string_view(base64), end})
        at = std::ranges::copy(as_bytes(part), at).out;
    explicit_bzero(base64.data(), base64.size());
    return pem;
}

} // namespace mandos::openpgp
