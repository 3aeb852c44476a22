// The audit log: whatever somebody does to it is found.
#include "adapters/store/audit_reader.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "adapters/store/audit_hash.h"
#include "core/audit.h"
#include "tests/component/store/store_case.h"

using mandos::store::AuditQuery;
using mandos::store::AuditReader;
using mandos::test::noon;

namespace {

class Audit : public mandos::test::StoreCase {
  protected:
    void SetUp() override {
        StoreCase::SetUp();
        const auto store = open();
        ASSERT_TRUE(
            store->commit({.now = noon, .audit = {record("first"), record("second"), record("third")}}));
        ASSERT_TRUE(store->commit({.now = noon, .audit = {record("fourth"), record("fifth")}}));
    }

    void execute(const std::string& sql) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open((directory_ + "/state.db").c_str(), &database), SQLITE_OK);
        const std::string all =
            "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted; " + sql;
        EXPECT_EQ(sqlite3_exec(database, all.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }

    mandos::store::AuditVerdict verdict() {
        const auto reader = AuditReader::open(directory_);
        EXPECT_TRUE(reader) << reader.error().text();
        const auto verdict = (*reader)->verify();
        EXPECT_TRUE(verdict) << verdict.error().text();
        return *verdict;
    }
};

} // namespace

TEST_F(Audit, FindsAChangedRecord) {
    for (const char* column : {"client", "peer", "cause", "actor"}) {
        execute(std::string("UPDATE audit SET ") + column + " = 'changed' WHERE number = 3");
        EXPECT_EQ(verdict().bad, 3U) << column;
        TearDown();
        SetUp();
    }
    execute("UPDATE audit SET event = 'enabled' WHERE number = 2");
    EXPECT_EQ(verdict().bad, 2U);
}

TEST_F(Audit, FindsAChangedNumberOrTime) {
    execute("UPDATE audit SET time = time + 1 WHERE number = 1");
    EXPECT_EQ(verdict().bad, 1U);
    TearDown();
    SetUp();
    execute("UPDATE audit SET left_out = 0 WHERE number = 4");
    EXPECT_EQ(verdict().bad, 4U);
}

TEST_F(Audit, FindsARemovedRecord) {
    execute("DELETE FROM audit WHERE number = 2");
    EXPECT_EQ(verdict().bad, 2U);
    EXPECT_EQ(verdict().records, 1U);
    EXPECT_NE(verdict().why.find("missing"), std::string::npos);
}

TEST_F(Audit, FindsARemovedEnd) {
    execute("DELETE FROM audit WHERE number > 3");
    EXPECT_EQ(verdict().bad, 4U);
}

TEST_F(Audit, FindsARemovedRecordThoughTheOthersAreNumberedAnew) {
    execute("DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number - 1 WHERE number > 2");
    EXPECT_EQ(verdict().bad, 2U);
}

TEST_F(Audit, FindsReorderedRecords) {
    execute("UPDATE audit SET number = 99 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3;"
            "UPDATE audit SET number = 3 WHERE number = 99");
    EXPECT_EQ(verdict().bad, 2U);
}

TEST_F(Audit, FindsAnUnknownEvent) {
    execute("UPDATE audit SET event = 'nothing-happened' WHERE number = 5");
    EXPECT_EQ(verdict().bad, 5U);
}

TEST_F(Audit, FindsALogThatWasWrittenAnew) {
    execute("UPDATE server SET audit_hash = zeroblob(32)");
    EXPECT_EQ(verdict().bad, 5U);
}

TEST_F(Audit, IsFineAsItWasWritten) {
    EXPECT_EQ(verdict().bad, std::nullopt) << verdict().why;
    EXPECT_EQ(verdict().records, 5U);
    const auto store = open(); // and beside the server
    ASSERT_TRUE(store->commit({.now = noon, .audit = {record("sixth")}}));
    EXPECT_EQ(verdict().records, 6U);
}

TEST_F(Audit, CannotBeChangedByAccident) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((directory_ + "/state.db").c_str(), &database), SQLITE_OK);
    EXPECT_NE(sqlite3_exec(database, "DELETE FROM audit", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_NE(sqlite3_exec(database, "UPDATE audit SET cause = ''", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
}

TEST_F(Audit, IsReadInParts) {
    const auto reader = AuditReader::open(directory_);
    ASSERT_TRUE(reader);
    const auto causes = [&reader](const AuditQuery& query) {
        const auto entries = *(*reader)->entries(query);
        std::vector<std::string> found;
        for (const auto& entry : entries)
            found.push_back(entry.record.cause);
        return found;
    };
    using Causes = std::vector<std::string>;
    EXPECT_EQ(causes({}), (Causes{"first", "second", "third", "fourth", "fifth"}));
    EXPECT_EQ(causes({.after = 3}), (Causes{"fourth", "fifth"}));
    EXPECT_EQ(causes({.at_most = 2}), (Causes{"first", "second"}));
    EXPECT_EQ(causes({.at_most = 2, .which = AuditQuery::Which::Last}), (Causes{"fourth", "fifth"}));
    EXPECT_EQ(causes({.client = "nobody"}), Causes{});
    EXPECT_EQ(causes({.since = noon.wall + std::chrono::seconds(1)}), Causes{});
    EXPECT_EQ(*(*reader)->entries({.at_most = 1}),
              *(*reader)->entries({.client = "one", .since = noon.wall, .at_most = 1}));
    const auto first = *(*reader)->entries({.at_most = 1});
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first.front().record, record("first"));
}
