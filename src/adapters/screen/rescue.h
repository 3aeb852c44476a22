// Rescue: the last thing a program does when it dies of a bug while it has the terminal: it gives the
// terminal back, so that the person who reads the message can type. For Screen only; there is at most one.
#pragma once

#include <termios.h>

namespace mandos::screen {

class Rescue {
  public:
    // BEFORE is how the terminal was. To be made when the terminal's type is known to the library; from then
    // on to destruction the signals that a bug ends in (SIGABRT, SIGSEGV, ...) are caught, and end the
    // program still.
    explicit Rescue(const termios& before);
    Rescue(const Rescue&) = delete;
    Rescue& operator=(const Rescue&) = delete;
    ~Rescue();
};

} // namespace mandos::screen
