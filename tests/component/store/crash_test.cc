// Crashes at every write and flush of a scripted life, full disks and power cuts: what commit() returned
// success for is there afterwards, all of it, and of a transaction that failed there is nothing.
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "adapters/store/audit_reader.h"
#include "adapters/store/sqlite_store.h"
#include "core/clients.h"
#include "core/store.h"
#include "core/stored.h"
#include "tests/component/store/store_case.h"
#include "tests/support/fault_vfs.h"

using mandos::core::Client;
using mandos::core::StoredState;
using mandos::core::Transaction;
using mandos::test::FaultVfs;
using mandos::test::noon;

namespace {

constexpr std::size_t steps = 6;

class Crash : public mandos::test::StoreCase {
  protected:
    // The STEP-th transaction of the scripted life: the client is added, disabled, denied, gets another
    // secret, is locked down, and at last is removed. Each comes with its audit record.
    Transaction transaction(std::size_t step) {
        Transaction made{.now = noon, .audit = {record("step " + std::to_string(step))}};
        switch (step) {
        case 0:
            break;
        case 1:
            one_.life.enabled = false;
            break;
        case 2:
            one_.life.decision = mandos::core::Decision::Deny;
            break;
        case 3:
            one_.settings.secret = mandos::core::make_secret(mandos::to_bytes(std::string(20'000, 'x')));
            break;
        case 4:
            made.locked_down = true;
            break;
        default:
            made.erased = {"one"};
            made.removed = {"one"};
            return made;
        }
        made.settings = {&one_};
        made.lives = {&one_};
        return made;
    }

    // That the state is that after DONE transactions, or after one more where that is uncertain.
    enum class LastOne { Certain, Uncertain };
    void expect_state(std::size_t done, LastOne last) {
        const auto store = open();
        ASSERT_NE(store, nullptr);
        const auto loaded = store->load();
        ASSERT_TRUE(loaded) << loaded.error().text();
        const StoredState& state = *loaded;
        const auto reader = mandos::store::AuditReader::open(directory_);
        ASSERT_TRUE(reader);
        const auto verdict = (*reader)->verify();
        ASSERT_TRUE(verdict);
        EXPECT_EQ(verdict->bad, std::nullopt) << verdict->why;
        if (last == LastOne::Uncertain && verdict->records == done + 1)
            ++done;
        EXPECT_EQ(verdict->records, done);
        EXPECT_EQ(state.clients.size(), done == 0 || done == steps ? 0U : 1U);
        EXPECT_EQ(state.removed.size(), done == steps ? 1U : 0U);
        EXPECT_EQ(state.locked_down, done >= 5);
        if (state.clients.size() == 1) {
            const auto& one = state.clients.front();
            EXPECT_EQ(one.life.enabled, done < 2);
            EXPECT_EQ(one.life.decision.has_value(), done >= 3);
            EXPECT_EQ(one.settings.secret->size() == 20'000, done >= 4);
        }
    }

    void begin_anew() {
        TearDown();
        SetUp();
        one_ = client("one");
    }

    Client one_ = client("one");
};

} // namespace

TEST_F(Crash, AtEveryCallThatFails) {
    for (const int code : {SQLITE_FULL, SQLITE_IOERR_FSYNC}) {
        bool failed = true;
        int calls = 0;
        for (int call = 1; failed; ++call) {
            begin_anew();
            FaultVfs files;
            std::size_t done = 0;
            {
                const auto store = open();
                files.fail_from(call, code);
                for (std::size_t step = 0; step < steps; ++step) {
                    if (const auto committed = store->commit(transaction(step)); !committed) {
                        EXPECT_NE(committed.error().text().find("the state cannot be written"),
                                  std::string::npos)
                            << committed.error().text();
                        break;
                    }
                    ++done;
                }
                failed = files.has_failed();
                // The process is killed here: what SQLite would still do at the end fails too.
            }
            files.heal();
            expect_state(done, LastOne::Uncertain);
            if (HasFailure()) {
                ADD_FAILURE() << "call " << call << " failed with " << sqlite3_errstr(code);
                return;
            }
            ++calls;
        }
        EXPECT_GT(calls, 20) << "there are more calls to fail than that";
    }
}

TEST_F(Crash, AndThenItGoesOn) {
    for (int call = 1; call < 12; ++call) {
        begin_anew();
        FaultVfs files;
        {
            const auto store = open();
            ASSERT_TRUE(store->commit(transaction(0)));
            const Transaction second = transaction(1);
            files.fail_from(call, SQLITE_FULL);
            const bool committed = store->commit(second).has_value();
            files.heal();
            if (!committed) {
                ASSERT_TRUE(store->commit(second)) << "call " << call;
            }
            ASSERT_TRUE(store->commit(transaction(2)));
        }
        expect_state(3, LastOne::Certain);
    }
}

TEST_F(Crash, ByACutOfThePower) {
    for (std::size_t done = 0; done <= steps; ++done) {
        begin_anew();
        FaultVfs files;
        {
            const auto store = open();
            for (std::size_t step = 0; step < done; ++step)
                ASSERT_TRUE(store->commit(transaction(step)));
            files.fail_from(1, SQLITE_IOERR_WRITE); // what SQLite does at its end does not happen
        }
        files.heal();
        files.cut_power();
        expect_state(done, LastOne::Certain);
        if (HasFailure()) {
            ADD_FAILURE() << "after " << done << " transactions";
            return;
        }
    }
}

TEST_F(Crash, ByACutOfThePowerWithinATransaction) {
    for (int call = 1; call < 25; ++call) {
        begin_anew();
        FaultVfs files;
        std::size_t done = 0;
        {
            const auto store = open();
            files.fail_from(call, SQLITE_IOERR_WRITE);
            while (done < steps && store->commit(transaction(done)))
                ++done;
        }
        files.heal();
        files.cut_power();
        expect_state(done, LastOne::Uncertain);
        if (HasFailure()) {
            ADD_FAILURE() << "at call " << call;
            return;
        }
    }
}
