#include "adapters/checker/echo_socket.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "adapters/checker/ping_sockets.h"
#include "adapters/checker/ping_target.h"
#include "base/bytes.h"
#include "base/error.h"
#include "loop/asio.h"
#include "wire/icmp_echo.h"

namespace mandos::checker {

EchoSocket::EchoSocket(const io::any_io_executor& strand, PingSocket socket, wire::IpVersion version)
    : version_(version),
      kind_(socket.kind),
      identifier_(socket.identifier),
      missing_(std::move(socket.missing)) {
    if (socket.fd)
        descriptor_.emplace(strand, socket.fd.release());
}

Result<void> EchoSocket::send(const PingTarget& target, std::uint16_t sequence, std::uint64_t token) {
    if (!descriptor_)
        return fail(ErrorKind::System, "cannot ping {}: {}", target.text(), missing_);
    const Bytes request =
        wire::write_echo_request({.identifier = identifier_, .sequence = sequence, .token = token}, version_);
    if (sendto(descriptor_->native_handle(), request.data(), request.size(), MSG_NOSIGNAL, target.address(),
               target.size())
        < 0)
        return fail_errno(errno, "cannot ping {}", target.text());
    return {};
}

std::vector<EchoSocket::Reply> EchoSocket::receive(std::size_t packets) {
    std::vector<Reply> replies;
    constexpr std::size_t largest = 256; // with IPv4 header and options; what is longer is none of ours
    std::array<std::byte, largest> packet{};
    for (std::size_t taken = 0; taken < packets && descriptor_; ++taken) {
        sockaddr_storage sender{};
        socklen_t size = sizeof sender;
        const ssize_t got = recvfrom(descriptor_->native_handle(), packet.data(), packet.size(), MSG_TRUNC,
                                     reinterpret_cast<sockaddr*>(&sender), &size);
        if (got < 0)
            break; // nothing more, or an error that belonged to one request
        if (static_cast<std::size_t>(got) > packet.size())
            continue;
        if (const auto echo = read(std::span(packet).first(static_cast<std::size_t>(got))))
            replies.push_back({.echo = *echo, .sender = sender, .sender_size = size});
    }
    return replies;
}

std::optional<wire::Echo> EchoSocket::read(ByteView packet) const {
    std::optional<ByteView> message = packet;
    if (kind_ == PingSocket::Kind::Raw && version_ == wire::IpVersion::V4)
        message = wire::without_ipv4_header(packet);
    if (!message)
        return std::nullopt;
    auto reply = wire::read_echo_reply(*message, version_);
    if (reply && reply->identifier != identifier_)
        reply.reset();
    return reply;
}

void EchoSocket::when_readable(Handler then) {
    if (!descriptor_ || std::exchange(is_waiting_, true))
        return;
    descriptor_->async_wait(io::posix::stream_descriptor::wait_read,
                            [this, then = std::move(then)](const std::error_code& error) mutable {
                                is_waiting_ = false;
                                then(error);
                            });
}

void EchoSocket::cancel() {
    if (descriptor_)
        descriptor_->cancel();
}

void EchoSocket::close() {
    descriptor_.reset();
}

} // namespace mandos::checker
