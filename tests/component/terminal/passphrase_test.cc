// On a real terminal (pty(7)): a child asks, the test types and looks at the screen.
#include "adapters/terminal/passphrase.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"

using mandos::as_bytes;
using mandos::as_text;
using mandos::UniqueFd;
using mandos::terminal::ask_passphrase;
using mandos::terminal::insist_on_passphrase;

namespace {

constexpr std::size_t limit = 64;
constexpr std::size_t largest = 4096;
constexpr auto deadline = std::chrono::seconds(20); // never reached by a passing test

// What a child does with its terminal; what it returns is handed to the test.
using Play = std::function<std::string()>;

std::string ask() {
    const auto answer = ask_passphrase("Passphrase: ", limit);
    return answer ? "answer: " + std::string(as_text(answer->reveal())) : "error: " + answer.error().text();
}

std::string insist() {
    const auto answer = insist_on_passphrase("Passphrase: ", limit);
    return answer ? "answer: " + std::string(as_text(answer->reveal())) : "error: " + answer.error().text();
}

class Dialogue {
  public:
    explicit Dialogue(const Play& play) {
        std::array<int, 2> pipe_ends{};
        EXPECT_EQ(pipe(pipe_ends.data()), 0); // NOLINT(android-cloexec-pipe): the child needs it and ends
        int screen = -1;
        child_ = forkpty(&screen, nullptr, nullptr, nullptr);
        if (child_ == 0) {
            (void)close(pipe_ends[0]);
            const std::string result = play();
            (void)mandos::write_all(pipe_ends[1], as_bytes(result));
            _exit(0);
        }
        (void)close(pipe_ends[1]);
        screen_.reset(screen);
        result_.reset(pipe_ends[0]);
    }
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;
    ~Dialogue() {
        if (child_ > 0) {
            (void)kill(child_, SIGKILL);
            (void)end();
        }
    }

    void type(std::string_view keys) const { EXPECT_TRUE(mandos::write_all(screen_.get(), as_bytes(keys))); }
    void send(int signal) const { EXPECT_EQ(kill(child_, signal), 0); }

    // Waits until TEXT is on the screen.
    void wait_for(std::string_view text) {
        while (seen_.find(text) == std::string::npos)
            if (!look())
                FAIL() << "never on the screen: " << text << "\nwhat was: " << seen_;
    }

    // Waits until TEXT is there as often as that.
    void wait_for_times(std::string_view text, std::size_t times) {
        for (;;) {
            std::size_t count = 0;
            for (std::size_t at = seen_.find(text); at != std::string::npos; at = seen_.find(text, at + 1))
                ++count;
            if (count >= times)
                return;
            if (!look())
                FAIL() << "not " << times << " times on the screen: " << text << "\nwhat was: " << seen_;
        }
    }

    // All that was on the screen up to the child's end.
    const std::string& screen() {
        while (look()) {
        }
        return seen_;
    }

    bool echoes() const {
        termios settings{};
        EXPECT_EQ(tcgetattr(screen_.get(), &settings), 0); // both ends of a pty have the same
        return (settings.c_lflag & tcflag_t{ECHO}) != 0;
    }

