#include "wire/pickle_build.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/core.h>

#include "base/error.h"
#include "base/quote.h"
#include "wire/pickle.h"
#include "wire/pickle_scanner.h"

namespace mandos::wire {

namespace {

struct KnownName {
    std::string_view module;
    std::string_view name;
    PickleName value;
};

constexpr std::array<KnownName, 5> known_names{{
    {"_codecs", "encode", PickleName::Encode},       // bytes, of which protocol 2 knows nothing
    {"__builtin__", "bytes", PickleName::BytesType}, // bytes, if there are none
    {"dbus", "Boolean", PickleName::BooleanType},    // a client that was just approved over D-Bus
    {"datetime", "datetime", PickleName::TimeType},
    {"datetime", "timedelta", PickleName::SpanType},
}};

constexpr std::int64_t longest_span_days = 999'999'999; // datetime.timedelta.max

using Items = std::span<const PickleIndex>;
using Values = std::span<const PickleValue>;

std::unexpected<Error> wrong_arguments(const char* what) {
    return fail(ErrorKind::Invalid, "{} is made of something that Python never makes it of", what);
}

// _codecs.encode(TEXT, "latin1")
Result<PickleValue> build_bytes(Items items, Values values) {
    if (items.size() != 2)
        return wrong_arguments("a value of bytes");
    const auto* text = std::get_if<PickleText>(&values[items[0]]);
    const auto* codec = std::get_if<PickleText>(&values[items[1]]);
    if (text == nullptr || codec == nullptr || codec->text != "latin1")
        return wrong_arguments("a value of bytes");
    return PickleBytes{MANDOS_TRY(latin1_bytes(text->text))};
}

// datetime.datetime(STATE): ten bytes; year (2), month, day, hour, minute, second, microsecond (3).
Result<PickleValue> build_time(Items items, Values values) {
    constexpr std::size_t state_size = 10;
    const auto* state = items.size() == 1 ? std::get_if<PickleBytes>(&values[items[0]]) : nullptr;
    if (state == nullptr || state->bytes.size() != state_size)
        return wrong_arguments("a time");
    const auto byte = [state](std::size_t i) {
        return unsigned{static_cast<unsigned char>(state->bytes[i])};
    };
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(byte(0) << 8U | byte(1))),
                                           std::chrono::month(byte(2)), std::chrono::day(byte(3))};
    const unsigned microseconds = byte(7) << 16U | byte(8) << 8U | byte(9);
    const bool is_time = date.ok() && date.year() >= std::chrono::year(1)
                         && date.year() <= std::chrono::year(9999) && byte(4) < 24 && byte(5) < 60
                         && byte(6) < 60 && microseconds < 1'000'000;
    if (!is_time)
        return fail(ErrorKind::Invalid, "a time that no calendar has");
    return PickleTime(std::chrono::sys_days(date)) + std::chrono::hours(byte(4))
           + std::chrono::minutes(byte(5)) + std::chrono::seconds(byte(6))
           + std::chrono::microseconds(microseconds);
}

// datetime.timedelta(DAYS, SECONDS, MICROSECONDS), the latter two never negative.
Result<PickleValue> build_span(Items items, Values values) {
    std::array<std::int64_t, 3> numbers{};
    if (items.size() != numbers.size())
        return wrong_arguments("a time span");
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto* number = std::get_if<std::int64_t>(&values[items[i]]);
        if (number == nullptr)
            return wrong_arguments("a time span");
        numbers.at(i) = *number;
    }
    const auto [days, seconds, microseconds] = numbers;
    const bool is_span = days >= -longest_span_days && days <= longest_span_days && seconds >= 0
                         && seconds < 86'400 && microseconds >= 0 && microseconds < 1'000'000;
    if (!is_span)
        return fail(ErrorKind::Invalid, "a time span of numbers that are too large");
    return PickleSpan(std::chrono::days(days)) + std::chrono::seconds(seconds)
           + std::chrono::milliseconds(microseconds / 1000);
}

// dbus.Boolean(0 or 1)
Result<PickleValue> build_boolean(Items items, Values values) {
    const auto* number = items.size() == 1 ? std::get_if<std::int64_t>(&values[items[0]]) : nullptr;
    if (number == nullptr || (*number != 0 && *number != 1))
        return wrong_arguments("a D-Bus boolean");
    return *number == 1;
}

} // namespace

Result<PickleName> find_pickle_name(std::string_view module, std::string_view name) {
    for (const KnownName& known : known_names)
        if (known.module == module && known.name == name)
            return known.value;
    return fail(ErrorKind::Unsupported, "the name {} is not one that Mandos 1.8 stores",
                quoted(fmt::format("{}.{}", module, name)));
}

Result<PickleValue> build_pickle_value(PickleName name, Items items, Values values) {
    switch (name) {
    case PickleName::Encode:
        return build_bytes(items, values);
    case PickleName::BytesType:
        if (!items.empty())
            return wrong_arguments("a value of bytes");
        return PickleBytes{};
    case PickleName::BooleanType:
        return build_boolean(items, values);
    case PickleName::TimeType:
        return build_time(items, values);
    case PickleName::SpanType:
        return build_span(items, values);
    }
    return wrong_arguments("a value"); // not reached: the enumeration is complete
}

} // namespace mandos::wire
