// What the kernel has, as ip(8) tells and makes it, in a network of the test's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/ip_address.h"

namespace mandos::support {

// What ip(8) prints; a failing one fails the test.
inline std::string ip(const std::string& arguments) {
    FILE* pipe = popen(fmt::format("ip {} 2>&1", arguments).c_str(), "r");
    std::string output;
    std::array<char, 4096> piece{};
    while (const std::size_t got = fread(piece.data(), 1, piece.size(), pipe))
        output.append(piece.data(), got);
    EXPECT_EQ(pclose(pipe), 0) << "ip " << arguments << ": " << output;
    return output;
}

inline core::IpAddress address_of(const std::string& text) {
    core::IpAddress address;
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1)
        return address;
    std::array<std::byte, 4> four{};
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), four.data()), 1) << text;
    return core::IpAddress::from_v4(four);
}

// Each test has a network namespace of its own, with nothing but loopback, which is down.
class OwnNetwork : public testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0)
            GTEST_SKIP() << "only root can make network namespaces";
        ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    }
};

} // namespace mandos::support
