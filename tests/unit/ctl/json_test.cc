#include "programs/mandos-ctl/json.h"

#include <array>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "programs/mandos-ctl/client.h"
#include "tests/unit/ctl/sample_client.h"

using mandos::ErrorKind;
using mandos::ctl::all_fields;
using mandos::ctl::Client;
using mandos::ctl::Field;
using mandos::ctl::write_json;
using mandos::test::forget_property;
using mandos::test::sample_client;
using mandos::test::set_property;
using testing::HasSubstr;

TEST(Json, IsRefusedForAClientThatLacksAField) {
    for (const Field& field : all_fields()) {
        std::array clients{sample_client("main")};
        forget_property(clients.front(), field.property);
        const auto json = write_json(clients);
        ASSERT_FALSE(json) << field.property;
        EXPECT_EQ(json.error().kind(), ErrorKind::Invalid);
    }
}

TEST(Json, IsAnEmptyObjectWithoutClients) {
    EXPECT_EQ(write_json({}).value(), "{}\n");
}

TEST(Json, IsLaidOutAsIn1_8) {
    const std::array clients{sample_client("main")};
    EXPECT_EQ(write_json(clients).value(), R"({
    "main": {
        "Name": "main",
        "Enabled": true,
        "Timeout": 300000,
        "LastCheckedOK": "",
        "Created": "2026-11-24T03:22:44.599866",
        "Interval": 120000,
        "Host": "::1",
        "KeyID": "6609BA19BCCB63B411FCD417F487BD0A492DD7593B3B3F34E35616073A4C215A",
        "Fingerprint": "ECEC8376160A4E64C6CE9483C1FC3805D1EA330F",
        "CheckerRunning": false,
        "LastEnabled": "2026-11-24T03:22:44.598844",
        "ApprovalPending": false,
        "ApprovedByDefault": true,
        "LastApprovalRequest": "",
        "ApprovalDelay": 0,
        "ApprovalDuration": 1000,
        "Checker": ":",
        "ExtendedTimeout": 900000,
        "Expires": "2026-11-24T03:26:03.566500",
        "LastCheckerStatus": -2
    }
}
)");
}

TEST(Json, EscapesAllButPrintableAscii) {
    std::array clients{sample_client("main")};
    set_property(clients.front(), "Checker", "\xC3\xBC \xF0\x9F\x94\x91 \x7f\x1b\t\n\"\\/");
    EXPECT_THAT(write_json(clients).value(),
                HasSubstr(R"("Checker": "\u00fc \ud83d\udd11 \u007f\u001b\t\n\"\\/")"));
}
