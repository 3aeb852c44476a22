#include <algorithm>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/decryption.h"
#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/passphrase_key.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

// Of the packet that is made for librnp alone, and never leaves this process.
constexpr std::string_view wrapping_passphrase = "mandos";

bool give_wrapping_passphrase(rnp_ffi_t /*engine*/, void* /*context*/, rnp_key_handle_t /*key*/,
                              const char* /*purpose*/, char* buffer, std::size_t size) noexcept {
    if (size <= wrapping_passphrase.size())
        return false;
    std::memcpy(buffer, wrapping_passphrase.data(), wrapping_passphrase.size());
    buffer[wrapping_passphrase.size()] = '\0';
    return true;
}

// MESSAGE with another packet in front: one that the wrapping passphrase opens.
Result<SecretBytes> rewrap(ByteView message, const SecretBytes& passphrase) {
    const PassphrasePacket packet = MANDOS_TRY(read_passphrase_packet(message));
    const SecretBytes key = MANDOS_TRY(passphrase_key(packet, passphrase));
    SecretBytes rewrapped = MANDOS_TRY(wrap_key(packet.cipher, key, wrapping_passphrase));
    const ByteView encrypted = message.subspan(packet.size);
    const std::size_t packet_size = rewrapped.size();
    rewrapped.resize(packet_size + encrypted.size());
    std::ranges::copy(encrypted, rewrapped.reveal().subspan(packet_size).begin());
    return rewrapped;
}

Result<void> judge(const Decryption& /*decryption*/, rnp_result_t code) {
    if (code == RNP_ERROR_BAD_PASSWORD)
        return fail(ErrorKind::Denied, "the message is encrypted with another passphrase");
    return {};
}

} // namespace

Result<SecretBytes> decrypt_with_passphrase(ByteView message, const SecretBytes& passphrase,
                                            std::size_t limit) {
    const SecretBytes rewrapped = MANDOS_TRY(rewrap(message, passphrase));
    // What takes long is done. The rest is one thread's at a time: standard error, which is silenced, is the
    // process's.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    check(rnp_ffi_set_pass_provider(engine.get(), give_wrapping_passphrase, nullptr) == RNP_SUCCESS,
          "librnp can be given a passphrase");
    return run_decryption(engine, rewrapped.reveal(), limit, judge);
}

} // namespace mandos::openpgp
