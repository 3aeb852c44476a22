// Hears all signals on the bus but those of nameless connections, as one line of text each; and shows values
// as text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"

namespace mandos::test {

// true, 5, 'text', /path, [1, 2], {key: value}, 3 bytes
std::string show(const bus::Value& value);
std::string show(const std::vector<bus::Value>& values);

class Listener {
  public:
    Listener(); // on the bus of $DBUS_SYSTEM_BUS_ADDRESS
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Until a line has TEXT in it, that one included, and from the last call on: "PATH
    // INTERFACE.MEMBER(VALUES)". "se.recompile.Mandos" is shortened to "new", the former name to "old",
    // "org.freedesktop.DBus" to "dbus". Fails the test if there is none within 10 s.
    std::vector<std::string> until(std::string_view text);

  private:
    bus::Bus bus_;
    std::vector<std::string> lines_;
};

} // namespace mandos::test
