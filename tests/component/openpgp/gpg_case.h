// gpg with a home of its own in a folder that is gone afterwards, for the tests that compare ours with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace mandos::test {

inline std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class GpgCase : public testing::Test {
  protected:
    GpgCase() : folder_("/tmp/mandos-gpg-XXXXXX") { // short: gpg's sockets are in it
        EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    }
    ~GpgCase() override {
        run(fmt::format("gpgconf --homedir {} --kill all", folder_));
        std::filesystem::remove_all(folder_);
    }

    std::string path(std::string_view name) const { return fmt::format("{}/{}", folder_, name); }

    std::string write(std::string_view name, std::string_view content) const {
        std::ofstream(path(name), std::ios::binary) << content;
        return path(name);
    }

    static int run(const std::string& command) {
        return std::system(command.c_str()); // NOLINT(concurrency-mt-unsafe,cert-env33-c): a test, one thread
    }

    // Its standard output. What it says otherwise is shown when it fails.
    std::string gpg(const std::string& arguments) const {
        const int status =
            run(fmt::format("gpg --homedir {} --batch --no-options --quiet --trust-model always "
                            "--pinentry-mode loopback --passphrase '' {} >{} 2>{}",
                            folder_, arguments, path("stdout"), path("stderr")));
        EXPECT_EQ(status, 0) << arguments << "\n" << content_of(path("stderr"));
        return content_of(path("stdout"));
    }

    std::string message_by_gpg(const std::string& arguments, std::string_view plaintext) const {
        return gpg(fmt::format("{} --output - {}", arguments, write("plaintext", plaintext)));
    }

  private:
    std::string folder_;
};

} // namespace mandos::test
