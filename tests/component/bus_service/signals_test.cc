// What the D-Bus interface tells, in the order of Mandos 1.8.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/actions.h"
#include "core/events.h"
#include "core/peer_address.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

// The lines of one property that becomes VALUE: former interface and present one, then the standard signal.
void expect_changed(Lines& expected, const std::string& path, const std::string& name,
                    const std::string& value) {
    for (const char* interface : {"new", "old"})
        expected.push_back(path + " " + interface + ".Client.PropertyChanged('" + name + "', " + value + ")");
    expected.push_back(path + " dbus.Properties.PropertiesChanged('new.Client', {" + name + ": " + value
                       + "}, [])");
}

void expect_both(Lines& expected, const std::string& path, const std::string& signal) {
    expected.push_back(path + " new." + signal);
    expected.push_back(path + " old." + signal);
}

core::PeerAddress peer() {
    core::PeerAddress address;
    address.ip.back() = std::byte{1};
    address.port = 4711;
    return address;
}

class Signals : public Served {
  protected:
    void ask(const std::string& name) {
        happen(core::SecretAsked{.connection = core::ConnectionId(++connection_),
                                 .key_id = *client_named(name).key_id,
                                 .peer = peer()});
    }
    std::uint64_t connection_ = 0;
};

TEST_F(Signals, AnnounceEachClientAtTheStart) {
    core::ClientSettings disabled = client_named("off");
    disabled.enabled = false;
    start({disabled, client_named("one")});
    Lines lines = heard_->until("new.Client', {Expires: ");
    while (lines.front().find("dbus.NameOwnerChanged") != std::string::npos)
        lines.erase(lines.begin());
    ASSERT_EQ(lines.size(), 9U);
    EXPECT_THAT(lines[0],
                StartsWith("/ dbus.ObjectManager.InterfacesAdded(/clients/off, {dbus.Properties: {}, "
                           "dbus.Introspectable: {}, new.Client: {ApprovalDelay: 0, "));
    EXPECT_EQ(lines[1], "/ new.ClientAdded(/clients/off)");
    EXPECT_EQ(lines[2], "/ old.ClientAdded(/clients/off)");
    EXPECT_THAT(lines[3], StartsWith("/ dbus.ObjectManager.InterfacesAdded(/clients/one, {"));
    EXPECT_EQ(lines[4], "/ new.ClientAdded(/clients/one)");
    Lines expected;
    expect_changed(expected, "/clients/one", "Expires", "'2026-11-24T03:15:42.106667'");
    EXPECT_EQ(Lines(lines.begin() + 6, lines.end()), expected);
}

TEST_F(Signals, SayThatClientsGoWhenTheServerStops) {
    serve(Lines{"one", "two"});
    stop();
    const Lines lines = heard_->until("dbus.NameOwnerChanged('new'");
    Lines expected;
    for (const std::string name : {"one", "two"}) {
        expected.push_back("/ dbus.ObjectManager.InterfacesRemoved(/clients/" + name
                           + ", ['dbus.Properties', 'dbus.Introspectable', 'new.Client', 'old.Client'])");
        expect_both(expected, "/", "ClientRemoved(/clients/" + name + ", '" + name + "')");
    }
    EXPECT_EQ(Lines(lines.begin(), lines.begin() + 6), expected);
}

TEST_F(Signals, FollowAddedAndRemovedClients) {
    serve(Lines{"one"});
    ASSERT_TRUE(call("/", new_server, "AddClient", "s", {"[two]"}));
    Lines lines = heard_->until("old.ClientAdded(/clients/two)");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_THAT(lines[0], StartsWith("/ dbus.ObjectManager.InterfacesAdded(/clients/two, {"));
    lines = heard_->until("PropertiesChanged('new.Client', {Expires");
    EXPECT_THAT(
        lines, Contains("/clients/two dbus.Properties.PropertiesChanged('new.Client', {Enabled: true}, [])"));
    ASSERT_TRUE(call("/", new_server, "RemoveClient", "o", {bus::ObjectPath{"/clients/one"}}));
    lines = heard_->until("old.ClientRemoved");
    EXPECT_THAT(lines, Contains("/ new.ClientRemoved(/clients/one, 'one')"));
    EXPECT_THAT(lines, Contains(StartsWith("/ dbus.ObjectManager.InterfacesRemoved(/clients/one, ")));
}

