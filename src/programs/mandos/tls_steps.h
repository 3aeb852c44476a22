// Takes a step of a TLS session to its end, waiting in between for its socket; the deadline is the Watch's.
#pragma once

#include <expected>
#include <utility>

#include "adapters/tls/tls.h"
#include "base/error.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::server {

// STEP: a callable that returns Result<tls::Progress>, called until it is Done or fails.
template <class Step>
io::awaitable<Result<void>> complete(loop::Watch& watch, Step step) {
    for (;;) {
        const Result<tls::Progress> progress = step();
        if (!progress)
            co_return std::unexpected(progress.error());
        Result<void> waited;
        switch (*progress) {
        case tls::Progress::Done:
            co_return Result<void>{};
        case tls::Progress::WantRead:
            waited = co_await watch.readable();
            break;
        case tls::Progress::WantWrite:
            waited = co_await watch.writable();
            break;
        }
        if (!waited)
            co_return std::unexpected(std::move(waited).error());
    }
}

} // namespace mandos::server
