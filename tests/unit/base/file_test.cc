#include "base/file.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"

namespace {

class File : public testing::Test {
  protected:
    File() : directory_(testing::TempDir() + "mandos-file-XXXXXX") {
        EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    }
    ~File() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name) const { return directory_ + "/" + name; }
    std::size_t count() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory_), {}));
    }

  private:
    std::string directory_;
};

} // namespace

TEST_F(File, NamesWhatCannotBeRead) {
    const auto missing = mandos::read_file(path("none"), 10);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind(), mandos::ErrorKind::NotFound);
    EXPECT_EQ(missing.error().text(), "cannot open file \"" + path("none") + "\": No such file or directory");
}

TEST_F(File, RefusesMoreThanTheLimit) {
    ASSERT_TRUE(mandos::write_file_atomically(path("a"), mandos::as_bytes("12345"), 0600));
    EXPECT_EQ(mandos::read_file(path("a"), 4).error().kind(), mandos::ErrorKind::Exhausted);
    EXPECT_EQ(mandos::read_secret_file(path("a"), 4).error().kind(), mandos::ErrorKind::Exhausted);
    EXPECT_TRUE(mandos::read_file(path("a"), 5));
}

TEST_F(File, ReadsBackWhatWasWritten) {
    const std::string large(100'001, 'x');
    ASSERT_TRUE(mandos::write_file_atomically(path("a"), mandos::as_bytes(large), 0640));
    EXPECT_EQ(mandos::read_file(path("a"), 1 << 20), mandos::to_bytes(large));
    EXPECT_EQ(mandos::as_text(mandos::read_secret_file(path("a"), 1 << 20)->reveal()), large);
    struct stat status{};
    ASSERT_EQ(stat(path("a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST_F(File, LeavesTheOldContentAndNothingElseWhenItCannotBeReplaced) {
    std::filesystem::create_directories(path("occupied/inside"));
    EXPECT_FALSE(mandos::write_file_atomically(path("occupied"), mandos::as_bytes("new"), 0600));
    EXPECT_TRUE(std::filesystem::is_directory(path("occupied/inside")));
    EXPECT_EQ(count(), 1U);
}
