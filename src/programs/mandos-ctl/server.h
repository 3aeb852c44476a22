// The Mandos server, asked over D-Bus. One call after the other, each with a time limit.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "adapters/bus/bus.h"
#include "base/error.h"
#include "programs/mandos-ctl/action.h"
#include "programs/mandos-ctl/client.h"

namespace mandos::ctl {

enum class Trace { Off, On }; // On: each call is shown on standard error, without secrets

class Server {
  public:
    explicit Server(bus::Bus bus, Trace trace = Trace::Off) : bus_(std::move(bus)), trace_(trace) {}

    // Sorted by name. Errors as Bus::call() has them.
    Result<std::vector<Client>> clients(std::chrono::milliseconds limit = std::chrono::seconds(25));

    Result<void> set(const Client& client, const SetProperty& property);
    Result<void> answer(const Client& client, Approval approval);
    Result<void> remove(const Client& client);

    // What servers of 1.8 do not have (Unsupported): a method of the server, or of a client without
    // arguments, and the lockdown.
    Result<std::vector<bus::Value>> ask(std::string method, std::string signature,
                                        std::vector<bus::Value> arguments,
                                        std::chrono::milliseconds limit = std::chrono::seconds(25));
    Result<std::vector<bus::Value>> ask_client(const Client& client, std::string method);
    Result<bool> lockdown();
    Result<void> set_lockdown(bool on);

  private:
    Result<std::vector<bus::Value>> call(const bus::Call& call);

    bus::Bus bus_;
    Trace trace_;
};

// A call for people: se.recompile.Mandos:/clients/one:INTERFACE.METHOD("text", 300000, true).
std::string describe(const bus::Call& call);

} // namespace mandos::ctl
