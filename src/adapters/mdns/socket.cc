#include "adapters/mdns/socket.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/discovery.h"
#include "core/ip_address.h"
#include "core/mdns_gate.h"

namespace mandos::mdns {

namespace {

using Family = core::Discovery::Family;

constexpr std::uint16_t mdns_port = 5353;
constexpr std::uint32_t ipv4_group = 0xe00000fb; // 224.0.0.251 (RFC 6762 §3)
constexpr int hop_limit = 255;                   // RFC 6762 §11
constexpr int buffer_size = 1 << 20;             // for a burst of answers; the kernel may give less

sockaddr_in ipv4_all() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(mdns_port);
    address.sin_addr.s_addr = htonl(ipv4_group);
    return address;
}

sockaddr_in6 ipv6_all(std::uint32_t link) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(mdns_port);
    address.sin6_scope_id = link;
    // ff02::fb (RFC 6762 §3)
    address.sin6_addr.s6_addr[0] = 0xff;
    address.sin6_addr.s6_addr[1] = 0x02;
    address.sin6_addr.s6_addr[15] = 0xfb;
    return address;
}

template <class Value>
Result<void> set(int fd, int level, int option, const Value& value, const char* what) {
    if (setsockopt(fd, level, option, &value, sizeof value) != 0)
        return fail_errno(errno, "cannot make a socket for Multicast DNS: {}", what);
    return {};
}

Result<void> prepare_ipv6(int fd, std::uint32_t link) {
    MANDOS_TRY(set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY"));
    MANDOS_TRY(set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(link), "IPV6_MULTICAST_IF"));
    MANDOS_TRY(set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hop_limit, "IPV6_MULTICAST_HOPS"));
    MANDOS_TRY(set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT"));
    return set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
}

Result<void> prepare_ipv4(int fd, std::uint32_t link) {
    ip_mreqn interface{};
    interface.imr_ifindex = static_cast<int>(link);
    MANDOS_TRY(set(fd, IPPROTO_IP, IP_MULTICAST_IF, interface, "IP_MULTICAST_IF"));
    MANDOS_TRY(set(fd, IPPROTO_IP, IP_MULTICAST_TTL, hop_limit, "IP_MULTICAST_TTL"));
    MANDOS_TRY(set(fd, IPPROTO_IP, IP_RECVTTL, 1, "IP_RECVTTL"));
    return set(fd, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
}

Result<UniqueFd> open_socket(const Place& place) {
    const bool is_ipv6 = place.family == Family::V6;
    UniqueFd fd(socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP));
    if (!fd)
        return fail_errno(errno, "cannot make a socket for Multicast DNS");
    MANDOS_TRY(is_ipv6 ? prepare_ipv6(fd.get(), place.link) : prepare_ipv4(fd.get(), place.link));
    // Without these there is more to drop, or more is lost in a flood.
    (void)set(fd.get(), SOL_SOCKET, SO_BINDTOIFINDEX, static_cast<int>(place.link), "SO_BINDTOIFINDEX");
    (void)set(fd.get(), SOL_SOCKET, SO_RCVBUF, buffer_size, "SO_RCVBUF");
    return fd;
}

