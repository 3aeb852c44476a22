#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <systemd/sd-bus.h>

#include "adapters/bus/message.h"
#include "adapters/bus/value.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::bus {

namespace {

Result<void> must(int code) {
    if (code == -EINVAL)
        return fail(ErrorKind::Invalid, "a value is not what D-Bus allows here");
    if (code < 0)
        return fail_errno(-code, "cannot write a D-Bus message");
    return {};
}

std::unexpected<Error> fail_type(std::string_view type, const Value& value) {
    return fail(ErrorKind::Invalid, "expected a value of the D-Bus type {}, got one of {}", quoted(type),
                quoted(natural_signature(value)));
}

// The size of the complete type that SIGNATURE begins with (D-Bus specification, "Type System").
std::size_t size_of_type(std::string_view signature) {
    std::size_t size = 0;
    while (size < signature.size() && signature[size] == 'a')
        ++size;
    std::size_t depth = 0;
    for (; size < signature.size(); ++size) {
        const char letter = signature[size];
        if (letter == '(' || letter == '{')
            ++depth;
        else if (letter == ')' || letter == '}')
            --depth;
        if (depth == 0)
            return size + 1;
    }
    check(false, "signatures are written in this program, and are complete");
    return 0;
}

Result<void> append_value(sd_bus_message* message, std::string_view type, const Value& value);

template <class Target>
Result<void> append_integer(sd_bus_message* message, std::string_view type, const Value& value) {
    const auto number = std::visit(
        [](const auto& data) -> std::optional<Target> {
            using Data = std::remove_cvref_t<decltype(data)>;
            if constexpr (std::is_integral_v<Data> && !std::is_same_v<Data, bool>)
                if (std::in_range<Target>(data))
                    return static_cast<Target>(data);
            return std::nullopt;
        },
        value.data());
    if (!number)
        return fail_type(type, value);
    return must(sd_bus_message_append_basic(message, type.front(), &*number));
}

Result<void> append_bool(sd_bus_message* message, const Value& value) {
    const bool* const truth = value.get_if<bool>();
    if (truth == nullptr)
        return fail_type("b", value);
    const int wire = *truth ? 1 : 0;
    return must(sd_bus_message_append_basic(message, SD_BUS_TYPE_BOOLEAN, &wire));
}

Result<void> append_double(sd_bus_message* message, const Value& value) {
    const double* const number = value.get_if<double>();
    if (number == nullptr)
        return fail_type("d", value);
    return must(sd_bus_message_append_basic(message, SD_BUS_TYPE_DOUBLE, number));
}

Result<void> append_text(sd_bus_message* message, char type, const std::string* text, const Value& value) {
    // A NUL byte would end the text early without a word.
    if (text == nullptr || text->find('\0') != std::string::npos)
        return fail_type(std::string_view(&type, 1), value);
    return must(sd_bus_message_append_basic(message, type, text->c_str()));
}

Result<void> append_bytes(sd_bus_message* message, const Value& value) {
    if (const Bytes* const bytes = value.get_if<Bytes>())
        return must(sd_bus_message_append_array(message, SD_BUS_TYPE_BYTE, bytes->data(), bytes->size()));
    const Secret* const secret = value.get_if<Secret>();
    if (secret == nullptr)
        return fail_type("ay", value);
    MANDOS_TRY(must(sd_bus_message_sensitive(message)));
    const ByteView bytes = (*secret)->reveal();
    return must(sd_bus_message_append_array(message, SD_BUS_TYPE_BYTE, bytes.data(), bytes.size()));
}

Result<void> append_entry(sd_bus_message* message, std::string_view entry, const std::string& key,
                          const Value& value) {
    const std::string contents(entry.substr(1, entry.size() - 2));
    MANDOS_TRY(must(sd_bus_message_open_container(message, SD_BUS_TYPE_DICT_ENTRY, contents.c_str())));
    const char key_type = contents.front();
    check(key_type == 's' || key_type == 'o', "dictionaries are written with text for keys");
    MANDOS_TRY(append_text(message, key_type, &key, value));
    MANDOS_TRY(append_value(message, std::string_view(contents).substr(1), value));
    return must(sd_bus_message_close_container(message));
}

Result<void> append_array(sd_bus_message* message, std::string_view type, const Value& value) {
    const std::string element(type.substr(1));
    if (element == "y")
        return append_bytes(message, value);
    MANDOS_TRY(must(sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, element.c_str())));
    if (element.starts_with('{')) {
        const auto* const dictionary = value.get_if<Dictionary>();
        if (dictionary == nullptr)
            return fail_type(type, value);
        for (const auto& [key, entry] : *dictionary)
            MANDOS_TRY(append_entry(message, element, key, entry));
    } else if (const auto* const strings = value.get_if<Strings>()) {
        for (const std::string& text : *strings)
            MANDOS_TRY(append_value(message, element, Value(text)));
    } else if (const auto* const array = value.get_if<Array>()) {
        for (const Value& item : *array)
            MANDOS_TRY(append_value(message, element, item));
    } else {
        return fail_type(type, value);
    }
    return must(sd_bus_message_close_container(message));
}

