// What a client receives and decrypts: any bytes at all. Only what was encrypted to the key comes out, and in
// the corpus that is always the same text.
#include <cstddef>
#include <cstdint>
#include <span>

#include "adapters/openpgp/known_answer.h"
#include "adapters/openpgp/openpgp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/secret_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mandos; // NOLINT(google-build-using-namespace): a fuzz target
    namespace known_answer = openpgp::known_answer;
    constexpr std::size_t limit = 4096;
    const SecretBytes key = SecretBytes::copy_of(as_bytes(known_answer::secret_key));
    const auto plaintext = openpgp::decrypt(std::as_bytes(std::span(data, size)), key, limit);
    check(!plaintext || plaintext->equals(as_bytes(known_answer::plaintext)),
          "only what was encrypted to the key comes out of a message");
    check(plaintext || !plaintext.error().text().empty(), "a refusal says why");
    return 0;
}
