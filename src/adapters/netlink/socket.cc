#include "adapters/netlink/socket.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "base/error.h"
#include "core/ip_address.h"

namespace mandos::netlink {

Result<Socket> open_socket(unsigned groups) {
    Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
    if (!socket)
        return fail_errno(errno, "cannot ask the kernel about network interfaces (rtnetlink)");
    if (mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) != 0)
        return fail_errno(errno, "cannot listen to the kernel's network interfaces (rtnetlink)");
    return socket;
}

core::IpAddress to_ip_address(const nlattr& attribute, std::uint8_t family) {
    const std::size_t length = mnl_attr_get_payload_len(&attribute);
    const void* payload = mnl_attr_get_payload(&attribute);
    core::IpAddress address;
    if (family == AF_INET6 && length == address.bytes.size()) {
        std::memcpy(address.bytes.data(), payload, length);
        return address;
    }
    std::array<std::byte, 4> four{};
    if (family != AF_INET || length != four.size())
        return address;
    std::memcpy(four.data(), payload, length);
    return core::IpAddress::from_v4(four);
}

} // namespace mandos::netlink
