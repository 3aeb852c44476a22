// A datagram socket in a directory of its own, in the place of /dev/log or of the journal.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace mandos::test {

class Receiver {
  public:
    Receiver() : directory_(testing::TempDir() + "mandos-log-XXXXXX") {
        EXPECT_NE(mkdtemp(directory_.data()), nullptr);
        open();
    }
    ~Receiver() { std::filesystem::remove_all(directory_); }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::string path() const { return directory_ + "/log"; }

    // There is another one from now on.
    void open() {
        close();
        socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        std::ranges::copy(path(), address.sun_path);
        ASSERT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    void close() {
        socket_.reset();
        std::filesystem::remove(path());
    }

    // The next datagram that came, "(nothing)" when none did; FILE is the one that it handed over.
    std::string next() {
        std::string bytes(std::size_t{1} << 20, '\0');
        iovec buffer{.iov_base = bytes.data(), .iov_len = bytes.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &buffer;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
        if (got < 0)
            return "(nothing)";
        file_.reset();
        if (const cmsghdr* const header = CMSG_FIRSTHDR(&message); header != nullptr) {
            int handed_over = -1;
            std::memcpy(&handed_over, CMSG_DATA(header), sizeof handed_over);
            file_.reset(handed_over);
        }
        bytes.resize(static_cast<std::size_t>(got));
        return bytes;
    }
    const UniqueFd& file() const { return file_; }

  private:
    std::string directory_;
    UniqueFd socket_;
    UniqueFd file_;
};

} // namespace mandos::test
