// The acts on a client that need nothing but its name: methods of its object, and properties that stand for
// them. Used by client_object.cc and client_properties.cc.
#pragma once

#include <utility>
#include <vector>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/value.h"
#include "core/events.h"
#include "programs/mandos/client_object.h"

namespace mandos::server {

// Says who wants it.
template <class Act>
void act(ClientObject& object, const std::vector<bus::Value>& /*none*/, bus::IncomingCall call) {
    core::Event event = Act{.client = object.client.id, .actor = call.actor()};
    object.desk.act(std::move(event), std::move(call));
}

template <class Act>
void act_unnamed(ClientObject& object, const std::vector<bus::Value>& /*none*/, bus::IncomingCall call) {
    object.desk.act(Act{.client = object.client.id}, std::move(call));
}

} // namespace mandos::server
