// What plugin-runner.conf and options that name a plugin say.
#include "wire/plugin_options.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

using mandos::wire::parse_for_plugin;
using mandos::wire::parse_plugin_name;
using mandos::wire::parse_runner_configuration;
using mandos::wire::parse_variable;
using mandos::wire::split_plugin_options;
using Words = std::vector<std::string>;

TEST(PluginOptions, WithoutAPluginAreRefused) {
    for (const char* text : {"", "a", ":x", "a/b:x", "/:x"})
        EXPECT_FALSE(parse_for_plugin(text)) << text;
    for (const char* text : {"", "a/b", "/"})
        EXPECT_FALSE(parse_plugin_name(text)) << text;
}

TEST(PluginOptions, AreSplitAtTheFirstColonAndThenAtCommas) {
    const auto given = parse_for_plugin("mandos-client:--connect=::1:4711,,--debug,");
    ASSERT_TRUE(given);
    EXPECT_EQ(given->plugin, "mandos-client");
    EXPECT_EQ(split_plugin_options(given->rest), (Words{"--connect=::1:4711", "--debug"}));
    EXPECT_EQ(split_plugin_options(""), Words());
}

TEST(PluginOptions, VariablesHaveNames) {
    EXPECT_FALSE(parse_variable(""));
    EXPECT_FALSE(parse_variable("A"));
    EXPECT_FALSE(parse_variable("=x"));
    EXPECT_EQ(parse_variable("A="), "A=");
    EXPECT_EQ(parse_variable("A=b=c, d"), "A=b=c, d");
}

TEST(RunnerConfiguration, IsWordsWithoutComments) {
    EXPECT_EQ(parse_runner_configuration(""), Words());
    EXPECT_EQ(parse_runner_configuration("# nothing\n\n  \t \n#"), Words());
    EXPECT_EQ(parse_runner_configuration("--debug\t--userid=1 # --groupid=2\n\"--a b\"\r\n-d x#y"),
              (Words{"--debug", "--userid=1", "\"--a", "b\"", "-d", "x"}));
}
