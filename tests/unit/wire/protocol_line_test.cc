#include "wire/protocol_line.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/limits.h"

using mandos::as_bytes;
using mandos::ErrorKind;
using mandos::Result;
using mandos::wire::ProtocolLine;
using Progress = mandos::wire::ProtocolLine::Progress;

namespace {

// What becomes of INPUT, fed in pieces of PIECE bytes, with the end of input behind it: "" when it is taken.
std::string outcome(std::string_view input, std::size_t piece = 1000) {
    ProtocolLine line;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        const Result<Progress> progress = line.feed(as_bytes(input.substr(at, piece)));
        if (!progress)
            return progress.error().text();
        if (*progress == Progress::Complete)
            return at + piece >= input.size() ? "" : "complete too early";
    }
    const Result<Progress> progress = line.end();
    return progress ? "" : progress.error().text();
}

} // namespace

TEST(ProtocolLine, RefusesEveryOtherVersion) {
    EXPECT_EQ(outcome("2\r\n"), R"(unknown protocol version "2"; expected 1)");
    EXPECT_EQ(outcome("0\n"), R"(unknown protocol version "0"; expected 1)");
    EXPECT_EQ(outcome("-5\r\n"), R"(unknown protocol version "-5"; expected 1)");
    for (const char* line :
         {"1.0\n", "1_0\n", "x\n", "11\n", "-1\n", "++1\n", "0x1\n", "\xd9\xa1\n", "1e0\n", "\"1\"\n"})
        EXPECT_NE(outcome(line), "") << line;
}

TEST(ProtocolLine, RefusesAnEmptyOne) {
    EXPECT_EQ(outcome("\r\n"), "empty protocol line; expected protocol version 1");
    EXPECT_EQ(outcome("\n"), "empty protocol line; expected protocol version 1");
    EXPECT_EQ(outcome("   \r\n"), "empty protocol line; expected protocol version 1");
    EXPECT_EQ(outcome(""), "hung up without a protocol line");
}

TEST(ProtocolLine, RefusesWhatIsNoText) {
    EXPECT_EQ(outcome("1 \xff\n"), R"(the protocol line is no UTF-8 text: "1 \xff")");
    EXPECT_EQ(outcome("\xff\xfe\n"), R"(the protocol line is no UTF-8 text: "\xff\xfe")");
}

TEST(ProtocolLine, RecognisesTlsThatCameTooEarly) {
    EXPECT_EQ(outcome("\x16\x03\x01\x02\x00"),
              "TLS instead of the protocol line: the Mandos client must wait for the "
              "server's ClientHello");
}

TEST(ProtocolLine, RefusesOneWithoutAnEnd) {
    const std::string endless(100'000, '1');
    for (const std::size_t piece : {1UZ, 7UZ, 1000UZ, 100'000UZ})
        EXPECT_TRUE(
            outcome(endless, piece).starts_with("no end of the protocol line within 64 bytes: \"1111"));
    EXPECT_NE(outcome("1" + std::string(mandos::core::limits::protocol_line, ' ') + "\n"), "");
    EXPECT_EQ(outcome("1" + std::string(mandos::core::limits::protocol_line - 2, ' ') + "\n"), "");
}

TEST(ProtocolLine, RefusesWhatComesBehindIt) {
    EXPECT_EQ(outcome("1\r\n\x16\x03\x01"), R"(bytes behind the protocol line "1": "\x16\x03\x01")");
    EXPECT_EQ(outcome("1\n1\n"), R"(bytes behind the protocol line "1": "1\n")");
    EXPECT_EQ(outcome("1\r1"), R"(bytes behind the protocol line "1": "1")");
}

TEST(ProtocolLine, TakesWhatMandosClientsSend) {
    for (const char* line :
         {"1\r\n", "1\n", " 1 any other words\r\n", "1", "1\r", "01\r\n", "+1\n", "1\tx\n", "1 \xc3\xa9\n"})
        for (const std::size_t piece : {1UZ, 2UZ, 1000UZ})
            EXPECT_EQ(outcome(line, piece), "") << line << " in pieces of " << piece;
}

TEST(ProtocolLine, WaitsForTheByteBehindACarriageReturn) {
    ProtocolLine line;
    EXPECT_EQ(line.feed(as_bytes("1\r")), Progress::MoreNeeded);
    EXPECT_EQ(line.feed({}), Progress::MoreNeeded); // no byte is not the byte behind it
    EXPECT_EQ(line.feed(as_bytes("\n")), Progress::Complete);
}