TEST_F(Signals, TellOfChangesByBothNames) {
    serve(Lines{"one"});
    ASSERT_EQ(set("/clients/one", "Host", "here"), "ok");
    Lines expected;
    expect_changed(expected, "/clients/one", "Host", "'here'");
    EXPECT_EQ(heard_->until("PropertiesChanged"), expected);
    // Not again: it is that already.
    ASSERT_EQ(set("/clients/one", "Host", "here"), "ok");
    ASSERT_EQ(set("/clients/one", "Enabled", false), "ok");
    expected.clear();
    expect_changed(expected, "/clients/one", "Expires", "''");
    expect_changed(expected, "/clients/one", "Enabled", "false");
    EXPECT_EQ(heard_->until("PropertiesChanged('new.Client', {Enabled"), expected);
    ASSERT_EQ(set("/clients/one", "Enabled", true), "ok");
    expected.clear();
    expect_changed(expected, "/clients/one", "Enabled", "true");
    expect_changed(expected, "/clients/one", "LastEnabled", "'2026-11-24T03:10:42.106667'");
    expect_changed(expected, "/clients/one", "Expires", "'2026-11-24T03:15:42.106667'");
    EXPECT_EQ(heard_->until("PropertiesChanged('new.Client', {Expires"), expected);
}

TEST_F(Signals, NeverCarryASecret) {
    serve(Lines{"one"});
    ASSERT_EQ(set("/clients/one", "Secret", to_bytes("another MARKER")), "ok");
    EXPECT_THAT(heard_->until("Secret"),
                ElementsAre("/clients/one dbus.Properties.PropertiesChanged('new.Client', {}, ['Secret'])"));
}

TEST_F(Signals, FollowACheck) {
    serve(Lines{"one"});
    ASSERT_EQ(set("/clients/one", "CheckerRunning", true), "ok");
    const core::ClientId id = on_strand([this] { return server_->id("one"); });
    on_strand([this, id] { service_->check_started(id, "fping -q -- host.example"); });
    Lines expected;
    expect_changed(expected, "/clients/one", "CheckerRunning", "true");
    expect_both(expected, "/clients/one", "Client.CheckerStarted('fping -q -- host.example')");
    const core::CheckId check = *client("one").check;
    happen(core::CheckEnded{.client = id, .check = check, .status = 0});
    on_strand([this, id] { service_->check_ended(id, 0, "fping -q -- host.example"); });
    expect_changed(expected, "/clients/one", "CheckerRunning", "false");
    expect_changed(expected, "/clients/one", "LastCheckerStatus", "0");
    expect_changed(expected, "/clients/one", "LastCheckedOK", "'2026-11-24T03:10:42.106667'");
    expect_changed(expected, "/clients/one", "Expires", "'2026-11-24T03:15:42.106667'");
    expect_both(expected, "/clients/one", "Client.CheckerCompleted(0, 0, 'fping -q -- host.example')");
    EXPECT_EQ(heard_->until("old.Client.CheckerCompleted"), expected);

    on_strand([this, id] {
        service_->check_ended(id, 3 << 8, "\xFF");
        service_->check_ended(id, SIGKILL, "c");
    });
    expected.clear();
    expect_both(expected, "/clients/one", "Client.CheckerCompleted(3, 768, '\xEF\xBF\xBD')");
    expect_both(expected, "/clients/one", "Client.CheckerCompleted(-1, 9, 'c')");
    EXPECT_EQ(heard_->until("old.Client.CheckerCompleted(-1"), expected);
}

