// A client on D-Bus: what is refused, what can be read, what acts do.
#include "programs/mandos/client_object.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "core/events.h"
#include "core/limits.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using namespace std::chrono_literals;

class ClientObject : public Served {
  protected:
    ClientObject() { serve(std::vector<std::string>{"one", "two.example"}); }
};

TEST_F(ClientObject, RefusesWhatIsNotThere) {
    EXPECT_THAT(shown(get("/clients/nobody", "Name")),
                StartsWith("org.freedesktop.DBus.Error.UnknownObject"));
    EXPECT_THAT(shown(get("/clients/one", "Nothing")),
                StartsWith("org.freedesktop.DBus.Error.UnknownProperty"));
    EXPECT_THAT(shown(get("/clients/one", "Name", "se.recompile.Other")),
                StartsWith("org.freedesktop.DBus.Error.UnknownProperty"));
    EXPECT_THAT(set("/clients/one", "Nothing", true),
                StartsWith("org.freedesktop.DBus.Error.UnknownProperty"));
    EXPECT_THAT(shown(call("/clients/one", new_client, "Nothing")),
                StartsWith("org.freedesktop.DBus.Error.UnknownMethod"));
    EXPECT_THAT(shown(call("/clients/one", "se.recompile.Other", "Approve", "b", {true})),
                StartsWith("org.freedesktop.DBus.Error.UnknownMethod"));
    EXPECT_EQ(shown(call("/clients/one", properties, "GetAll", "s", {"se.recompile.Other"})), "{}");
    // What came with this Mandos is in the present interface only.
    EXPECT_THAT(shown(call("/clients/one", old_client, "Explain")),
                StartsWith("org.freedesktop.DBus.Error.UnknownMethod"));
}

