// Root's rights, where whoever started a plugin has left it some: as saved and effective user beside a real
// one without rights, as plugin-runner gives them, or all of it. They are set aside at once and taken up only
// by the programs that need them.
#pragma once

#include "adapters/processes/run.h"
#include "base/error.h"

namespace mandos::prompt_plugins {

class Rights {
  public:
    // From here on this process works as its real user. A real root stays one.
    static Result<Rights> set_aside();

    // Whom commands are run as that need root: root where that is possible.
    processes::Command::User strongest() const { return user_; }
    bool has_root() const { return user_ == processes::Command::User::Root; }

  private:
    explicit Rights(processes::Command::User user) : user_(user) {}
    processes::Command::User user_;
};

// This process is its real user for good. Does nothing for a real root.
Result<void> give_up_rights();

} // namespace mandos::prompt_plugins
