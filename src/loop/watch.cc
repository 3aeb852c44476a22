#include "loop/watch.h"

#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

namespace mandos::loop {

struct Watch::State : std::enable_shared_from_this<State> {
    State(const io::any_io_executor& strand, UniqueFd fd) : descriptor(strand, fd.release()), timer(strand) {}

    io::posix::stream_descriptor descriptor;
    io::steady_timer timer;
    Deadline deadline = Deadline::max();
    std::optional<Deadline> armed; // when the timer goes off; never later than the deadline
    bool expired = false;
    bool cancelled = false;

    // The timer is only moved when the deadline comes closer: a later deadline is noticed when it goes off. A
    // connection sets a new deadline at each step, and nearly none is ever reached.
    void arm() {
        if (deadline == Deadline::max() || (armed && *armed <= deadline))
            return;
        armed = deadline;
        timer.expires_at(deadline);
        timer.async_wait([self = shared_from_this()](const std::error_code& error) {
            if (!error)
                self->timer_went_off();
        });
    }

    void timer_went_off() {
        armed.reset();
        if (!descriptor.is_open())
            return;
        if (Deadline::clock::now() < deadline) {
            arm();
            return;
        }
        expired = true;
        descriptor.cancel();
    }
};

Watch::Watch(const io::any_io_executor& strand, UniqueFd fd)
    : state_(std::make_shared<State>(strand, std::move(fd))) {}

Watch::~Watch() {
    if (!state_)
        return;
    state_->timer.cancel();
    std::error_code ignored; // nothing can be done about a failing close
    (void)state_->descriptor.close(ignored);
}

int Watch::descriptor() const {
    return state_->descriptor.native_handle();
}

void Watch::set_deadline(Deadline deadline) {
    state_->deadline = deadline;
    state_->expired = false;
    state_->arm();
}

namespace {

Result<void> outcome(const std::error_code& error, const char* what, const bool& expired,
                     const bool& cancelled) {
    if (cancelled)
        return fail(ErrorKind::Interrupted, "given up");
    if (expired)
        return fail(ErrorKind::TimedOut, "nothing happened within the time limit");
    if (error == io::error::operation_aborted)
        return fail(ErrorKind::Interrupted, "interrupted");
    if (error)
        return fail_errno(error.value(), "cannot wait until the connection can be {}", what);
    return {};
}

} // namespace

io::awaitable<Result<void>> Watch::readable() {
    const auto state = state_;
    std::error_code error;
    if (!state->expired && !state->cancelled)
        co_await state->descriptor.async_wait(io::posix::stream_descriptor::wait_read,
                                              io::redirect_error(io::use_awaitable, error));
    co_return outcome(error, "read", state->expired, state->cancelled);
}

io::awaitable<Result<void>> Watch::writable() {
    const auto state = state_;
    std::error_code error;
    if (!state->expired && !state->cancelled)
        co_await state->descriptor.async_wait(io::posix::stream_descriptor::wait_write,
                                              io::redirect_error(io::use_awaitable, error));
    co_return outcome(error, "written", state->expired, state->cancelled);
}

void Watch::interrupt() {
    state_->descriptor.cancel();
}

void Watch::cancel() {
    state_->cancelled = true;
    state_->descriptor.cancel();
}

} // namespace mandos::loop
