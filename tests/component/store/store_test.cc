// What is stored comes back; what cannot be trusted is refused.
#include "adapters/store/sqlite_store.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "core/clients.h"
#include "core/life.h"
#include "core/store.h"
#include "core/stored.h"
#include "tests/component/store/store_case.h"

using mandos::as_text;
using mandos::core::Client;
using mandos::core::StoredState;
using mandos::test::noon;

namespace {

class Store : public mandos::test::StoreCase {
  protected:
    void execute(const char* sql) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open((directory_ + "/state.db").c_str(), &database), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }

    void store(const Client& client) {
        ASSERT_TRUE(open()->commit({.now = noon, .settings = {&client}, .lives = {&client}}));
    }
};

} // namespace

TEST_F(Store, RefusesADirectoryThatIsNotThere) {
    std::filesystem::remove(directory_);
    EXPECT_NE(opening_error().find("No such file or directory"), std::string::npos) << opening_error();
}

TEST_F(Store, RefusesWhatOthersCanWrite) {
    chmod(directory_.c_str(), 0777);
    EXPECT_NE(opening_error().find("mode 0777"), std::string::npos) << opening_error();
}

TEST_F(Store, RefusesALinkInPlaceOfItsFile) {
    std::filesystem::create_symlink("/etc/passwd", directory_ + "/state.db");
    EXPECT_NE(opening_error().find("is no regular file"), std::string::npos) << opening_error();
}

TEST_F(Store, RefusesALifeWithoutSettings) {
    store(client("one"));
    execute("DELETE FROM settings");
    const auto loaded = open()->load();
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().text().find("\"one\" has a life and no settings"), std::string::npos)
        << loaded.error().text();
}

TEST_F(Store, RefusesSettingsWithoutALife) {
    store(client("one"));
    execute("DELETE FROM lives");
    EXPECT_FALSE(open()->load());
}

TEST_F(Store, RefusesOneOfTwoLayers) {
    store(client("one"));
    execute("DELETE FROM settings WHERE layer = 'configured'");
    EXPECT_FALSE(open()->load());
}

TEST_F(Store, RefusesClientsWithoutItsOwnRow) {
    store(client("one"));
    execute("DELETE FROM server");
    EXPECT_NE(opening_error().find("no row in the table server"), std::string::npos) << opening_error();
}

TEST_F(Store, RefusesALifeThatIsEnabledForEver) {
    store(client("one"));
    execute("UPDATE lives SET expires_wall = NULL");
    EXPECT_FALSE(open()->load());
}

TEST_F(Store, IsOfOneServerAtATime) {
    const auto first = open();
    EXPECT_NE(opening_error().find("another Mandos server"), std::string::npos) << opening_error();
}

TEST_F(Store, IsNewOnce) {
    {
        const auto store = open();
        EXPECT_TRUE(store->is_new());
        ASSERT_TRUE(store->load());
        EXPECT_TRUE(store->load()->clients.empty());
        EXPECT_TRUE(store->load()->first_start);
        ASSERT_TRUE(store->commit({.now = noon, .stopped_cleanly = false}));
    }
    EXPECT_FALSE(open()->is_new());
    EXPECT_FALSE(open()->load()->stopped_cleanly);
    EXPECT_FALSE(open()->load()->first_start);
}

TEST_F(Store, TellsTheNumberOfTheLastAuditRecord) {
    {
        const auto store = open();
        EXPECT_EQ(store->audit_records(), 0U);
        ASSERT_TRUE(store->commit({.now = noon, .audit = {record("one"), record("two")}}));
        EXPECT_EQ(store->audit_records(), 2U);
    }
    EXPECT_EQ(open()->audit_records(), 2U);
}

TEST_F(Store, KeepsItsFilesToItself) {
    const auto store = open();
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
        struct stat status{};
        ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    }
}

