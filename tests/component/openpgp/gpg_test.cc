// Our OpenPGP against GnuPG's: what we refuse of it, then that each reads what the other makes.
#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rnp/rnp.h>

#include "adapters/openpgp/generate.h"
#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "tests/component/openpgp/gpg_case.h"

namespace {

using mandos::as_bytes;
using mandos::as_text;
using mandos::Bytes;
using mandos::ErrorKind;
using mandos::Result;
using mandos::SecretBytes;
using mandos::test::content_of;
using mandos::test::GpgCase;
using namespace mandos::openpgp; // NOLINT(google-build-using-namespace): it is what is tested

constexpr std::size_t limit = 1 << 20;
constexpr std::string_view password = "hunter2";

class GpgTest : public GpgCase {
  protected:
    // A key that gpg makes; armoured, secret.
    SecretBytes key_by_gpg(std::string_view type, std::string_view subtype,
                           std::string_view more = "") const {
        write("batch",
              fmt::format("%no-protection\n{}\nName-Real: made by gpg\n{}\n%commit\n", type, subtype));
        (void)gpg(fmt::format("{} --generate-key {}", more, path("batch")));
        return SecretBytes::copy_of(as_bytes(gpg("--armor --export-secret-keys")));
    }

    std::string message_by_gpg(const std::string& arguments, std::string_view plaintext = password) const {
        return GpgCase::message_by_gpg(arguments, plaintext);
    }

