#include "adapters/netlink/changes.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "adapters/netlink/socket.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/ip_address.h"

namespace mandos::netlink {

namespace {

constexpr std::size_t request_size = 256;
constexpr std::size_t answer_size = 8192;
constexpr std::uint32_t metric = 1024;
constexpr std::size_t mapped_prefix = 12; // bytes before an IPv4 address in its IPv6 form

// What the kernel says of an error, behind a colon; empty where it says nothing.
std::string said_about(const nlmsghdr& answer) {
    if ((answer.nlmsg_flags & NLM_F_ACK_TLVS) == 0)
        return {};
    const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&answer));
    // The head of the request is in front of the attributes, or all of it.
    std::size_t offset = sizeof *error;
    if ((answer.nlmsg_flags & NLM_F_CAPPED) == 0)
        offset += mnl_nlmsg_get_payload_len(&error->msg);
    std::string text;
    const auto take = [](const nlattr* attribute, void* data) {
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG
            && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
            *static_cast<std::string*>(data) = fmt::format(": {}", printable(mnl_attr_get_str(attribute)));
        return MNL_CB_OK;
    };
    (void)mnl_attr_parse(&answer, static_cast<unsigned>(offset), take, &text);
    return text;
}

} // namespace

Result<Changes> Changes::open() {
    Socket socket = MANDOS_TRY(open_socket(0));
    int yes = 1;
    // Where the kernel is too old for them, its errors are numbers alone.
    (void)mnl_socket_setsockopt(socket.get(), NETLINK_EXT_ACK, &yes, sizeof yes);
    return Changes(std::move(socket));
}

Result<void> Changes::set_up(std::uint32_t link) {
    return set_flag_up(link, IFF_UP);
}

Result<void> Changes::set_down(std::uint32_t link) {
    return set_flag_up(link, 0);
}

Result<void> Changes::set_flag_up(std::uint32_t link, std::uint32_t value) {
    alignas(nlmsghdr) std::array<char, request_size> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = RTM_NEWLINK;
    auto* head = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
    head->ifi_index = static_cast<int>(link);
    head->ifi_change = IFF_UP;
    head->ifi_flags = value;
    MANDOS_TRY_IN(fmt::format("interface {} cannot be set {}", link, value == 0 ? "down" : "up"),
                  request(*message));
    return {};
}

Result<void> Changes::add_route(std::uint32_t link, const core::IpAddress& address) {
    return change_route(Change::Add, link, address);
}

Result<void> Changes::remove_route(std::uint32_t link, const core::IpAddress& address) {
    return change_route(Change::Remove, link, address);
}

Result<void> Changes::change_route(Change change, std::uint32_t link, const core::IpAddress& address) {
    const bool adds = change == Change::Add;
    alignas(nlmsghdr) std::array<char, request_size> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = adds ? RTM_NEWROUTE : RTM_DELROUTE;
    message->nlmsg_flags = adds ? NLM_F_CREATE | NLM_F_EXCL : 0;

    const std::size_t skipped = address.is_ipv4() ? mapped_prefix : 0;
    const std::size_t length = address.bytes.size() - skipped;
    auto* head = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
    head->rtm_family = address.is_ipv4() ? AF_INET : AF_INET6;
    head->rtm_dst_len = static_cast<unsigned char>(length * 8);
    head->rtm_table = RT_TABLE_MAIN;
    head->rtm_protocol = RTPROT_BOOT;
    head->rtm_scope = address.is_ipv4() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    head->rtm_type = RTN_UNICAST;
    mnl_attr_put(message, RTA_DST, length, address.bytes.data() + skipped);
    mnl_attr_put_u32(message, RTA_OIF, link);
    if (!address.is_ipv4())
        mnl_attr_put_u32(message, RTA_PRIORITY, metric);
    MANDOS_TRY_IN(fmt::format("the route to {} by interface {} cannot be {}", address.text(), link,
                              adds ? "added" : "removed"),
                  request(*message));
    return {};
}

Result<void> Changes::request(nlmsghdr& message) {
    message.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    message.nlmsg_seq = ++sequence_;
    if (mnl_socket_sendto(socket_.get(), &message, message.nlmsg_len) < 0)
        return fail_errno(errno, "the kernel takes no request (rtnetlink)");
    alignas(nlmsghdr) std::array<char, answer_size> buffer{};
    for (;;) {
        const auto got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(errno, "the kernel does not answer (rtnetlink)");
        const auto* answer = reinterpret_cast<const nlmsghdr*>(buffer.data());
        if (!mnl_nlmsg_ok(answer, static_cast<int>(got)) || answer->nlmsg_seq != sequence_
            || answer->nlmsg_type != NLMSG_ERROR)
            continue;
        const int code = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
        if (code == 0)
            return {};
        return fail_errno(-code, "refused by the kernel{}", said_about(*answer));
    }
}

} // namespace mandos::netlink
