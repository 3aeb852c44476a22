// dist/dbus/mandos.conf on a bus that, as the system's, allows nothing by itself.
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/bus/bus.h"
#include "base/error.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

namespace {

constexpr gid_t some_group = 60; // games, which is in base-passwd
constexpr uid_t nobody = 65534;

// What a system's bus has of its own (/usr/share/dbus-1/system.conf), and ours, with a group that there is.
std::string policy() {
    std::ifstream file(MANDOS_SOURCE_DIR "/dist/dbus/mandos.conf");
    std::string ours{std::istreambuf_iterator<char>(file), {}};
    ours = ours.substr(ours.find("<policy"), ours.rfind("</busconfig>") - ours.find("<policy"));
    const std::string group = "group=\"_mandos\"";
    ours.replace(ours.find(group), group.size(), "group=\"games\"");
    return R"(<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/>
      <allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
      <allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
      <allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
      <allow send_destination="org.freedesktop.DBus"/></policy>)"
           + ours;
}

class Policy : public Served {
  protected:
    Policy() : Served(policy()) {}

    // What becomes of reading a property, for somebody with this user and group.
    std::string as(uid_t user, gid_t group) {
        int ends[2];
        EXPECT_EQ(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0) {
            std::string said = "cannot become that user";
            if (setgroups(1, &group) == 0 && setresgid(group, group, group) == 0
                && setresuid(user, user, user) == 0) {
                auto own = bus::Bus::open_system();
                said = own ? shown(own->call({.destination = new_server,
                                              .path = "/clients/one",
                                              .interface = properties,
                                              .method = "Get",
                                              .signature = "ss",
                                              .arguments = {new_client, "Name"}}))
                           : own.error().text();
            }
            (void)!write(ends[1], said.data(), said.size());
            _exit(0);
        }
        close(ends[1]);
        char text[512];
        const ssize_t size = read(ends[0], text, sizeof text);
        close(ends[0]);
        waitpid(child, nullptr, 0);
        return {text, static_cast<std::size_t>(size)};
    }
};

} // namespace

TEST_F(Policy, LetsRootAndTheGroupIn) {
    if (getuid() != 0)
        GTEST_SKIP() << "only root can become another user";
    serve(std::vector<std::string>{"one"}); // root may own the names
    EXPECT_THAT(as(nobody, nobody), ::testing::StartsWith("org.freedesktop.DBus.Error.AccessDenied"));
    EXPECT_EQ(as(0, 0), "'one'");
    EXPECT_EQ(as(nobody, some_group), "'one'");
}

} // namespace mandos::test
