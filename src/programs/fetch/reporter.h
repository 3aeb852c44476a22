// Reporter: what people read about the tries. The same failure of the same server is told once a minute, so
// that a night of retries does not flood a console.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/duration.h"
#include "core/log_limiter.h"
#include "core/time.h"
#include "programs/fetch/fetch.h"

namespace mandos::fetch {

class Reporter {
  public:
    Reporter(Report report, Detail detail) : report_(std::move(report)), detail_(detail) {}

    // A try of SERVER failed of WHY. AGAIN: when it is tried again, nothing: never.
    void failed(const std::string& server, const std::string& why, std::optional<Duration> again,
                core::Time now);
    // SERVER is at WHAT now.
    void step(const std::string& server, std::string_view what);

    // What each server failed of last, "A: why; B: why".
    std::string last_failures() const;

  private:
    Report report_;
    const Detail detail_;
    core::LogLimiter limiter_;
    std::map<std::string, std::string> last_; // by server
};

} // namespace mandos::fetch
