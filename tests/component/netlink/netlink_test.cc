// The kernel's own interfaces, addresses and routes, in a network namespace of the test's: nothing else is
// there.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <unistd.h>

#include "adapters/netlink/changes.h"
#include "adapters/netlink/watcher.h"
#include "base/error.h"
#include "core/ip_address.h"
#include "loop/asio.h"
#include "tests/component/netlink/ip.h"

using mandos::ErrorKind;
using mandos::core::IpAddress;
using mandos::netlink::Address;
using mandos::netlink::AddressGone;
using mandos::netlink::Changes;
using mandos::netlink::Event;
using mandos::netlink::Failed;
using mandos::netlink::Link;
using mandos::netlink::LinkGone;
using mandos::netlink::Listed;
using mandos::netlink::Watcher;
namespace io = mandos::io;
using mandos::support::address_of;
using mandos::support::ip;

namespace {

class Netlink : public mandos::support::OwnNetwork {
  protected:
    void watch() {
        auto started = Watcher::start(loop_.get_executor(), [this](const Event& event) {
            ASSERT_FALSE(std::holds_alternative<Failed>(event));
            events_.push_back(event);
        });
        ASSERT_TRUE(started) << started.error().text();
        watcher_.emplace(*std::move(started));
    }

    // Runs the loop until an event of TYPE for which HOLDS; each is looked at once.
    template <class Type>
    Type wait_for(const std::function<bool(const Type&)>& holds = [](const Type&) { return true; }) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < deadline) {
            for (; looked_at_ < events_.size(); ++looked_at_)
                if (const auto* event = std::get_if<Type>(&events_[looked_at_]);
                    event != nullptr && holds(*event)) {
                    ++looked_at_;
                    return *event;
                }
            loop_.restart();
            loop_.run_one_until(deadline);
        }
        ADD_FAILURE() << "no such event within a minute";
        return {};
    }

    std::vector<Link> links() const {
        std::vector<Link> found;
        for (const Event& event : events_)
            if (const auto* link = std::get_if<Link>(&event))
                found.push_back(*link);
        return found;
    }

    io::io_context loop_;
    std::vector<Event> events_;
    std::size_t looked_at_ = 0;
    std::optional<Watcher> watcher_;
};

std::function<bool(const Link&)> named(const std::string& name, std::uint32_t flags = 0) {
    return [=](const Link& link) { return link.name == name && (link.flags & flags) == flags; };
}

} // namespace

TEST_F(Netlink, WhoHasNoRightChangesNothing) {
    ip("link add one type veth peer name two");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    ASSERT_EQ(seteuid(65534), 0);
    const auto up = changes->set_up(if_nametoindex("one"));
    const auto route = changes->add_route(if_nametoindex("one"), address_of("2001:db8::1"));
    ASSERT_EQ(seteuid(0), 0);
    ASSERT_FALSE(up);
    EXPECT_EQ(up.error().kind(), ErrorKind::Denied) << up.error().text();
    EXPECT_FALSE(route);
    EXPECT_EQ(ip("-brief link show one").find("UP"), std::string::npos);
}

TEST_F(Netlink, AnInterfaceThatIsNotThereIsNamed) {
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    const auto up = changes->set_up(4711);
    ASSERT_FALSE(up);
    EXPECT_NE(up.error().text().find("interface 4711 cannot be set up: "), std::string::npos)
        << up.error().text();
    const auto route = changes->add_route(4711, address_of("192.0.2.1"));
    ASSERT_FALSE(route);
    EXPECT_NE(route.error().text().find("192.0.2.1"), std::string::npos) << route.error().text();
}

TEST_F(Netlink, TellsWhatThereIsThenThatThatWasAll) {
    ip("link add one type veth peer name two");
    ip("address add 192.0.2.1/24 dev one");
    watch();
    (void)wait_for<Listed>();
    std::vector<std::string> names;
    for (const Link& link : links())
        names.push_back(link.name);
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"lo", "one", "two"}));
    const bool has_address = std::ranges::any_of(events_, [](const Event& event) {
        const auto* address = std::get_if<Address>(&event);
        return address != nullptr && address->address == address_of("192.0.2.1")
               && address->link == if_nametoindex("one");
    });
    EXPECT_TRUE(has_address);
}

