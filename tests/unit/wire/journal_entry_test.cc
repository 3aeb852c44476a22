// Against the two forms that systemd.io/JOURNAL_NATIVE_PROTOCOL has.
#include "wire/journal_entry.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

using mandos::wire::journal_entry;
using mandos::wire::JournalField;

TEST(JournalEntry, HasALineForEachField) {
    const std::vector<JournalField> fields{{.name = "MESSAGE", .value = "text"},
                                           {.name = "MANDOS_CLIENT", .value = "a=b"}};
    EXPECT_EQ(journal_entry(fields), "MESSAGE=text\nMANDOS_CLIENT=a=b\n");
}

TEST(JournalEntry, CountsTheBytesOfAValueWithLines) {
    const std::vector<JournalField> fields{{.name = "MESSAGE", .value = "one\ntwo"},
                                           {.name = "A", .value = "b"}};
    EXPECT_EQ(journal_entry(fields), "MESSAGE\n" + std::string("\7\0\0\0\0\0\0\0", 8) + "one\ntwo\nA=b\n");
}

TEST(JournalEntry, LetsNoValueMakeAnotherField) {
    const std::vector<JournalField> fields{{.name = "MANDOS_CLIENT", .value = "x\nPRIORITY=0\n"}};
    EXPECT_EQ(journal_entry(fields),
              "MANDOS_CLIENT\n" + std::string("\x0d\0\0\0\0\0\0\0", 8) + "x\nPRIORITY=0\n\n");
}

TEST(JournalEntry, WritesLongLengthsLowestByteFirst) {
    const std::string value = std::string(0x010203, 'x') + '\n';
    const std::string entry = journal_entry(std::vector<JournalField>{{.name = "A", .value = value}});
    EXPECT_EQ(entry.substr(0, 10), "A\n" + std::string("\4\2\1\0\0\0\0\0", 8));
    EXPECT_EQ(entry.size(), 10 + value.size() + 1);
}

TEST(JournalEntry, KeepsBytesThatAreNoText) {
    const std::string value("\xff\x00\x80", 3);
    EXPECT_EQ(journal_entry(std::vector<JournalField>{{.name = "A", .value = value}}), "A=" + value + "\n");
}
