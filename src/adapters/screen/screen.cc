#include "adapters/screen/screen.h"

#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "adapters/screen/grid.h"
#include "adapters/screen/rescue.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::screen {

// Functions of ncurses fail for what is not there (a cursor that cannot be hidden, a second colour): each
// (void) below is such a one.

struct Screen::Terminal {
    SCREEN* handle = nullptr;
    bool coloured = false;
    std::optional<Grid> shown;
    std::optional<Rescue> rescue;

    Terminal() = default;
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() {
        if (handle == nullptr)
            return;
        (void)endwin();
        delscreen(handle);
    }
};

namespace {

// From Escape to what belongs to it: longer than any local terminal needs.
constexpr int escape_milliseconds = 50;

enum Pair : short { GoodPair = 1, WarningPair, AlarmPair, TitlePair, MatchPair };

bool start_colours() {
    if (!has_colors() || start_color() == ERR || use_default_colors() == ERR)
        return false;
    (void)init_pair(GoodPair, COLOR_GREEN, -1);
    (void)init_pair(WarningPair, COLOR_YELLOW, -1);
    (void)init_pair(AlarmPair, COLOR_RED, -1);
    (void)init_pair(TitlePair, COLOR_CYAN, -1);
    (void)init_pair(MatchPair, COLOR_BLACK, COLOR_YELLOW);
    return true;
}

struct Sequence {
    const char* bytes;
    int code;
};
// What terminals send for these keys in practice, whatever their description says: one for xterm runs
// everywhere, in screen(1), tmux(1), and on consoles.
constexpr std::array sequences{
    Sequence{"\033[A", KEY_UP},     Sequence{"\033OA", KEY_UP},     Sequence{"\033[B", KEY_DOWN},
    Sequence{"\033OB", KEY_DOWN},   Sequence{"\033[5~", KEY_PPAGE}, Sequence{"\033[6~", KEY_NPAGE},
    Sequence{"\033[H", KEY_HOME},   Sequence{"\033OH", KEY_HOME},   Sequence{"\033[1~", KEY_HOME},
    Sequence{"\033[7~", KEY_HOME},  Sequence{"\033[F", KEY_END},    Sequence{"\033OF", KEY_END},
    Sequence{"\033[4~", KEY_END},   Sequence{"\033[8~", KEY_END},   Sequence{"\033OP", KEY_F(1)},
    Sequence{"\033[11~", KEY_F(1)},
};

struct Look {
    attr_t attributes = A_NORMAL;
    short pair = 0;
};

Look look_of(Style style, bool coloured) {
    Look look;
    switch (style.role) {
    case Role::Plain:
        break;
    case Role::Faint:
        look.attributes = A_DIM;
        break;
    case Role::Strong:
        look.attributes = A_BOLD;
        break;
    case Role::Title:
        look = {A_BOLD, TitlePair};
        break;
    case Role::Good:
        look.pair = GoodPair;
        break;
    case Role::Warning:
        look.pair = WarningPair;
        break;
    case Role::Alarm:
        look = {A_BOLD, AlarmPair};
        break;
    case Role::Match:
        look = coloured ? Look{A_NORMAL, MatchPair} : Look{A_UNDERLINE, 0};
        break;
    }
    if (style.focus == Focus::On) {
        look.attributes |= A_REVERSE;
        look.attributes &= ~A_DIM; // unreadable together on many terminals
    }
    if (!coloured)
        look.pair = 0;
    return look;
}

void show_row(const Grid& grid, int row, bool coloured) {
    const int columns = grid.size().columns;
    std::vector<cchar_t> line;
    line.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
        const Cell& cell = grid.at(row, column);
        if (cell.character == 0)
            continue;
        const std::array<wchar_t, 3> text{static_cast<wchar_t>(cell.character),
                                          static_cast<wchar_t>(cell.combining), L'\0'};
        const Look look = look_of(cell.style, coloured);
        cchar_t character{};
        (void)setcchar(&character, text.data(), look.attributes, look.pair, nullptr);
        line.push_back(character);
    }
    (void)mvadd_wchnstr(row, 0, line.data(), static_cast<int>(line.size()));
}

Size size_of_terminal() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        return {.rows = size.ws_row, .columns = size.ws_col};
    return {.rows = getmaxy(stdscr), .columns = getmaxx(stdscr)};
}

} // namespace

Characters use_locale_of_environment() {
    if (setlocale(LC_CTYPE, "") == nullptr) // NOLINT(concurrency-mt-unsafe): before there is a second thread
        return Characters::Ascii;           // it stays as at the start: "C"
    const std::string_view set = nl_langinfo(CODESET); // NOLINT(concurrency-mt-unsafe): likewise
    return set == "UTF-8" ? Characters::Unicode : Characters::Ascii;
}

Screen::Screen(std::unique_ptr<Terminal> terminal) : terminal_(std::move(terminal)) {}

Screen::~Screen() = default;

Result<std::unique_ptr<Screen>> Screen::open() {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
        return fail(ErrorKind::Unsupported, "standard input and output are no terminal");
    termios before{};
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return fail_errno(errno, "cannot ask how the terminal is set");
    auto terminal = std::make_unique<Terminal>();
    (void)set_escdelay(escape_milliseconds);
    terminal->handle = newterm(nullptr, stdout, stdin);
    if (terminal->handle == nullptr) {
        const char* const type = getenv("TERM"); // NOLINT(concurrency-mt-unsafe): one thread
        return fail(ErrorKind::Unsupported, "nothing is known about a terminal of the type {} ($TERM)",
                    quoted(type == nullptr ? "" : type));
    }
    terminal->rescue.emplace(before);
    (void)raw(); // Ctrl-V, Ctrl-C and Ctrl-Z are keys
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    for (const Sequence& sequence : sequences)
        (void)define_key(sequence.bytes, sequence.code);
    (void)nodelay(stdscr, TRUE);
    (void)curs_set(0);
    terminal->coloured = start_colours();
    (void)mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
    (void)mouseinterval(0); // a press is told at once, not after waiting for a second one
    return std::unique_ptr<Screen>(new Screen(std::move(terminal)));
}

int Screen::descriptor() const {
    return STDIN_FILENO;
}

Size Screen::size() const {
    return {.rows = getmaxy(stdscr), .columns = getmaxx(stdscr)};
}

void Screen::show(const Grid& grid) {
    std::optional<Grid>& before = terminal_->shown;
    const Size size = grid.size();
    const bool all = !before || before->size() != size;
    for (int row = 0; row < size.rows; ++row) {
        bool changed = all;
        for (int column = 0; column < size.columns && !changed; ++column)
            changed = grid.at(row, column) != before->at(row, column);
        if (changed)
            show_row(grid, row, terminal_->coloured);
    }
    (void)refresh();
    before = grid;
}

void Screen::resize() {
    const Size size = size_of_terminal();
    (void)resizeterm(size.rows, size.columns);
    forget();
}

void Screen::forget() {
    terminal_->shown.reset();
    (void)clearok(curscr, TRUE);
}

void Screen::suspend() {
    // ncurses's handler for the signal gives the terminal back, stops, and takes it over again. The whole
    // group, as the terminal itself would: a shell may wait for more than us.
    (void)kill(0, SIGTSTP);
    resize();
}

} // namespace mandos::screen