TEST_F(ClientObject, RefusesArgumentsOfOtherTypes) {
    for (const auto& [method, signature] : std::vector<std::pair<std::string, std::string>>{
             {"Approve", "s"}, {"Approve", ""}, {"CheckedOK", "s"}, {"Enable", "s"}, {"Explain", "s"}}) {
        const std::vector<bus::Value> arguments =
            signature.empty() ? std::vector<bus::Value>{} : std::vector<bus::Value>{"true"};
        EXPECT_THAT(shown(call("/clients/one", new_client, method, signature, arguments)),
                    StartsWith("org.freedesktop.DBus.Error.InvalidArgs"))
            << method;
    }
    EXPECT_THAT(shown(call("/clients/one", properties, "Get", "s", {"Name"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    EXPECT_THAT(shown(call("/clients/one", introspectable, "Introspect", "s", {"x"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    EXPECT_EQ(on_strand([this] { return server_->acts; }), 0);
}

TEST_F(ClientObject, RefusesToReadASecretAndToWriteWhatIsReadOnly) {
    for (const std::string& interface : {new_client, old_client}) {
        EXPECT_THAT(shown(get("/clients/one", "Secret", interface)),
                    StartsWith("org.freedesktop.DBus.Error.AccessDenied"));
        for (const char* name :
             {"ApprovalPending", "Created", "Expires", "Fingerprint", "KeyID", "LastApprovalRequest",
              "LastCheckerStatus", "LastEnabled", "Name", "ObjectPath"})
            EXPECT_THAT(set("/clients/one", name, "x", interface),
                        StartsWith("org.freedesktop.DBus.Error.PropertyReadOnly"))
                << name;
    }
}

TEST_F(ClientObject, RefusesValuesOfOtherTypes) {
    const std::string wrong = "org.freedesktop.DBus.Error.InvalidArgs";
    for (const char* name : {"ApprovalDelay", "ApprovalDuration", "ExtendedTimeout", "Interval", "Timeout"})
        for (const bus::Value& value : std::vector<bus::Value>{"5", true, 5.0, bus::Strings{}, Bytes{}})
            EXPECT_THAT(set("/clients/one", name, value), StartsWith(wrong)) << name << show(value);
    for (const char* name : {"ApprovedByDefault", "CheckerRunning", "Enabled"})
        for (const bus::Value& value : std::vector<bus::Value>{"true", std::uint64_t{1}, std::int32_t{0}})
            EXPECT_THAT(set("/clients/one", name, value), StartsWith(wrong)) << name << show(value);
    for (const char* name : {"Checker", "Host", "LastCheckedOK"})
        for (const bus::Value& value : std::vector<bus::Value>{true, std::uint64_t{1}, bus::ObjectPath{"/x"},
                                                               to_bytes("bytes"), bus::Dictionary{}})
            EXPECT_THAT(set("/clients/one", name, value), StartsWith(wrong)) << name << show(value);
    for (const bus::Value& value : std::vector<bus::Value>{"secret", bus::Strings{"a"}, std::uint64_t{1}})
        EXPECT_THAT(set("/clients/one", "Secret", value), StartsWith(wrong)) << show(value);
    EXPECT_EQ(on_strand([this] { return server_->acts; }), 0);
}

TEST_F(ClientObject, RefusesExtremes) {
    const std::string wrong = "org.freedesktop.DBus.Error.InvalidArgs";
    const auto longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(core::limits::time_span).count();
    for (const bus::Value& value :
         std::vector<bus::Value>{std::int32_t{-1}, std::int64_t{INT64_MIN}, std::int16_t{-1},
                                 std::uint64_t{UINT64_MAX}, std::int64_t{longest + 1}})
        EXPECT_THAT(set("/clients/one", "Timeout", value), StartsWith(wrong)) << show(value);
    EXPECT_EQ(set("/clients/one", "Timeout", std::int64_t{longest}), "ok");
    EXPECT_EQ(shown(get("/clients/one", "Timeout")), std::to_string(longest));
    EXPECT_EQ(set("/clients/one", "Timeout", std::uint64_t{0}), "ok");

    EXPECT_THAT(set("/clients/one", "Secret", Bytes{}), StartsWith(wrong));
    EXPECT_THAT(set("/clients/one", "Secret", Bytes(core::limits::secret + 1)), StartsWith(wrong));
    EXPECT_EQ(client("one").settings.secret->size(), std::string("MARKER-of-a-secret").size());
    EXPECT_EQ(set("/clients/one", "Secret", Bytes(core::limits::secret)), "ok");
    EXPECT_EQ(client("one").settings.secret->size(), core::limits::secret);

    EXPECT_THAT(set("/clients/one", "Checker", std::string(core::limits::bus_text + 1, 'x')),
                StartsWith(wrong));
    EXPECT_EQ(set("/clients/one", "Checker", std::string(core::limits::bus_text, 'x')), "ok");
    EXPECT_EQ(set("/clients/one", "Host", ""), "ok");
}

TEST_F(ClientObject, TakesATimeInAnyIntegerType) {
    std::uint64_t expected = 100;
    for (const bus::Value& value :
         std::vector<bus::Value>{std::uint8_t{100}, std::int16_t{101}, std::uint16_t{102}, std::int32_t{103},
                                 std::uint32_t{104}, std::int64_t{105}, std::uint64_t{106}}) {
        EXPECT_EQ(set("/clients/one", "ApprovalDelay", value), "ok");
        EXPECT_EQ(shown(get("/clients/one", "ApprovalDelay")), std::to_string(expected++));
    }
}

TEST_F(ClientObject, HasTheSamePropertiesByBothNames) {
    const std::string all = shown(call("/clients/one", properties, "GetAll", "s", {new_client}));
    EXPECT_EQ(all, shown(call("/clients/one", properties, "GetAll", "s", {old_client})));
    const core::ClientSettings settings = client_named("one");
    EXPECT_EQ(
        all, "{ApprovalDelay: 0, ApprovalDuration: 1000, ApprovalPending: false, ApprovedByDefault: true, "
             "Checker: 'fping -q -- %(host)s', CheckerRunning: false, Created: '2026-11-24T03:10:42.106667', "
             "Enabled: true, Expires: '2026-11-24T03:15:42.106667', ExtendedTimeout: 900000, Fingerprint: '"
                 + std::string(40, 'F') + "', Host: 'host.example', Interval: 120000, KeyID: '"
                 + settings.key_id->text()
                 + "', LastApprovalRequest: '', LastCheckedOK: '', LastCheckerStatus: -2, "
                   "LastEnabled: '2026-11-24T03:10:42.106667', Name: 'one', ObjectPath: /clients/one, "
                   "Timeout: 300000}");
}

TEST_F(ClientObject, HasTheTypesOfMandos18) {
    const auto all = call("/clients/one", properties, "GetAll", "s", {new_client});
    ASSERT_TRUE(all);
    std::string types;
    for (const auto& [name, value] : *all->front().get_if<bus::Dictionary>())
        types += bus::natural_signature(value);
    EXPECT_EQ(types, "ttbbsbsbstssts" // ApprovalDelay ... KeyID
                     "ssnssot");
    for (const auto& [name, value] : *all->front().get_if<bus::Dictionary>())
        EXPECT_EQ(shown(get("/clients/one", name)), show(value)) << name;
}

TEST_F(ClientObject, ChangesEachSetting) {
    EXPECT_EQ(set("/clients/one", "ApprovalDelay", std::int32_t{1000}), "ok");
    EXPECT_EQ(set("/clients/one", "ApprovalDuration", std::int32_t{2000}), "ok");
    EXPECT_EQ(set("/clients/one", "ApprovedByDefault", false), "ok");
    EXPECT_EQ(set("/clients/one", "Checker", "true %(host)s"), "ok");
    EXPECT_EQ(set("/clients/one", "ExtendedTimeout", std::int32_t{3000}, old_client), "ok");
    EXPECT_EQ(set("/clients/one", "Host", "h\xC3\xA4user"), "ok");
    EXPECT_EQ(set("/clients/one", "Interval", std::int32_t{4000}), "ok");
    EXPECT_EQ(set("/clients/one", "Timeout", std::int32_t{5000}, ""), "ok"); // any interface
    EXPECT_EQ(set("/clients/one", "Secret", to_bytes(std::string_view("\0\xFF", 2))), "ok");
    const core::ClientSettings now = client("one").settings;
    EXPECT_EQ(now.approval_delay, 1s);
    EXPECT_EQ(now.approval_duration, 2s);
    EXPECT_FALSE(now.approved_by_default);
    EXPECT_EQ(now.checker, "true %(host)s");
    EXPECT_EQ(now.extended_timeout, 3s);
    EXPECT_EQ(now.host, "h\xC3\xA4user");
    EXPECT_EQ(now.interval, 4s);
    EXPECT_EQ(now.timeout, 5s);
    EXPECT_EQ(*now.secret, to_bytes(std::string_view("\0\xFF", 2)));
    EXPECT_EQ(client("two.example").settings.timeout, 5min);
}

TEST_F(ClientObject, SaysWhoDidIt) {
    EXPECT_EQ(set("/clients/one", "Enabled", false), "ok");
    const std::string uid = std::to_string(getuid());
    EXPECT_THAT(last_audit(), StartsWith("disabled one by uid " + uid + " (:1."));
    const char* sender = nullptr;
    ASSERT_GE(sd_bus_get_unique_name(caller_->raw(), &sender), 0);
    EXPECT_THAT(last_audit(), HasSubstr(sender));
}

TEST_F(ClientObject, EnablesDisablesChecksAndApproves) {
    EXPECT_EQ(set("/clients/one", "Enabled", false), "ok");
    EXPECT_FALSE(client("one").life.enabled);
    EXPECT_EQ(shown(get("/clients/one", "Expires")), "''");
    EXPECT_EQ(set("/clients/one", "Enabled", true), "ok");
    EXPECT_TRUE(client("one").life.enabled);
    EXPECT_EQ(shown(call("/clients/one", old_client, "Disable")), "");
    EXPECT_FALSE(client("one").life.enabled);
    EXPECT_EQ(shown(call("/clients/one", new_client, "Enable")), "");
    EXPECT_TRUE(client("one").life.enabled);

    EXPECT_EQ(set("/clients/one", "CheckerRunning", true), "ok");
    EXPECT_EQ(shown(get("/clients/one", "CheckerRunning")), "true");
    EXPECT_EQ(set("/clients/one", "CheckerRunning", false), "ok");
    EXPECT_EQ(shown(get("/clients/one", "CheckerRunning")), "false");
    EXPECT_EQ(shown(call("/clients/one", new_client, "StartChecker")), "");
    EXPECT_TRUE(client("one").check);
    EXPECT_EQ(shown(call("/clients/one", new_client, "StopChecker")), "");
    EXPECT_FALSE(client("one").check);

    EXPECT_EQ(set("/clients/one", "LastCheckedOK", ""), "ok");
    EXPECT_EQ(shown(get("/clients/one", "LastCheckedOK")), "'2026-11-24T03:10:42.106667'");
    EXPECT_EQ(shown(call("/clients/two_example", new_client, "CheckedOK")), "");
    EXPECT_THAT(last_audit(), StartsWith("marked-alive two.example by uid "));

    EXPECT_EQ(shown(call("/clients/one", new_client, "Approve", "b", {true})), "");
    EXPECT_EQ(client("one").life.decision, core::Decision::Approve);
    EXPECT_EQ(shown(call("/clients/one", new_client, "Approve", "b", {false})), "");
    EXPECT_EQ(client("one").life.decision, core::Decision::Deny);
    EXPECT_THAT(last_audit(), StartsWith("denied one by uid "));
}

TEST_F(ClientObject, ExplainsItself) {
    const auto explained = [this] { return shown(call("/clients/one", new_client, "Explain")); };
    EXPECT_THAT(explained(),
                StartsWith("{WouldGet: true, Reason: 'it is enabled until 2026-11-24T03:15:42 UTC', "
                           "Since: '2026-11-24T03:10:42.106667', Remedy: ''}"));
    EXPECT_EQ(set("/clients/one", "Enabled", false), "ok");
    EXPECT_THAT(explained(), StartsWith("{WouldGet: false, Reason: 'it is disabled"));
    EXPECT_THAT(explained(), HasSubstr("mandos-ctl --enable \"one\""));
}

TEST_F(ClientObject, TellsTheErrorOfAnAct) {
    const auto refuse_with = [this](ErrorKind kind) {
        on_strand([this, kind] { server_->refusal = Error(kind, "the disk is full"); });
    };
    refuse_with(ErrorKind::System);
    EXPECT_EQ(set("/clients/one", "Enabled", false), "org.freedesktop.DBus.Error.Failed: the disk is full");
    EXPECT_EQ(shown(call("/clients/one", new_client, "CheckedOK")),
              "org.freedesktop.DBus.Error.Failed: the disk is full");
    refuse_with(ErrorKind::Invalid);
    EXPECT_THAT(set("/clients/one", "Host", "x"), StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    refuse_with(ErrorKind::Denied);
    EXPECT_THAT(set("/clients/one", "Host", "x"), StartsWith("org.freedesktop.DBus.Error.AccessDenied"));
}

TEST_F(ClientObject, IsDescribed) {
    const auto described = call("/clients/one", introspectable, "Introspect");
    ASSERT_TRUE(described) << described.error().text();
    const std::string& text = *described->front().get_if<std::string>();
    for (const char* part :
         {"<interface name=\"se.recompile.Mandos.Client\">\n    <method name=\"Approve\">\n      <arg "
          "name=\"value\" "
          "type=\"b\" direction=\"in\"/>",
          "<interface name=\"se.bsnet.fukt.Mandos.Client\">\n    <annotation "
          "name=\"org.freedesktop.DBus.Deprecated\" value=\"true\"/>",
          "<property name=\"Secret\" type=\"ay\" access=\"write\">\n      <annotation "
          "name=\"org.freedesktop.DBus.Property.EmitsChangedSignal\" value=\"invalidates\"/>",
          "<property name=\"Timeout\" type=\"t\" access=\"readwrite\"/>",
          "<property name=\"Created\" type=\"s\" access=\"read\">\n      <annotation "
          "name=\"org.freedesktop.DBus.Property.EmitsChangedSignal\" value=\"const\"/>",
          "<signal name=\"NeedApproval\">\n      <arg name=\"timeout\" type=\"t\"/>",
          "<interface name=\"org.freedesktop.DBus.Properties\">"})
        EXPECT_THAT(text, HasSubstr(part));
}

} // namespace mandos::test
