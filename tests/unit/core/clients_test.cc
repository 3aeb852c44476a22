#include "core/clients.h"

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/client.h"
#include "core/key_id.h"
#include "tests/support/core_driver.h"

using mandos::core::Client;
using mandos::core::ClientId;
using mandos::core::Clients;
using mandos::core::KeyId;
using mandos::support::client;
using mandos::support::key;

namespace {

Client& add(Clients& clients, const std::string& name, std::optional<KeyId> key_id) {
    auto settings = client('a');
    settings.name = name;
    settings.key_id = key_id;
    return clients.add({.settings = std::move(settings)});
}

} // namespace

TEST(ClientsDeathTest, HaveNamesThatDiffer) {
    Clients clients;
    add(clients, "a", key('a'));
    EXPECT_DEATH(add(clients, "a", key('b')), "names that differ");
    EXPECT_DEATH(clients.remove(ClientId{7}), "removed once");
}

TEST(Clients, KnowNobodyWithAnotherKey) {
    Clients clients;
    add(clients, "a", key('a'));
    EXPECT_EQ(clients.find(key('b')).result, Clients::Lookup::Unknown);
    EXPECT_EQ(clients.find(key('b')).client, nullptr);
}

TEST(Clients, GiveAKeyThatTwoShareToNeither) {
    Clients clients;
    add(clients, "a", key('a'));
    add(clients, "b", key('b'));
    const ClientId twin = add(clients, "c", key('a')).id;
    EXPECT_EQ(clients.find(key('a')).result, Clients::Lookup::Shared);
    EXPECT_EQ(clients.find(key('a')).client, nullptr);
    EXPECT_EQ(clients.find(key('b')).client->settings.name, "b");
    clients.remove(twin);
    EXPECT_EQ(clients.find(key('a')).client->settings.name, "a");
}

TEST(Clients, NeverMatchTheKeyIdOfNothing) {
    const KeyId of_nothing =
        *KeyId::parse("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    Clients clients;
    Client& one = add(clients, "a", of_nothing);
    EXPECT_EQ(clients.find(of_nothing).result, Clients::Lookup::Unknown);
    clients.set_key_id(one, key('a'));
    clients.set_key_id(one, of_nothing);
    EXPECT_EQ(clients.find(of_nothing).result, Clients::Lookup::Unknown);
    EXPECT_EQ(clients.find(key('a')).result, Clients::Lookup::Unknown);
}

TEST(Clients, AreNotFoundByAKeyThatTheyHadBefore) {
    Clients clients;
    Client& one = add(clients, "a", key('a'));
    clients.set_key_id(one, key('b'));
    EXPECT_EQ(clients.find(key('a')).result, Clients::Lookup::Unknown);
    EXPECT_EQ(clients.find(key('b')).client, &one);
    clients.set_key_id(one, std::nullopt);
    EXPECT_EQ(clients.find(key('b')).result, Clients::Lookup::Unknown);
    EXPECT_EQ(one.settings.key_id, std::nullopt);
}

TEST(Clients, AreNotFoundAnyMoreOnceRemoved) {
    Clients clients;
    const ClientId id = add(clients, "a", key('a')).id;
    clients.remove(id);
    EXPECT_EQ(clients.size(), 0U);
    EXPECT_EQ(clients.find(id), nullptr);
    EXPECT_EQ(clients.find("a"), nullptr);
    EXPECT_EQ(clients.find(key('a')).result, Clients::Lookup::Unknown);
}

TEST(Clients, NeverUseANumberTwice) {
    Clients clients;
    const ClientId first = add(clients, "a", key('a')).id;
    clients.remove(first);
    EXPECT_NE(add(clients, "a", key('a')).id, first);
}

TEST(Clients, AreFoundByKeyNameAndNumber) {
    Clients clients;
    for (const char digit : std::string("0123456789abcdef"))
        add(clients, std::string(1, digit), key(digit));
    for (const char digit : std::string("0123456789abcdef")) {
        const auto found = clients.find(key(digit));
        ASSERT_EQ(found.result, Clients::Lookup::Found);
        EXPECT_EQ(found.client->settings.name, std::string(1, digit));
        EXPECT_EQ(clients.find(std::string(1, digit)), found.client);
        EXPECT_EQ(clients.find(found.client->id), found.client);
    }
}
