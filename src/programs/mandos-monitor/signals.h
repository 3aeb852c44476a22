// The signals that reach a full-screen program, as something to read in its loop. While it lives they are
// blocked and do nothing by themselves.
#pragma once

#include <csignal>
#include <optional>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::monitor {

class Signals {
  public:
    // SIGWINCH, SIGCONT, and those that end a program: SIGINT, SIGTERM, SIGHUP, SIGQUIT.
    static Result<Signals> hold();

    Signals(Signals&& other) noexcept = default;
    Signals& operator=(Signals&&) = delete;
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    int descriptor() const { return descriptor_.get(); }
    // The number of the next signal that came; nullopt: none has.
    std::optional<int> next() const;

  private:
    Signals(UniqueFd descriptor, sigset_t before);

    UniqueFd descriptor_; // none: moved from
    sigset_t before_;
};

} // namespace mandos::monitor
