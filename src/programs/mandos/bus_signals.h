// BusSignals: tells whoever listens on D-Bus what happens, in the words of each object's present and former
// interface. Whether there is a bus, and which objects are on it, is BusService's business. On its strand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/value.h"
#include "core/actions.h"
#include "programs/mandos/client_object.h"

namespace mandos::server {

class BusSignals {
  public:
    // CONNECTION outlives it.
    explicit BusSignals(bus::LoopConnection& connection) : connection_(connection) {}

    // Of "/".
    void client_added(const ClientObject& object);
    void client_removed(const std::string& path, const std::string& name);
    void client_not_found(const core::Refuse& refused);
    void lockdown_changed(bool on);

    // Of a client's object at PATH.
    void property_changed(const ClientObject& object, core::Property property);
    void approval_needed(const std::string& path, const core::AwaitApproval& wait);
    void rejected(const std::string& path, core::Refusal reason);
    void got_secret(const std::string& path);
    void checker_started(const std::string& path, const std::string& command);
    // WAIT_STATUS as waitpid(2) gives it.
    void checker_completed(const std::string& path, int wait_status, const std::string& command);

  private:
    void emit_server(std::string_view member, const char* signature, const std::vector<bus::Value>& values);
    void emit_client(const std::string& path, std::string_view member, const char* signature,
                     const std::vector<bus::Value>& values);
    void emit(std::string_view path, std::string_view interface, std::string_view member,
              std::string_view signature, std::vector<bus::Value> values);

    bus::LoopConnection& connection_;
};

} // namespace mandos::server
