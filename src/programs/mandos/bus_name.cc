#include "programs/mandos/bus_name.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "base/error.h"

namespace mandos::server {

namespace {

// D-Bus specification, "Message Bus Messages". The bus itself is the only one who can send in its name.
constexpr const char* driver = "org.freedesktop.DBus";
constexpr const char* driver_path = "/org/freedesktop/DBus";

} // namespace

BusName::BusName(bus::LoopConnection& connection, std::string name, std::function<void()> changed)
    : connection_(connection), name_(std::move(name)), changed_(std::move(changed)) {}

Result<void> BusName::begin() {
    const std::string rule =
        fmt::format("type='signal',sender='{}',path='{}',interface='{}',member='NameOwnerChanged',arg0='{}'",
                    driver, driver_path, driver, name_);
    MANDOS_TRY(connection_.watch(rule, [this](const bus::ReceivedSignal& signal) {
        if (signal.arguments.size() == 3)
            if (const auto* const now = signal.arguments[2].get_if<std::string>())
                set(*now);
    }));
    return connection_.call({.destination = driver,
                             .path = driver_path,
                             .interface = driver,
                             .method = "GetNameOwner",
                             .signature = "s",
                             .arguments = {name_}},
                            [this](const Result<std::vector<bus::Value>>& answer) {
                                const auto* const owner = answer && !answer->empty()
                                                              ? answer->front().get_if<std::string>()
                                                              : nullptr;
                                set(owner == nullptr ? std::string() : *owner); // an error: nobody
                            });
}

void BusName::forget() {
    is_known_ = false;
    owner_.clear();
}

void BusName::set(std::string owner) {
    if (std::exchange(is_known_, true) && owner == owner_)
        return;
    owner_ = std::move(owner);
    changed_();
}

} // namespace mandos::server
