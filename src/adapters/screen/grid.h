// Grid: what a screen shows, as cells; a plain value that views draw into, tests read as text, and Screen
// puts on the terminal. Invariant: every cell holds a printable character, so that nothing a peer or the bus
// supplies can steer the terminal. How wide characters are is the current locale's word (wcwidth(3)).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mandos::screen {

// What a text means; Screen knows how the terminal at hand shows that.
enum class Role { Plain, Faint, Strong, Title, Good, Warning, Alarm, Match };

enum class Focus { Off, On }; // On: reverse video

struct Style {
    Role role = Role::Plain;
    Focus focus = Focus::Off;
    bool operator==(const Style&) const = default;
};

struct Cell {
    char32_t character = U' '; // 0: the right half of the wide character before it
    char32_t combining = 0;    // one mark above or below the character, 0: none
    Style style;
    bool operator==(const Cell&) const = default;
};

struct Size {
    int rows = 0;
    int columns = 0;
    bool operator==(const Size&) const = default;
};

class Grid {
  public:
    // All blanks. Negative sizes are taken for 0.
    explicit Grid(Size size);

    Size size() const { return size_; }

    // Writes UTF-8 from (ROW, COLUMN) on to the right, cut off at the row's end and at COLUMN + WIDTH;
    // outside the grid nothing happens. What cannot be printed becomes "?". Gives the column behind the text.
    int put(int row, int column, std::string_view text, Style style = {}, int width = 1 << 20);
    // Fills the whole row with one character of one column.
    void fill_row(int row, char32_t character, Style style = {});
    // Gives every cell of a row this focus, whatever is in it.
    void focus_row(int row, Focus focus);

    // ROW and COLUMN lie inside.
    const Cell& at(int row, int column) const;
    // As UTF-8, without the blanks at the end.
    std::string row_text(int row) const;
    // All rows, each with a newline.
    std::string text() const;

    bool operator==(const Grid&) const = default;

  private:
    Cell* cell(int row, int column);

    Size size_;
    std::vector<Cell> cells_; // row by row
};

// How many columns TEXT takes when put into a grid.
int width_of(std::string_view text);

// TEXT in pieces of at most COLUMNS columns (at least 1), for wrapping; at least one piece.
std::vector<std::string_view> wrapped(std::string_view text, int columns);

// Takes the last character of TEXT, which is UTF-8, away, if there is one.
void remove_last_character(std::string& text);

} // namespace mandos::screen
