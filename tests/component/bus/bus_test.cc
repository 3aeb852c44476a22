#include "adapters/bus/bus.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/bus/value.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "tests/component/bus/private_bus.h"

using mandos::as_bytes;
using mandos::Bytes;
using mandos::Error;
using mandos::ErrorKind;
using mandos::Result;
using mandos::SecretBytes;
using mandos::to_bytes;
using mandos::bus::Array;
using mandos::bus::Bus;
using mandos::bus::Call;
using mandos::bus::Dictionary;
using mandos::bus::natural_signature;
using mandos::bus::ObjectPath;
using mandos::bus::Secret;
using mandos::bus::Strings;
using mandos::bus::Value;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

class BusTest : public testing::Test {
  protected:
    Result<std::vector<Value>> ask(std::string method, std::string signature = "",
                                   std::vector<Value> arguments = {},
                                   std::chrono::milliseconds limit = std::chrono::seconds(60)) {
        return bus.call({.destination = mandos::test::Peer::name,
                         .path = "/some/object",
                         .interface = "test.Interface",
                         .method = std::move(method),
                         .signature = std::move(signature),
                         .arguments = std::move(arguments),
                         .limit = limit});
    }

    Error error_of(Result<std::vector<Value>> result) {
        EXPECT_FALSE(result);
        return result ? Error(ErrorKind::System, "no error") : result.error();
    }

    // VALUE, sent as SIGNATURE and come back.
    Value echo(std::string signature, const Value& value) {
        const auto answer = ask("Echo", std::move(signature), {value});
        EXPECT_TRUE(answer) << answer.error().text();
        EXPECT_EQ(answer->size(), 1);
        return answer->front();
    }

    mandos::test::PrivateBus daemon;
    mandos::test::Peer peer;
    Bus bus = Bus::open_system().value();
};

} // namespace

TEST_F(BusTest, TellsWhoIsNotThere) {
    const Error error = error_of(bus.call(
        {.destination = "test.Nobody", .path = "/", .interface = "test.Interface", .method = "Echo"}));
    EXPECT_EQ(error.kind(), ErrorKind::NotFound);
    EXPECT_THAT(error.text(), StartsWith("org.freedesktop.DBus.Error.ServiceUnknown: "));
}

TEST_F(BusTest, TellsWhatIsNotAllowed) {
    const Error error = error_of(ask("Forbidden"));
    EXPECT_EQ(error.kind(), ErrorKind::Denied);
    EXPECT_THAT(error.text(), StartsWith("org.freedesktop.DBus.Error.AccessDenied: "));
}

TEST_F(BusTest, WaitsNoLongerThanItsLimit) {
    const Error error = error_of(ask("Quiet", "", {}, std::chrono::milliseconds(50)));
    EXPECT_EQ(error.kind(), ErrorKind::TimedOut);
}

TEST_F(BusTest, KeepsTheNameOfAnError) {
    EXPECT_EQ(error_of(ask("Fail", "s", {"it broke"})).text(), "test.Error.Failed: it broke");
    EXPECT_EQ(error_of(ask("Fail", "s", {""})).text(), "test.Error.Failed");
    EXPECT_EQ(error_of(ask("Fail", "s", {"Traceback:\n  many lines\nTypeError: it broke\n"})).text(),
              "test.Error.Failed: TypeError: it broke");
    EXPECT_EQ(error_of(ask("Fail", "s", {"\x1b[2J"})).text(), R"(test.Error.Failed: \x1b[2J)");
}

TEST_F(BusTest, RefusesADescriptor) {
    EXPECT_EQ(error_of(ask("Descriptor")).kind(), ErrorKind::Unsupported);
}

TEST_F(BusTest, RefusesValuesThatTheSignatureDoesNotWant) {
    const std::vector<std::pair<std::string, std::vector<Value>>> cases{
        {"s", {true}},
        {"b", {"true"}},
        {"b", {std::uint8_t{1}}},
        {"d", {std::int32_t{1}}},
        {"o", {"/text"}},
        {"o", {ObjectPath{"no/path"}}},
        {"s", {std::string("with \0 inside", 13)}},
        {"s", {"\xff"}},
        {"as", {"text"}},
        {"as", {Array{std::uint8_t{1}}}},
        {"ay", {Strings{"text"}}},
        {"a{sv}", {Strings{"text"}}},
        {"(sb)", {Array{"text"}}},
        {"(sb)", {Array{"text", true, true}}},
        {"y", {std::uint16_t{256}}},
        {"t", {std::int16_t{-1}}},
        {"i", {std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1}},
        {"ss", {"one"}},
        {"s", {"one", "two"}},
    };
    for (const auto& [signature, arguments] : cases) {
        const Error error = error_of(ask("Echo", signature, arguments));
        EXPECT_EQ(error.kind(), ErrorKind::Invalid) << signature << ": " << error.text();
    }
}