    void import(const GeneratedKey& key) const {
        for (const std::string_view text :
             {std::string_view(key.public_key), as_text(key.secret_key.reveal())}) {
            const std::string status = gpg("--status-fd 1 --import " + write("key", text));
            EXPECT_NE(status.find("[GNUPG:] IMPORT_OK"), std::string::npos) << status;
            for (const char* bad : {"PROBLEM", "ERROR", "FAILURE", "NODATA", "BADARMOR"})
                EXPECT_EQ(status.find(bad), std::string::npos) << status;
            EXPECT_EQ(content_of(path("stderr")), "");
        }
    }
};

const GeneratedKey& our_key() {
    static const GeneratedKey key = generate_key({.user_id = "client.example"}).value();
    return key;
}

std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::mt19937 random(4880);
    for (char& byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

void expect_decrypts(std::string_view message, const SecretBytes& key,
                     std::string_view plaintext = password) {
    const auto decrypted = decrypt(as_bytes(message), key, limit);
    ASSERT_TRUE(decrypted) << decrypted.error().text();
    EXPECT_TRUE(decrypted->equals(as_bytes(plaintext)));
}

void expect_refused(std::string_view message, const SecretBytes& key, std::string_view words) {
    const auto decrypted = decrypt(as_bytes(message), key, limit);
    ASSERT_FALSE(decrypted);
    EXPECT_EQ(decrypted.error().kind(), ErrorKind::Invalid);
    EXPECT_NE(decrypted.error().text().find(words), std::string::npos) << decrypted.error().text();
}

} // namespace

TEST_F(GpgTest, ItsMessagesToNoKeyAreRefused) {
    import(our_key());
    const SecretBytes& key = our_key().secret_key;
    expect_refused(message_by_gpg("--sign"), key, "not encrypted to a key");
    expect_refused(message_by_gpg("--armor --sign"), key, "not encrypted to a key");
    expect_refused(message_by_gpg("--clearsign"), key, "");
    expect_refused(message_by_gpg("--store"), key, "not encrypted to a key");
    expect_refused(message_by_gpg("--detach-sign"), key, "");
    expect_refused(message_by_gpg("--passphrase words --symmetric"), key, "");
}

TEST_F(GpgTest, ItsMessageWithoutProtectionIsRefused) {
    import(our_key());
    const std::string message =
        message_by_gpg("--rfc2440 --disable-mdc --recipient client.example --encrypt");
    const std::string listing = path("listing");
    // gpg itself ends with an error about such a message, after it has listed it.
    (void)run(fmt::format("gpg --homedir {} --batch --list-packets {} >{} 2>/dev/null", path("."),
                          write("message", message), listing));
    ASSERT_NE(content_of(listing).find(":encrypted data packet:"), std::string::npos)
        << "gpg no longer makes such messages";
    expect_refused(message, our_key().secret_key, "no protection against changes");
}

TEST_F(GpgTest, ItsMessageToAnotherKeyIsRefused) {
    (void)key_by_gpg("Key-Type: eddsa\nKey-Curve: ed25519", "Subkey-Type: ecdh\nSubkey-Curve: cv25519");
    const auto decrypted =
        decrypt(as_bytes(message_by_gpg("--recipient 'made by gpg' --encrypt")), our_key().secret_key, limit);
    ASSERT_FALSE(decrypted);
    EXPECT_EQ(decrypted.error().kind(), ErrorKind::Denied);
}

TEST_F(GpgTest, ItsMessageWithAHiddenRecipientIsRefusedWithAHint) {
    import(our_key());
    for (const char* form : {"--throw-keyids --recipient", "--hidden-recipient"}) {
        const auto decrypted =
            decrypt(as_bytes(message_by_gpg(fmt::format("{} client.example --encrypt", form))),
                    our_key().secret_key, limit);
        ASSERT_FALSE(decrypted);
        EXPECT_EQ(decrypted.error().kind(), ErrorKind::Unsupported);
        EXPECT_EQ(decrypted.error().text(),
                  fmt::format("the message hides whom it is for, and librnp {} cannot read that; encrypt it "
                              "without gpg's --throw-keyids and --hidden-recipient",
                              rnp_version_string()));
    }
}

TEST_F(GpgTest, ReadsOurKeysWithTheirUsages) {
    import(our_key());
    const std::string listing = gpg("--with-colons --with-subkey-fingerprint --list-secret-keys");
    EXPECT_NE(listing.find("fpr:::::::::" + our_key().fingerprint + ":"), std::string::npos) << listing;
    // Field 12 is what a key is for (gpg's doc/DETAILS); in capitals: what the whole can do.
    std::string usages;
    for (std::size_t at = 0; at < listing.size(); at = listing.find('\n', at) + 1) {
        const std::string line = listing.substr(at, listing.find('\n', at) - at);
        if (!line.starts_with("sec:") && !line.starts_with("ssb:"))
            continue;
        std::size_t field = 0;
        for (int i = 0; i < 11; ++i)
            field = line.find(':', field) + 1;
        usages += line.substr(0, 4) + line.substr(field, line.find(':', field) - field) + " ";
    }
    EXPECT_EQ(usages, "sec:scESCA ssb:a ssb:e ");
}

TEST_F(GpgTest, ReadsKeysAsThoseOfMandos18) {
    constexpr unsigned bits = 2048;
    const auto key = generate_key({.user_id = "old",
                                   .primary = {.algorithm = "RSA", .bits = bits},
                                   .encryption_subkey = {.algorithm = "RSA", .bits = bits},
                                   .tls_key = KeyRequest::TlsKey::None})
                         .value();
    import(key);
    const std::string listing = gpg("--with-colons --list-secret-keys");
    EXPECT_NE(listing.find(":scaESCA:"), std::string::npos) << listing;
    EXPECT_NE(listing.find(":e:::"), std::string::npos) << listing;
    expect_decrypts(message_by_gpg("--recipient old --sign --encrypt"), key.secret_key);
    const Bytes message = encrypt_to_self(SecretBytes::copy_of(as_bytes(password)), key.secret_key).value();
    EXPECT_EQ(gpg("--decrypt " + write("message", as_text(message))), password);
}

TEST_F(GpgTest, EncryptsToOurKeysInEveryForm) {
    import(our_key());
    const std::string large = noise(100'000);
    for (const std::string form :
         {"", "--armor", "--sign", "--compress-algo zlib", "--compress-algo bzip2 -z 9 --sign",
          "--compress-algo none", "--cipher-algo CAMELLIA256", "--cipher-algo AES128", "--textmode"}) {
        SCOPED_TRACE(form);
        for (const std::string_view plaintext : {password, std::string_view(large)})
            if (form != "--textmode" || plaintext == password)
                expect_decrypts(message_by_gpg(form + " --recipient client.example --encrypt", plaintext),
                                our_key().secret_key, plaintext);
    }
}

TEST_F(GpgTest, ReadsWhatWeEncrypt) {
    import(our_key());
    for (const std::string& plaintext : {std::string("a\0b\n", 4), noise(100'000)}) {
        for (const SecretBytes& key : {SecretBytes::copy_of(our_key().secret_key.reveal()),
                                       SecretBytes::copy_of(as_bytes(our_key().public_key))}) {
            const Bytes message = encrypt_to_self(SecretBytes::copy_of(as_bytes(plaintext)), key).value();
            EXPECT_EQ(gpg("--status-fd 2 --decrypt " + write("message", as_text(message))), plaintext);
            const std::string status = content_of(path("stderr"));
            EXPECT_NE(status.find("[GNUPG:] DECRYPTION_OKAY"), std::string::npos) << status;
            EXPECT_EQ(status.find("[GNUPG:] GOODSIG") != std::string::npos,
                      key.equals(our_key().secret_key.reveal()))
                << status;
        }
    }
}

TEST_F(GpgTest, MakesKeysThatWorkWithUs) {
    const char* const kinds[][2] = {
        {"Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign,auth", "Subkey-Type: RSA\nSubkey-Length: 2048"},
        {"Key-Type: eddsa\nKey-Curve: ed25519", "Subkey-Type: ecdh\nSubkey-Curve: cv25519"},
        {"Key-Type: ecdsa\nKey-Curve: nistp384", "Subkey-Type: ecdh\nSubkey-Curve: nistp384"},
        {"Key-Type: ecdsa\nKey-Curve: brainpoolP256r1", "Subkey-Type: ecdh\nSubkey-Curve: brainpoolP256r1"}};
    for (const auto& kind : kinds) {
        SCOPED_TRACE(kind[0]);
        const SecretBytes key = key_by_gpg(kind[0], kind[1]);
        const auto identity = read_identity(gpg("--armor --export"));
        ASSERT_TRUE(identity) << identity.error().text();
        const std::string fingerprint = identity->fingerprint;
        expect_decrypts(message_by_gpg("--encrypt --sign --recipient " + fingerprint), key);
        const auto message = encrypt_to_self(SecretBytes::copy_of(as_bytes(password)), key);
        ASSERT_TRUE(message) << message.error().text();
        EXPECT_EQ(gpg("--decrypt " + write("message", as_text(*message))), password);
        (void)gpg("--yes --delete-secret-and-public-key " + fingerprint);
    }
}

// In an initramfs the clock may be in 1970, as long as no network has set it.
TEST_F(GpgTest, KeysFromTheFutureDecryptAllTheSame) {
    const SecretBytes key =
        key_by_gpg("Key-Type: eddsa\nKey-Curve: ed25519", "Subkey-Type: ecdh\nSubkey-Curve: cv25519",
                   "--faked-system-time 20900101T000000");
    const std::string message =
        message_by_gpg("--faked-system-time 20900102T000000 --recipient 'made by gpg' --sign --encrypt");
    expect_decrypts(message, key);
}

// A server's clock may be wrong too, and it must know its clients all the same.
TEST_F(GpgTest, KeysFromTheFutureAreIdentities) {
    (void)key_by_gpg("Key-Type: eddsa\nKey-Curve: ed25519",
                     "Subkey-Type: eddsa\nSubkey-Curve: ed25519\nSubkey-Usage: auth",
                     "--faked-system-time 20900101T000000");
    const auto identity = read_identity(gpg("--armor --export"));
    ASSERT_TRUE(identity) << identity.error().text();
    EXPECT_TRUE(identity->tls_spki);
}

TEST_F(GpgTest, ExpiredKeysDecryptAllTheSame) {
    const SecretBytes key = key_by_gpg("Key-Type: eddsa\nKey-Curve: ed25519",
                                       "Subkey-Type: ecdh\nSubkey-Curve: cv25519\nExpire-Date: 1d",
                                       "--faked-system-time 20100101T000000");
    const std::string message =
        message_by_gpg("--faked-system-time 20100101T010000 --recipient 'made by gpg' --encrypt");
    expect_decrypts(message, key);
}

// Authenticated encryption, which gpg of that age does not make: librnp itself as `rnp --aead` uses it.
TEST(Decrypt, ReadsAuthenticatedEncryption) {
    for (const char* mode : {"OCB", "EAX"}) {
        const Engine engine = new_engine();
        ASSERT_TRUE(import_keys(engine, as_bytes(our_key().public_key)));
        const Key key = only_primary_key(engine).value();
        const Input input = input_from(as_bytes(password)).value();
        SecretSink sink(limit);
        Output output = sink.output();
        rnp_op_encrypt_t raw = nullptr;
        ASSERT_EQ(rnp_op_encrypt_create(&raw, engine.get(), input.get(), output.get()), RNP_SUCCESS);
        const mandos::Handle<rnp_op_encrypt_st, rnp_op_encrypt_destroy> operation(raw);
        ASSERT_EQ(rnp_op_encrypt_set_cipher(raw, "AES256"), RNP_SUCCESS);
        ASSERT_EQ(rnp_op_encrypt_set_aead(raw, mode), RNP_SUCCESS);
        ASSERT_EQ(rnp_op_encrypt_add_recipient(raw, key.get()), RNP_SUCCESS);
        ASSERT_EQ(rnp_op_encrypt_execute(raw), RNP_SUCCESS);
        output.reset();
        Bytes message = mandos::to_bytes(as_text(sink.take().reveal()));
        expect_decrypts(as_text(message), our_key().secret_key);
        message.back() ^= std::byte{1};
        EXPECT_FALSE(decrypt(message, our_key().secret_key, limit)) << mode;
    }
}
