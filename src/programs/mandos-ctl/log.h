// mandos-ctl log: the audit log, for people and as JSON, and whether it is as it was written.
#pragma once

#include <string_view>

#include "base/error.h"
#include "programs/mandos-ctl/audit_entries.h"
#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

Status run_log(int argc, char** argv);

// The moment that TEXT means: a duration before NOW ("PT1H", "2d"), or a UTC time "2026-11-24",
// "2026-11-24T03:10" or "2026-11-24 03:10:42". Invalid: anything else.
Result<UtcTime> parse_since(std::string_view text, UtcTime now);

} // namespace mandos::ctl
