// Where clients are found on D-Bus, whatever their names are.
#include "programs/mandos/object_paths.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

#include "core/clients.h"

using mandos::core::ClientId;
using mandos::server::ObjectPaths;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

std::string path_of(std::string_view name) {
    ObjectPaths paths;
    return paths.add(ClientId{1}, name);
}

} // namespace

TEST(ObjectPaths, AreThoseOfMandos18ForPlainNames) {
    EXPECT_EQ(path_of("appr.example.org"), "/clients/appr_example_org");
    EXPECT_EQ(path_of("deny-host"), "/clients/deny_host");
    EXPECT_EQ(path_of("a/b"), "/clients/a/b");
    EXPECT_EQ(path_of("UPPER_lower09"), "/clients/UPPER_lower09");
}

TEST(ObjectPaths, AreValidForEveryName) {
    std::vector<std::string> names{"",
                                   "/",
                                   "//",
                                   "a//b",
                                   "/a",
                                   "a/",
                                   " ",
                                   "@",
                                   "\xC3\xA4",
                                   "\xFF",
                                   std::string(1, '\0'),
                                   std::string(5000, '%')};
    for (int byte = 0; byte < 256; ++byte) {
        names.emplace_back(1, static_cast<char>(byte));
        names.emplace_back("a" + std::string(1, static_cast<char>(byte)) + "b");
    }
    ObjectPaths paths;
    std::set<std::string> seen;
    std::uint32_t id = 0;
    for (const std::string& name : names) {
        const std::string path = paths.add(ClientId{++id}, name);
        EXPECT_TRUE(path.starts_with("/clients/"));
        EXPECT_EQ(sd_bus_object_path_is_valid(path.c_str()), 1) << path;
        EXPECT_TRUE(seen.insert(path).second) << path;
        EXPECT_EQ(paths.find(std::string_view(path)), ClientId{id});
    }
    EXPECT_EQ(path_of("a b"), "/clients/a_20b");
    EXPECT_EQ(path_of("/a"), "/clients/_2fa");
    EXPECT_EQ(path_of(""), "/clients/_");
}

TEST(ObjectPaths, DifferForNamesThatLookAlike) {
    ObjectPaths paths;
    EXPECT_EQ(paths.add(ClientId{1}, "a.b"), "/clients/a_b");
    EXPECT_EQ(paths.add(ClientId{2}, "a-b"), "/clients/a_b_2");
    EXPECT_EQ(paths.add(ClientId{3}, "a_b"), "/clients/a_b_3");
    EXPECT_EQ(paths.add(ClientId{4}, "a_b_4"), "/clients/a_b_4");
    EXPECT_EQ(paths.add(ClientId{5}, "a.b"), "/clients/a_b_5");
}

TEST(ObjectPaths, StayAsLongAsTheClientLives) {
    ObjectPaths paths;
    paths.add(ClientId{1}, "a.b");
    paths.add(ClientId{2}, "a-b");
    paths.remove(ClientId{1});
    paths.remove(ClientId{1});
    EXPECT_EQ(paths.find(ClientId{1}), nullptr);
    EXPECT_EQ(paths.find(std::string_view("/clients/a_b")), std::nullopt);
    EXPECT_EQ(*paths.find(ClientId{2}), "/clients/a_b_2");
    EXPECT_EQ(paths.add(ClientId{2}, "a-b"), "/clients/a_b_2");
    EXPECT_EQ(paths.add(ClientId{3}, "a.b"), "/clients/a_b");
}

TEST(ObjectPaths, HaveNodesBelowThem) {
    ObjectPaths paths;
    EXPECT_THAT(paths.children("/"), IsEmpty());
    std::uint32_t id = 0;
    for (const char* name : {"a", "a/b", "a/c/d", "a_b", "z"})
        paths.add(ClientId{++id}, name);
    EXPECT_THAT(paths.children("/"), ElementsAre("clients"));
    EXPECT_THAT(paths.children("/clients"), ElementsAre("a", "a_b", "z"));
    EXPECT_THAT(paths.children("/clients/a"), ElementsAre("b", "c"));
    EXPECT_THAT(paths.children("/clients/a/c"), ElementsAre("d"));
    EXPECT_THAT(paths.children("/clients/z"), IsEmpty());
    EXPECT_THAT(paths.children("/cli"), IsEmpty());
}
