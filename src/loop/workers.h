// Workers: a few threads for calls that block and cannot be told to stop (getaddrinfo(3), libssh), in a
// program that has several threads already and may not fork. Invariant: whoever asked gets an answer by the
// time limit, on the strand, whether the call has ended or not; one that hangs keeps its thread, and holds
// others up only when it has all of them. Calls that nobody waits for any more and that have not begun never
// begin.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "loop/asio.h"

namespace mandos::loop {

class Workers {
  public:
    using Id = std::uint64_t;

    // At most THREADS at a time; each is made when there is work for it. All calls are on STRAND.
    Workers(const io::any_io_executor& strand, std::size_t threads);
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    // Waits for no call: a thread whose call has not returned ends after it, or with the process, which then
    // ends without its exit handlers (atexit(3)).
    ~Workers();

    // Calls TASK on a thread, then THEN on the strand with what it returned; never from within run().
    // TimedOut: LIMIT, which includes the wait for a thread, has passed. TASK must own all that it uses.
    template <class T>
    Id run(std::move_only_function<Result<T>()> task, std::chrono::milliseconds limit,
           std::move_only_function<void(Result<T>)> then) {
        auto result = std::make_shared<std::optional<Result<T>>>();
        return start([task = std::move(task), result]() mutable { result->emplace(task()); }, limit,
                     [then = std::move(then), result](Result<void> ended) mutable {
                         if (ended)
                             then(**std::move(result));
                         else
                             then(std::unexpected(std::move(ended).error()));
                     });
    }

    // Nobody waits for it any more: its handler is not called.
    void cancel(Id id);

  private:
    struct Shared;
    struct Waiting;
    using Task = std::move_only_function<void()>;
    using Then = std::move_only_function<void(Result<void>)>;

    Id start(Task task, std::chrono::milliseconds limit, Then then);

    // Shared with the threads, which may outlive this object.
    std::shared_ptr<Shared> shared_;
    Id last_ = 0;
};

} // namespace mandos::loop