Result<void> append_struct(sd_bus_message* message, std::string_view type, const Value& value) {
    const auto* const members = value.get_if<Array>();
    if (members == nullptr)
        return fail_type(type, value);
    const std::string contents(type.substr(1, type.size() - 2));
    MANDOS_TRY(must(sd_bus_message_open_container(message, SD_BUS_TYPE_STRUCT, contents.c_str())));
    MANDOS_TRY(append(message, contents, *members));
    return must(sd_bus_message_close_container(message));
}

Result<void> append_variant(sd_bus_message* message, const Value& value) {
    const std::string contents = natural_signature(value);
    MANDOS_TRY(must(sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT, contents.c_str())));
    MANDOS_TRY(append_value(message, contents, value));
    return must(sd_bus_message_close_container(message));
}

Result<void> append_value(sd_bus_message* message, std::string_view type, const Value& value) {
    switch (type.front()) {
    case SD_BUS_TYPE_BOOLEAN:
        return append_bool(message, value);
    case SD_BUS_TYPE_BYTE:
        return append_integer<std::uint8_t>(message, type, value);
    case SD_BUS_TYPE_INT16:
        return append_integer<std::int16_t>(message, type, value);
    case SD_BUS_TYPE_UINT16:
        return append_integer<std::uint16_t>(message, type, value);
    case SD_BUS_TYPE_INT32:
        return append_integer<std::int32_t>(message, type, value);
    case SD_BUS_TYPE_UINT32:
        return append_integer<std::uint32_t>(message, type, value);
    case SD_BUS_TYPE_INT64:
        return append_integer<std::int64_t>(message, type, value);
    case SD_BUS_TYPE_UINT64:
        return append_integer<std::uint64_t>(message, type, value);
    case SD_BUS_TYPE_DOUBLE:
        return append_double(message, value);
    case SD_BUS_TYPE_STRING:
    case SD_BUS_TYPE_SIGNATURE:
        return append_text(message, type.front(), value.get_if<std::string>(), value);
    case SD_BUS_TYPE_OBJECT_PATH: {
        const auto* const path = value.get_if<ObjectPath>();
        return append_text(message, type.front(), path == nullptr ? nullptr : &path->text, value);
    }
    case SD_BUS_TYPE_ARRAY:
        return append_array(message, type, value);
    case SD_BUS_TYPE_VARIANT:
        return append_variant(message, value);
    case SD_BUS_TYPE_STRUCT_BEGIN:
        return append_struct(message, type, value);
    default: // of the library's characters, not an enum of ours
        return fail_type(type, value);
    }
}

} // namespace

Result<void> append(sd_bus_message* message, std::string_view signature, const std::vector<Value>& values) {
    for (const Value& value : values) {
        if (signature.empty())
            return fail(ErrorKind::Invalid, "there are more values than the D-Bus signature has types");
        const std::size_t size = size_of_type(signature);
        MANDOS_TRY(append_value(message, signature.substr(0, size), value));
        signature.remove_prefix(size);
    }
    if (!signature.empty())
        return fail(ErrorKind::Invalid, "a value of the D-Bus type {} is missing", quoted(signature));
    return {};
}

} // namespace mandos::bus
