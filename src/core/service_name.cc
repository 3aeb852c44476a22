#include "core/service_name.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"

namespace mandos::core {

namespace {

constexpr std::string_view before_number = " #";

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
}

// The first SIZE bytes of well-formed TEXT, without a character that is cut.
std::string_view cut(std::string_view text, std::size_t size) {
    if (text.size() <= size)
        return text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return text.substr(0, size);
}

} // namespace

Result<void> check_service_name(std::string_view name) {
    if (name.empty())
        return fail(ErrorKind::Invalid, "the service name is empty");
    if (name.size() > longest_service_name)
        return fail(ErrorKind::Invalid, "the service name {} has {} bytes; expected at most {}", quoted(name),
                    name.size(), longest_service_name);
    if (!is_utf8(name) || std::ranges::any_of(name, is_control))
        return fail(ErrorKind::Invalid, "the service name {} is not text; expected UTF-8 in one line",
                    quoted(name));
    return {};
}

std::string next_service_name(std::string_view name) {
    std::string_view stem = name;
    std::uint32_t number = 1;
    if (const std::size_t mark = name.rfind(before_number); mark != std::string_view::npos) {
        const std::string_view digits = name.substr(mark + before_number.size());
        const auto counted = parse_number<std::uint32_t>(digits);
        if (counted && *counted > 0 && *counted < UINT32_MAX && digits.front() != '0') {
            stem = name.substr(0, mark);
            number = *counted;
        }
    }
    const std::string suffix = fmt::format("{}{}", before_number, number + 1);
    return std::string(cut(stem, longest_service_name - suffix.size())) + suffix;
}

} // namespace mandos::core
