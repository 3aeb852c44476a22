// The server on D-Bus: clients that are listed, added and removed; lockdown; the audit log.
#include "programs/mandos/server_object.h"

#include <chrono>
#include <cstdint>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/audit_reader.h"
#include "base/version.h"
#include "core/audit.h"
#include "core/limits.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ServerObject : public Served {};

TEST_F(ServerObject, RefusesWhatIsNotThere) {
    serve(std::vector<std::string>{"one"});
    EXPECT_THAT(shown(call("/", new_server, "Nothing")),
                StartsWith("org.freedesktop.DBus.Error.UnknownMethod"));
    EXPECT_THAT(shown(call("/nowhere", new_server, "GetAllClients")),
                StartsWith("org.freedesktop.DBus.Error.UnknownObject"));
    EXPECT_THAT(shown(call("/clients", new_server, "GetAllClients")),
                StartsWith("org.freedesktop.DBus.Error.UnknownObject"));
    EXPECT_THAT(shown(call("/", new_server, "RemoveClient", "s", {"/clients/one"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    for (const char* path : {"/clients/two", "/", "/clients", "/foreign/path"})
        EXPECT_THAT(shown(call("/", new_server, "RemoveClient", "o", {bus::ObjectPath{path}})),
                    StartsWith("org.freedesktop.DBus.Error.UnknownObject"))
            << path;
    EXPECT_THAT(set("/", "Lockdown", "yes", new_server),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    for (const char* name : {"Version", "Port", "Address", "Clients"})
        EXPECT_THAT(set("/", name, "x", new_server),
                    StartsWith("org.freedesktop.DBus.Error.PropertyReadOnly"));
    EXPECT_THAT(shown(get("/", "Lockdown", old_server)),
                StartsWith("org.freedesktop.DBus.Error.UnknownProperty"));
    EXPECT_THAT(shown(call("/", old_server, "Reload")),
                StartsWith("org.freedesktop.DBus.Error.UnknownMethod"));
    EXPECT_EQ(on_strand([this] { return server_->acts; }), 0);
}

TEST_F(ServerObject, ListsClientsWithoutTheirSecrets) {
    serve(std::vector<std::string>{"one", "deny-host"});
    EXPECT_EQ(shown(call("/", new_server, "GetAllClients")), "[/clients/one, /clients/deny_host]");
    EXPECT_EQ(shown(call("/", old_server, "GetAllClients")), "[/clients/one, /clients/deny_host]");
    const std::string listed = shown(call("/", object_manager, "GetManagedObjects"));
    EXPECT_THAT(listed, StartsWith("{/clients/one: {org.freedesktop.DBus.Properties: {}, "
                                   "org.freedesktop.DBus.Introspectable: {}, se.recompile.Mandos.Client: "
                                   "{ApprovalDelay: 0, "));
    EXPECT_THAT(listed, AllOf(HasSubstr("se.bsnet.fukt.Mandos.Client: {ApprovalDelay: 0, "),
                              HasSubstr("/clients/deny_host: {org.freedesktop.DBus.Properties: {}"),
                              Not(HasSubstr("Secret")), Not(HasSubstr("MARKER"))));
    for (const std::string& interface : {new_server, old_server}) {
        const std::string with = shown(call("/", interface, "GetAllClientsWithProperties"));
        EXPECT_THAT(with, StartsWith("{/clients/one: {ApprovalDelay: 0, "));
        EXPECT_THAT(with, AllOf(HasSubstr("Name: 'deny-host'"), Not(HasSubstr("Secret"))));
    }
}

TEST_F(ServerObject, ListsNothingWhereThereAreNoClients) {
    serve(std::vector<std::string>{});
    EXPECT_EQ(shown(call("/", object_manager, "GetManagedObjects")), "{}");
    EXPECT_EQ(shown(call("/", new_server, "GetAllClients")), "[]");
    EXPECT_EQ(shown(call("/", new_server, "GetAllClientsWithProperties")), "{}");
}

TEST_F(ServerObject, RemovesAndAddsClients) {
    serve(std::vector<std::string>{"one", "two"});
    EXPECT_EQ(shown(call("/", old_server, "RemoveClient", "o", {bus::ObjectPath{"/clients/one"}})), "");
    EXPECT_THAT(last_audit(), StartsWith("client-removed one by uid "));
    EXPECT_THAT(shown(get("/clients/one", "Name")), StartsWith("org.freedesktop.DBus.Error.UnknownObject"));
    EXPECT_EQ(shown(get("/", "Clients", new_server)), "1");

    EXPECT_THAT(shown(call("/", new_server, "AddClient", "s", {"nonsense"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs: line 1: "));
    EXPECT_THAT(shown(call("/", new_server, "AddClient", "s", {"[two]"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs: there is a client \"two\""));
    EXPECT_THAT(shown(call("/", new_server, "AddClient", "s",
                           {"[" + std::string(core::limits::expanded_value, 'x') + "]"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    EXPECT_EQ(shown(call("/", new_server, "AddClient", "s", {"[one]"})), "/clients/one");
    EXPECT_EQ(shown(call("/", new_server, "AddClient", "s", {"[t-w.o]"})), "/clients/t_w_o");
    EXPECT_EQ(shown(call("/", new_server, "AddClient", "s", {"[t.w-o]"})), "/clients/t_w_o_2");
    EXPECT_EQ(shown(get("/clients/t_w_o_2", "Name")), "'t.w-o'");
    EXPECT_EQ(shown(get("/", "Clients", new_server)), "4");
    on_strand([this] { server_->refusal = Error(ErrorKind::System, "no space"); });
    EXPECT_EQ(shown(call("/", new_server, "AddClient", "s", {"[three]"})),
              "org.freedesktop.DBus.Error.Failed: no space");
    EXPECT_EQ(shown(call("/", new_server, "RemoveClient", "o", {bus::ObjectPath{"/clients/two"}})),
              "org.freedesktop.DBus.Error.Failed: no space");
}

TEST_F(ServerObject, RepliesOnlyWhenItIsDone) {
    serve(std::vector<std::string>{"one"});
    on_strand([this] { server_->holds_acts = true; });
    std::future<std::string> answer =
        std::async(std::launch::async, [this] { return set("/clients/one", "Host", "other"); });
    heard_->until("new.Client', {Host: 'other'}"); // it has happened
    EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    // Others are served meanwhile.
    bus::Bus other = bus::Bus::open_system().value();
    EXPECT_TRUE(other.call({.destination = old_server,
                            .path = "/",
                            .interface = old_server,
                            .method = "GetAllClients",
                            .signature = {},
                            .arguments = {}}));
    EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    on_strand([this] {
        for (auto& done : server_->held)
            done({});
        server_->held.clear();
    });
    EXPECT_EQ(answer.get(), "ok");
}

TEST_F(ServerObject, LocksDownAndTellsOfItself) {
    serve(std::vector<std::string>{"one"});
    EXPECT_EQ(shown(call("/", properties, "GetAll", "s", {new_server})),
              "{Lockdown: false, Version: '" + std::string(version())
                  + "', Port: 4711, Address: '::1', Clients: 1}");
    EXPECT_EQ(set("/", "Lockdown", true, new_server), "ok");
    EXPECT_EQ(shown(get("/", "Lockdown", new_server)), "true");
    EXPECT_THAT(last_audit(), StartsWith("lockdown-begun  by uid "));
    EXPECT_EQ(heard_->until("Lockdown").back(),
              "/ dbus.Properties.PropertiesChanged('new', {Lockdown: true}, [])");
    EXPECT_THAT(shown(call("/clients/one", new_client, "Explain")),
                StartsWith("{WouldGet: false, Reason: 'the server is in lockdown"));
    EXPECT_EQ(set("/", "Lockdown", false, new_server), "ok");
    EXPECT_EQ(shown(get("/", "Lockdown", new_server)), "false");
}

TEST_F(ServerObject, ReloadsAndGivesTheWarnings) {
    serve(std::vector<std::string>{});
    EXPECT_EQ(shown(call("/", new_server, "Reload")), "['line 3: \xEF\xBF\xBD is odd', 'line 4']");
    on_strand([this] { server_->refusal = Error(ErrorKind::Invalid, "line 7: no such option"); });
    EXPECT_EQ(shown(call("/", new_server, "Reload")),
              "org.freedesktop.DBus.Error.InvalidArgs: line 7: no such option");
}

TEST_F(ServerObject, IsDescribedWithAllNodes) {
    serve(std::vector<std::string>{"one", "a/b", "a/c", "a"});
    const std::string top = shown(call("/", introspectable, "Introspect"));
    for (const char* part :
         {"<arg name=\"objpath_interfaces_and_properties\" type=\"a{oa{sa{sv}}}\" direction=\"out\"/>",
          "<method name=\"GetAllClientsWithProperties\">\n      <annotation "
          "name=\"org.freedesktop.DBus.Deprecated\" value=\"true\"/>",
          "<property name=\"Lockdown\" type=\"b\" access=\"readwrite\"/>", "<node name=\"clients\"/>",
          "<interface name=\"se.bsnet.fukt.Mandos\">",
          "<arg name=\"object_path\" type=\"o\" direction=\"in\"/>"})
        EXPECT_THAT(top, HasSubstr(part));
    EXPECT_THAT(shown(call("/clients", introspectable, "Introspect")),
                AllOf(HasSubstr("  <node name=\"a\"/>\n  <node name=\"one\"/>\n</node>"),
                      Not(HasSubstr("Properties"))));
    EXPECT_THAT(shown(call("/clients/a", introspectable, "Introspect")),
                HasSubstr("  <node name=\"b\"/>\n  <node name=\"c\"/>\n</node>"));
}

// The log
// -------------------------------------------------------------------------------------------------------

class ServerLog : public Served {
  protected:
    ServerLog() {
        log_access_ = {
            .entries = [this](const store::AuditQuery& query) -> Result<std::vector<store::AuditEntry>> {
                const std::scoped_lock lock(may_read_);
                query_ = query;
                if (query.client == "broken")
                    return fail(ErrorKind::System, "the disk is broken");
                return std::vector<store::AuditEntry>{
                    {.number = 7,
                     .record = {.time = core::WallTime(std::chrono::microseconds(5)),
                                .event = core::AuditEvent::Refused,
                                .client = "one",
                                .peer = "[::1]:5",
                                .cause = "\xFF odd",
                                .actor = "uid 0 (:1.3)",
                                .left_out = 3}}};
            },
            .verify = [this]() -> Result<store::AuditVerdict> {
                const std::scoped_lock lock(may_read_);
                return verdict_;
            }};
        serve(std::vector<std::string>{"one"});
    }
    std::string get_log(const std::string& client, std::int64_t since, std::uint64_t after,
                        std::uint32_t at_most, bool latest) {
        return shown(call("/", new_server, "GetLog", "sxtub", {client, since, after, at_most, latest}));
    }

    std::mutex may_read_;
    store::AuditQuery query_;
    store::AuditVerdict verdict_;
};

TEST_F(ServerLog, IsAsked) {
    EXPECT_THAT(shown(call("/", new_server, "GetLog", "s", {"one"})),
                StartsWith("org.freedesktop.DBus.Error.InvalidArgs"));
    EXPECT_EQ(get_log("", 0, 0, 0, false),
              "[[7, 5, 'refused', 'one', '[::1]:5', '\xEF\xBF\xBD odd', 'uid 0 (:1.3)', 3]]");
    EXPECT_FALSE(query_.client);
    EXPECT_FALSE(query_.since);
    EXPECT_EQ(query_.after, 0U);
    EXPECT_EQ(query_.at_most, core::limits::log_page);
    EXPECT_EQ(query_.which, store::AuditQuery::Which::First);
    get_log("one", -5, 9, UINT32_MAX, true);
    EXPECT_EQ(query_.client, "one");
    EXPECT_EQ(query_.since, core::WallTime(std::chrono::microseconds(-5)));
    EXPECT_EQ(query_.after, 9U);
    EXPECT_EQ(query_.at_most, core::limits::log_page);
    EXPECT_EQ(query_.which, store::AuditQuery::Which::Last);
    EXPECT_EQ(get_log("broken", 0, 0, 1, false), "org.freedesktop.DBus.Error.Failed: the disk is broken");
}

TEST_F(ServerLog, IsVerified) {
    verdict_ = {.records = 12};
    EXPECT_EQ(shown(call("/", new_server, "VerifyLog")), "true, 12, ''");
    verdict_ = {.records = 4, .bad = 5, .why = "it was changed"};
    EXPECT_EQ(shown(call("/", new_server, "VerifyLog")), "false, 4, 'record 5: it was changed'");
}

TEST_F(ServerLog, HoldsUpNobodyAndHasALimit) {
    std::unique_lock lock(may_read_); // a query that takes as long as it likes
    std::vector<std::future<std::string>> answers;
    std::vector<bus::Bus> callers;
    for (std::size_t count = 0; count < core::limits::log_queries; ++count)
        answers.push_back(std::async(std::launch::async, [] {
            bus::Bus own = bus::Bus::open_system().value();
            return shown(own.call({.destination = new_server,
                                   .path = "/",
                                   .interface = new_server,
                                   .method = "VerifyLog",
                                   .signature = {},
                                   .arguments = {}}));
        }));
    // Asked until the others have all arrived: an error tells that they have. Everything else is served.
    std::future<std::string> one_more;
    for (;;) {
        EXPECT_EQ(set("/clients/one", "Enabled", true), "ok");
        const auto refused = caller_->call({.destination = new_server,
                                            .path = "/",
                                            .interface = new_server,
                                            .method = "VerifyLog",
                                            .signature = {},
                                            .arguments = {},
                                            .limit = std::chrono::milliseconds(100)});
        ASSERT_FALSE(refused);
        if (refused.error().kind() == ErrorKind::Exhausted)
            break;
        ASSERT_EQ(refused.error().kind(), ErrorKind::TimedOut) << refused.error().text();
    }
    lock.unlock();
    std::size_t answered = 0;
    for (auto& answer : answers)
        answered += answer.get() == "true, 0, ''" ? 1U : 0U;
    EXPECT_GE(answered, 1U); // those that came before the limit was reached
}

} // namespace mandos::test
