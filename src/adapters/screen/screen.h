// Screen: the terminal of this process, taken over as a whole from open() to destruction, which gives it back
// as it was. Invariant: nothing else writes to the terminal meanwhile, and there is at most one Screen (the
// library behind it, ncurses, has one terminal). It waits for nothing: whoever uses it polls descriptor().
#pragma once

#include <memory>
#include <vector>

#include "adapters/screen/grid.h"
#include "adapters/screen/key.h"
#include "base/error.h"

namespace mandos::screen {

enum class Characters { Ascii, Unicode };

// Which characters the locale of the environment has. Sets this process's character type (setlocale(3),
// LC_CTYPE), and nothing else of the locale.
Characters use_locale_of_environment();

class Screen {
  public:
    // Unsupported: standard input and output are no terminal, or one of a type ($TERM) that is not known.
    static Result<std::unique_ptr<Screen>> open();

    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen();

    int descriptor() const;
    Size size() const;

    // Puts the grid, which has the screen's size, on the terminal; only what has changed is sent.
    void show(const Grid& grid);
    // What has been done since the last call. Empty: nothing, or half a key. PeerClosed: the terminal is
    // gone.
    Result<std::vector<Input>> read();

    // The terminal has got another size (SIGWINCH).
    void resize();
    // The next show() sends everything.
    void forget();
    // Stops this process as Ctrl-Z does; the terminal is the shell's meanwhile. Returns when it goes on.
    void suspend();

  private:
    struct Terminal;
    explicit Screen(std::unique_ptr<Terminal> terminal);

    std::unique_ptr<Terminal> terminal_;
};

} // namespace mandos::screen
