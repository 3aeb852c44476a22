// QuietConsole: while it lives, the kernel says only what is a warning or worse on the console (syslog(2),
// SYSLOG_ACTION_CONSOLE_LEVEL), so that "link is up" is not written over a password prompt. Does nothing for
// who may not.
#pragma once

#include <optional>

namespace mandos::client {

class QuietConsole {
  public:
    QuietConsole();
    QuietConsole(const QuietConsole&) = delete;
    QuietConsole& operator=(const QuietConsole&) = delete;
    ~QuietConsole();

  private:
    std::optional<int> before_; // the level; nothing: unchanged
};

} // namespace mandos::client
