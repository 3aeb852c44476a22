// What the server says about its clients on the bus (D-Bus properties of se.recompile.Mandos.Client), into
// the monitor's own words. What is missing or has another type than it should changes nothing.
#pragma once

#include <string>

#include "adapters/bus/value.h"
#include "programs/mandos-monitor/client.h"

namespace mandos::monitor {

// A client of which nothing but its object is known; its name is the path's end until the server tells it.
Client client_at(std::string path);

// Takes over what PROPERTIES have.
void take_properties(Client& client, const bus::Dictionary& properties);

} // namespace mandos::monitor