TEST_F(Signals, FollowAnApproval) {
    core::ClientSettings settings = client_named("one");
    settings.approval_delay = 30s;
    settings.approved_by_default = false;
    serve({settings});
    ask("one");
    Lines expected;
    expect_changed(expected, "/clients/one", "ApprovalPending", "true");
    expect_changed(expected, "/clients/one", "LastApprovalRequest", "'2026-11-24T03:10:42.106667'");
    expect_both(expected, "/clients/one", "Client.NeedApproval(30000, false)");
    expected.emplace_back("/clients/one new.Client.ApprovalNeeded(30000, false, '[::1]:4711')");
    EXPECT_EQ(heard_->until("ApprovalNeeded"), expected);
    EXPECT_THAT(shown(call("/clients/one", new_client, "Explain")),
                StartsWith("{WouldGet: false, Reason: 'it needs approval; it asks now"));
    EXPECT_EQ(shown(call("/clients/one", new_client, "GetApprovalPeers")), "['[::1]:4711']");
    ASSERT_TRUE(call("/clients/one", new_client, "Approve", "b", {true}));
    EXPECT_EQ(shown(call("/clients/one", new_client, "GetApprovalPeers")), "[]");
    happen(core::Delivered{
        .client = on_strand([this] { return server_->id("one"); }), .name = "one", .peer = peer()});
    const Lines lines = heard_->until("old.Client.GotSecret");
    EXPECT_THAT(lines, Contains("/clients/one dbus.Properties.PropertiesChanged('new.Client', "
                                "{ApprovalPending: false}, [])"));
    EXPECT_THAT(lines, Contains("/clients/one new.Client.GotSecret()"));
}

TEST_F(Signals, TellWhoGetsNothing) {
    core::ClientSettings slow = client_named("slow");
    slow.approval_delay = 1s;
    slow.approved_by_default = false;
    serve({client_named("one"), slow});
    ask("nobody");
    Lines expected;
    expect_both(expected, "/", "ClientNotFound('" + client_named("nobody").key_id->text() + "', '::1')");
    EXPECT_EQ(heard_->until("old.ClientNotFound"), expected);
    ASSERT_TRUE(call("/clients/one", new_client, "Approve", "b", {false}));
    ask("one");
    EXPECT_EQ(heard_->until("new.Client.Rejected").back(), "/clients/one new.Client.Rejected('Denied')");
    ASSERT_TRUE(call("/clients/one", new_client, "Disable"));
    ask("one");
    heard_->until("old.Client.Rejected('Denied')");
    EXPECT_EQ(heard_->until("new.Client.Rejected").back(), "/clients/one new.Client.Rejected('Disabled')");
    EXPECT_EQ(heard_->until("old.Client.Rejected").back(), "/clients/one old.Client.Rejected('Disabled')");
    ask("slow");
    on_strand([this] { server_->now.boot += 2s; });
    happen(core::TimePassed{});
    EXPECT_EQ(heard_->until("new.Client.Rejected").back(),
              "/clients/slow new.Client.Rejected('Approval timed out')");
    ASSERT_EQ(set("/", "Lockdown", true, new_server), "ok");
    ask("slow");
    EXPECT_EQ(heard_->until("new.Client.Rejected").back(), "/clients/slow new.Client.Rejected('Lockdown')");
}

TEST_F(Signals, ComeWithNamesThatAreNoText) {
    serve(Lines{"b\xFF\x01 @", "a\xC3\xA4"});
    EXPECT_EQ(shown(call("/", new_server, "GetAllClients")), "[/clients/b_ff_01_20_40, /clients/a_c3_a4]");
    EXPECT_EQ(shown(get("/clients/b_ff_01_20_40", "Name")), "'b\xEF\xBF\xBD\x01 @'");
    EXPECT_EQ(set("/clients/b_ff_01_20_40", "Enabled", false), "ok");
    ASSERT_TRUE(call("/clients/b_ff_01_20_40", new_client, "Explain"));
    ASSERT_TRUE(call("/", new_server, "RemoveClient", "o", {bus::ObjectPath{"/clients/b_ff_01_20_40"}}));
    EXPECT_EQ(heard_->until("new.ClientRemoved").back(),
              "/ new.ClientRemoved(/clients/b_ff_01_20_40, 'b\xEF\xBF\xBD\x01 @')");
}

} // namespace mandos::test
