#include "adapters/screen/grid.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <cwchar>

#include "base/utf8.h"

namespace mandos::screen {

namespace {

struct Glyph {
    char32_t character = U'?';
    int columns = 1;       // 0: combines with the character before
    std::size_t bytes = 1; // of the text it is read from
};

// What is no character, or steers a terminal, is a question mark.
Glyph next_glyph(std::string_view text) {
    const auto first = first_character(text);
    if (!first)
        return {};
    if (first->character < 0x7F) // nearly all text is
        return {.character = first->character < U' ' ? U'?' : first->character};
    const int columns = wcwidth(static_cast<wchar_t>(first->character));
    if (columns < 0)
        return {.bytes = first->bytes};
    return {.character = first->character, .columns = columns, .bytes = first->bytes};
}

} // namespace

Grid::Grid(Size size) : size_{std::max(size.rows, 0), std::max(size.columns, 0)} {
    cells_.resize(static_cast<std::size_t>(size_.rows) * static_cast<std::size_t>(size_.columns));
}

Cell* Grid::cell(int row, int column) {
    if (row < 0 || row >= size_.rows || column < 0 || column >= size_.columns)
        return nullptr;
    return &cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns)
                   + static_cast<std::size_t>(column)];
}

const Cell& Grid::at(int row, int column) const {
    return cells_.at(static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns)
                     + static_cast<std::size_t>(column));
}

int Grid::put(int row, int column, std::string_view text, Style style, int width) {
    const int end = std::min(size_.columns, column + std::min(width, size_.columns));
    Cell* before = nullptr;
    while (!text.empty()) {
        const Glyph glyph = next_glyph(text);
        text.remove_prefix(glyph.bytes);
        if (glyph.columns == 0) {
            if (before != nullptr && before->combining == 0)
                before->combining = glyph.character;
            continue;
        }
        if (column + glyph.columns > end)
            break;
        before = cell(row, column);
        if (before != nullptr)
            *before = {.character = glyph.character, .style = style};
        for (int half = 1; half < glyph.columns; ++half)
            if (Cell* const right = cell(row, column + half))
                *right = {.character = 0, .style = style};
        column += glyph.columns;
    }
    return column;
}

void Grid::fill_row(int row, char32_t character, Style style) {
    for (int column = 0; column < size_.columns; ++column)
        if (Cell* const filled = cell(row, column))
            *filled = {.character = character, .style = style};
}

void Grid::focus_row(int row, Focus focus) {
    for (int column = 0; column < size_.columns; ++column)
        if (Cell* const changed = cell(row, column))
            changed->style.focus = focus;
}

std::string Grid::row_text(int row) const {
    std::string text;
    for (int column = 0; column < size_.columns; ++column) {
        const Cell& shown = at(row, column);
        if (shown.character != 0)
            append_utf8(text, shown.character);
        if (shown.combining != 0)
            append_utf8(text, shown.combining);
    }
    text.resize(text.find_last_not_of(' ') + 1); // npos + 1 is 0
    return text;
}

std::string Grid::text() const {
    std::string text;
    for (int row = 0; row < size_.rows; ++row)
        text += row_text(row) + "\n";
    return text;
}

int width_of(std::string_view text) {
    int columns = 0;
    while (!text.empty()) {
        const Glyph glyph = next_glyph(text);
        text.remove_prefix(glyph.bytes);
        columns += glyph.columns;
    }
    return columns;
}

void remove_last_character(std::string& text) {
    while (!text.empty()) {
        const bool begins = (static_cast<unsigned char>(text.back()) & 0xC0U) != 0x80;
        text.pop_back();
        if (begins)
            break;
    }
}

std::vector<std::string_view> wrapped(std::string_view text, int columns) {
    std::vector<std::string_view> pieces;
    std::size_t taken = 0;
    int used = 0;
    while (taken < text.size()) {
        const Glyph glyph = next_glyph(text.substr(taken));
        if (used > 0 && used + glyph.columns > columns) {
            pieces.push_back(text.substr(0, taken));
            text.remove_prefix(taken);
            taken = 0;
            used = 0;
        }
        taken += glyph.bytes;
        used += glyph.columns;
    }
    pieces.push_back(text);
    return pieces;
}

} // namespace mandos::screen
