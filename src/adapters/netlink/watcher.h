// Watcher: which network interfaces and addresses there are, and every change of that, from the kernel
// (rtnetlink(7)). Takes no privilege. Where the kernel had more to tell than we took in time, all is listed
// anew and what is gone meanwhile is told, so that what the handler was told last is always what holds, a
// moment later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/error.h"
#include "core/ip_address.h"
#include "loop/asio.h"

namespace mandos::netlink {

struct Link {
    std::uint32_t index = 0;
    std::string name;
    std::uint32_t flags = 0; // IFF_UP, IFF_RUNNING, IFF_LOOPBACK ... (netdevice(7))
    bool operator==(const Link&) const = default;
};
struct LinkGone {
    std::uint32_t index = 0;
};
struct Address {
    std::uint32_t link = 0; // its index
    core::IpAddress address;
    std::uint32_t flags = 0; // IFA_F_TENTATIVE, IFA_F_DADFAILED, IFA_F_OPTIMISTIC ... (rtnetlink(7))
    bool operator==(const Address&) const = default;
};
struct AddressGone {
    std::uint32_t link = 0;
    core::IpAddress address;
};
// All that there was when the watcher began has been told. Once.
struct Listed {};
// Nothing more will be told: the socket failed, and this is why.
struct Failed {
    Error error;
};
using Event = std::variant<Link, LinkGone, Address, AddressGone, Listed, Failed>;

class Watcher {
  public:
    // Called on the strand, from the loop. It may not destroy the watcher.
    using Handler = std::function<void(const Event&)>;

    // System: there is no such socket here (a kernel without rtnetlink, a sandbox).
    static Result<Watcher> start(const io::any_io_executor& strand, Handler handler);
    Watcher(Watcher&&) noexcept;
    Watcher& operator=(Watcher&&) = delete;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    ~Watcher();

  private:
    class Parts;
    explicit Watcher(std::shared_ptr<Parts> parts);
    // Shared with the wait for the socket, which may already be queued when the watcher goes.
    std::shared_ptr<Parts> parts_;
};

} // namespace mandos::netlink
