#include "core/clients.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/client.h"
#include "core/key_id.h"

using mandos::core::Clients;
using mandos::core::ClientSettings;
using mandos::core::KeyId;

namespace {

KeyId key(char digit) {
    return *KeyId::parse(std::string(64, digit));
}

ClientSettings client(std::string name, const KeyId& key_id) {
    ClientSettings settings;
    settings.name = std::move(name);
    settings.key_id = key_id;
    return settings;
}

} // namespace

TEST(Clients, KnowNobodyWithAnotherKey) {
    const Clients clients({client("a", key('a'))});
    EXPECT_EQ(clients.find(key('b')).result, Clients::Lookup::Unknown);
}

TEST(Clients, GiveAKeyThatTwoShareToNeither) {
    const Clients clients({client("a", key('a')), client("b", key('b')), client("c", key('a'))});
    EXPECT_EQ(clients.find(key('a')).result, Clients::Lookup::Shared);
    EXPECT_EQ(clients.find(key('b')).client->settings.name, "b");
}

TEST(Clients, NeverMatchTheKeyIdOfNothing) {
    const KeyId of_nothing =
        *KeyId::parse("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    const Clients clients({client("a", of_nothing)});
    EXPECT_EQ(clients.find(of_nothing).result, Clients::Lookup::Unknown);
}

TEST(Clients, AreFoundByTheKeyTheyProve) {
    std::vector<ClientSettings> settings;
    for (const char digit : std::string("0123456789abcdef"))
        settings.push_back(client(std::string(1, digit), key(digit)));
    const Clients clients(std::move(settings));
    for (const char digit : std::string("0123456789abcdef")) {
        const auto found = clients.find(key(digit));
        ASSERT_EQ(found.result, Clients::Lookup::Found);
        EXPECT_EQ(found.client->settings.name, std::string(1, digit));
    }
}
