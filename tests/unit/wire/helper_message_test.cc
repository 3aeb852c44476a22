#include "wire/helper_message.h"

#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/ip_address.h"

using mandos::as_bytes;
using mandos::ErrorKind;
using mandos::core::IpAddress;
using namespace mandos::wire;

namespace {

// The fuzz target replays it too.
std::string message(const std::string& name) {
    std::ifstream file(std::string(MANDOS_SOURCE_DIR) + "/tests/fuzz/corpus/helper_message/" + name,
                       std::ios::binary);
    EXPECT_TRUE(file.is_open()) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

const IpAddress ipv4 = IpAddress::from_v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}});

IpAddress ipv6() { // fd00::1
    IpAddress address;
    address.bytes.front() = std::byte{0xfd};
    address.bytes.back() = std::byte{1};
    return address;
}

} // namespace

TEST(HelperMessage, RefusesWhatIsNotInTheTable) {
    for (const char* name : {"came-no-name", "came-name-then-more", "came-name-without-end",
                             "left-with-address", "answer-neither", "add-with-answer", "add-with-padding",
                             "no-link", "kind-0", "kind-6", "short", "long", "empty"}) {
        const std::string bytes = message(name);
        const auto news = read_news(as_bytes(bytes));
        ASSERT_FALSE(news) << name;
        EXPECT_EQ(news.error().kind(), ErrorKind::Invalid);
        const auto request = read_request(as_bytes(bytes));
        ASSERT_FALSE(request) << name;
        EXPECT_EQ(request.error().kind(), ErrorKind::Invalid);
    }
}

TEST(HelperMessage, EachSideRefusesWhatTheOtherOneSays) {
    for (const char* name : {"came", "left", "answer-added", "answer-not-added"})
        EXPECT_FALSE(read_request(as_bytes(message(name)))) << name;
    for (const char* name : {"add", "add-ipv4", "remove"})
        EXPECT_FALSE(read_news(as_bytes(message(name)))) << name;
}

TEST(HelperMessage, ReadsWhatTheManagerSays) {
    EXPECT_EQ(read_news(as_bytes(message("came"))).value(), NetworkNews(LinkCame{.link = 2, .name = "eth0"}));
    EXPECT_EQ(read_news(as_bytes(message("left"))).value(), NetworkNews(LinkLeft{2}));
    EXPECT_EQ(read_news(as_bytes(message("answer-added"))).value(),
              NetworkNews(RouteAnswer{.link = 2, .address = ipv6(), .state = RouteState::Added}));
    EXPECT_EQ(read_news(as_bytes(message("answer-not-added"))).value(),
              NetworkNews(RouteAnswer{.link = 2, .address = ipv4, .state = RouteState::NotAdded}));
}

TEST(HelperMessage, ReadsWhatTheFetcherAsks) {
    EXPECT_EQ(read_request(as_bytes(message("add"))).value(),
              NetworkRequest(AddRoute{.link = 2, .address = ipv6()}));
    EXPECT_EQ(read_request(as_bytes(message("add-ipv4"))).value(),
              NetworkRequest(AddRoute{.link = 2, .address = ipv4}));
    EXPECT_EQ(read_request(as_bytes(message("remove"))).value(),
              NetworkRequest(RemoveRoute{.link = 2, .address = ipv6()}));
}

TEST(HelperMessage, TakesTheLongestNameThatAnInterfaceCanHave) {
    const NetworkNews news = LinkCame{.link = 0xfedcba98, .name = std::string(15, 'x')};
    EXPECT_EQ(read_news(write_news(news)).value(), news);
}