Result<void> join_ipv6(int fd, std::uint32_t link) {
    const sockaddr_in6 all = ipv6_all(link);
    const ipv6_mreq group{.ipv6mr_multiaddr = all.sin6_addr, .ipv6mr_interface = link};
    MANDOS_TRY(set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL"));
    MANDOS_TRY(set(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, group, "IPV6_JOIN_GROUP"));
    // To the group's address: what is sent to this machine alone is for those who asked.
    if (bind(fd, reinterpret_cast<const sockaddr*>(&all), sizeof all) != 0)
        return fail_errno(errno, "cannot listen for Multicast DNS on port {}", mdns_port);
    return {};
}

Result<void> join_ipv4(int fd, std::uint32_t link) {
    const sockaddr_in all = ipv4_all();
    ip_mreqn group{};
    group.imr_multiaddr = all.sin_addr;
    group.imr_ifindex = static_cast<int>(link);
    MANDOS_TRY(set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL"));
    MANDOS_TRY(set(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, group, "IP_ADD_MEMBERSHIP"));
    if (bind(fd, reinterpret_cast<const sockaddr*>(&all), sizeof all) != 0)
        return fail_errno(errno, "cannot listen for Multicast DNS on port {}", mdns_port);
    return {};
}

// The kernel would send from another link's IPv4 address, or from 0.0.0.0, where the link has none. Makes no
// other socket, which a confined process could not.
Result<void> require_ipv4_address(int fd, std::uint32_t link) {
    ifreq request{};
    request.ifr_ifindex = static_cast<int>(link);
    if (ioctl(fd, SIOCGIFNAME, &request) != 0)
        return fail_errno(errno, "no network interface {}", link);
    request.ifr_addr.sa_family = AF_INET;
    if (ioctl(fd, SIOCGIFADDR, &request) != 0)
        return fail_errno(errno, "no IPv4 address to send a Multicast DNS query from");
    return {};
}

core::IpAddress address_of(const in6_addr& address) {
    core::IpAddress result;
    std::memcpy(result.bytes.data(), &address, sizeof address);
    return result;
}

core::IpAddress address_of(const in_addr& address) {
    std::array<std::byte, sizeof address> bytes{};
    std::memcpy(bytes.data(), &address, sizeof address);
    return core::IpAddress::from_v4(bytes);
}

template <class Value>
Value data_of(const cmsghdr& header) {
    Value value{};
    std::memcpy(&value, CMSG_DATA(&header), sizeof value);
    return value;
}

// Hop limit and link of a message, as the kernel tells them beside it.
void read_beside(msghdr& message, core::MdnsOrigin& origin) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        const std::pair kind(header->cmsg_level, header->cmsg_type);
        if (kind == std::pair<int, int>(IPPROTO_IPV6, IPV6_HOPLIMIT)
            || kind == std::pair<int, int>(IPPROTO_IP, IP_TTL))
            origin.hop_limit = data_of<int>(*header);
        else if (kind == std::pair<int, int>(IPPROTO_IPV6, IPV6_PKTINFO))
            origin.link = data_of<in6_pktinfo>(*header).ipi6_ifindex;
        else if (kind == std::pair<int, int>(IPPROTO_IP, IP_PKTINFO))
            origin.link = static_cast<std::uint32_t>(data_of<in_pktinfo>(*header).ipi_ifindex);
    }
}

void read_sender(const sockaddr_storage& sender, core::MdnsOrigin& origin) {
    if (sender.ss_family == AF_INET6) {
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(sender);
        origin.source = address_of(ipv6.sin6_addr);
        origin.port = ntohs(ipv6.sin6_port);
    } else {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(sender);
        origin.source = address_of(ipv4.sin_addr);
        origin.port = ntohs(ipv4.sin_port);
    }
}

} // namespace

Result<UniqueFd> open_asking_socket(const Place& place) {
    UniqueFd fd = MANDOS_TRY(open_socket(place));
    // The port is the kernel's choice; bound now, so that it stays the same.
    sockaddr_storage any{};
    any.ss_family = place.family == Family::V6 ? AF_INET6 : AF_INET;
    const socklen_t size = place.family == Family::V6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&any), size) != 0)
        return fail_errno(errno, "cannot bind a socket for Multicast DNS");
    return fd;
}

Result<UniqueFd> open_listening_socket(const Place& place) {
    UniqueFd fd = MANDOS_TRY(open_socket(place));
    // RFC 6762 §15.1: other programs may be on the port, with either of the two.
    MANDOS_TRY(set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"));
    MANDOS_TRY(set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT"));
    MANDOS_TRY(place.family == Family::V6 ? join_ipv6(fd.get(), place.link)
                                          : join_ipv4(fd.get(), place.link));
    return fd;
}

Result<void> send_to_all(int socket, const Place& place, ByteView message) {
    ssize_t sent = -1;
    if (place.family == Family::V6) {
        const sockaddr_in6 all = ipv6_all(place.link);
        sent = sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                      reinterpret_cast<const sockaddr*>(&all), sizeof all);
    } else {
        MANDOS_TRY(require_ipv4_address(socket, place.link));
        const sockaddr_in all = ipv4_all();
        sent = sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                      reinterpret_cast<const sockaddr*>(&all), sizeof all);
    }
    if (sent < 0)
        return fail_errno(errno, "cannot send a Multicast DNS query by {}",
                          place.family == Family::V6 ? "IPv6" : "IPv4");
    return {};
}

std::optional<Received> receive(int socket, const Place& place, std::span<std::byte> buffer) {
    sockaddr_storage sender{};
    iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
    alignas(cmsghdr) std::array<std::byte, 256> beside{};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = beside.data();
    message.msg_controllen = beside.size();
    // An error that an earlier query left is taken away by being told once.
    constexpr int errors = 4;
    ssize_t got = -1;
    for (int i = 0; i < errors && got < 0; ++i) {
        got = recvmsg(socket, &message, 0);
        if (got < 0 && errno == EAGAIN)
            return std::nullopt;
    }
    if (got < 0)
        return std::nullopt;
    Received received;
    read_beside(message, received.origin);
    read_sender(sender, received.origin);
    if ((message.msg_flags & MSG_TRUNC) == 0 && received.origin.link == place.link)
        received.message = std::span(buffer).first(static_cast<std::size_t>(got));
    return received;
}

} // namespace mandos::mdns
