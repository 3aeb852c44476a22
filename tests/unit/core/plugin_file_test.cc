// Which files are plugins, and as whom they may be started.
#include "core/plugin_file.h"

#include <cstdint>

#include <gtest/gtest.h>

using mandos::core::FileOwnership;
using mandos::core::is_plugin_name;
using mandos::core::keeps_root;
using mandos::core::may_execute;

TEST(PluginFile, IsNotWhatEditorsAndPackagesLeaveBehind) {
    for (const char* name : {"", ".hidden", ".", "#edited#", "##", "old~", "~", "a.dpkg-new", "a.dpkg-old",
                             "a.dpkg-bak", "a.dpkg-divert", ".dpkg-new"})
        EXPECT_FALSE(is_plugin_name(name)) << name;
    for (const char* name : {"mandos-client", "a", "#a", "a#", "a.dpkg-newer", "a b", "-", "\n", "~a"})
        EXPECT_TRUE(is_plugin_name(name)) << name;
}

TEST(PluginFile, IsExecutedByWhomItsModeNames) {
    constexpr std::uint32_t user = 1000;
    constexpr std::uint32_t group = 100;
    EXPECT_FALSE(may_execute({.mode = 0644}, user, group));
    EXPECT_TRUE(may_execute({.mode = 0755}, user, group));
    EXPECT_FALSE(may_execute({.mode = 0700}, user, group)) << "root's own";
    EXPECT_TRUE(may_execute({.mode = 0700, .owner = user}, user, group));
    EXPECT_FALSE(may_execute({.mode = 0077, .owner = user}, user, group)) << "an owner has no more than his";
    EXPECT_TRUE(may_execute({.mode = 0710, .group = group}, user, group));
    EXPECT_FALSE(may_execute({.mode = 0701, .group = group}, user, group));
    EXPECT_TRUE(may_execute({.mode = 0100, .owner = user}, 0, 0)) << "root, if anybody may";
    EXPECT_FALSE(may_execute({.mode = 0666}, 0, 0));
}

TEST(PluginFile, KeepsRootOnlyByItsNameAndWhereNobodyElseCanChangeIt) {
    const FileOwnership file{.mode = 0755};
    EXPECT_TRUE(keeps_root("mandos-client", file, file));
    for (const char* name : {"plymouth", "askpass-fifo", "splashy", "usplash"})
        EXPECT_TRUE(keeps_root(name, file, file)) << name;
    EXPECT_FALSE(keeps_root("mandos-client2", file, file));
    EXPECT_FALSE(keeps_root("password-prompt", file, file));
    for (const FileOwnership& weak : {FileOwnership{.mode = 0755, .owner = 1}, FileOwnership{.mode = 0775},
                                      FileOwnership{.mode = 0757}}) {
        EXPECT_FALSE(keeps_root("mandos-client", weak, file));
        EXPECT_FALSE(keeps_root("mandos-client", file, weak));
    }
}
