// What mandos-ctl does to a client, as the command line says it. Values only: server.h carries them out.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "adapters/bus/value.h"

namespace mandos::ctl {

// Sets a property of the D-Bus interface se.recompile.Mandos.Client; VALUE has the property's own type.
struct SetProperty {
    std::string_view property;
    bus::Value value;
};

// Answers the requests of a client that wait for approval.
enum class Approval { Approve, Deny };

// Has the server forget the client. One that clients.conf has stays away until it is no longer there; from a
// server of 1.8, until that starts again.
struct Remove {};

// Ends the program: status 0 if the client is enabled, else 1.
struct IsEnabled {};

using Action = std::variant<SetProperty, Approval, Remove, IsEnabled>;

// OPTION is the name of the option that asked for it, without the dashes.
struct Step {
    std::string_view option;
    Action action;
};

} // namespace mandos::ctl
