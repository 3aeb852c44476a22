#include "adapters/terminal/passphrase.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <span>
#include <string>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"

namespace mandos::terminal {

namespace {

// Which signal came; a handler may touch nothing else.
volatile std::sig_atomic_t caught_signal = 0;

extern "C" void catch_signal(int signal) {
    caught_signal = signal;
}

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// While it lives, the ending signals only interrupt wait_for_input().
class SignalsHeld {
  public:
    SignalsHeld() {
        caught_signal = 0;
        sigset_t ending{};
        (void)sigemptyset(&ending); // none of these can fail: the signals are valid
        for (const int number : ending_signals)
            (void)sigaddset(&ending, number);
        (void)pthread_sigmask(SIG_BLOCK, &ending, &mask_before_);
        struct sigaction action{};
        action.sa_handler = catch_signal; // and no SA_RESTART
        for (std::size_t i = 0; i < ending_signals.size(); ++i) {
            (void)sigaction(ending_signals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler != SIG_IGN)
                (void)sigaction(ending_signals[i], &action, nullptr);
        }
    }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;
    ~SignalsHeld() {
        for (std::size_t i = 0; i < ending_signals.size(); ++i)
            (void)sigaction(ending_signals[i], &before_[i], nullptr);
        if (caught_signal != 0)
            (void)raise(caught_signal); // as it would have been without us
        (void)pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    }

    // Waits until there is something to read, or its end. Interrupted: a signal came, be it before or after
    // the call.
    Result<void> wait_for_input() const {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        while (ppoll(&input, 1, nullptr, &mask_before_) < 0) {
            if (errno != EINTR)
                return fail_errno(errno, "cannot wait for the passphrase");
            if (caught_signal != 0)
                return fail(ErrorKind::Interrupted, "interrupted");
        }
        return {};
    }

    // Interrupted: a signal came.
    Result<void> pause(const timespec& time) const {
        if (ppoll(nullptr, 0, &time, &mask_before_) < 0 && caught_signal != 0)
            return fail(ErrorKind::Interrupted, "interrupted");
        return {};
    }

  private:
    std::array<struct sigaction, ending_signals.size()> before_{};
    sigset_t mask_before_{};
};

// No echo on standard input while it lives, if that is a terminal.
class EchoOff {
  public:
    EchoOff() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_)
            return;
        termios silent = before_;
        silent.c_lflag &= ~tcflag_t{ECHO};
        // Suspended here, the program would come back to a terminal whose echo the shell has put on again.
        silent.c_cc[VSUSP] = _POSIX_VDISABLE;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent); // what was typed before the prompt is dropped
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;
    ~EchoOff() {
        if (!is_terminal_)
            return;
        // Half a passphrase that was typed when a signal came must not reach the shell, which would show it.
        (void)tcflush(STDIN_FILENO, TCIFLUSH);
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        (void)write_all(STDERR_FILENO, as_bytes("\n")); // the one that was not echoed
    }

  private:
    termios before_{};
    bool is_terminal_;
};

// Between a question that got no answer and the same one again.
constexpr timespec pause_before_asking_again{.tv_sec = 0, .tv_nsec = 250'000'000};

Result<SecretBytes> read_line(const SignalsHeld& signals, std::size_t limit) {
    SecretBytes line;
    for (;;) {
        MANDOS_TRY(signals.wait_for_input());
        std::byte byte{};
        // A byte at a time: what is behind the line belongs to the next question.
        const ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(errno, "cannot read the passphrase");
        if (got == 0 && line.empty())
            return fail(ErrorKind::PeerClosed, "no passphrase: the input has ended");
        if (got == 0 || byte == std::byte{'\n'})
            return line;
        if (line.size() == limit)
            return fail(ErrorKind::Exhausted, "the passphrase is longer than {} bytes", limit);
        line.resize(line.size() + 1);
        line.reveal().back() = byte;
    }
}

// Whoever held the other end is gone, and nobody can answer any more.
bool is_hung_up() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

} // namespace

bool is_interactive() {
    return isatty(STDIN_FILENO) == 1;
}

Result<SecretBytes> ask_passphrase(const std::string& prompt, std::size_t limit) {
    const SignalsHeld signals;
    const EchoOff silence;
    MANDOS_TRY(write_all(STDERR_FILENO, as_bytes(prompt)));
    return read_line(signals, limit);
}

Result<SecretBytes> insist_on_passphrase(const std::string& prompt, std::size_t limit) {
    const SignalsHeld signals;
    const EchoOff silence;
    for (;;) {
        MANDOS_TRY(write_all(STDERR_FILENO, as_bytes(prompt)));
        auto line = read_line(signals, limit);
        if (line && !line->empty())
            return line;
        if (!line && line.error().kind() != ErrorKind::PeerClosed
            && line.error().kind() != ErrorKind::Exhausted)
            return line;
        if (is_hung_up())
            return fail(ErrorKind::PeerClosed, "the terminal is gone");
        const std::string problem = line || line.error().kind() == ErrorKind::PeerClosed
                                        ? "\n"
                                        : "\n" + line.error().text() + "; it is not used\n";
        (void)write_all(STDERR_FILENO, as_bytes(problem));
        MANDOS_TRY(signals.pause(pause_before_asking_again));
        if (!line && line.error().kind() == ErrorKind::Exhausted)
            (void)tcflush(STDIN_FILENO, TCIFLUSH); // the rest of it
    }
}

} // namespace mandos::terminal
