// What the tests of the store share: a directory of its own, and clients to keep in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/store/sqlite_store.h"
#include "base/bytes.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/store.h"

namespace mandos::test {

constexpr core::Now noon{.boot = core::Time(std::chrono::seconds(1000)),
                         .wall = core::WallTime(std::chrono::seconds(1'795'500'000))};

class StoreCase : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "mandos-store-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::unique_ptr<store::SqliteStore> open() {
        auto opened = store::SqliteStore::open(directory_);
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::move(*opened) : nullptr;
    }
    std::string opening_error() {
        const auto opened = store::SqliteStore::open(directory_);
        return opened ? "(it was opened)" : opened.error().text();
    }

    static core::Client client(const std::string& name) {
        core::Client client;
        client.settings.name = name;
        client.settings.key_id = *core::KeyId::parse(std::string(64, 'A'));
        client.settings.fingerprint = "0123";
        client.settings.secret = core::make_secret(to_bytes("secret of " + name));
        client.settings.host = name + ".example.org";
        client.settings.timeout = std::chrono::minutes(7);
        client.configured = client.settings;
        client.life.enabled = true;
        client.life.expires = {.boot = noon.boot + std::chrono::minutes(5),
                               .wall = noon.wall + std::chrono::minutes(5)};
        client.life.created = noon.wall;
        return client;
    }

    static core::AuditRecord record(const std::string& cause) {
        return {.time = noon.wall,
                .event = core::AuditEvent::Refused,
                .client = "one",
                .peer = "[::1]:4711",
                .cause = cause,
                .actor = "",
                .left_out = 3};
    }

    std::string directory_;
};

} // namespace mandos::test
