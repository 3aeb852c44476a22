#include <cstddef>
#include <string_view>

#include <rnp/rnp.h>

#include "adapters/openpgp/openpgp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

// Made with GnuPG for this test; they protect nothing. The messages are binary, here as hexadecimal digits.
constexpr std::string_view test_key = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
                                      "\n"
                                      "lFgEZZIAgBYJKwYBBAHaRw8BAQdASkQkodsVn8MHWcZC7L1xJv268kYTaz+d/1oi\n"
                                      "vVq+3sUAAP9rOodRzXH1YAxg+aG6bqe5LGTFb584q7uuYWcESYoF2hDKtAR0ZXN0\n"
                                      "iJAEExYIADgWIQQTJe4C2WNO1UFmPQVf6YgtCC8gNgUCZZIAgAIbAwULCQgHAgYV\n"
                                      "CgkICwIEFgIDAQIeAQIXgAAKCRBf6YgtCC8gNs14AP9A5EUzeCheRWxY0uzV6Anz\n"
                                      "8QXKF0EUliS5nmTKQMvG8gD/Y09dgdJcNTobtjSsAStzFEqwfmv7vQk1b97Xslkm\n"
                                      "5wmcXQRlkgCAEgorBgEEAZdVAQUBAQdAeezfDr2APtuT/oWfqJJbIAH1EGgywqK7\n"
                                      "spYmYeyHni0DAQgHAAD/aCDKGypzLMTCAlxOmpuB1pPU3TxRy64kfkWH5910/2gR\n"
                                      "Soh4BBgWCAAgFiEEEyXuAtljTtVBZj0FX+mILQgvIDYFAmWSAIACGwwACgkQX+mI\n"
                                      "LQgvIDaKRAEAsTqkye2bryTQ8ORuDGADpXKhBw+ft7aTczHmVFF8BwMBAM85VMIH\n"
                                      "QRVg10L1OIFYe8p1mQW+cGUcCnCHgwGdFxcJ\n"
                                      "=cfWp\n"
                                      "-----END PGP PRIVATE KEY BLOCK-----\n";
constexpr std::string_view test_message =
    "845e03b8e5d35eb21e9dba120107402c7709fca0feafeebef0586f0e70c8efba2490d6d8c2bb977a"
    "566241c453dd36302bc467b531591637777fc3302f43ce0cada71cccb5ea40eacf471b4cb46a846e"
    "4c5d105d462578bd161175630df8d761d23b01586db1f4717af858e9a4dd5315b582efc2132d746f"
    "18a8eb5405c95958de6750d0c680bb7fe57696747b64ac5e74595868c5cd0c47183d1b7746";
constexpr std::string_view message_to_another =
    "845e03b1eb426bcdcdfebd12010740b7c84b4846524d9af117c4d5f94807273bb110289404d1ce4e"
    "55777185fe9c1a304996d279b9c796565379a97c93c270c183e5f4573cf2df554753bd29843ca509"
    "662c048a0cc0e1c165d983b560edcf05d23b01a56e28721426b4d5194d7aecd07f88fd26e8db8f1c"
    "760b9edb18fb740b13c35f950898256b0d7750a57db560f3be1095ea52cb7a6bc710ed9632";
constexpr std::string_view test_plaintext = "known";

} // namespace

Result<void> self_test() {
    const SecretBytes key = SecretBytes::copy_of(as_bytes(test_key));
    constexpr std::size_t limit = 64;
    Bytes message = MANDOS_TRY(from_hex(test_message));
    const SecretBytes plaintext = MANDOS_TRY_IN("OpenPGP self-test", decrypt(message, key, limit));
    if (!plaintext.equals(as_bytes(test_plaintext)))
        return fail(ErrorKind::System, "librnp {}: a known message decrypts to something else",
                    rnp_version_string());

    const Bytes foreign = MANDOS_TRY(from_hex(message_to_another));
    const auto denied = decrypt(foreign, key, limit);
    if (denied || denied.error().kind() != ErrorKind::Denied)
        return fail(ErrorKind::System, "librnp {}: a message to another key is not refused as such: {}",
                    rnp_version_string(), denied ? "it was decrypted" : denied.error().text());

    message.back() ^= std::byte{1};
    if (const auto changed = decrypt(message, key, limit); changed)
        return fail(ErrorKind::System, "librnp {}: a changed message was accepted", rnp_version_string());
    return {};
}

} // namespace mandos::openpgp
