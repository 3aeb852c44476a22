// The properties of a client's object on D-Bus, how each is read and what writing it does.
#pragma once

#include <string_view>

#include "adapters/bus/interface.h"
#include "core/actions.h"
#include "programs/mandos/client_object.h"

namespace mandos::server {

using ClientProperties = decltype(bus::Interface<ClientObject>::properties);

ClientProperties client_properties();

// The name of PROPERTY there.
std::string_view bus_name(core::Property property);

} // namespace mandos::server
