#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/message.h"
#include "adapters/bus/value.h"
#include "base/bytes.h"
#include "base/error.h"

namespace mandos::bus {

namespace {

// The library has checked every message it gives out, so that an error in reading is rare: memory, or a bug.
Result<void> must(int code) {
    if (code < 0)
        return fail_errno(-code, "cannot read a D-Bus message");
    return {};
}

Result<Value> read_value(sd_bus_message* message);

template <class Wire>
Result<Wire> read_basic(sd_bus_message* message, char type) {
    Wire wire{};
    MANDOS_TRY(must(sd_bus_message_read_basic(message, type, &wire)));
    return wire;
}

template <class Wire>
Result<Value> read_number(sd_bus_message* message, char type) {
    return Value(MANDOS_TRY(read_basic<Wire>(message, type)));
}

Result<bool> at_end(sd_bus_message* message) {
    const int code = sd_bus_message_at_end(message, 0);
    MANDOS_TRY(must(code));
    return code > 0;
}

Result<Value> read_bytes(sd_bus_message* message) {
    const void* start = nullptr;
    std::size_t size = 0;
    MANDOS_TRY(must(sd_bus_message_read_array(message, SD_BUS_TYPE_BYTE, &start, &size)));
    const auto* const bytes = static_cast<const std::byte*>(start);
    return Value(Bytes(bytes, bytes + size));
}

Result<Array> read_elements(sd_bus_message* message, char container, const char* contents) {
    MANDOS_TRY(must(sd_bus_message_enter_container(message, container, contents)));
    Array elements;
    while (!MANDOS_TRY(at_end(message)))
        elements.push_back(MANDOS_TRY(read_value(message)));
    MANDOS_TRY(must(sd_bus_message_exit_container(message)));
    return elements;
}

struct KeyText {
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const ObjectPath& path) const { return path.text; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    template <class Number>
    std::string operator()(const Number& number) const {
        if constexpr (std::is_arithmetic_v<Number>)
            return fmt::format("{}", number);
        else
            return {}; // the keys of dictionaries are of basic types (D-Bus specification, "Container types")
    }
};

Result<Value> read_dictionary(sd_bus_message* message, const char* contents) {
    const std::string entry(contents + 1, std::string_view(contents).size() - 2); // without the braces
    MANDOS_TRY(must(sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, contents)));
    Dictionary dictionary;
    while (!MANDOS_TRY(at_end(message))) {
        Array pair = MANDOS_TRY(read_elements(message, SD_BUS_TYPE_DICT_ENTRY, entry.c_str()));
        dictionary.emplace_back(std::visit(KeyText{}, pair.at(0).data()), std::move(pair.at(1)));
    }
    MANDOS_TRY(must(sd_bus_message_exit_container(message)));
    return Value(std::move(dictionary));
}

Result<Value> read_strings(sd_bus_message* message) {
    Strings strings;
    MANDOS_TRY(must(sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s")));
    while (!MANDOS_TRY(at_end(message)))
        strings.emplace_back(MANDOS_TRY(read_basic<const char*>(message, SD_BUS_TYPE_STRING)));
    MANDOS_TRY(must(sd_bus_message_exit_container(message)));
    return Value(std::move(strings));
}

Result<Value> read_array(sd_bus_message* message, const char* contents) {
    const std::string_view element = contents;
    if (element == "y")
        return read_bytes(message);
    if (element == "s")
        return read_strings(message);
    if (element.starts_with('{'))
        return read_dictionary(message, contents);
    return Value(MANDOS_TRY(read_elements(message, SD_BUS_TYPE_ARRAY, contents)));
}

Result<Value> read_variant(sd_bus_message* message, const char* contents) {
    MANDOS_TRY(must(sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, contents)));
    Value value = MANDOS_TRY(read_value(message));
    MANDOS_TRY(must(sd_bus_message_exit_container(message)));
    return value;
}

Result<Value> read_value(sd_bus_message* message) {
    char type = 0;
    const char* contents = nullptr;
    MANDOS_TRY(must(sd_bus_message_peek_type(message, &type, &contents)));
    switch (type) {
    case SD_BUS_TYPE_BOOLEAN:
        return Value(MANDOS_TRY(read_basic<int>(message, type)) != 0);
    case SD_BUS_TYPE_BYTE:
        return read_number<std::uint8_t>(message, type);
    case SD_BUS_TYPE_INT16:
        return read_number<std::int16_t>(message, type);
    case SD_BUS_TYPE_UINT16:
        return read_number<std::uint16_t>(message, type);
    case SD_BUS_TYPE_INT32:
        return read_number<std::int32_t>(message, type);
    case SD_BUS_TYPE_UINT32:
        return read_number<std::uint32_t>(message, type);
    case SD_BUS_TYPE_INT64:
        return read_number<std::int64_t>(message, type);
    case SD_BUS_TYPE_UINT64:
        return read_number<std::uint64_t>(message, type);
    case SD_BUS_TYPE_DOUBLE:
        return read_number<double>(message, type);
    case SD_BUS_TYPE_STRING:
    case SD_BUS_TYPE_SIGNATURE:
        return Value(std::string(MANDOS_TRY(read_basic<const char*>(message, type))));
    case SD_BUS_TYPE_OBJECT_PATH:
        return Value(ObjectPath{MANDOS_TRY(read_basic<const char*>(message, type))});
    case SD_BUS_TYPE_ARRAY:
        return read_array(message, contents);
    case SD_BUS_TYPE_VARIANT:
        return read_variant(message, contents);
    case SD_BUS_TYPE_STRUCT:
    case SD_BUS_TYPE_DICT_ENTRY:
        return Value(MANDOS_TRY(read_elements(message, type, contents)));
    default: // of the library's characters, not an enum of ours
        return fail(ErrorKind::Unsupported, "a D-Bus message has a value of the type '{}'", type);
    }
}

} // namespace

Result<std::vector<Value>> read_all(sd_bus_message* message) {
    MANDOS_TRY(must(sd_bus_message_rewind(message, 1)));
    std::vector<Value> values;
    while (!MANDOS_TRY(at_end(message)))
        values.push_back(MANDOS_TRY(read_value(message)));
    return values;
}

} // namespace mandos::bus
