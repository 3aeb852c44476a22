// Messages that gpg encrypts with a passphrase, as Mandos 1.8 had it do: what is refused, then what is read.
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "adapters/openpgp/generate.h"
#include "adapters/openpgp/openpgp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "tests/component/openpgp/gpg_case.h"

namespace {

using mandos::as_bytes;
using mandos::as_text;
using mandos::ErrorKind;
using mandos::Result;
using mandos::SecretBytes;
using mandos::openpgp::decrypt_with_passphrase;

constexpr std::size_t limit = 1 << 20;
constexpr std::string_view plaintext = "an OpenPGP message\n";
// Few rounds: many messages are read here. (gpg takes its least number, 1024, for none given.)
constexpr std::string_view quickly = "--s2k-count 2048";

Result<SecretBytes> decrypted(std::string_view message, std::string_view passphrase) {
    return decrypt_with_passphrase(as_bytes(message), SecretBytes::copy_of(as_bytes(passphrase)), limit);
}

void expect_refused(ErrorKind kind, std::string_view message, std::string_view passphrase) {
    const auto result = decrypted(message, passphrase);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), kind) << result.error().text();
}

class DecryptWithPassphrase : public mandos::test::GpgCase {
  protected:
    // The passphrase goes through a file, as in 1.8.
    std::string encrypted(std::string_view passphrase, std::string_view how = quickly,
                          std::string_view what = plaintext) const {
        return message_by_gpg(
            fmt::format("{} --passphrase-file {} --symmetric", how, write("passphrase", passphrase)), what);
    }
};

// Every byte that a passphrase of 1.8 can have: all but NUL and line feed.
std::string long_passphrase(std::size_t size) {
    std::string passphrase = "mandos";
    for (std::size_t i = 0; passphrase.size() < size; ++i)
        if (const auto byte = static_cast<char>(i % 256); byte != '\0' && byte != '\n')
            passphrase += byte;
    return passphrase;
}

// Hexadecimal digits, which compress to half. (What compresses to next to nothing, as a million equal bytes
// do, librnp 0.16 takes for cut short; an OpenPGP message, which is what 1.8 stores, does not compress.)
std::string digits(std::size_t size) {
    std::string text(size, '\0');
    std::mt19937 random(4880);
    for (char& digit : text)
        digit = "0123456789abcdef"[random() % 16];
    return text;
}

} // namespace

TEST_F(DecryptWithPassphrase, RefusesAnother) {
    const std::string passphrase = long_passphrase(2000);
    const std::string message = encrypted(passphrase);
    // The last one differs behind what librnp itself would look at.
    for (const std::string& wrong : {std::string(), passphrase.substr(1), passphrase.substr(0, 255),
                                     passphrase + "x", passphrase.substr(0, 1999) + "x"}) {
        const auto result = decrypted(message, wrong);
        ASSERT_FALSE(result);
        // One wrong key in 65,536 passes the first look, and fails at the last one.
        EXPECT_TRUE(result.error().kind() == ErrorKind::Denied
                    || result.error().kind() == ErrorKind::Invalid);
    }
}

TEST_F(DecryptWithPassphrase, RefusesEveryMessageThatIsCutShort) {
    const std::string message = encrypted("mandos");
    ASSERT_TRUE(decrypted(message, "mandos"));
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(decrypted(message.substr(0, size), "mandos")) << size;
}

TEST_F(DecryptWithPassphrase, RefusesEveryMessageWithAChangedByte) {
    const std::string message = encrypted("mandos");
    for (std::size_t place = 0; place < message.size(); ++place) {
        std::string changed = message;
        changed[place] = static_cast<char>(changed[place] ^ 1);
        // Lengths may be wrong where the message ends anyway; nothing may change what comes out.
        const auto result = decrypted(changed, "mandos");
        EXPECT_TRUE(!result || result->equals(as_bytes(plaintext))) << place;
    }
}

TEST_F(DecryptWithPassphrase, RefusesOtherMessages) {
    const auto key = mandos::openpgp::generate_key({.user_id = "client"}).value();
    const auto to_a_key =
        mandos::openpgp::encrypt_to_self(SecretBytes::copy_of(as_bytes(plaintext)), key.secret_key).value();
    expect_refused(ErrorKind::Invalid, as_text(to_a_key), "mandos");
    expect_refused(ErrorKind::Invalid, "", "mandos");
    expect_refused(ErrorKind::Invalid, "garbage", "mandos");
    expect_refused(ErrorKind::Invalid, message_by_gpg("--store", plaintext), "mandos");
    expect_refused(ErrorKind::Invalid, encrypted("mandos", "--armor"), "mandos");
    // The packet alone, and with a message behind it that is not encrypted.
    const std::string packet = encrypted("mandos").substr(0, 15);
    expect_refused(ErrorKind::Invalid, packet, "mandos");
    expect_refused(ErrorKind::Invalid, packet + message_by_gpg("--store", plaintext), "mandos");
}

