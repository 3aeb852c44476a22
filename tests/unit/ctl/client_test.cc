#include "programs/mandos-ctl/client.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "tests/unit/ctl/sample_client.h"

using mandos::ErrorKind;
using mandos::bus::Dictionary;
using mandos::bus::Value;
using mandos::ctl::choose;
using mandos::ctl::Client;
using mandos::ctl::read_clients;
using mandos::test::forget_property;
using mandos::test::sample_client;

namespace {

Dictionary object(const Client& client) {
    return {{"org.freedesktop.DBus.Properties", Dictionary{}},
            {"se.recompile.Mandos.Client", client.properties},
            {"se.bsnet.fukt.Mandos.Client", client.properties}};
}

std::vector<std::string> names_of(const std::vector<Client>& clients) {
    std::vector<std::string> names;
    for (const Client& client : clients)
        names.push_back(client.name);
    return names;
}

} // namespace

TEST(ReadClients, RefusesWhatIsNoListOfObjects) {
    EXPECT_EQ(read_clients("text").error().kind(), ErrorKind::Invalid);
    Client nameless = sample_client("nameless");
    forget_property(nameless, "Name");
    const auto read = read_clients(Dictionary{{"/clients/nameless", object(nameless)}});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().text(), R"(the server's client "/clients/nameless" has no name)");
}

TEST(ReadClients, LeavesOutOtherObjects) {
    const Dictionary objects{{"/", Dictionary{{"se.recompile.Mandos", Dictionary{}}}}, {"/odd", "text"}};
    EXPECT_EQ(read_clients(objects).value().size(), 0);
    EXPECT_EQ(read_clients(Dictionary{}).value().size(), 0);
}

TEST(ReadClients, SortsByName) {
    const auto read = read_clients(Dictionary{{"/clients/b", object(sample_client("b"))},
                                              {"/clients/a_b", object(sample_client("a.b"))},
                                              {"/clients/a", object(sample_client("a"))}});
    ASSERT_TRUE(read);
    EXPECT_EQ(names_of(*read), (std::vector<std::string>{"a", "a.b", "b"}));
    EXPECT_EQ(read->at(1).path.text, "/clients/a_b");
}

TEST(Choose, RefusesANameThatNobodyHas) {
    const std::vector<std::string> names{"one", "O\x1bne"};
    const auto chosen = choose({sample_client("one")}, names);
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(chosen.error().text(), R"(the server has no client "O\x1bne")");
}

TEST(Choose, TakesEachNameOnceInTheOrderGiven) {
    const std::vector<Client> clients{sample_client("a"), sample_client("b"), sample_client("c")};
    const std::vector<std::string> names{"c", "a", "c"};
    EXPECT_EQ(names_of(choose(clients, names).value()), (std::vector<std::string>{"c", "a"}));
    EXPECT_EQ(names_of(choose(clients, {}).value()), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(AClient, IsEnabledOnlyIfTheServerSaysSo) {
    EXPECT_TRUE(sample_client("a").is_enabled().value());
    EXPECT_FALSE(sample_client("a", false).is_enabled().value());
    Client client = sample_client("a");
    mandos::test::set_property(client, "Enabled", "yes");
    EXPECT_FALSE(client.is_enabled());
    forget_property(client, "Enabled");
    EXPECT_EQ(client.is_enabled().error().text(),
              R"(client "a": the server does not tell its property Enabled)");
}