TEST_F(Store, GivesBackAllOfAClient) {
    Client one = client("one");
    one.origin = mandos::core::Origin::Runtime;
    one.configured.host = "elsewhere";
    one.configured.secret = mandos::core::make_secret(mandos::to_bytes("another"));
    one.settings.checker = "test %(host)s";
    one.settings.approval_delay = std::chrono::milliseconds(1);
    one.settings.approved_by_default = false;
    one.settings.enabled = false;
    one.life.allowance = mandos::core::Allowance::Extended;
    one.life.decision = mandos::core::Decision::Deny;
    one.life.decision_ends = {.boot = noon.boot + std::chrono::seconds(3),
                              .wall = noon.wall + std::chrono::seconds(3)};
    one.life.last_checked_ok = noon.wall - std::chrono::seconds(9);
    one.life.last_checker_status = -1;
    store(one);
    const auto state = open()->load();
    ASSERT_TRUE(state) << state.error().text();
    ASSERT_EQ(state->clients.size(), 1U);
    const mandos::core::StoredClient& stored = state->clients.front();
    EXPECT_EQ(stored.origin, one.origin);
    EXPECT_EQ(as_text(*stored.settings.secret), "secret of one");
    EXPECT_EQ(as_text(*stored.configured.secret), "another");
    EXPECT_EQ(stored.configured.host, "elsewhere");
    EXPECT_EQ(stored.settings.host, "one.example.org");
    EXPECT_EQ(stored.settings.key_id, one.settings.key_id);
    EXPECT_EQ(stored.settings.fingerprint, "0123");
    EXPECT_EQ(stored.settings.checker, "test %(host)s");
    EXPECT_EQ(stored.settings.timeout, std::chrono::minutes(7));
    EXPECT_EQ(stored.settings.approval_delay, std::chrono::milliseconds(1));
    EXPECT_FALSE(stored.settings.approved_by_default);
    EXPECT_FALSE(stored.settings.enabled);
    EXPECT_TRUE(stored.life.enabled);
    EXPECT_EQ(stored.life.allowance, one.life.allowance);
    EXPECT_EQ(stored.life.expires, one.life.expires);
    EXPECT_EQ(stored.life.decision, one.life.decision);
    EXPECT_EQ(stored.life.decision_ends, one.life.decision_ends);
    EXPECT_EQ(stored.life.created, noon.wall);
    EXPECT_EQ(stored.life.last_checked_ok, one.life.last_checked_ok);
    EXPECT_EQ(stored.life.last_enabled, std::nullopt);
    EXPECT_EQ(stored.life.last_checker_status, -1);
    EXPECT_EQ(stored.saved.wall, noon.wall);
    EXPECT_EQ(stored.saved.boot, noon.boot);
    EXPECT_TRUE(state->same_boot);
}

TEST_F(Store, ForgetsWhatIsErasedAndRemembersWhatWasRemoved) {
    const Client one = client("one");
    const Client two = client("two");
    ASSERT_TRUE(open()->commit(
        {.now = noon, .settings = {&one, &two}, .lives = {&one, &two}, .removed = {"three", "four"}}));
    ASSERT_TRUE(
        open()->commit({.now = noon, .erased = {"one"}, .forgotten = {"three"}, .locked_down = true}));
    const StoredState state = *open()->load();
    ASSERT_EQ(state.clients.size(), 1U);
    EXPECT_EQ(state.clients.front().settings.name, "two");
    EXPECT_EQ(state.removed, std::vector<std::string>{"four"});
    EXPECT_TRUE(state.locked_down);
}

TEST_F(Store, ReplacesAClientWithinOneTransaction) {
    store(client("one"));
    Client again = client("one");
    again.settings.host = "new";
    ASSERT_TRUE(open()->commit({.now = noon, .settings = {&again}, .lives = {&again}, .erased = {"one"}}));
    const StoredState state = *open()->load();
    ASSERT_EQ(state.clients.size(), 1U);
    EXPECT_EQ(state.clients.front().settings.host, "new");
}

TEST_F(Store, OverwritesASecretThatWasReplaced) {
    Client one = client("one");
    one.settings.secret = mandos::core::make_secret(mandos::to_bytes("MARKER-OF-AN-OLD-SECRET"));
    one.configured = one.settings;
    store(one);
    one.settings.secret = one.configured.secret = mandos::core::make_secret(mandos::to_bytes("new"));
    store(one);
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(content.find("MARKER-OF-AN-OLD-SECRET"), std::string::npos) << entry.path();
    }
}
