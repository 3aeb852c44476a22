#include "adapters/bus/value.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"

namespace mandos::bus {

namespace {

struct Natural {
    std::string operator()(bool /*value*/) const { return "b"; }
    std::string operator()(std::uint8_t /*value*/) const { return "y"; }
    std::string operator()(std::int16_t /*value*/) const { return "n"; }
    std::string operator()(std::uint16_t /*value*/) const { return "q"; }
    std::string operator()(std::int32_t /*value*/) const { return "i"; }
    std::string operator()(std::uint32_t /*value*/) const { return "u"; }
    std::string operator()(std::int64_t /*value*/) const { return "x"; }
    std::string operator()(std::uint64_t /*value*/) const { return "t"; }
    std::string operator()(double /*value*/) const { return "d"; }
    std::string operator()(const std::string& /*value*/) const { return "s"; }
    std::string operator()(const ObjectPath& /*value*/) const { return "o"; }
    std::string operator()(const Bytes& /*value*/) const { return "ay"; }
    std::string operator()(const Secret& /*value*/) const { return "ay"; }
    std::string operator()(const Strings& /*value*/) const { return "as"; }
    std::string operator()(const Dictionary& /*value*/) const { return "a{sv}"; }
    std::string operator()(const Array& elements) const {
        if (elements.empty())
            return "av";
        const std::string first = natural_signature(elements.front());
        const bool alike = std::ranges::all_of(
            elements, [&first](const Value& element) { return natural_signature(element) == first; });
        return alike ? "a" + first : "av";
    }
};

} // namespace

const Value* find(const Dictionary& dictionary, std::string_view key) {
    const auto found =
        std::ranges::find_if(dictionary, [key](const auto& entry) { return entry.first == key; });
    return found == dictionary.end() ? nullptr : &found->second;
}

std::string natural_signature(const Value& value) {
    return std::visit(Natural{}, value.data());
}

} // namespace mandos::bus
