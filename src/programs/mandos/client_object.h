// A client as it is seen on D-Bus: the interface se.recompile.Mandos.Client and its former twin, member by
// member (client_object.cc).
#pragma once

#include <string>
#include <string_view>

#include "adapters/bus/interface.h"
#include "adapters/bus/value.h"
#include "core/actions.h"
#include "core/clients.h"
#include "programs/mandos/desk.h"

namespace mandos::server {

inline constexpr std::string_view client_interface = "se.recompile.Mandos.Client";
inline constexpr std::string_view former_client_interface = "se.bsnet.fukt.Mandos.Client";

// One client while one call is answered.
struct ClientObject {
    const core::Client& client;
    const std::string& path;
    Desk& desk;
};

// Both interfaces, the present one first.
const bus::Interfaces<ClientObject>& client_interfaces();

// All interfaces of the client with their properties, as ObjectManager lists them: no secret is among them.
bus::Dictionary listed(const ClientObject& object);
// The names of these interfaces.
bus::Strings listed_interfaces();

// What reads the value of PROPERTY; nullptr: it cannot be read.
bus::Value (*getter(core::Property property))(const ClientObject& object);

} // namespace mandos::server
