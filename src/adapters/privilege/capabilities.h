// What is left of root's rights (capabilities(7)) for a process that needs only some of them.
#pragma once

#include "base/error.h"

namespace mandos::privilege {

// Gives up every capability but that to read all files (CAP_DAC_READ_SEARCH), now and for whatever it would
// execute. Does nothing for who is not root.
Result<void> keep_reading_only();

// Gives up every capability but those that the network of this machine takes, and root's supplementary
// groups; the effective user and group are root's from then on, if the effective user was. Not for what it
// executes as root: network hooks have all of root's rights. What it had not is not gained.
//
//   CAP_NET_ADMIN | interfaces, routes, the settings below /proc/sys/net
//   CAP_SYSLOG    | what the kernel says on the console
//   CAP_KILL      | to end its child, whose user is another one
Result<void> keep_network_rights();

// Gives up every capability, also those of a user that is not root.
Result<void> give_up_capabilities();

} // namespace mandos::privilege
