// Implements screen.h: what the keyboard and the mouse do.
#include <cstdio>
#include <cwchar>
#include <optional>
#include <vector>

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <poll.h>
#include <unistd.h>

#include "adapters/screen/key.h"
#include "adapters/screen/screen.h"
#include "base/error.h"

namespace mandos::screen {

namespace {

constexpr char32_t escape = 0x1B;

std::optional<Mouse> mouse_input() {
    MEVENT event{};
    if (getmouse(&event) == ERR)
        return std::nullopt;
    const auto is = [&event](mmask_t buttons) { return (event.bstate & buttons) != 0; };
    if (is(BUTTON4_PRESSED))
        return Mouse{Mouse::Act::WheelUp, event.y, event.x};
    if (is(BUTTON5_PRESSED))
        return Mouse{Mouse::Act::WheelDown, event.y, event.x};
    if (is(BUTTON1_PRESSED | BUTTON1_CLICKED))
        return Mouse{Mouse::Act::Press, event.y, event.x};
    return std::nullopt;
}

std::optional<Name> name_of_code(wint_t code) {
    switch (code) {
    case KEY_UP:
        return Name::Up;
    case KEY_DOWN:
        return Name::Down;
    case KEY_PPAGE:
        return Name::PageUp;
    case KEY_NPAGE:
        return Name::PageDown;
    case KEY_HOME:
        return Name::Home;
    case KEY_END:
        return Name::End;
    case KEY_ENTER:
        return Name::Enter;
    case KEY_BACKSPACE:
    case KEY_DC:
        return Name::Backspace;
    case KEY_F(1):
        return Name::F1;
    default: // of the library's numbers, not an enum of ours: keys that mean nothing here
        return std::nullopt;
    }
}

Key key_of_character(char32_t character) {
    switch (character) {
    case U'\r':
    case U'\n': // as some terminals send it; Ctrl-J is the same byte
        return named(Name::Enter);
    case U'\t':
        return named(Name::Tab);
    case escape:
        return named(Name::Escape);
    case 0x08:
    case 0x7F:
        return named(Name::Backspace);
    default: // any other character is itself
        return plain(character);
    }
}

// After Escape: what came with it at once is a character with Meta.
Key after_escape() {
    wint_t code = 0;
    const int kind = wget_wch(stdscr, &code);
    if (kind == OK && code != escape)
        return meta(code);
    return named(Name::Escape);
}

} // namespace

Result<std::vector<Input>> Screen::read() {
    std::vector<Input> inputs;
    for (;;) {
        wint_t code = 0;
        const int kind = wget_wch(stdscr, &code);
        if (kind == ERR)
            break;
        if (kind == KEY_CODE_YES && code == KEY_MOUSE) {
            if (const auto mouse = mouse_input())
                inputs.emplace_back(*mouse);
        } else if (kind == KEY_CODE_YES) {
            if (const auto name = name_of_code(code))
                inputs.emplace_back(named(*name));
        } else if (code == escape) {
            inputs.emplace_back(after_escape());
        } else {
            inputs.emplace_back(key_of_character(code));
        }
    }
    pollfd terminal{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (inputs.empty() && poll(&terminal, 1, 0) > 0 && (terminal.revents & (POLLHUP | POLLERR)) != 0)
        return fail(ErrorKind::PeerClosed, "the terminal is gone");
    return inputs;
}

} // namespace mandos::screen
