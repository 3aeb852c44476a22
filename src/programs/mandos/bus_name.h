// BusName: who has a well-known name on the message bus, now and whenever that changes. Nobody is started for
// the question.
#pragma once

#include <functional>
#include <string>

#include "adapters/bus/loop_connection.h"
#include "base/error.h"

namespace mandos::server {

class BusName {
  public:
    // CONNECTION outlives it. CHANGED is called when the owner is known, and after each change.
    BusName(bus::LoopConnection& connection, std::string name, std::function<void()> changed);

    // Each time the connection is ready.
    Result<void> begin();
    // The connection is lost: nobody has the name, and CHANGED is not called for that.
    void forget();

    bool is_known() const { return is_known_; }
    // A unique name, ":1.5"; empty: nobody has it, or that is not known.
    const std::string& owner() const { return owner_; }

  private:
    void set(std::string owner);

    bus::LoopConnection& connection_;
    const std::string name_;
    const std::function<void()> changed_;
    bool is_known_ = false;
    std::string owner_;
};

} // namespace mandos::server
