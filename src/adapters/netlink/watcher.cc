#include "adapters/netlink/watcher.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "adapters/netlink/socket.h"
#include "base/error.h"
#include "core/ip_address.h"
#include "loop/asio.h"

namespace mandos::netlink {

namespace {

constexpr std::size_t largest_message = 32768; // that the kernel sends, whatever we offer
constexpr std::size_t attribute_types = 16;    // of those that are looked at, and some more

using Attributes = std::array<const nlattr*, attribute_types>;

// Those behind the HEAD bytes that each message of its kind begins with; the last of each type.
Attributes attributes_of(const nlmsghdr& message, std::size_t head) {
    Attributes attributes{};
    const auto take = [](const nlattr* attribute, void* data) {
        if (const auto type = mnl_attr_get_type(attribute); type < attribute_types)
            static_cast<Attributes*>(data)->at(type) = attribute;
        return MNL_CB_OK;
    };
    (void)mnl_attr_parse(&message, static_cast<unsigned>(head), take, &attributes);
    return attributes;
}

Link read_link(const nlmsghdr& message) {
    const auto* head = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
    Link link{.index = static_cast<std::uint32_t>(head->ifi_index), .name = {}, .flags = head->ifi_flags};
    const nlattr* name = attributes_of(message, sizeof *head)[IFLA_IFNAME];
    if (name != nullptr && mnl_attr_validate(name, MNL_TYPE_NUL_STRING) >= 0)
        link.name = mnl_attr_get_str(name);
    return link;
}

// Nothing: of a family that is not for us.
std::optional<Address> read_address(const nlmsghdr& message) {
    const auto* head = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
    const Attributes attributes = attributes_of(message, sizeof *head);
    // At the other end of a point-to-point link is IFA_ADDRESS; our own is IFA_LOCAL then.
    const nlattr* own = attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    if (own == nullptr || (head->ifa_family != AF_INET && head->ifa_family != AF_INET6))
        return std::nullopt;
    Address address{
        .link = head->ifa_index, .address = to_ip_address(*own, head->ifa_family), .flags = head->ifa_flags};
    const nlattr* flags = attributes[IFA_FLAGS]; // those beyond eight bits too
    if (flags != nullptr && mnl_attr_validate(flags, MNL_TYPE_U32) >= 0)
        address.flags = mnl_attr_get_u32(flags);
    return address;
}

} // namespace

class Watcher::Parts : public std::enable_shared_from_this<Watcher::Parts> {
  public:
    Parts(const io::any_io_executor& strand, Socket socket, Handler handler)
        : handler_(std::move(handler)),
          socket_(std::move(socket)),
          descriptor_(strand, mnl_socket_get_fd(socket_.get())) {}
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() { (void)descriptor_.release(); } // it is the socket's

    void start() {
        list_anew();
        wait();
    }
    void stop() {
        handler_ = nullptr;
        descriptor_.cancel();
    }

  private:
    enum class Listing { Nothing, Links, Addresses };
    using AddressKey = std::pair<std::uint32_t, core::IpAddress>;
    template <class Told>
    struct Known {
        Told told;
        std::uint64_t listing = 0; // that it was last seen in, or after
    };

    void wait() {
        descriptor_.async_wait(io::posix::stream_descriptor::wait_read,
                               [self = shared_from_this()](const std::error_code& error) {
                                   if (!error && self->handler_)
                                       self->read();
                               });
    }

