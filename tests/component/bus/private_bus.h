// A D-Bus daemon of the test's own that stands in for the system bus, and a peer on it that answers with what
// it is sent.
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.h"

namespace mandos::test {

// From its construction to its end $DBUS_SYSTEM_BUS_ADDRESS leads to it.
class PrivateBus {
  public:
    PrivateBus();
    ~PrivateBus();
    PrivateBus(const PrivateBus&) = delete;
    PrivateBus& operator=(const PrivateBus&) = delete;

  private:
    std::string folder_;
    int process_ = -1;
};

// A socket that takes connections and never says a word, where PrivateBus would be.
class SilentBus {
  public:
    SilentBus();
    ~SilentBus();
    SilentBus(const SilentBus&) = delete;
    SilentBus& operator=(const SilentBus&) = delete;

  private:
    std::string folder_;
    UniqueFd socket_;
};

// Owns the name "test.Peer" on the system bus, in a thread of its own. Any object, any interface; methods:
//   Echo       its arguments
//   Signature  the D-Bus signature of its arguments
//   Fail       error "test.Error.Failed" with its argument as message
//   Quiet      no answer at all
//   Descriptor a file descriptor
class Peer {
  public:
    Peer();
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    static constexpr const char* name = "test.Peer";

  private:
    struct Service;
    std::unique_ptr<Service> service_;
};

} // namespace mandos::test