TEST_F(BusTest, EchoesEveryKindOfValue) {
    const Dictionary properties{
        {"Name", "one"}, {"Timeout", std::uint64_t{300'000}}, {"Status", std::int16_t{-2}}};
    const std::vector<std::pair<std::string, Value>> cases{
        {"b", true},
        {"b", false},
        {"y", std::uint8_t{255}},
        {"n", std::numeric_limits<std::int16_t>::min()},
        {"q", std::numeric_limits<std::uint16_t>::max()},
        {"i", std::numeric_limits<std::int32_t>::min()},
        {"u", std::numeric_limits<std::uint32_t>::max()},
        {"x", std::numeric_limits<std::int64_t>::min()},
        {"t", std::numeric_limits<std::uint64_t>::max()},
        {"d", 0.5},
        {"s", ""},
        {"s", "Gr\xC3\xBC\xC3\x9F"
              "e"},
        {"g", "a{sv}"},
        {"o", ObjectPath{"/clients/one"}},
        {"ay", Bytes{}},
        {"ay", to_bytes(std::string_view("\0\xff", 2))},
        {"as", Strings{}},
        {"as", Strings{"one", ""}},
        {"ao", Array{ObjectPath{"/a"}, ObjectPath{"/b"}}},
        {"av", Array{true, "text", std::uint8_t{1}}},
        {"(sb(nx))", Array{"text", true, Array{std::int16_t{1}, std::int64_t{2}}}},
        {"a{sv}", Dictionary{}},
        {"a{sv}", properties},
        {"a{ss}", Dictionary{{"key", "value"}}},
        {"a{oa{sa{sv}}}", Dictionary{{"/clients/one", Dictionary{{"test.Interface", properties}}}}},
        {"aas", Array{Strings{"one"}, Strings{}}},
        {"v", "text"},
        {"v", properties},
        {"v", Array{ObjectPath{"/a"}}},
    };
    for (const auto& [signature, value] : cases)
        EXPECT_EQ(echo(signature, value), value) << signature;
}

TEST_F(BusTest, SendsTheTypeThatTheSignatureSays) {
    const std::vector<std::pair<std::string, std::vector<Value>>> cases{
        {"ssv", {"interface", "property", std::uint64_t{1}}},
        {"t", {std::int16_t{1}}},
        {"ay", {Bytes{}}},
        {"a{sv}as", {Dictionary{}, Strings{}}},
        {"", {}},
    };
    for (const auto& [signature, arguments] : cases) {
        const auto answer = ask("Signature", signature, arguments);
        ASSERT_TRUE(answer) << answer.error().text();
        EXPECT_EQ(answer->front(), Value(signature));
    }
}

TEST_F(BusTest, SendsASecretAsBytes) {
    const Secret secret = std::make_shared<const SecretBytes>(SecretBytes::copy_of(as_bytes("a marker")));
    EXPECT_EQ(echo("v", secret), Value(to_bytes("a marker")));
}

TEST_F(BusTest, AnswersOneCallAfterTheOther) {
    EXPECT_FALSE(ask("Fail", "s", {"no"}));
    EXPECT_EQ(echo("s", "first"), Value("first"));
    EXPECT_EQ(echo("s", "second"), Value("second"));
}

TEST(ABus, IsNotFoundWhereThereIsNone) {
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    const Result<Bus> bus = Bus::open_system();
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    ASSERT_FALSE(bus);
    EXPECT_EQ(bus.error().kind(), ErrorKind::NotFound);
    EXPECT_THAT(bus.error().text(), HasSubstr("D-Bus"));
}

TEST(ABus, ThatSaysNothingIsNotWaitedForLongerThanTheLimit) {
    const mandos::test::SilentBus silent;
    Bus bus = Bus::open_system().value();
    const auto answer = bus.call({.destination = "test.Peer",
                                  .path = "/",
                                  .interface = "test.Interface",
                                  .method = "Echo",
                                  .limit = std::chrono::milliseconds(50)});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), ErrorKind::TimedOut);
    EXPECT_EQ(answer.error().text(), "the system's message bus (D-Bus) does not answer");
}

TEST(AValue, KnowsItsType) {
    EXPECT_EQ(natural_signature(std::uint64_t{1}), "t");
    EXPECT_EQ(natural_signature(Array{}), "av");
    EXPECT_EQ(natural_signature(Array{Strings{}, Strings{}}), "aas");
    EXPECT_EQ(natural_signature(Array{"text", true}), "av");
    EXPECT_EQ(natural_signature(Dictionary{}), "a{sv}");
}

TEST(AValue, IsFoundByItsKey) {
    const Dictionary dictionary{{"one", true}, {"two", false}};
    EXPECT_EQ(find(dictionary, "three"), nullptr);
    ASSERT_NE(find(dictionary, "two"), nullptr);
    EXPECT_EQ(*find(dictionary, "two"), Value(false));
}
