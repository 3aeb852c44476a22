// TerminalState: how the terminal on standard input is set when this program starts, to be put back whatever
// plugins did to it. Nothing where there is none.
#pragma once

#include <optional>

#include <termios.h>

namespace mandos::runner {

class TerminalState {
  public:
    TerminalState();

    // As it was. Not where another process group has the terminal in the meantime: it is theirs to set.
    void put_back() const;

  private:
    std::optional<termios> before_;
};

} // namespace mandos::runner