TEST_F(Netlink, TellsWhatChanges) {
    watch();
    (void)wait_for<Listed>();
    ip("link add one type veth peer name two");
    const Link one = wait_for<Link>(named("one"));
    EXPECT_EQ(one.index, if_nametoindex("one"));
    EXPECT_EQ(one.flags & IFF_UP, 0U);

    ip("link set one up");
    ip("link set two up");
    (void)wait_for<Link>(named("one", IFF_UP | IFF_RUNNING));
    // Told when it can be used.
    const auto link_local = wait_for<Address>(
        [&](const Address& told) { return told.link == one.index && told.address.is_ipv6_link_local(); });
    EXPECT_EQ(link_local.flags & IFA_F_TENTATIVE, 0U);

    ip("link delete one");
    (void)wait_for<AddressGone>([&](const AddressGone& gone) { return gone.address == link_local.address; });
    (void)wait_for<LinkGone>([&](const LinkGone& gone) { return gone.index == one.index; });
}

TEST_F(Netlink, ANameThatChangesIsTheSameInterface) {
    ip("link add one type veth peer name two");
    const std::uint32_t index = if_nametoindex("one");
    watch();
    (void)wait_for<Listed>();
    ip("link set one name renamed");
    EXPECT_EQ(wait_for<Link>(named("renamed")).index, index);
}

// More than the socket holds while nobody reads: what was missed is found out.
TEST_F(Netlink, WhatWasMissedIsToldWhenItIsOver) {
    watch();
    (void)wait_for<Listed>();
    ip("link add gone type veth peer name peer");
    const std::uint32_t gone = wait_for<Link>(named("gone")).index;
    ip("link delete gone");
    {
        std::string batch;
        for (int number = 0; number < 400; ++number)
            batch += fmt::format("link add many{} type veth peer name peer{}\nlink delete many{}\n", number,
                                 number, number);
        FILE* pipe = popen("ip -batch -", "w");
        (void)fwrite(batch.data(), 1, batch.size(), pipe);
        ASSERT_EQ(pclose(pipe), 0);
    }
    ip("link add last type veth peer name end");
    (void)wait_for<LinkGone>([&](const LinkGone& told) { return told.index == gone; });
    (void)wait_for<Link>(named("last"));
    // What is told in the end is what there is.
    std::map<std::uint32_t, std::string> there;
    for (const Event& event : events_) {
        if (const auto* link = std::get_if<Link>(&event))
            there[link->index] = link->name;
        if (const auto* left = std::get_if<LinkGone>(&event))
            there.erase(left->index);
    }
    std::vector<std::string> names;
    for (const auto& [index, name] : there)
        names.push_back(name);
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"end", "last", "lo"}));
}

TEST_F(Netlink, SetsLinksUpAndDown) {
    ip("link add one type veth peer name two");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    ASSERT_TRUE(changes->set_up(if_nametoindex("one")));
    EXPECT_NE(ip("link show one").find(",UP"), std::string::npos);
    ASSERT_TRUE(changes->set_down(if_nametoindex("one")));
    EXPECT_EQ(ip("link show one").find(",UP"), std::string::npos);
}

TEST_F(Netlink, RoutesAreThoseOfMandos18) {
    ip("link add one type veth peer name two");
    ip("link set one up");
    ip("link set two up");
    const std::uint32_t one = if_nametoindex("one");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    for (const auto& [text, shown] :
         {std::pair("2001:db8::5", "2001:db8::5 dev one proto boot scope global metric 1024"),
          std::pair("192.0.2.5", "192.0.2.5 dev one proto boot scope link")}) {
        const IpAddress address = address_of(text);
        const std::string list = fmt::format("-details {} route show", address.is_ipv4() ? "-4" : "-6");
        ASSERT_TRUE(changes->add_route(one, address));
        EXPECT_NE(ip(list).find(shown), std::string::npos) << ip(list);
        const auto again = changes->add_route(one, address);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code(), EEXIST) << again.error().text();
        ASSERT_TRUE(changes->remove_route(one, address));
        EXPECT_EQ(ip(list).find(text), std::string::npos);
        const auto twice = changes->remove_route(one, address);
        ASSERT_FALSE(twice);
        EXPECT_EQ(twice.error().code(), ESRCH) << twice.error().text();
    }
}
