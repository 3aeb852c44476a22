#include "programs/mandos-ctl/help.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "programs/mandos-ctl/subcommands.h"

using mandos::ctl::asked_subcommand;
using testing::HasSubstr;

TEST(Help, NamesEverySubcommand) {
    for (const auto& subcommand : mandos::ctl::subcommands()) {
        EXPECT_THAT(mandos::ctl::help_text(),
                    HasSubstr("       mandos-ctl " + std::string(subcommand.usage)));
        EXPECT_THAT(mandos::ctl::help_text(), HasSubstr(subcommand.help));
    }
}

TEST(ASubcommand, IsTheFirstWordOnly) {
    std::string program = "mandos-ctl";
    std::string word = "names";
    std::string dashes = "--";
    std::string client = "namesake";
    std::array<char*, 2> alone{program.data(), nullptr};
    std::array<char*, 3> first{program.data(), word.data(), nullptr};
    std::array<char*, 4> behind{program.data(), dashes.data(), word.data(), nullptr};
    std::array<char*, 3> other{program.data(), client.data(), nullptr};
    EXPECT_EQ(asked_subcommand(1, alone.data()), nullptr);
    EXPECT_EQ(asked_subcommand(3, behind.data()), nullptr);
    EXPECT_EQ(asked_subcommand(2, other.data()), nullptr);
    ASSERT_NE(asked_subcommand(2, first.data()), nullptr);
    EXPECT_EQ(asked_subcommand(2, first.data())->word, "names");
}
