#include "wire/dns_message.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/dns.h"
#include "core/limits.h"

using mandos::as_bytes;
using mandos::as_text;
using mandos::Bytes;
using mandos::ErrorKind;
using mandos::core::DnsLocation;
using mandos::core::DnsName;
using mandos::core::DnsPointer;
using mandos::core::DnsQuestion;
using mandos::core::DnsRecord;
using mandos::core::DnsSection;
using mandos::core::DnsType;
using mandos::core::IpAddress;
using mandos::core::mandos_service_type;
using mandos::wire::read_dns_response;
using mandos::wire::write_dns_query;
using std::chrono::seconds;

namespace {

// A message that somebody else's program or a hostile hand made; the fuzz target replays it too.
std::string message(const std::string& name) {
    const std::string path = std::string(MANDOS_SOURCE_DIR) + "/tests/fuzz/corpus/dns_message/" + name;
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<DnsRecord> records(const std::string& name) {
    const auto read = read_dns_response(as_bytes(message(name)));
    EXPECT_TRUE(read) << name << ": " << (read ? "" : read.error().text());
    return read ? *read : std::vector<DnsRecord>();
}

IpAddress ipv6(std::initializer_list<unsigned> ends) {
    IpAddress address;
    address.bytes[0] = std::byte{0xfe};
    address.bytes[1] = std::byte{0x80};
    std::size_t at = 16 - ends.size();
    for (const unsigned byte : ends)
        address.bytes.at(at++) = static_cast<std::byte>(byte);
    return address;
}

const DnsName instance{"Mandos", "_mandos", "_tcp", "local"};
const DnsName recorded{"Mandos #2 größer.ja", "_mandos", "_tcp", "local"};
const DnsName host{"server", "local"};

} // namespace

TEST(ReadDnsResponse, RefusesWhatLiesAboutItself) {
    for (const char* name :
         {"empty", "header-cut", "counts-lie", "length-lies", "length-too-short", "name-points-to-itself",
          "names-point-to-each-other", "name-points-beyond", "target-points-to-itself", "label-of-64",
          "name-of-256", "extended-label", "srv-without-target", "srv-cut", "srv-with-more", "a-of-5",
          "aaaa-of-4", "aaaa-mapped", "something-behind"}) {
        const auto read = read_dns_response(as_bytes(message(name)));
        ASSERT_FALSE(read) << name;
        EXPECT_EQ(read.error().kind(), ErrorKind::Invalid) << name;
    }
}

TEST(ReadDnsResponse, RefusesWhatIsTooLong) {
    const std::string longest(mandos::core::limits::dns_message + 1, '\0');
    EXPECT_EQ(read_dns_response(as_bytes(longest)).error().text(),
              "a DNS message of 9001 bytes; at most 9000 are taken");
}

TEST(ReadDnsResponse, RefusesEachPartOfARealAnswer) {
    const std::string whole = message("avahi-answer");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_dns_response(as_bytes(whole.substr(0, size)))) << size;
    EXPECT_TRUE(read_dns_response(as_bytes(whole)));
}

TEST(ReadDnsResponse, TakesNoQueryAndNoError) {
    for (const char* name : {"query", "avahi-probe", "rcode", "opcode"})
        EXPECT_EQ(read_dns_response(as_bytes(message(name))).error().kind(), ErrorKind::Unsupported) << name;
}

TEST(ReadDnsResponse, LooksAtNoMoreRecordsThanItsLimit) {
    EXPECT_TRUE(records("many-records").empty()); // 700 of a kind that is passed over
    // 300 pointers from the root to itself.
    std::string many = message("root-owner").substr(0, 12);
    const std::string one = message("root-owner").substr(12);
    many[6] = '\1';
    many[7] = '\x2c';
    for (int i = 0; i < 300; ++i)
        many += one;
    ASSERT_TRUE(read_dns_response(as_bytes(many)));
    EXPECT_EQ(read_dns_response(as_bytes(many))->size(), mandos::core::limits::dns_records);
}

