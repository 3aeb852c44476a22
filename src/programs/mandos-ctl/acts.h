// The subcommands that ask the server as a whole: log, explain, reload, lockdown and add. A server of 1.8 has
// none of what they need, and the user is told so.
#pragma once

#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

// mandos-ctl explain [--json] CLIENT: would it get its secret now, and if not, why and what would change
// that; and what was decided about it lately.
Status run_explain(int argc, char** argv);
// mandos-ctl reload: the server takes over its configuration as it is now.
Status run_reload(int argc, char** argv);
// mandos-ctl lockdown [on|off]: nobody gets anything; without a word, whether it is so.
Status run_lockdown(int argc, char** argv);
// mandos-ctl add [FILE]: a client from a section as in clients.conf ("-" or nothing: standard input).
Status run_add(int argc, char** argv);

} // namespace mandos::ctl
