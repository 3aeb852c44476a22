#include "core/mdns_gate.h"

#include <chrono>
#include <cstddef>

#include <gtest/gtest.h>

#include "core/ip_address.h"
#include "core/limits.h"
#include "core/time.h"

using mandos::core::IpAddress;
using mandos::core::MdnsGate;
using mandos::core::MdnsOrigin;
using mandos::core::Time;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = mandos::core::MdnsGate::Verdict;
namespace limits = mandos::core::limits;

namespace {

const Time start = Time(hours(1));

MdnsOrigin from(std::size_t host) {
    MdnsOrigin origin{
        .link = 2, .source = {}, .port = 5353, .hop_limit = 255, .path = MdnsOrigin::Path::Answer};
    origin.source.bytes = {std::byte{0xfe}, std::byte{0x80}};
    origin.source.bytes[14] = static_cast<std::byte>(host >> 8U & 0xffU);
    origin.source.bytes[15] = static_cast<std::byte>(host & 0xffU);
    return origin;
}

} // namespace

TEST(MdnsGate, LetsNothingInThatCameFromBeyondTheLink) { // RFC 6762 §11
    MdnsGate gate;
    for (const int hop_limit : {0, 1, 64, 254}) {
        MdnsOrigin origin = from(1);
        origin.hop_limit = hop_limit;
        EXPECT_EQ(gate.judge(origin, start), Verdict::OffLink) << hop_limit;
    }
    MdnsOrigin nobody = from(1);
    nobody.source = {};
    EXPECT_EQ(gate.judge(nobody, start), Verdict::OffLink);
    nobody.source = IpAddress::from_v4({std::byte{127}, {}, {}, std::byte{1}});
    EXPECT_EQ(gate.judge(nobody, start), Verdict::OffLink);
}

TEST(MdnsGate, LetsNothingInFromAnotherPort) { // RFC 6762 §6
    MdnsGate gate;
    MdnsOrigin origin = from(1);
    origin.port = 5354;
    EXPECT_EQ(gate.judge(origin, start), Verdict::NotFromResponder);
}

TEST(MdnsGate, DropsTheFloodOfOneSourceAlone) {
    MdnsGate gate;
    std::size_t taken = 0;
    for (int i = 0; i < 100'000; ++i)
        taken += gate.judge(from(1), start + milliseconds(i / 101)) == Verdict::Taken ? 1U : 0U;
    EXPECT_EQ(taken, limits::mdns_messages_of_source);
    EXPECT_EQ(gate.judge(from(2), start + milliseconds(999)), Verdict::Taken);
    EXPECT_EQ(gate.judge(from(1), start + milliseconds(999)), Verdict::TooMany);
    EXPECT_EQ(gate.judge(from(1), start + seconds(1)), Verdict::Taken);
}

TEST(MdnsGate, LooksAtSoManyOfALinkAndOfOthersAllTheSame) {
    MdnsGate gate;
    std::size_t taken = 0;
    for (std::size_t host = 1; host < 10'000; ++host)
        taken += gate.judge(from(host), start) == Verdict::Taken ? 1U : 0U;
    EXPECT_EQ(taken, limits::mdns_messages_of_link);
    MdnsOrigin announcement = from(1);
    announcement.path = MdnsOrigin::Path::Announcement;
    EXPECT_EQ(gate.judge(announcement, start), Verdict::Taken);
    MdnsOrigin elsewhere = from(1);
    elsewhere.link = 3;
    EXPECT_EQ(gate.judge(elsewhere, start), Verdict::Taken);
    EXPECT_EQ(gate.judge(from(10'001), start + seconds(1)), Verdict::Taken);
    gate.link_gone(2);
    EXPECT_EQ(gate.judge(from(1), start), Verdict::Taken);
}