TEST(ReadDnsResponse, ReadsTheAnswerOfAvahi) {
    const auto read = records("avahi-answer");
    ASSERT_EQ(read.size(), 3);
    EXPECT_EQ(read[0], (DnsRecord{.name = mandos_service_type(),
                                  .data = DnsPointer{.target = recorded},
                                  .ttl = seconds(10),
                                  .cache_flush = false,
                                  .section = DnsSection::Answer}));
    EXPECT_EQ(read[1].name, recorded);
    EXPECT_EQ(std::get<DnsLocation>(read[1].data),
              (DnsLocation{.priority = 0, .weight = 0, .port = 4711, .host = host}));
    EXPECT_EQ(read[2].name, host);
    EXPECT_TRUE(std::get<IpAddress>(read[2].data).is_ipv6_link_local());
}

TEST(ReadDnsResponse, ReadsItsAnnouncementAndItsGoodbye) {
    const auto announced = records("avahi-announcement");
    ASSERT_GE(announced.size(), 3);
    EXPECT_EQ(std::get<DnsPointer>(announced[0].data).target, recorded);
    EXPECT_EQ(announced[0].ttl, seconds(4500));
    EXPECT_FALSE(announced[0].cache_flush);
    EXPECT_TRUE(std::holds_alternative<DnsLocation>(announced[1].data));
    EXPECT_EQ(announced[1].ttl, seconds(120));
    EXPECT_TRUE(announced[1].cache_flush);
    int goodbyes = 0;
    for (const DnsRecord& record : records("avahi-goodbye"))
        if (record.name == mandos_service_type() && record.ttl == seconds(0))
            goodbyes += std::get<DnsPointer>(record.data).target == recorded ? 1 : 0;
    EXPECT_EQ(goodbyes, 1);
}

TEST(ReadDnsResponse, ReadsAllSectionsAndPassesOverTheRest) {
    const auto read = records("all-sections");
    ASSERT_EQ(read.size(), 3);
    EXPECT_EQ(read[0].section, DnsSection::Answer);
    EXPECT_EQ(
        read[1],
        (DnsRecord{
            .name = instance,
            .data = DnsLocation{.priority = 1, .weight = 2, .port = 4711, .host = DnsName{"host", "local"}},
            .ttl = seconds(120),
            .cache_flush = true,
            .section = DnsSection::Authority}));
    EXPECT_EQ(read[2].section, DnsSection::Additional);
    EXPECT_EQ(std::get<IpAddress>(read[2].data), ipv6({1}));
    EXPECT_TRUE(records("other-class").empty());
    EXPECT_TRUE(records("header-alone").empty());
}

TEST(ReadDnsResponse, TakesAnyBytesForALabelAndTheLongestName) {
    std::string all;
    for (char byte = 0; byte < 63; ++byte)
        all += byte;
    EXPECT_EQ(std::get<DnsPointer>(records("any-bytes")[0].data).target,
              (DnsName{all, "_mandos", "_tcp", "local"}));
    EXPECT_EQ(records("name-of-255")[0].name.wire().size(), 255);
    EXPECT_EQ(std::get<DnsPointer>(records("label-of-63")[0].data).target.labels()[0], std::string(63, 'a'));
    EXPECT_EQ(records("root-owner")[0].name.text(), ".");
}

TEST(ReadDnsResponse, TakesATimeToLiveOfMoreThan31BitsForNone) { // RFC 2181 §8
    EXPECT_EQ(records("ttl-top-bit")[0].ttl, seconds(0));
}

TEST(WriteDnsQuery, WritesWhatAvahiAnswered) {
    const std::vector<DnsQuestion> questions{{.name = mandos_service_type(), .type = DnsType::Ptr}};
    const Bytes query = write_dns_query(0x1234, questions);
    EXPECT_EQ(as_text(query), message("query"));
}

TEST(WriteDnsQuery, LeavesOutWhatDoesNotFit) {
    const std::string label(63, 'x');
    const DnsName longest{label, label, label, std::string(61, 'x')};
    const std::vector<DnsQuestion> questions(3, DnsQuestion{.name = longest, .type = DnsType::Srv});
    const Bytes query = write_dns_query(1, questions);
    EXPECT_EQ(query.size(), 12 + 255 + 4);
    EXPECT_EQ(query[5], std::byte{1});
}
