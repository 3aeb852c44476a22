#include "programs/mandos-client/helper_channel.h"

#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>

#include <sys/socket.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/helper_message.h"

namespace mandos::client {

Sent send_packet(int channel, const wire::HelperMessage& message) {
    for (;;) {
        if (send(channel, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            return Sent::Yes;
        if (errno == EAGAIN || errno == ENOBUFS)
            return Sent::NotNow;
        if (errno != EINTR)
            return Sent::Never;
    }
}

Result<std::optional<ByteView>> receive_packet(int channel, Packet& buffer) {
    for (;;) {
        const ssize_t got = recv(channel, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0)
            return ByteView(buffer).first(static_cast<std::size_t>(got));
        if (got == 0)
            return fail(ErrorKind::PeerClosed, "the other process has ended");
        if (errno == EAGAIN)
            return std::nullopt;
        if (errno != EINTR)
            return fail_errno(errno, "cannot hear of the other process");
    }
}

} // namespace mandos::client
