// A bus that is not there, goes away, belongs to another server, or takes nothing.
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/bus/bus.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/limits.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Names = std::vector<std::string>;

class Connection : public Served {};

TEST_F(Connection, IsOffWhereAnotherServerHasTheName) {
    bus::Bus other = bus::Bus::open_system().value();
    ASSERT_GE(sd_bus_request_name(other.raw(), "se.bsnet.fukt.Mandos", 0), 0);
    start({client_named("one")});
    const std::string line = log_line();
    EXPECT_THAT(line, HasSubstr("D-Bus is off, and the server goes on without it: the D-Bus name "
                                "se.bsnet.fukt.Mandos belongs to another program"));
    EXPECT_THAT(line, StartsWith("<27>")); // an error of a daemon (syslog(3))
    happen(core::Disable{.client = on_strand([this] { return server_->id("one"); }), .actor = "test"});
    EXPECT_FALSE(client("one").life.enabled);
}

TEST_F(Connection, IsMadeWhenTheBusComes) {
    daemon_.kill();
    start({client_named("one")});
    EXPECT_THAT(log_line(), HasSubstr("no D-Bus, and it is tried again: cannot connect"));
    happen(core::Disable{.client = on_strand([this] { return server_->id("one"); }), .actor = "test"});
    daemon_.start();
    EXPECT_THAT(log_line(), HasSubstr("D-Bus: on the message bus now"));
    caller_.emplace(bus::Bus::open_system().value());
    EXPECT_EQ(shown(get("/clients/one", "Enabled")), "false");
}

TEST_F(Connection, IsMadeAnewWhenTheBusRestarts) {
    serve(Names{"one"});
    daemon_.kill();
    EXPECT_THAT(log_line(), HasSubstr("no D-Bus, and it is tried again"));
    happen(core::Disable{.client = on_strand([this] { return server_->id("one"); }), .actor = "test"});
    daemon_.start();
    EXPECT_THAT(log_line(), HasSubstr("D-Bus: on the message bus now"));
    caller_.emplace(bus::Bus::open_system().value());
    EXPECT_EQ(shown(get("/clients/one", "Enabled")), "false");
    EXPECT_EQ(set("/clients/one", "Enabled", true), "ok");
}

class HangingBus : public Connection {
  protected:
    HangingBus() {
        serve(Names{"one"});
        daemon_.pause();
    }
    // COUNT signals of 64 kB, thrice each: some 200 kB.
    void talk(int count) {
        const core::ClientId id = on_strand([this] { return server_->id("one"); });
        for (int number = 0; number < count; ++number) {
            core::SettingsChange change;
            change.host = std::to_string(number) + std::string(core::limits::bus_text, 'x');
            happen(core::Change{.client = id, .change = change, .actor = "test"});
        }
    }
};

TEST_F(HangingBus, HoldsUpNeitherTheStrandNorTheStop) {
    const auto before = std::chrono::steady_clock::now();
    talk(200); // more than a socket takes
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20))
        << "it waited for a bus that hangs";
    daemon_.go_on();
}

TEST_F(HangingBus, IsGivenUpInTime) {
    talk(200);
    EXPECT_THAT(log_line(),
                HasSubstr("no D-Bus, and it is tried again: the message bus takes nothing from us"));
    daemon_.go_on();
    EXPECT_THAT(log_line(), HasSubstr("D-Bus: on the message bus now"));
}

TEST_F(HangingBus, IsGivenUpBeforeItsMessagesFillTheMemory) {
    const auto before = std::chrono::steady_clock::now();
    talk(1000);
    const bool is_slow = std::chrono::steady_clock::now() - before > core::limits::bus_stall;
    const std::string line = log_line();
    if (!is_slow || line.find("takes nothing from us") == std::string::npos) { // which comes first then
        EXPECT_THAT(line,
                    HasSubstr("no D-Bus, and it is tried again: the message bus does not take what we send"));
    }
    daemon_.go_on();
    EXPECT_THAT(log_line(), HasSubstr("D-Bus: on the message bus now"));
    caller_.emplace(bus::Bus::open_system().value());
    EXPECT_EQ(shown(get("/clients/one", "Name")), "'one'");
}

// dbus-daemon holds what the caller does not read and, when that is too much, reads nothing more from the
// sender.
TEST_F(Connection, ServesOthersBesideACallerThatDoesNotRead) {
    Names names;
    for (int number = 0; number < 1500; ++number)
        names.push_back("client" + std::to_string(number));
    serve(names);
    bus::Bus deaf = bus::Bus::open_system().value();
    const auto ask = [&deaf] {
        ASSERT_GE(sd_bus_call_method_async(
                      deaf.raw(), nullptr, new_server.c_str(), "/", object_manager.c_str(),
                      "GetManagedObjects", [](sd_bus_message*, void*, sd_bus_error*) { return 0; }, nullptr,
                      ""),
                  0);
        ASSERT_GE(sd_bus_flush(deaf.raw()), 0);
    };
    // Until that limit is reached: 127 MB, of some 3 MB each.
    int count = 0;
    for (;; ++count) {
        ASSERT_LT(count, 200);
        ask();
        if (!get("/clients/client7", "Name"))
            break;
    }
    EXPECT_THAT(log_line(),
                HasSubstr("no D-Bus, and it is tried again: the message bus takes nothing from us"));
    EXPECT_THAT(log_line(), HasSubstr("D-Bus: on the message bus now"));
    for (int again = 0; again < count; ++again) {
        ask();
        ASSERT_EQ(shown(get("/clients/client7", "Name")), "'client7'");
    }
    EXPECT_EQ(set("/clients/client7", "Enabled", false), "ok");
}

} // namespace mandos::test
