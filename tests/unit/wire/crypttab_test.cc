// Whether any volume asks for a password, and which one a process asks for.
#include "wire/crypttab.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

using mandos::wire::crypttab_asks;
using mandos::wire::parse_asking_environment;
using namespace std::string_view_literals;

TEST(Crypttab, AsksWhereAVolumeHasNeitherKeyFileNorScript) {
    for (const char* text : {"root /dev/sda2 none luks", "a b none", "\troot\tUUID=x\tnone\tluks,discard\n",
                             "swap /dev/sda1 /dev/urandom swap\nroot /dev/sda2 none luks",
                             "root /dev/sda2 none luks,keyscript=/lib/cryptsetup/askpass"})
        EXPECT_TRUE(crypttab_asks(text)) << text;
}

TEST(Crypttab, DoesNotAskOtherwise) {
    for (const char* text :
         {"", "\n\n", "# root /dev/sda2 none luks", "root /dev/sda2", "root", "root /dev/sda2 /etc/key luks",
          "root /dev/sda2 none luks,keyscript=/lib/mandos/plugin-runner", "root /dev/sda2 - luks"})
        EXPECT_FALSE(crypttab_asks(text)) << text;
}

TEST(AskingEnvironment, SaysWhichVolumeAndWhichTry) {
    const auto asking =
        parse_asking_environment("A=b\0CRYPTTAB_NAME=ro=ot\0CRYPTTAB_TRIED=2\0CRYPTTAB_OPTION_tries=0\0"sv);
    EXPECT_EQ(asking.volume, "ro=ot");
    EXPECT_EQ(asking.tried, 2U);
    EXPECT_EQ(asking.tries, 0U);
}

TEST(AskingEnvironment, NeedNotMakeSense) {
    for (const std::string_view text :
         {""sv, "\0\0\0"sv, "CRYPTTAB_TRIED=-1\0CRYPTTAB_OPTION_tries=many"sv, "=\0="sv}) {
        const auto asking = parse_asking_environment(text);
        EXPECT_EQ(asking.volume, "");
        EXPECT_EQ(asking.tried, 0U);
        EXPECT_EQ(asking.tries, 3U);
    }
}
