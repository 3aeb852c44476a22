#include "programs/mandos-ctl/client.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::ctl {

namespace {

constexpr std::array<Field, 20> fields{{
    {"Name", "Name"},
    {"Enabled", "Enabled"},
    {"Timeout", "Timeout", Look::Time},
    {"LastCheckedOK", "Last Successful Check"},
    {"Created", "Created"},
    {"Interval", "Interval", Look::Time},
    {"Host", "Host"},
    {"KeyID", "Key ID"},
    {"Fingerprint", "Fingerprint"},
    {"CheckerRunning", "Check Is Running"},
    {"LastEnabled", "Last Enabled"},
    {"ApprovalPending", "Approval Is Pending"},
    {"ApprovedByDefault", "Approved By Default"},
    {"LastApprovalRequest", "Last Approval Request"},
    {"ApprovalDelay", "Approval Delay", Look::Time},
    {"ApprovalDuration", "Approval Duration", Look::Time},
    {"Checker", "Checker"},
    {"ExtendedTimeout", "Extended Timeout", Look::Time},
    {"Expires", "Expires"},
    {"LastCheckerStatus", "Last Checker Status"},
}};
constexpr std::size_t few = 4;

Result<Client> read_client(const std::string& path, const bus::Dictionary& properties) {
    const bus::Value* const name = bus::find(properties, "Name");
    const std::string* const text = name == nullptr ? nullptr : name->get_if<std::string>();
    if (text == nullptr)
        return fail(ErrorKind::Invalid, "the server's client {} has no name", quoted(path));
    return Client{.name = *text, .path = {path}, .properties = properties};
}

} // namespace

Result<bus::Value> Client::property(std::string_view property_name) const {
    const bus::Value* const value = bus::find(properties, property_name);
    if (value == nullptr)
        return fail(ErrorKind::Invalid, "client {}: the server does not tell its property {}", quoted(name),
                    property_name);
    return *value;
}

Result<bool> Client::is_enabled() const {
    const bus::Value enabled = MANDOS_TRY(property("Enabled"));
    const bool* const truth = enabled.get_if<bool>();
    if (truth == nullptr)
        return fail(ErrorKind::Invalid, "client {}: the server's property Enabled is neither true nor false",
                    quoted(name));
    return *truth;
}

std::span<const Field> all_fields() {
    return fields;
}

std::span<const Field> few_fields() {
    return all_fields().first(few);
}

Result<std::vector<Client>> read_clients(const bus::Value& objects) {
    const auto* const paths = objects.get_if<bus::Dictionary>();
    if (paths == nullptr)
        return fail(ErrorKind::Invalid, "the server's answer is no list of objects");
    std::vector<Client> clients;
    for (const auto& [path, value] : *paths) {
        const auto* const interfaces = value.get_if<bus::Dictionary>();
        const bus::Value* const ours =
            interfaces == nullptr ? nullptr : bus::find(*interfaces, client_interface);
        const auto* const properties = ours == nullptr ? nullptr : ours->get_if<bus::Dictionary>();
        if (properties != nullptr)
            clients.push_back(MANDOS_TRY(read_client(path, *properties)));
    }
    std::ranges::sort(clients, {}, &Client::name);
    return clients;
}

Result<std::vector<Client>> choose(std::vector<Client> clients, std::span<const std::string> names) {
    if (names.empty())
        return clients;
    std::vector<Client> chosen;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(clients, name, &Client::name);
        if (found == clients.end())
            return fail(ErrorKind::NotFound, "the server has no client {}", quoted(name));
        if (std::ranges::find(chosen, name, &Client::name) == chosen.end())
            chosen.push_back(*found);
    }
    return chosen;
}

} // namespace mandos::ctl
