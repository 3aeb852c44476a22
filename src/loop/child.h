// Work that may block, take long, or be led astray by what a peer sent (names to look up, messages to
// decrypt), done in a forked child: the loop goes on, the work can be ended at its time limit, and if it
// crashes only the child does. Invariant: the child is killed and reaped when the wait for it ends, however
// it ends, and dies with its parent. Only for programs with one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::loop {

struct ChildLimits {
    Watch::Deadline deadline;
    std::size_t output = 0; // bytes
};

// Runs in the child, which has no socket, pipe or standard descriptor but standard error, and the default
// action for each signal.
using ChildTask = std::move_only_function<Result<SecretBytes>()>;

// What TASK returned, errors preceded by WHAT it does ("looking up ..."). Besides TimedOut; Exhausted: more
// output than may be; System: no child can be made, or it ended before its output was complete.
io::awaitable<Result<SecretBytes>> in_child(std::string what, ChildTask task, ChildLimits limits);

} // namespace mandos::loop
