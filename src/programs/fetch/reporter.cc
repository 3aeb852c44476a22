#include "programs/fetch/reporter.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/duration.h"
#include "core/time.h"
#include "programs/fetch/fetch.h"

namespace mandos::fetch {

void Reporter::failed(const std::string& server, const std::string& why, std::optional<Duration> again,
                      core::Time now) {
    last_.insert_or_assign(server, why);
    const auto left_out = detail_ == Detail::EachStep ? std::size_t{0} : limiter_.allow(server + why, now);
    if (!left_out)
        return;
    std::string line = fmt::format("{}: {}", server, why);
    if (again)
        line += fmt::format("; trying again in {:.2g} s", std::chrono::duration<double>(*again).count());
    if (*left_out > 0)
        line += fmt::format(" ({} more like this in the last minute)", *left_out);
    report_(line);
}

void Reporter::step(const std::string& server, std::string_view what) {
    if (detail_ == Detail::EachStep)
        report_(fmt::format("{}: {}", server, what));
}

std::string Reporter::last_failures() const {
    std::string text;
    for (const auto& [server, why] : last_)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", server, why);
    return text;
}

} // namespace mandos::fetch
