#include "programs/mandos-ctl/json.h"

#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "programs/mandos-ctl/client.h"

namespace mandos::ctl {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const bus::Value& value) {
    return std::visit(
        [](const auto& data) -> Json {
            using Data = std::remove_cvref_t<decltype(data)>;
            if constexpr (std::is_arithmetic_v<Data> || std::is_same_v<Data, std::string>)
                return data;
            else if constexpr (std::is_same_v<Data, bus::ObjectPath>)
                return data.text;
            else
                return nullptr; // no field of a client is a list
        },
        value.data());
}

} // namespace

Result<std::string> write_json(std::span<const Client> clients) {
    Json all = Json::object();
    for (const Client& client : clients) {
        Json one = Json::object();
        for (const Field& field : all_fields())
            one[std::string(field.property)] = to_json(MANDOS_TRY(client.property(field.property)));
        all[client.name] = std::move(one);
    }
    constexpr int indentation = 4;
    // Text from D-Bus is UTF-8; were it not, this would be no reason to end in an exception.
    return all.dump(indentation, ' ', true, Json::error_handler_t::replace) + "\n";
}

} // namespace mandos::ctl
