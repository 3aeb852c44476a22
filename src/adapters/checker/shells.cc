#include "adapters/checker/shells.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "adapters/checker/process_group.h"
#include "base/error.h"
#include "loop/asio.h"

namespace mandos::checker {

namespace {

// What comes next for a process that does not end by itself.
enum class Next { Terminate, Kill, GiveUp, Nothing };

} // namespace

class Shells::Parts : public std::enable_shared_from_this<Shells::Parts> {
  public:
    Parts(io::any_io_executor strand, ShellErrors errors, Limits limits)
        : strand_(std::move(strand)), errors_(errors), limits_(limits) {}

    void start(Id id, std::string command, std::chrono::milliseconds limit, Handler done) {
        queue_.push_back({.id = id, .command = std::move(command), .limit = limit, .done = std::move(done)});
        start_next();
    }

    void stop(Id id) {
        const auto gone = std::ranges::remove(queue_, id, &Queued::id);
        queue_.erase(gone.begin(), gone.end());
        unstarted_.erase(id);
        const auto found = running_.find(id);
        if (found == running_.end())
            return;
        Running& running = *found->second;
        running.done = nullptr;
        if (running.next == Next::Terminate)
            go_on(id, running);
    }

    // Each process is killed and reaped where it is destroyed.
    void end() {
        queue_.clear();
        unstarted_.clear();
        running_.clear();
    }

  private:
    struct Queued {
        Id id;
        std::string command;
        std::chrono::milliseconds limit;
        Handler done;
    };
    struct Running {
        Running(const io::any_io_executor& strand, ProcessGroup started, Handler handler)
            : process(std::move(started)),
              ended(strand, process.take_pidfd().release()),
              timer(strand),
              done(std::move(handler)) {}
        ProcessGroup process;
        io::posix::stream_descriptor ended;
        io::steady_timer timer;
        Handler done; // empty: nobody waits
        Next next = Next::Terminate;
        bool timed_out = false;
    };

    void start_next() {
        while (!queue_.empty() && running_.size() < limits_.at_a_time) {
            Queued queued = std::move(queue_.front());
            queue_.pop_front();
            start_now(std::move(queued));
        }
    }

    void start_now(Queued queued) {
        auto process = ProcessGroup::start(queued.command, errors_);
        if (!process) {
            // Not at once: start() calls no handler.
            unstarted_.emplace(queued.id, std::move(queued.done));
            io::post(strand_, [self = shared_from_this(), id = queued.id, error = process.error()] {
                auto found = self->unstarted_.extract(id);
                if (!found.empty())
                    found.mapped()(std::unexpected(error));
            });
            return;
        }
        const Id id = queued.id;
        Running& running =
            *running_
                 .emplace(id, std::make_unique<Running>(strand_, *std::move(process), std::move(queued.done)))
                 .first->second;
        running.ended.async_wait(io::posix::stream_descriptor::wait_read,
                                 [self = shared_from_this(), id](const std::error_code& error) {
                                     if (!error)
                                         self->has_ended(id);
                                 });
        wait_for(running, id, queued.limit);
    }

    void wait_for(Running& running, Id id, std::chrono::milliseconds time) {
        running.timer.expires_after(time);
        running.timer.async_wait([self = shared_from_this(), id](const std::error_code& error) {
            const auto found = self->running_.find(id);
            if (error || found == self->running_.end())
                return;
            found->second->timed_out = found->second->done != nullptr;
            self->go_on(id, *found->second);
        });
    }

    void go_on(Id id, Running& running) {
        switch (running.next) {
        case Next::Terminate:
            running.process.signal(SIGTERM);
            running.next = Next::Kill;
            wait_for(running, id, limits_.grace);
            break;
        case Next::Kill:
            running.process.signal(SIGKILL);
            running.next = Next::GiveUp;
            wait_for(running, id, limits_.grace);
            break;
        case Next::GiveUp:
            // The kernel holds it (a file server that does not answer). It is reaped whenever that ends.
            running.next = Next::Nothing;
            if (Handler done = std::exchange(running.done, nullptr))
                done(ShellEnded{.wait_status = SIGKILL, .timed_out = running.timed_out});
            break;
        case Next::Nothing:
            break;
        }
    }

    void has_ended(Id id) {
        auto found = running_.extract(id);
        if (found.empty())
            return;
        Running& running = *found.mapped();
        running.timer.cancel();
        const ShellEnded ended{.wait_status = running.process.reap(), .timed_out = running.timed_out};
        Handler done = std::move(running.done);
        start_next();
        if (done)
            done(ended);
    }

    const io::any_io_executor strand_;
    const ShellErrors errors_;
    const Limits limits_;
    std::deque<Queued> queue_;                  // in the order they came
    std::unordered_map<Id, Handler> unstarted_; // that no process could be made for
    std::unordered_map<Id, std::unique_ptr<Running>> running_;
};

Shells::Shells(const io::any_io_executor& strand, ShellErrors errors, Limits limits)
    : parts_(std::make_shared<Parts>(strand, errors, limits)) {}

Shells::~Shells() {
    parts_->end();
}

Shells::Id Shells::start(std::string command, std::chrono::milliseconds limit, Handler done) {
    const Id id = ++last_;
    parts_->start(id, std::move(command), limit, std::move(done));
    return id;
}

void Shells::stop(Id id) {
    parts_->stop(id);
}

} // namespace mandos::checker
