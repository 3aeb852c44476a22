// Implements monitor.h.
#include "programs/mandos-monitor/monitor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <vector>

#include <poll.h>

#include "adapters/screen/key.h"
#include "adapters/screen/screen.h"
#include "base/error.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/server.h"
#include "programs/mandos-monitor/signals.h"
#include "programs/mandos-monitor/time_text.h"
#include "programs/mandos-monitor/view.h"

namespace mandos::monitor {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto time_between_frames = std::chrono::milliseconds(50);

// When the screen is drawn. Invariant: a change is drawn within time_between_frames.
class Frames {
  public:
    void change() { changed_ = true; }

    bool due(Clock::time_point now) const {
        return (changed_ && now >= last_ + time_between_frames) || (tick_ && now >= *tick_);
    }
    // The next tick is when the clock on the wall gets to its next second, if anything COUNTS.
    void drawn(Clock::time_point now, bool counts) {
        changed_ = false;
        last_ = now;
        tick_.reset();
        if (counts)
            tick_ = now + std::chrono::seconds(1) - wall_clock().time_since_epoch() % std::chrono::seconds(1);
    }
    std::optional<Clock::time_point> deadline() const {
        if (changed_)
            return last_ + time_between_frames;
        return tick_;
    }

  private:
    bool changed_ = true;
    Clock::time_point last_;
    std::optional<Clock::time_point> tick_;
};

std::optional<Clock::time_point> earlier(std::optional<Clock::time_point> one,
                                         std::optional<Clock::time_point> other) {
    if (!one || !other)
        return one ? one : other;
    return std::min(*one, *other);
}

// For poll(2): milliseconds, rounded up so that the time has come afterwards; -1 for ever.
int milliseconds_until(std::optional<Clock::time_point> deadline) {
    if (!deadline)
        return -1;
    constexpr auto longest = std::chrono::milliseconds(3'600'000);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), longest).count());
}

class Loop {
  public:
    Loop(Model& model, Server& server, screen::Screen& screen, const Signals& signals,
         screen::Characters characters)
        : model_(model), server_(server), screen_(screen), signals_(signals), characters_(characters) {}

    Result<int> run() {
        model_.resize(screen_.size());
        while (!status_) {
            if (server_.process(Clock::now()) == Server::Changed::Yes)
                frames_.change();
            MANDOS_TRY(take_inputs());
            take_signals();
            draw_if_due();
            if (!status_)
                MANDOS_TRY(wait());
        }
        server_.finish();
        return *status_;
    }

  private:
    Result<void> wait() const {
        std::array<pollfd, 3> waited{{
            {.fd = screen_.descriptor(), .events = POLLIN},
            {.fd = signals_.descriptor(), .events = POLLIN},
            {.fd = server_.descriptor(), .events = server_.events()},
        }};
        const int limit = milliseconds_until(earlier(frames_.deadline(), server_.deadline()));
        if (poll(waited.data(), waited.size(), limit) < 0 && errno != EINTR)
            return fail_errno(errno, "cannot wait for the keyboard and the bus");
        return {};
    }

    Result<void> take_inputs() {
        const std::vector<screen::Input> inputs = MANDOS_TRY(screen_.read());
        for (const screen::Input& input : inputs) {
            frames_.change();
            if (const auto action = model_.input(input, wall_clock()))
                perform(*action);
        }
        return {};
    }

    void perform(const Action& action) {
        switch (action.kind) {
        case Action::Kind::Quit:
            status_ = 0;
            break;
        case Action::Kind::Redraw:
            screen_.forget();
            break;
        case Action::Kind::Suspend:
            screen_.suspend();
            break;
        case Action::Kind::Enable:
        case Action::Kind::Disable:
        case Action::Kind::Approve:
        case Action::Kind::Deny:
        case Action::Kind::Remove:
        case Action::Kind::StartChecker:
        case Action::Kind::StopChecker:
        case Action::Kind::CheckedOk:
            server_.perform(action);
            break;
        }
    }

    void take_signals() {
        constexpr int by_signal = 128; // as shells tell it
        while (const auto signal = signals_.next()) {
            if (*signal == SIGWINCH || *signal == SIGCONT)
                screen_.resize();
            else
                status_ = by_signal + *signal;
            frames_.change();
        }
    }

    void draw_if_due() {
        const auto now = Clock::now();
        if (!frames_.due(now))
            return;
        model_.resize(screen_.size());
        screen_.show(draw(model_, wall_clock(), characters_));
        frames_.drawn(now, model_.counts());
    }

    Model& model_;
    Server& server_;
    screen::Screen& screen_;
    const Signals& signals_;
    screen::Characters characters_;
    Frames frames_;
    std::optional<int> status_; // what the program ends with
};

} // namespace

TimePoint wall_clock() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Result<int> watch(Model& model, Server& server, screen::Screen& screen, const Signals& signals,
                  screen::Characters characters) {
    return Loop(model, server, screen, signals, characters).run();
}

} // namespace mandos::monitor
