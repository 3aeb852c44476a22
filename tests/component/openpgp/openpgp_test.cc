// The OpenPGP adapter against the real librnp: what is refused, then what works.
#include "adapters/openpgp/openpgp.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "adapters/openpgp/generate.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace {

using mandos::as_bytes;
using mandos::as_text;
using mandos::Bytes;
using mandos::ErrorKind;
using mandos::SecretBytes;
using namespace mandos::openpgp; // NOLINT(google-build-using-namespace): it is what is tested

constexpr std::size_t limit = 1 << 20;

GeneratedKey new_key(KeyRequest::TlsKey tls_key = KeyRequest::TlsKey::Subkey) {
    auto key =
        generate_key({.user_id = "client.example", .comment = "Mandos client key", .tls_key = tls_key});
    EXPECT_TRUE(key) << key.error().text();
    return std::move(*key);
}

const GeneratedKey& our_key() {
    static const GeneratedKey key = new_key();
    return key;
}

Bytes message_to_us(std::string_view plaintext) {
    const auto message = encrypt_to_self(SecretBytes::copy_of(as_bytes(plaintext)), our_key().secret_key);
    EXPECT_TRUE(message) << message.error().text();
    return *message;
}

} // namespace

TEST(KeyIds, AreWhatMessagesToTheKeyName) {
    const auto names = [](const Bytes& message, const GeneratedKey& key) {
        const auto ids = key_ids(key.secret_key);
        EXPECT_TRUE(ids) << ids.error().text();
        EXPECT_GE(ids->size(), 2U);
        return std::ranges::any_of(*ids, [&message](const Bytes& id) {
            EXPECT_EQ(id.size(), 8U);
            return !std::ranges::search(message, id).empty();
        });
    };
    EXPECT_TRUE(names(message_to_us("hunter2"), our_key()));
    EXPECT_FALSE(names(message_to_us("hunter2"), new_key()));
    const auto none = key_ids(SecretBytes::copy_of(as_bytes("no key")));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind(), ErrorKind::Invalid);
}

TEST(Decrypt, RefusesAMessageToAnotherKey) {
    const auto other = new_key();
    const auto plaintext = decrypt(message_to_us("hunter2"), other.secret_key, limit);
    ASSERT_FALSE(plaintext);
    EXPECT_EQ(plaintext.error().kind(), ErrorKind::Denied);
    EXPECT_EQ(plaintext.error().text(), "the message is not encrypted to this key");
}

TEST(Decrypt, RefusesWhatIsNoMessage) {
    for (const std::string_view garbage :
         {"", "garbage", "-----BEGIN PGP MESSAGE-----\n\n", "\x85\x01", "\xff\xff\xff\xff"}) {
        const auto plaintext = decrypt(as_bytes(garbage), our_key().secret_key, limit);
        ASSERT_FALSE(plaintext) << garbage;
        EXPECT_EQ(plaintext.error().kind(), ErrorKind::Invalid);
    }
}

// RFC 9580 §5.9: a literal data packet, format 'b', no name, no date, "hunter2".
TEST(Decrypt, RefusesAMessageThatIsNotEncrypted) {
    const std::string literal("\xcb\x0d"
                              "b\0\0\0\0\0hunter2",
                              15);
    const auto plaintext = decrypt(as_bytes(literal), our_key().secret_key, limit);
    ASSERT_FALSE(plaintext);
    EXPECT_EQ(plaintext.error().kind(), ErrorKind::Invalid);
}

TEST(Decrypt, RefusesEveryMessageThatIsCutShort) {
    const Bytes whole = message_to_us("hunter2");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decrypt(mandos::ByteView(whole).first(size), our_key().secret_key, limit)) << size;
}

TEST(Decrypt, RefusesEveryMessageWithAChangedByte) {
    const Bytes whole = message_to_us("hunter2");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        Bytes changed = whole;
        changed[i] ^= std::byte{0x01};
        const auto plaintext = decrypt(changed, our_key().secret_key, limit);
        // Some bits of a message say nothing (a wildcard in place of the key ID, ...); none may
        // change what comes out.
        if (plaintext) {
            EXPECT_EQ(as_text(plaintext->reveal()), "hunter2") << i;
        }
    }
}

