#include "adapters/log/datagrams.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/unique_fd.h"

namespace mandos::log {

bool Datagrams::connect() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (path_.empty() || path_.size() >= sizeof address.sun_path)
        return false;
    std::ranges::copy(path_, address.sun_path);
    socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_
        || ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        socket_.reset();
    return static_cast<bool>(socket_);
}

// SEND_ONCE sends to a descriptor and returns what send(2) does.
template <class SendOnce>
Datagrams::Outcome Datagrams::send_with(const SendOnce& send_once) {
    const auto outcome = [](ssize_t sent) {
        if (sent >= 0)
            return Outcome::Taken;
        if (errno == EAGAIN || errno == ENOBUFS)
            return Outcome::Full;
        return errno == EMSGSIZE ? Outcome::TooLong : Outcome::Absent;
    };
    if (socket_)
        if (const Outcome first = outcome(send_once(socket_.get())); first != Outcome::Absent)
            return first;
    // There was none, or it has ended; another may be there.
    const Outcome again = connect() ? outcome(send_once(socket_.get())) : Outcome::Absent;
    if (again == Outcome::Absent)
        socket_.reset();
    return again;
}

Datagrams::Outcome Datagrams::send(std::string_view bytes) {
    return send_with(
        [bytes](int descriptor) { return ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
}

Datagrams::Outcome Datagrams::send_file(const UniqueFd& file) {
    const int handed_over = file.get();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof handed_over)> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof handed_over);
    std::memcpy(CMSG_DATA(header), &handed_over, sizeof handed_over);
    return send_with([&message](int descriptor) { return sendmsg(descriptor, &message, MSG_NOSIGNAL); });
}

} // namespace mandos::log
