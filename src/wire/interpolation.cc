#include "wire/interpolation.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

constexpr int deepest = 10; // configparser.MAX_INTERPOLATION_DEPTH

Result<void> append(std::string& out, std::string_view text) {
    if (out.size() + text.size() > core::limits::expanded_value)
        return fail(ErrorKind::Exhausted, "the value grows beyond {} bytes when it is expanded",
                    core::limits::expanded_value);
    out += text;
    return {};
}

Result<void> append_expanded(std::string& out, std::string_view rest, const OptionLookup& find, int depth) {
    if (depth > deepest)
        return fail(ErrorKind::Invalid,
                    "the references are more than {} deep; do they lead back to themselves?", deepest);
    while (!rest.empty()) {
        const std::size_t percent = rest.find('%');
        MANDOS_TRY(append(out, rest.substr(0, percent)));
        if (percent == std::string_view::npos)
            return {};
        rest.remove_prefix(percent);
        if (rest.starts_with("%%")) {
            MANDOS_TRY(append(out, "%"));
            rest.remove_prefix(2);
            continue;
        }
        if (!rest.starts_with("%("))
            return fail(ErrorKind::Invalid, "a lone % in {}; write %% for a percent sign", quoted(rest, 20));
        const std::size_t end = rest.find(')');
        if (end == std::string_view::npos || end == 2 || !rest.substr(end).starts_with(")s"))
            return fail(ErrorKind::Invalid,
                        "{} is no reference; expected %(option)s, or %% for a percent sign",
                        quoted(rest, 20));
        const std::string_view name = rest.substr(2, end - 2);
        const std::string* value = find(lower(name));
        if (value == nullptr)
            return fail(ErrorKind::Invalid,
                        "%({})s names an option that is neither in this section nor in [DEFAULT]", name);
        MANDOS_TRY(append_expanded(out, *value, find, depth + 1));
        rest.remove_prefix(end + 2);
    }
    return {};
}

} // namespace

Result<std::string> interpolate(std::string_view raw, const OptionLookup& find) {
    std::string out;
    MANDOS_TRY(append_expanded(out, raw, find, 1));
    return out;
}

} // namespace mandos::wire
