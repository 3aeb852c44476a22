// Against a real LUKS2 volume in a file, made by cryptsetup.
#include "adapters/luks/luks.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"

using mandos::as_bytes;
using mandos::ErrorKind;
using mandos::SecretBytes;
using mandos::luks::opened_keyslot;

namespace {

class Luks : public testing::Test {
  protected:
    Luks() : directory_(testing::TempDir() + "mandos-luks-XXXXXX") {
        EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    }
    ~Luks() override { std::filesystem::remove_all(directory_); }

    std::string path(const char* name) const { return directory_ + "/" + name; }

    // The path of a volume that opens with PASSPHRASE.
    std::string volume(const std::string& passphrase) const {
        std::ofstream(path("key"), std::ios::binary) << passphrase;
        std::ofstream(path("volume")).close();
        std::filesystem::resize_file(path("volume"), 20 << 20);
        const std::string command = "cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 "
                                    "--pbkdf-force-iterations 1000 --key-file "
                                    + path("key") + " " + path("volume");
        // NOLINTNEXTLINE(concurrency-mt-unsafe,cert-env33-c): a test, one thread
        EXPECT_EQ(std::system(command.c_str()), 0);
        return path("volume");
    }

  private:
    std::string directory_;
};

} // namespace

TEST_F(Luks, OpensWithNoOtherPassphrase) {
    const std::string device = volume("correct horse");
    EXPECT_EQ(opened_keyslot(device, SecretBytes::copy_of(as_bytes("wrong horse"))).value(), std::nullopt);
    EXPECT_EQ(opened_keyslot(device, SecretBytes::copy_of(as_bytes("correct horse\n"))).value(),
              std::nullopt);
    EXPECT_EQ(opened_keyslot(device, SecretBytes()).value(), std::nullopt);
}

TEST_F(Luks, SaysWhatIsNoVolume) {
    std::ofstream(path("plain")) << std::string(1 << 20, 'x');
    const auto plain = opened_keyslot(path("plain"), SecretBytes::copy_of(as_bytes("x")));
    EXPECT_EQ(plain.error().kind(), ErrorKind::Invalid);
    EXPECT_EQ(plain.error().text(),
              "device \"" + path("plain") + "\" is no LUKS volume; see: cryptsetup luksDump");
    EXPECT_EQ(opened_keyslot(path("none"), SecretBytes::copy_of(as_bytes("x"))).error().kind(),
              ErrorKind::NotFound);
}

TEST_F(Luks, OpensWithThePassphraseByteForByte) {
    const std::string passphrase("bin\0ary\n", 8);
    EXPECT_EQ(opened_keyslot(volume(passphrase), SecretBytes::copy_of(as_bytes(passphrase))).value(), 0);
}
