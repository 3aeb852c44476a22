#include "adapters/screen/grid.h"

#include <clocale>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"

namespace mandos::screen {
namespace {

using testing::ElementsAre;

struct Utf8 {
    Utf8() { EXPECT_NE(setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
    ~Utf8() { setlocale(LC_CTYPE, "C"); }
};

TEST(Grid, LetsNothingThroughThatSteersTheTerminal) {
    const Utf8 locale;
    Grid grid({.rows = 1, .columns = 20});
    grid.put(0, 0,
             "a\x1b[31m\nb\x7f\xc2\x9b"
             "c\xff\xe2\x82");
    EXPECT_EQ(grid.row_text(0), "a?[31m?b??c???");
}

TEST(Grid, CutsAtItsEdges) {
    Grid grid({.rows = 2, .columns = 5});
    EXPECT_EQ(grid.put(0, 3, "long"), 5);
    grid.put(1, -2, "abcd");
    grid.put(7, 0, "nowhere");
    grid.put(-1, 0, "nowhere");
    EXPECT_EQ(grid.text(), "   lo\ncd\n");
    EXPECT_EQ(Grid({.rows = -1, .columns = -1}).text(), "");
}

TEST(Grid, KeepsToTheWidthItIsGiven) {
    Grid grid({.rows = 1, .columns = 10});
    EXPECT_EQ(grid.put(0, 2, "abcdef", {}, 3), 5);
    EXPECT_EQ(grid.row_text(0), "  abc");
    grid.put(0, 2, "xyz", {}, -4);
    EXPECT_EQ(grid.row_text(0), "  abc");
}

TEST(Grid, PlacesWideAndCombiningCharacters) {
    const Utf8 locale;
    Grid grid({.rows = 1, .columns = 6});
    EXPECT_EQ(grid.put(0, 0, "密e\u0301密密"), 5); // the last would need a seventh column
    EXPECT_EQ(grid.row_text(0), "密e\u0301密");
    EXPECT_EQ(width_of("密e\u0301"), 3);
}

TEST(Grid, ShowsQuestionMarksWhereTheLocaleHasNoSuchCharacter) {
    Grid grid({.rows = 1, .columns = 10});
    grid.put(0, 0, "Grüße");
    EXPECT_EQ(grid.row_text(0), "Gr??e");
}

TEST(Wrapped, BreaksIntoPiecesThatFit) {
    const Utf8 locale;
    EXPECT_THAT(wrapped("abcdef", 4), ElementsAre("abcd", "ef"));
    EXPECT_THAT(wrapped("abcd", 4), ElementsAre("abcd"));
    EXPECT_THAT(wrapped("", 4), ElementsAre(""));
    EXPECT_THAT(wrapped("密密密", 5), ElementsAre("密密", "密"));
    EXPECT_THAT(wrapped("密密", 1), ElementsAre("密", "密")) << "each piece has something";
}

TEST(Characters, AreAddedAndTakenAwayWhole) {
    std::string text = "a";
    mandos::append_utf8(text, U'ü');
    mandos::append_utf8(text, U'密');
    mandos::append_utf8(text, U'😀');
    EXPECT_EQ(text, "aü密😀");
    for (const char* rest : {"aü密", "aü", "a", "", ""}) {
        remove_last_character(text);
        EXPECT_EQ(text, rest);
    }
}

} // namespace
} // namespace mandos::screen
