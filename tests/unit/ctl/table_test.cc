#include "programs/mandos-ctl/table.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "programs/mandos-ctl/client.h"
#include "tests/unit/ctl/sample_client.h"

using mandos::ErrorKind;
using mandos::ctl::all_fields;
using mandos::ctl::Client;
using mandos::ctl::Colours;
using mandos::ctl::few_fields;
using mandos::ctl::write_table;
using mandos::ctl::write_time;
using mandos::test::forget_property;
using mandos::test::sample_client;
using mandos::test::set_property;
using testing::HasSubstr;
using testing::Not;

using namespace std::chrono_literals;

TEST(Table, IsRefusedForAClientThatLacksAField) {
    std::array clients{sample_client("main")};
    forget_property(clients.front(), "Host");
    EXPECT_TRUE(write_table(clients, few_fields(), Colours::None));
    const auto table = write_table(clients, all_fields(), Colours::None);
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().kind(), ErrorKind::Invalid);
    EXPECT_EQ(table.error().text(), R"(client "main": the server does not tell its property Host)");
}

TEST(Table, IsItsHeaderWithoutClients) {
    EXPECT_EQ(write_table({}, few_fields(), Colours::None).value(),
              "Name Enabled Timeout Last Successful Check\n");
}

TEST(Table, PadsEveryColumnAsIn1_8) {
    std::array clients{sample_client("appr.example.org"), sample_client("dis", false)};
    set_property(clients.front(), "LastCheckedOK", "2026-11-24T03:14:29.080719");
    EXPECT_EQ(write_table(clients, few_fields(), Colours::None).value(),
              "Name             Enabled Timeout  Last Successful Check     \n"
              "appr.example.org Yes     00:05:00 2026-11-24T03:14:29.080719\n"
              "dis              No      00:05:00                           \n");
}

TEST(Table, ShowsAllFieldsInTheOrderOf1_8) {
    const std::array clients{sample_client("main")};
    EXPECT_EQ(
        write_table(clients, all_fields(), Colours::None).value(),
        "Name Enabled Timeout  Last Successful Check Created                    Interval Host Key ID         "
        "                                                  Fingerprint                              Check Is "
        "Running Last Enabled               Approval Is Pending Approved By Default Last Approval Request "
        "Approval Delay Approval Duration Checker Extended Timeout Expires                    Last Checker "
        "Status\n"
        "main Yes     00:05:00                       2026-11-24T03:22:44.599866 00:02:00 ::1  "
        "6609BA19BCCB63B411FCD417F487BD0A492DD7593B3B3F34E35616073A4C215A "
        "ECEC8376160A4E64C6CE9483C1FC3805D1EA330F No               2026-11-24T03:22:44.598844 No             "
        "     Yes                                       00:00:00       00:00:01          :       00:15:00    "
        "     2026-11-24T03:26:03.566500 -2                 \n");
}

TEST(Table, CountsCharactersAndNotBytes) {
    std::array clients{sample_client("gr\xC3\xBC\xC3\x9F"
                                     "e"),
                       sample_client("main")};
    const std::string table = write_table(clients, few_fields(), Colours::None).value();
    EXPECT_THAT(table, HasSubstr("\nmain  Yes "));
}

TEST(Table, IsNotTornByControlCharacters) {
    std::array clients{sample_client("main")};
    set_property(clients.front(), "Checker", "\x1b[2J\n\x7f\xC2\x9B\xC3\xBC\"\\");
    const std::string table = write_table(clients, all_fields(), Colours::None).value();
    EXPECT_THAT(table, HasSubstr("\\x1b[2J\\x0a\\x7f\\x9b\xC3\xBC\"\\ "));
    EXPECT_EQ(std::ranges::count(table, '\n'), 2);
}

TEST(Table, IsDimOnATerminalForDisabledClientsOnly) {
    const std::array clients{sample_client("on"), sample_client("off", false)};
    EXPECT_THAT(write_table(clients, few_fields(), Colours::None).value(), Not(HasSubstr("\x1b")));
    EXPECT_EQ(write_table(clients, few_fields(), Colours::Terminal).value(),
              "Name Enabled Timeout  Last Successful Check\n"
              "on   Yes     00:05:00                      \n"
              "\x1b[2moff  No      00:05:00                      \x1b[0m\n");
}

TEST(Time, IsWrittenWithItsDays) {
    EXPECT_EQ(write_time(0ms), "00:00:00");
    EXPECT_EQ(write_time(1999ms), "00:00:01");
    EXPECT_EQ(write_time(5min), "00:05:00");
    EXPECT_EQ(write_time(24h - 1s), "23:59:59");
    EXPECT_EQ(write_time(24h), "1T00:00:00");
    EXPECT_EQ(write_time(50000 * 24h + 3723s), "50000T01:02:03");
}