TEST_F(DecryptWithPassphrase, RefusesOneWithoutProtection) {
    expect_refused(ErrorKind::Invalid, encrypted("mandos", "--rfc2440 --disable-mdc"), "mandos");
}

TEST_F(DecryptWithPassphrase, RefusesWaysOfMakingAKeyThatItDoesNotKnow) {
    const std::string message = encrypted("mandos");
    const auto with = [&message](std::size_t place, char byte) {
        std::string changed = message;
        changed[place] = byte;
        return changed;
    };
    expect_refused(ErrorKind::Unsupported, with(2, 5), "mandos");  // a later version
    expect_refused(ErrorKind::Unsupported, with(3, 1), "mandos");  // IDEA
    expect_refused(ErrorKind::Unsupported, with(4, 2), "mandos");  // a specifier that there is not
    expect_refused(ErrorKind::Unsupported, with(4, 1), "mandos");  // salted, and a byte too many
    expect_refused(ErrorKind::Unsupported, with(5, 1), "mandos");  // MD5
    expect_refused(ErrorKind::Invalid, with(1, '\xff'), "mandos"); // longer than such a packet can be
}

TEST_F(DecryptWithPassphrase, RefusesWhatIsLargerThanTheLimit) {
    const std::string message = encrypted("mandos", quickly, digits(limit + 1));
    EXPECT_LT(message.size(), limit * 2 / 3); // compressed
    expect_refused(ErrorKind::Exhausted, message, "mandos");
    EXPECT_TRUE(decrypted(encrypted("mandos", quickly, digits(limit)), "mandos"));
}

TEST_F(DecryptWithPassphrase, ReadsPassphrasesOfEveryLength) {
    for (const std::size_t size : {6UZ, 16UZ, 255UZ, 256UZ, 257UZ, 1016UZ, 2048UZ, 20'000UZ}) {
        const std::string passphrase = long_passphrase(size);
        const auto result = decrypted(encrypted(passphrase), passphrase);
        ASSERT_TRUE(result) << size << ": " << result.error().text();
        EXPECT_TRUE(result->equals(as_bytes(plaintext))) << size;
    }
}

TEST_F(DecryptWithPassphrase, ReadsWhatGpgMakesByItself) {
    const std::string passphrase = long_passphrase(3000);
    std::string every_byte;
    for (int i = 0; i < 256; ++i)
        every_byte += static_cast<char>(i);
    for (const std::string& what : {std::string("x"), every_byte, digits(300'000)}) {
        const auto result = decrypted(encrypted(passphrase, "--force-mdc", what), passphrase);
        ASSERT_TRUE(result) << result.error().text();
        EXPECT_TRUE(result->equals(as_bytes(what)));
    }
}

TEST_F(DecryptWithPassphrase, ReadsWhatGpgMakesWhenItIsConfiguredOtherwise) {
    for (const std::string_view how :
         {"--cipher-algo AES128", "--cipher-algo AES192", "--cipher-algo 3DES", "--cipher-algo CAST5",
          "--cipher-algo BLOWFISH", "--cipher-algo TWOFISH", "--cipher-algo CAMELLIA128",
          "--cipher-algo CAMELLIA192", "--cipher-algo CAMELLIA256", "--s2k-mode 0", "--s2k-mode 1",
          "--s2k-digest-algo SHA224", "--s2k-digest-algo SHA256", "--s2k-digest-algo SHA384",
          "--s2k-digest-algo SHA512", "--compress-algo none", "--compress-algo bzip2",
          "--s2k-count 65011712 --s2k-digest-algo SHA512 --cipher-algo AES128"}) {
        SCOPED_TRACE(how);
        const std::string passphrase = long_passphrase(400);
        const std::string protected_how = fmt::format("{} --force-mdc {}", quickly, how);
        const auto result = decrypted(encrypted(passphrase, protected_how), passphrase);
        ASSERT_TRUE(result) << result.error().text();
        EXPECT_TRUE(result->equals(as_bytes(plaintext)));
    }
}
