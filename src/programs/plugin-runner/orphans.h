// Processes that plugins leave running. They become children of ours, and what is still in our session is
// ended when we end. What has made a session of its own is a service that is meant to stay (a splash screen),
// and is left alone.
#pragma once

namespace mandos::runner {

// From now on they become children of ours and not of process 1 (prctl(2), PR_SET_CHILD_SUBREAPER).
void adopt_orphans();

// Kills all children of ours that are in our session, those that become children by it too, and reaps them.
void kill_orphans();

} // namespace mandos::runner
