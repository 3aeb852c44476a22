#include "loop/workers.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <unistd.h>

#include "base/error.h"
#include "loop/asio.h"
#include "loop/held_signals.h"

namespace mandos::loop {

namespace {

// A call that hangs while the process ends must not meet libraries that have tidied up after themselves:
// OpenSSL, below libssh, does so in an exit handler. Handlers run in the reverse order: this one before
// those.
void skip_exit_handlers() {
    (void)on_exit(
        [](int status, void* /*nothing*/) {
            (void)std::fflush(nullptr);
            _exit(status);
        },
        nullptr);
}

} // namespace

// Somebody on the strand; the timer also keeps the loop going until there is an answer.
struct Workers::Waiting {
    Waiting(const io::any_io_executor& strand, Then handler) : timer(strand), then(std::move(handler)) {}
    io::steady_timer timer;
    Then then;
};

struct Workers::Shared : std::enable_shared_from_this<Workers::Shared> {
    struct Thread {
        std::thread handle;
        bool is_in_call = false;
    };
    struct Job {
        Id id;
        Task task;
    };

    Shared(io::any_io_executor executor, std::size_t limit)
        : strand(std::move(executor)), thread_limit(limit) {}

    // On the strand.
    void answer(Id id, Result<void> ended) {
        auto found = waiting.extract(id);
        if (!found.empty())
            found.mapped()->then(std::move(ended));
    }

    void forget(Id id) {
        const std::scoped_lock lock(mutex);
        const auto gone = std::ranges::remove(jobs, id, &Job::id);
        jobs.erase(gone.begin(), gone.end());
    }

    // Whether a thread will take the jobs there are.
    bool have_threads() {
        const std::scoped_lock lock(mutex);
        if (jobs.size() <= idle || threads.size() == thread_limit)
            return true;
        const HeldSignals held(HeldSignals::All{}); // a thread starts with them: signals are the loop's
        Thread& made = threads.emplace_back();
        try {
            made.handle = std::thread([self = shared_from_this(), &made] { self->work(made); });
        } catch (const std::system_error&) {
            threads.pop_back();
        }
        return !threads.empty();
    }

    // On a thread of its own.
    void work(Thread& me) {
        std::unique_lock lock(mutex);
        for (;;) {
            ++idle;
            work_or_end.wait(lock, [this] { return closed || !jobs.empty(); });
            --idle;
            if (closed)
                return;
            Job job = std::move(jobs.front());
            jobs.pop_front();
            me.is_in_call = true;
            lock.unlock();
            job.task();
            lock.lock();
            me.is_in_call = false;
            // Not after the end: the loop may be gone then.
            if (!closed)
                io::post(strand, [self = shared_from_this(), id = job.id] { self->answer(id, {}); });
        }
    }

    const io::any_io_executor strand;
    const std::size_t thread_limit;

    // On the strand only.
    std::unordered_map<Id, std::unique_ptr<Waiting>> waiting;

    std::mutex mutex;
    std::condition_variable work_or_end;
    // Under the mutex.
    std::deque<Job> jobs;
    std::list<Thread> threads;
    std::size_t idle = 0;
    bool closed = false;
};

Workers::Workers(const io::any_io_executor& strand, std::size_t threads)
    : shared_(std::make_shared<Shared>(strand, threads)) {}

Workers::~Workers() {
    shared_->waiting.clear();
    std::vector<std::thread> ending;
    bool one_hangs = false;
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->closed = true;
        shared_->jobs.clear();
        for (Shared::Thread& thread : shared_->threads) {
            if (!thread.is_in_call) {
                ending.push_back(std::move(thread.handle));
                continue;
            }
            thread.handle.detach();
            one_hangs = true;
        }
        shared_->work_or_end.notify_all();
    }
    for (std::thread& thread : ending)
        thread.join();
    if (one_hangs)
        skip_exit_handlers();
}

Workers::Id Workers::start(Task task, std::chrono::milliseconds limit, Then then) {
    const Id id = ++last_;
    auto& waiting = *shared_->waiting.emplace(id, std::make_unique<Waiting>(shared_->strand, std::move(then)))
                         .first->second;
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->jobs.push_back({.id = id, .task = std::move(task)});
        shared_->work_or_end.notify_one();
    }
    const bool taken = shared_->have_threads();
    waiting.timer.expires_after(taken ? limit : std::chrono::milliseconds::zero());
    waiting.timer.async_wait([shared = shared_, id, taken](const std::error_code& error) {
        if (error)
            return;
        shared->forget(id);
        shared->answer(id, taken ? fail(ErrorKind::TimedOut, "it took too long")
                                 : fail(ErrorKind::System, "no thread can be made"));
    });
    return id;
}

void Workers::cancel(Id id) {
    shared_->forget(id);
    shared_->waiting.erase(id);
}

} // namespace mandos::loop