    // To the end of what there is: a socket that was too full once says so again only after that.
    void read() {
        bool lost = false;
        for (;;) {
            alignas(nlmsghdr) std::array<char, largest_message> buffer{};
            const ssize_t got =
                recv(mnl_socket_get_fd(socket_.get()), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (!handler_)
                return;
            if (got > 0)
                take(buffer.data(), static_cast<int>(got));
            else if (got < 0 && errno == ENOBUFS)
                lost = true;
            else if (got < 0 && errno == EAGAIN)
                break;
            else if (got == 0 || errno != EINTR)
                return tell(
                    Failed{Error::from_errno(errno, "cannot hear of network interfaces (rtnetlink)")});
        }
        if (lost)
            list_anew();
        wait();
    }

    void take(const char* messages, int length) {
        const auto* message = reinterpret_cast<const nlmsghdr*>(messages);
        for (; mnl_nlmsg_ok(message, length); message = mnl_nlmsg_next(message, &length)) {
            if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
                interrupted_ = true;
            switch (message->nlmsg_type) {
            case NLMSG_DONE:
                end_list(*message);
                break;
            case NLMSG_ERROR: // about a list of ours: one that was begun before is not over
                interrupted_ = true;
                end_list(*message);
                break;
            case RTM_NEWLINK:
                keep(links_, read_link(*message));
                break;
            case RTM_DELLINK:
                forget_link(read_link(*message).index);
                break;
            case RTM_NEWADDR:
                if (auto address = read_address(*message))
                    keep(addresses_, *address);
                break;
            case RTM_DELADDR:
                if (const auto address = read_address(*message))
                    forget_address({address->link, address->address});
                break;
            default: // nothing that was asked for
                break;
            }
        }
    }

    static std::uint32_t key_of(const Link& link) { return link.index; }
    static AddressKey key_of(const Address& address) { return {address.link, address.address}; }

    template <class Map, class Told>
    void keep(Map& known, const Told& told) {
        auto [entry, is_new] = known.try_emplace(key_of(told), Known<Told>{told, listing_});
        entry->second.listing = listing_;
        if (!is_new && entry->second.told == told)
            return;
        entry->second.told = told;
        tell(told);
    }

    void forget_link(std::uint32_t index) {
        if (links_.erase(index) > 0)
            tell(LinkGone{index});
    }
    void forget_address(const AddressKey& key) {
        if (addresses_.erase(key) > 0)
            tell(AddressGone{key.first, key.second});
    }

    // Links, then addresses; what is not seen in them is gone.
    void list_anew() {
        ++listing_;
        interrupted_ = false;
        ask(Listing::Links, RTM_GETLINK);
    }

    void ask(Listing listing, std::uint16_t type) {
        under_way_ = listing;
        std::array<char, 128> buffer{};
        nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
        message->nlmsg_type = type;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        message->nlmsg_seq = static_cast<std::uint32_t>(listing_);
        // Both begin with one byte for the family, which is any here.
        (void)mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg));
        if (mnl_socket_sendto(socket_.get(), message, message->nlmsg_len) < 0)
            tell(Failed{Error::from_errno(errno, "cannot ask for network interfaces (rtnetlink)")});
    }

    void end_list(const nlmsghdr& end) {
        if (end.nlmsg_seq != static_cast<std::uint32_t>(listing_)) // of one that was given up
            return;
        if (under_way_ == Listing::Links) {
            ask(Listing::Addresses, RTM_GETADDR);
            return;
        }
        under_way_ = Listing::Nothing;
        if (interrupted_) { // something changed meanwhile, and may be missing
            list_anew();
            return;
        }
        sweep();
        if (!std::exchange(listed_, true))
            tell(Listed{});
    }

    void sweep() {
        std::vector<AddressKey> addresses;
        for (const auto& [key, known] : addresses_)
            if (known.listing != listing_)
                addresses.push_back(key);
        for (const AddressKey& key : addresses)
            forget_address(key);
        std::vector<std::uint32_t> links;
        for (const auto& [index, known] : links_)
            if (known.listing != listing_)
                links.push_back(index);
        for (const std::uint32_t index : links)
            forget_link(index);
    }

    void tell(const Event& event) {
        if (handler_)
            handler_(event);
    }

    Handler handler_; // none: over
    Socket socket_;
    io::posix::stream_descriptor descriptor_;
    std::map<std::uint32_t, Known<Link>> links_;
    std::map<AddressKey, Known<Address>> addresses_;
    std::uint64_t listing_ = 0;
    Listing under_way_ = Listing::Nothing;
    bool interrupted_ = false;
    bool listed_ = false;
};

Watcher::Watcher(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
Watcher::Watcher(Watcher&&) noexcept = default;
Watcher::~Watcher() {
    if (parts_)
        parts_->stop();
}

Result<Watcher> Watcher::start(const io::any_io_executor& strand, Handler handler) {
    Socket socket = MANDOS_TRY(open_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR));
    auto parts = std::make_shared<Parts>(strand, std::move(socket), std::move(handler));
    parts->start();
    return Watcher(std::move(parts));
}

} // namespace mandos::netlink