TEST(Decrypt, StopsAtItsLimit) {
    const Bytes message = message_to_us(std::string(10'000, 'x'));
    const auto plaintext = decrypt(message, our_key().secret_key, 9'999);
    ASSERT_FALSE(plaintext);
    EXPECT_EQ(plaintext.error().kind(), ErrorKind::Exhausted);
    EXPECT_TRUE(decrypt(message, our_key().secret_key, 10'000));
}

TEST(Decrypt, RefusesAKeyThatIsNone) {
    const auto plaintext = decrypt(message_to_us("x"), SecretBytes::copy_of(as_bytes("no key")), limit);
    ASSERT_FALSE(plaintext);
    EXPECT_TRUE(plaintext.error().text().starts_with("secret key: no OpenPGP key can be read"));
}

TEST(Encrypt, RefusesToMakeASecretOfNothing) {
    EXPECT_FALSE(encrypt_to_self(SecretBytes(), our_key().secret_key));
    EXPECT_FALSE(
        encrypt_to_self(SecretBytes::copy_of(as_bytes("x")), SecretBytes::copy_of(as_bytes("no key"))));
}

TEST(Decrypt, GivesBackWhatWasEncrypted) {
    std::string large(100'000, '\0');
    std::mt19937 random(20133);
    for (char& byte : large)
        byte = static_cast<char>(random());
    for (const std::string& text : {std::string("hunter2"), std::string("a\0b\n", 4), large}) {
        const auto plaintext = decrypt(message_to_us(text), our_key().secret_key, limit);
        ASSERT_TRUE(plaintext) << plaintext.error().text();
        EXPECT_TRUE(plaintext->equals(as_bytes(text)));
    }
}

TEST(Identity, RefusesWhatIsNoPublicKey) {
    EXPECT_FALSE(read_identity(""));
    EXPECT_FALSE(read_identity("not a key"));
    EXPECT_EQ(read_identity(as_text(our_key().secret_key.reveal())).error().kind(), ErrorKind::Invalid);
    EXPECT_FALSE(read_identity(our_key().public_key + new_key().public_key)); // two of them
}

TEST(Identity, IsThatOfTheKeyAndItsTlsSubkey) {
    const auto identity = read_identity(our_key().public_key);
    ASSERT_TRUE(identity) << identity.error().text();
    EXPECT_EQ(identity->fingerprint, our_key().fingerprint);
    ASSERT_TRUE(identity->tls_spki);
    EXPECT_EQ(identity->tls_spki->size(), 44U);
}

TEST(Identity, HasNoTlsKeyWithoutAnAuthenticationSubkey) {
    const auto identity = read_identity(new_key(KeyRequest::TlsKey::None).public_key);
    ASSERT_TRUE(identity) << identity.error().text();
    EXPECT_FALSE(identity->tls_spki);
}

TEST(Generate, RefusesWhatTheLibraryCannotMake) {
    EXPECT_EQ(generate_key({.user_id = "a", .primary = {.algorithm = "NONSENSE"}}).error().kind(),
              ErrorKind::Unsupported);
    EXPECT_FALSE(generate_key({.user_id = "a", .primary = {.algorithm = "RSA", .bits = 17}}));
    EXPECT_FALSE(
        generate_key({.user_id = "a", .encryption_subkey = {.algorithm = "ECDH", .curve = "nonsense"}}));
}

TEST(Generate, WritesArmourAsMandosDoes) {
    EXPECT_TRUE(our_key().public_key.starts_with(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: Mandos client key\n\n"));
    EXPECT_TRUE(as_text(our_key().secret_key.reveal())
                    .starts_with("-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: Mandos client key\n\n"));
    EXPECT_EQ(our_key().public_key.find('\r'), std::string::npos);
    EXPECT_EQ(our_key().tls->public_key.size(), 113U);
    EXPECT_EQ(our_key().tls->private_key.size(), 119U);
}

TEST(OpenPgp, PassesItsSelfTest) {
    const auto result = self_test();
    EXPECT_TRUE(result) << result.error().text();
}
