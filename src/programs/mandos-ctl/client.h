// A client as the server tells about it on D-Bus, and the 20 fields that people see of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus/value.h"
#include "base/error.h"

namespace mandos::ctl {

constexpr std::string_view client_interface = "se.recompile.Mandos.Client";

struct Client {
    std::string name;
    bus::ObjectPath path;
    bus::Dictionary properties; // by their D-Bus names

    // Invalid: it has no such property.
    Result<bus::Value> property(std::string_view property_name) const;
    Result<bool> is_enabled() const;
};

enum class Look { AsItIs, Time }; // a time is a number of milliseconds

struct Field {
    std::string_view property;
    std::string_view header; // in the table
    Look look = Look::AsItIs;
};

// In the order of the table and of the JSON; the table shows the first few_fields where it is not asked for
// all.
std::span<const Field> all_fields();
std::span<const Field> few_fields();

// The clients in OBJECTS, which is what GetManagedObjects returns: for each object path its interfaces, for
// each of these its properties. Sorted by name, other objects left out. Invalid: OBJECTS is something else,
// or a client has no name.
Result<std::vector<Client>> read_clients(const bus::Value& objects);

// Those of NAMES in that order, each once; without NAMES all of CLIENTS. NotFound: there is no client of a
// name.
Result<std::vector<Client>> choose(std::vector<Client> clients, std::span<const std::string> names);

} // namespace mandos::ctl
