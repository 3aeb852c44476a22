#include "programs/fetch/reporter.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/duration.h"
#include "core/limits.h"
#include "core/log_limiter.h"
#include "core/time.h"
#include "programs/fetch/fetch.h"

namespace mandos::fetch {

// With the first line of a minute, or the first that is left out, people read how many there were.
bool Reporter::leave_out_found(core::Time now) {
    constexpr std::size_t most = core::limits::found_server_lines;
    if (minute_.lines == 0 || now - minute_.began >= core::LogLimiter::period) {
        if (minute_.lines > most)
            report_(fmt::format("{} lines about other servers that were found were left out",
                                minute_.lines - most));
        minute_ = {.began = now, .lines = 0};
    }
    return ++minute_.lines > most;
}

void Reporter::failed(const std::string& server, Origin origin, const std::string& why,
                      std::optional<Duration> again, core::Time now) {
    last_.insert_or_assign(server, why);
    const auto left_out = detail_ == Detail::EachStep ? std::size_t{0} : limiter_.allow(server + why, now);
    if (!left_out)
        return;
    if (origin == Origin::Found && detail_ == Detail::Failures && leave_out_found(now))
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
    std::size_t told = 0;
    for (const auto& [server, why] : last_) {
        if (told == core::limits::found_server_lines)
            return text + fmt::format("; and {} more", last_.size() - told);
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", server, why);
        ++told;
    }
    return text;
}

} // namespace mandos::fetch
