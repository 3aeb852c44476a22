// Implements server.h: what the server's signals do.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/facts.h"
#include "programs/mandos-monitor/mandos_names.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/server.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

namespace {

constexpr std::size_t peers_kept = 20;

// The argument at INDEX if the signal has one of that type, else nullptr.
template <class T>
const T* argument(const bus::ReceivedSignal& signal, std::size_t index) {
    return index < signal.arguments.size() ? signal.arguments[index].get_if<T>() : nullptr;
}

std::string text_argument(const bus::ReceivedSignal& signal, std::size_t index) {
    const auto* const text = argument<std::string>(signal, index);
    return text == nullptr ? std::string() : shown(*text);
}

std::string path_argument(const bus::ReceivedSignal& signal, std::size_t index) {
    const auto* const path = argument<bus::ObjectPath>(signal, index);
    return path == nullptr ? std::string() : path->text;
}

} // namespace

void Server::on_name_owner_changed(const bus::ReceivedSignal& signal) {
    const auto* const owner = argument<std::string>(signal, 2);
    // The answer to the question at the start may have told the same already.
    if (owner != nullptr && *owner != owner_)
        take_owner(*owner);
}

void Server::on_server_signal(const bus::ReceivedSignal& signal) {
    if (signal.sender != owner_ || signal.member != "ClientNotFound")
        return;
    say(fmt::format("Refused: unknown key ID {} from {}", text_argument(signal, 0),
                    text_argument(signal, 1)));
}

void Server::on_object_signal(const bus::ReceivedSignal& signal) {
    if (signal.sender != owner_)
        return;
    const std::string path = path_argument(signal, 0);
    if (signal.member == "InterfacesAdded") {
        if (const auto* const interfaces = argument<bus::Dictionary>(signal, 1))
            add_client(path, *interfaces);
        return;
    }
    const auto* const gone = argument<bus::Strings>(signal, 1);
    const Client* const client = model_.find(path);
    if (signal.member != "InterfacesRemoved" || gone == nullptr || client == nullptr
        || std::ranges::find(*gone, client_interface) == gone->end())
        return;
    // A server that stops tells this of each of its clients.
    say(fmt::format("Client {}: removed", shown(client->name)), Model::Detail::Verbose);
    model_.remove(path);
}

void Server::add_client(const std::string& path, const bus::Dictionary& interfaces) {
    const bus::Value* const properties = bus::find(interfaces, client_interface);
    const auto* const told = properties == nullptr ? nullptr : properties->get_if<bus::Dictionary>();
    if (told == nullptr)
        return;
    Client client = client_at(path);
    take_properties(client, *told);
    const bool asked = client.approval_pending;
    model_.put(std::move(client));
    changed_ = true;
    if (asked)
        read_peers(path);
}

void Server::on_properties_changed(const bus::ReceivedSignal& signal) {
    const auto* const told = argument<bus::Dictionary>(signal, 1);
    if (signal.sender != owner_ || told == nullptr)
        return;
    if (signal.path == "/") {
        const bus::Value* const value = bus::find(*told, "Lockdown");
        if (const bool* const on = value == nullptr ? nullptr : value->get_if<bool>()) {
            model_.set_lockdown(*on ? Model::Lockdown::On : Model::Lockdown::Off);
            say(*on ? "Lockdown: the server gives out no secret" : "Lockdown is over");
        }
        return;
    }
    const Client* const known = model_.find(signal.path);
    if (known == nullptr)
        return;
    Client client = *known;
    take_properties(client, *told);
    if (client == *known)
        return;
    model_.put(std::move(client));
    changed_ = true;
}

void Server::on_client_signal(const bus::ReceivedSignal& signal) {
    const Client* const client = model_.find(signal.path);
    if (signal.sender != owner_ || client == nullptr)
        return;
    const std::string name = shown(client->name);
    if (signal.member == "CheckerStarted")
        say(fmt::format("Client {}: checker started: {}", name, text_argument(signal, 0)),
            Model::Detail::Verbose);
    else if (signal.member == "CheckerCompleted")
        tell_checker_completed(name, signal);
    else if (signal.member == "GotSecret")
        say(fmt::format("Client {}: got its secret", name));
    else if (signal.member == "Rejected")
        say(fmt::format("Client {}: refused: {}", name, text_argument(signal, 0)));
    else if (signal.member == "NeedApproval")
        tell_approval_needed(name, signal);
    else if (signal.member == "ApprovalNeeded")
        take_peer(name, signal);
}

void Server::tell_checker_completed(const std::string& name, const bus::ReceivedSignal& signal) {
    const auto* const code = argument<std::int16_t>(signal, 0);
    const auto* const wait_status = argument<std::int64_t>(signal, 1);
    if (code == nullptr || wait_status == nullptr)
        return;
    const std::string command = text_argument(signal, 2);
    constexpr int crashed = -1;
    constexpr std::int64_t signal_bits = 0x7F; // wait(2): WTERMSIG
    if (*code == 0)
        say(fmt::format("Client {}: checker succeeded: {}", name, command), Model::Detail::Verbose);
    else if (*code == crashed)
        say(fmt::format("Client {}: checker was ended by signal {}: {}", name, *wait_status & signal_bits,
                        command));
    else
        say(fmt::format("Client {}: checker failed with exit status {}: {}", name, *code, command));
}

void Server::tell_approval_needed(const std::string& name, const bus::ReceivedSignal& signal) {
    const auto* const delay = argument<std::uint64_t>(signal, 0);
    const auto* const by_default = argument<bool>(signal, 1);
    if (delay == nullptr || by_default == nullptr)
        return;
    constexpr std::uint64_t day = std::uint64_t{24} * 3600 * 1000;
    const std::string time = countdown(std::chrono::milliseconds(std::min(*delay, 1000 * day)));
    if (*by_default)
        say(fmt::format("Client {}: asks for its secret and gets it in {}; (d)eny?", name, time));
    else
        say(fmt::format("Client {}: asks for its secret and is denied it in {}; (a)pprove?", name, time));
}

void Server::take_peer(const std::string& name, const bus::ReceivedSignal& signal) {
    const auto* const peer = argument<std::string>(signal, 2);
    const Client* const known = model_.find(signal.path);
    if (peer == nullptr || known == nullptr)
        return;
    say(fmt::format("Client {}: the one who asks is {}", name, shown(*peer)));
    Client client = *known;
    if (client.peers.size() == peers_kept || std::ranges::find(client.peers, *peer) != client.peers.end())
        return;
    client.peers.push_back(*peer);
    client.approval_pending = true; // the property's own signal may come later
    model_.put(std::move(client));
    read_peers(signal.path);
}

void Server::take_peers(const std::string& path, const bus::Strings& peers) {
    const Client* const known = model_.find(path);
    if (known == nullptr || known->peers == peers)
        return;
    Client client = *known;
    client.peers.assign(peers.begin(),
                        peers.begin() + std::min(std::ssize(peers), std::ptrdiff_t{peers_kept}));
    model_.put(std::move(client));
    changed_ = true;
}

} // namespace mandos::monitor
