// LinkSysctls: the settings of the kernel's that are changed for an interface while this client brings it up
// and uses it, and put back at the end.
//
// A new IPv6 address is checked for duplicates before it can be used, which takes a second or two. With
// optimistic duplicate address detection (RFC 4429) it is used meanwhile; the check goes on, and an address
// that turns out to be somebody else's is given up. Linux: net.ipv6.conf.IF.optimistic_dad and
// use_optimistic. Where the kernel has neither, or no IPv6, nothing happens: addresses come later then.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mandos::client {

class LinkSysctls {
  public:
    LinkSysctls() = default;
    LinkSysctls(const LinkSysctls&) = delete;
    LinkSysctls& operator=(const LinkSysctls&) = delete;

    // Before INTERFACE is set up: too late for an address that is being checked.
    void be_optimistic(std::uint32_t index, const std::string& interface);
    // What interface INDEX had, by whatever name it has now; nothing where it has gone.
    void put_back(std::uint32_t index);

  private:
    struct Changed {
        std::uint32_t index = 0;
        std::string setting; // "optimistic_dad"
        std::string before;
    };
    std::vector<Changed> changed_;
};

} // namespace mandos::client
