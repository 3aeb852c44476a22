#include <cstddef>
#include <expected>
#include <string_view>

#include <fmt/core.h>
#include <rnp/rnp.h>

#include "adapters/openpgp/known_answer.h"
#include "adapters/openpgp/openpgp.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

Bytes message_of(std::string_view base64) {
    const auto decoded = from_base64(base64);
    check(decoded.has_value(), "the messages of the self-test are base64");
    return decoded->bytes;
}

Result<SecretBytes> decrypt_known(ByteView message) {
    constexpr std::size_t limit = 4096;
    return decrypt(message, SecretBytes::copy_of(as_bytes(known_answer::secret_key)), limit);
}

Result<void> run_self_test() {
    const Bytes message = message_of(known_answer::message_base64);
    const SecretBytes plaintext = MANDOS_TRY_IN("a message to a known key", decrypt_known(message));
    if (!plaintext.equals(as_bytes(known_answer::plaintext)))
        return fail(ErrorKind::System, "a message to a known key was decrypted to something else");

    // The last byte belongs to the modification detection code (RFC 9580 §5.13.1).
    for (const std::size_t place : {message.size() - 1, message.size() / 2}) {
        Bytes changed = message;
        changed[place] ^= std::byte{1};
        if (decrypt_known(changed))
            return fail(ErrorKind::System, "a message was decrypted although its byte {} was changed", place);
    }
    const auto foreign = decrypt_known(message_of(known_answer::message_to_another_base64));
    if (foreign)
        return fail(ErrorKind::System, "a message to another key was decrypted");
    if (foreign.error().kind() != ErrorKind::Denied)
        return std::unexpected(Error(foreign.error()).context("a message to another key"));
    return {};
}

} // namespace

Result<void> self_test() {
    MANDOS_TRY_IN(fmt::format("self-test of librnp {}", rnp_version_string()), run_self_test());
    return {};
}

} // namespace mandos::openpgp
