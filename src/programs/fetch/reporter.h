// Reporter: what people read about the tries. The same failure of the same server is told once a minute, so
// that a night of retries does not flood a console; and about servers that were found no more than so many
// lines a minute, since anybody on a link can make some up.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/duration.h"
#include "core/log_limiter.h"
#include "core/time.h"
#include "programs/fetch/fetch.h"

namespace mandos::fetch {

class Reporter {
  public:
    enum class Origin { Given, Found };

    Reporter(Report report, Detail detail) : report_(std::move(report)), detail_(detail) {}

    // A try of SERVER failed of WHY. AGAIN: when it is tried again, nothing: never.
    void failed(const std::string& server, Origin origin, const std::string& why,
                std::optional<Duration> again, core::Time now);
    // SERVER is at WHAT now.
    void step(const std::string& server, std::string_view what);

    // SERVER is not tried any more.
    void forget(const std::string& server) { last_.erase(server); }

    // What each server failed of last, "A: why; B: why"; of a flood of them the first few.
    std::string last_failures() const;

  private:
    struct Minute {
        core::Time began;
        std::size_t lines = 0; // about found servers, written and left out
    };

    bool leave_out_found(core::Time now);

    Report report_;
    const Detail detail_;
    core::LogLimiter limiter_;
    Minute minute_;
    std::map<std::string, std::string> last_; // by server
};

} // namespace mandos::fetch
