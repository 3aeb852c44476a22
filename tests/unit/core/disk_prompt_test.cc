#include "core/disk_prompt.h"

#include <string>

#include <gtest/gtest.h>

using mandos::core::splash_prompt;
using mandos::core::terminal_prompt;

TEST(DiskPrompt, NamesWhatIsKnownOfTheVolume) {
    EXPECT_EQ(terminal_prompt({}, {}), "Enter passphrase to unlock the disk: ");
    EXPECT_EQ(terminal_prompt({.source = "/dev/sda1"}, {}),
              "Unlocking the disk /dev/sda1\nEnter passphrase: ");
    EXPECT_EQ(terminal_prompt({.name = "root"}, {}), "Unlocking the disk (root)\nEnter passphrase: ");
    EXPECT_EQ(terminal_prompt({.source = "/dev/sda1", .name = "root"}, {.prefix = "Before"}),
              "Before Unlocking the disk /dev/sda1 (root)\nEnter passphrase: ");
    EXPECT_EQ(splash_prompt({}, {}), "Unlocking the disk\nEnter passphrase");
    EXPECT_EQ(splash_prompt({.source = "/dev/sda1", .name = "root"}, {}),
              "Unlocking the disk /dev/sda1 (root)\nEnter passphrase");
}

TEST(DiskPrompt, IsTheAdministratorsWhereOneIsGiven) {
    EXPECT_EQ(terminal_prompt({.name = "root"}, {.prompt = "Hi"}), "Hi: ");
    EXPECT_EQ(terminal_prompt({}, {.prompt = "", .prefix = ""}), " : ");
    EXPECT_EQ(splash_prompt({.name = "root"}, {.prompt = "Hi"}), "Hi");
}

TEST(DiskPrompt, ShowsNothingOfANameButPrintableText) {
    EXPECT_EQ(terminal_prompt({.source = "\x1b[2J\x9b\n\xff", .name = "größe \\ \" %s"}, {}),
              "Unlocking the disk \\x1b[2J\\x9b\\n\\xff (größe \\ \" %s)\nEnter passphrase: ");
}

TEST(DiskPrompt, FitsIntoAMessageToPlymouthHoweverLongTheNames) {
    const std::string name(1000, '\x01');
    EXPECT_LT(splash_prompt({.source = name, .name = name}, {}).size(), 255U);
    const std::string longest(96, 'x');
    EXPECT_EQ(splash_prompt({.name = longest}, {}), "Unlocking the disk (" + longest + ")\nEnter passphrase");
    EXPECT_EQ(splash_prompt({.name = longest + "x"}, {}),
              "Unlocking the disk (" + longest + "...)\nEnter passphrase");
}
