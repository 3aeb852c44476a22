// The server as it is seen on D-Bus, at "/": the interface se.recompile.Mandos, its former twin and
// ObjectManager, member by member (server_object.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/bus/interface.h"
#include "adapters/bus/value.h"
#include "programs/mandos/desk.h"
#include "programs/mandos/log_queries.h"
#include "programs/mandos/object_paths.h"

namespace mandos::server {

inline constexpr std::string_view server_interface = "se.recompile.Mandos";
inline constexpr std::string_view former_server_interface = "se.bsnet.fukt.Mandos";
inline constexpr std::string_view object_manager_interface = "org.freedesktop.DBus.ObjectManager";
inline constexpr std::string_view server_path = "/";

struct ListeningOn {
    std::string address; // empty: all
    std::uint16_t port = 0;
};

struct ServerObject {
    Desk& desk;
    ObjectPaths& paths;
    LogQueries& log;
    const ListeningOn& listening_on;
};

const bus::Interfaces<ServerObject>& server_interfaces();

} // namespace mandos::server
