#include "adapters/screen/rescue.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <termios.h>
#include <unistd.h>

namespace mandos::screen {

namespace {

constexpr std::array fatal_signals{SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

// What the handler needs, made before: it may call next to nothing (signal-safety(7)).
struct LastWords {
    termios terminal{};
    std::array<char, 256> bytes{};
    std::size_t size = 0;
};
LastWords last_words;

extern "C" void give_back(int signal) {
    (void)!write(STDOUT_FILENO, last_words.bytes.data(), last_words.size);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &last_words.terminal);
    (void)raise(signal); // SA_RESETHAND: this time it ends the program
}

// TEXT without the delays, "$<5>", that old terminals want in it.
void append(std::string_view text) {
    while (!text.empty()) {
        const std::size_t delay = std::min(text.find("$<"), text.size());
        for (const char byte : text.substr(0, delay))
            if (last_words.size < last_words.bytes.size())
                last_words.bytes[last_words.size++] = byte;
        text.remove_prefix(delay);
        const std::size_t end = text.find('>');
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

void append_capability(const char* name) {
    const char* const text = tigetstr(name);
    // tigetstr(3): nullptr where the terminal has none, all ones for a name that is no string.
    if (text != nullptr && reinterpret_cast<std::intptr_t>(text) != -1)
        append(text);
}

void catch_fatal_signals(void (*handler)(int), int flags) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = flags;
    for (const int number : fatal_signals)
        (void)sigaction(number, &action, nullptr); // the signals are valid
}

} // namespace

Rescue::Rescue(const termios& before) {
    last_words.terminal = before;
    last_words.size = 0;
    append("\033[?1000l\033[?1006l"); // no mouse; ignored by terminals that have none
    for (const char* const name : {"sgr0", "rmkx", "cnorm", "rmcup"})
        append_capability(name);
    append("\r\n");
    catch_fatal_signals(give_back, static_cast<int>(SA_RESETHAND | SA_NODEFER));
}

Rescue::~Rescue() {
    catch_fatal_signals(SIG_DFL, 0);
}

} // namespace mandos::screen
