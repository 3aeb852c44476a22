// A message bus of the test's own, run by dbus-daemon(1) in a folder of its own.
#pragma once

#include <sys/types.h>

#include <string>

namespace mandos::test {

class PrivateBus {
  public:
    // POLICY: the elements of its configuration that say who may do what.
    explicit PrivateBus(const std::string& policy = everything);
    PrivateBus(const PrivateBus&) = delete;
    PrivateBus& operator=(const PrivateBus&) = delete;
    ~PrivateBus();

    // Returns when it takes connections.
    void start();
    void kill();
    void pause();
    void go_on();

    const std::string& address() const { return address_; }

    static const std::string everything;

  private:
    std::string folder_;
    std::string address_;
    pid_t process_ = -1;
};

} // namespace mandos::test
