#include "programs/mandos/bus_values.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "adapters/bus/value.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/life.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::server {

namespace {

std::unexpected<Error> fail_type(std::string_view property, const char* expected, const bus::Value& value) {
    return fail(ErrorKind::Invalid, "{} is {}, and got a value of the D-Bus type {}", property, expected,
                quoted(bus::natural_signature(value)));
}

} // namespace

std::string time_text(core::WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string time_text(const std::optional<core::WallTime>& time) {
    return time ? time_text(*time) : std::string();
}

std::uint64_t milliseconds_of(Duration duration) {
    return static_cast<std::uint64_t>(core::countable(duration).count());
}

Result<bool> read_truth(std::string_view property, const bus::Value& value) {
    if (const bool* const truth = value.get_if<bool>())
        return *truth;
    return fail_type(property, "true or false", value);
}

Result<std::string> read_text(std::string_view property, const bus::Value& value) {
    const auto* const text = value.get_if<std::string>();
    if (text == nullptr)
        return fail_type(property, "text", value);
    if (text->size() > core::limits::bus_text)
        return fail(ErrorKind::Invalid, "{} has {} bytes, and no more than {} are taken", property,
                    text->size(), core::limits::bus_text);
    return *text;
}

Result<Duration> read_duration(std::string_view property, const bus::Value& value) {
    return std::visit(
        [&](const auto& data) -> Result<Duration> {
            using Data = std::remove_cvref_t<decltype(data)>;
            if constexpr (std::is_integral_v<Data> && !std::is_same_v<Data, bool>) {
                constexpr auto longest = std::chrono::duration_cast<Duration>(core::limits::time_span);
                if (std::cmp_less(data, 0) || std::cmp_greater(data, longest.count()))
                    return fail(ErrorKind::Invalid, "{} is a number of milliseconds from 0 to {}, and got {}",
                                property, longest.count(), data);
                return Duration(static_cast<Duration::rep>(data));
            } else {
                return fail_type(property, "a whole number of milliseconds", value);
            }
        },
        value.data());
}

} // namespace mandos::server