    // What was typed and nobody has read, which the next program on this terminal would.
    std::string unread() const {
        std::array<char, largest> name{};
        EXPECT_EQ(ptsname_r(screen_.get(), name.data(), name.size()), 0);
        const UniqueFd terminal(open(name.data(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
        termios settings{};
        EXPECT_EQ(tcgetattr(terminal.get(), &settings), 0);
        settings.c_lflag &= ~tcflag_t{ICANON}; // half a line too
        EXPECT_EQ(tcsetattr(terminal.get(), TCSANOW, &settings), 0);
        std::array<char, largest> text{};
        const ssize_t got = read(terminal.get(), text.data(), text.size());
        return got <= 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(got));
    }

    // What the play returned; empty where a signal ended it.
    std::string result() const {
        return std::string(as_text(mandos::read_all(result_.get(), largest).value()));
    }

    // How the child ended, for WIFSIGNALED() and its like.
    int end() {
        int status = -1;
        EXPECT_EQ(waitpid(child_, &status, 0), child_);
        child_ = -1;
        return status;
    }

  private:
    // Reads what is new on the screen. False: there is no more.
    bool look() {
        pollfd readable{.fd = screen_.get(), .events = POLLIN, .revents = 0};
        const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(deadline);
        if (poll(&readable, 1, static_cast<int>(wait.count())) != 1) {
            ADD_FAILURE() << "nothing happens";
            return false;
        }
        std::array<char, largest> text{};
        const ssize_t got = read(screen_.get(), text.data(), text.size());
        if (got <= 0)
            return false; // EIO: nobody has the terminal open any more
        seen_.append(text.data(), static_cast<std::size_t>(got));
        return true;
    }

    pid_t child_ = -1;
    UniqueFd screen_;
    UniqueFd result_;
    std::string seen_;
};

// Runs PLAY in a child whose standard input is TEXT, and returns what it returned.
std::string with_input(std::string_view text, const Play& play) {
    std::array<int, 2> input{};
    EXPECT_EQ(pipe(input.data()), 0); // NOLINT(android-cloexec-pipe): ends with the test
    EXPECT_TRUE(mandos::write_all(input[1], as_bytes(text)));
    (void)close(input[1]);
    const Dialogue dialogue([&] {
        (void)dup2(input[0], STDIN_FILENO);
        return play();
    });
    (void)close(input[0]);
    return dialogue.result();
}

} // namespace

TEST(Passphrase, IsRefusedWhenItIsTooLong) {
    const std::string longest(limit, 'x');
    EXPECT_EQ(with_input(longest + "\n", ask), "answer: " + longest);
    EXPECT_EQ(with_input(longest + "x\n", ask), "error: the passphrase is longer than 64 bytes");
}

TEST(Passphrase, IsMissedWhenTheInputHasEnded) {
    EXPECT_EQ(with_input("", ask), "error: no passphrase: the input has ended");
    Dialogue dialogue(ask);
    dialogue.wait_for("Passphrase: ");
    dialogue.type("\x04"); // Ctrl-D
    EXPECT_EQ(dialogue.result(), "error: no passphrase: the input has ended");
}

TEST(Passphrase, IsNeverOnTheScreen) {
    Dialogue dialogue(ask);
    dialogue.wait_for("Passphrase: ");
    dialogue.type("hunter2\n");
    EXPECT_EQ(dialogue.result(), "answer: hunter2");
    EXPECT_EQ(dialogue.screen(), "Passphrase: \r\n");
}

TEST(Passphrase, GivesTheEchoBack) {
    Dialogue dialogue([] {
        const std::string first = ask();
        (void)ask_passphrase("Again: ", limit);
        return first;
    });
    dialogue.wait_for("Passphrase: ");
    EXPECT_FALSE(dialogue.echoes());
    dialogue.type("one\n");
    dialogue.wait_for("Again: ");
    dialogue.type("two\n");
    EXPECT_EQ(dialogue.result(), "answer: one");
    EXPECT_TRUE(dialogue.echoes());
}

TEST(Passphrase, GivesTheEchoBackWhenASignalEndsIt) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        Dialogue dialogue(ask);
        dialogue.wait_for("Passphrase: ");
        dialogue.type("half of i");
        dialogue.send(signal);
        EXPECT_EQ(dialogue.result(), "") << signal;
        EXPECT_TRUE(dialogue.echoes()) << signal;
        EXPECT_EQ(dialogue.unread(), "") << signal;
        const int status = dialogue.end();
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
    }
}

TEST(Passphrase, IsInterruptedFromTheKeyboard) {
    Dialogue dialogue(ask);
    dialogue.wait_for("Passphrase: ");
    dialogue.type("half of i\x03"); // Ctrl-C
    EXPECT_EQ(dialogue.result(), "");
    EXPECT_TRUE(dialogue.echoes());
    EXPECT_EQ(WTERMSIG(dialogue.end()), SIGINT);
}

TEST(Passphrase, IsNotSuspendedWithTheEchoOff) {
    Dialogue dialogue(ask);
    dialogue.wait_for("Passphrase: ");
    dialogue.type("a\x1a" // Ctrl-Z
                  "b\n");
    EXPECT_EQ(dialogue.result(), "answer: a\x1a"
                                 "b");
}

TEST(Passphrase, LeavesAnIgnoredSignalIgnored) {
    Dialogue dialogue([] {
        (void)signal(SIGHUP, SIG_IGN);
        return ask();
    });
    dialogue.wait_for("Passphrase: ");
    dialogue.send(SIGHUP);
    dialogue.type("still here\n");
    EXPECT_EQ(dialogue.result(), "answer: still here");
}

TEST(Passphrase, KeepsItsBlanksAndBackslashes) {
    Dialogue dialogue(ask);
    dialogue.wait_for("Passphrase: ");
    dialogue.type("  a\\ b\t \n");
    EXPECT_EQ(dialogue.result(), "answer:   a\\ b\t ");
}

TEST(Passphrase, IsOneLineOfAPipe) {
    const auto ask_twice = [] {
        const std::string first = ask();
        return first + ", " + ask();
    };
    EXPECT_EQ(with_input("first\n second", ask_twice), "answer: first, answer:  second");
}

TEST(Passphrase, IsAskedForAgainUntilThereIsOne) {
    Dialogue dialogue(insist);
    dialogue.wait_for_times("Passphrase: ", 1);
    dialogue.type("\x04"); // Ctrl-D
    dialogue.wait_for_times("Passphrase: ", 2);
    EXPECT_FALSE(dialogue.echoes());
    dialogue.type("\n");
    dialogue.wait_for_times("Passphrase: ", 3);
    dialogue.type(std::string(limit + 1, 'x') + "and more\n");
    dialogue.wait_for("the passphrase is longer than 64 bytes; it is not used");
    dialogue.wait_for_times("Passphrase: ", 4);
    dialogue.type("hunter2\n");
    EXPECT_EQ(dialogue.result(), "answer: hunter2");
    EXPECT_TRUE(dialogue.echoes());
}

TEST(Passphrase, IsNotAskedForAgainAfterASignal) {
    Dialogue dialogue(insist);
    dialogue.wait_for("Passphrase: ");
    dialogue.type("\x04"); // the signal comes in the pause before the next question, or just after it
    dialogue.send(SIGTERM);
    EXPECT_EQ(dialogue.result(), "");
    EXPECT_TRUE(dialogue.echoes());
    EXPECT_EQ(WTERMSIG(dialogue.end()), SIGTERM);
}
