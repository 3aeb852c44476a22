#include "wire/interpolation.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

constexpr int deepest = 10; // configparser.MAX_INTERPOLATION_DEPTH

class Expansion {
  public:
    explicit Expansion(const OptionLookup& find) : find_(find) {}

    // Appends what REST expands to; it is that many references DEEP.
    Result<void> append_expanded(std::string_view rest, int deep) {
        if (deep > deepest)
            return fail(ErrorKind::Invalid,
                        "the references are more than {} deep; do they lead back to themselves?", deepest);
        while (!rest.empty()) {
            const std::size_t percent = rest.find('%');
            MANDOS_TRY(append(rest.substr(0, percent)));
            if (percent == std::string_view::npos)
                return {};
            rest.remove_prefix(percent);
            if (rest.starts_with("%%")) {
                MANDOS_TRY(append("%"));
                rest.remove_prefix(2);
                continue;
            }
            rest.remove_prefix(MANDOS_TRY(append_reference(rest, deep)));
        }
        return {};
    }

    std::string take() && { return std::move(out_); }

  private:
    // Appends what the reference at the beginning of REST stands for. Returns its size there.
    Result<std::size_t> append_reference(std::string_view rest, int deep) {
        if (!rest.starts_with("%("))
            return fail(ErrorKind::Invalid, "a lone % in {}; write %% for a percent sign", quoted(rest, 20));
        const std::size_t end = rest.find(')');
        if (end == std::string_view::npos || end == 2 || !rest.substr(end).starts_with(")s"))
            return fail(ErrorKind::Invalid,
                        "{} is no reference; expected %(option)s, or %% for a percent sign",
                        quoted(rest, 20));
        // Ten deep can be very many, also where they stand for nothing.
        if (++references_ > core::limits::expanded_references)
            return fail(ErrorKind::Exhausted, "the value has more than {} references when it is expanded",
                        core::limits::expanded_references);
        const std::string_view name = rest.substr(2, end - 2);
        const std::string* value = find_(lower(name));
        if (value == nullptr)
            return fail(ErrorKind::Invalid,
                        "{} names an option that is neither in this section nor in [DEFAULT]",
                        quoted(rest.substr(0, end + 2)));
        MANDOS_TRY(append_expanded(*value, deep + 1));
        return end + 2;
    }

    Result<void> append(std::string_view text) {
        if (out_.size() + text.size() > core::limits::expanded_value)
            return fail(ErrorKind::Exhausted, "the value grows beyond {} bytes when it is expanded",
                        core::limits::expanded_value);
        out_ += text;
        return {};
    }

    const OptionLookup& find_;
    std::string out_;
    std::size_t references_ = 0;
};

} // namespace

Result<std::string> interpolate(std::string_view raw, const OptionLookup& find) {
    Expansion expansion(find);
    MANDOS_TRY(expansion.append_expanded(raw, 1));
    return std::move(expansion).take();
}

} // namespace mandos::wire
