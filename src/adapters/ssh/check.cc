#include "adapters/ssh/check.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>

#include <libssh/libssh.h>

#include "adapters/ssh/session.h"
#include "base/check.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/unique_fd.h"

namespace mandos::ssh {

Result<void> ssh_check(UniqueFd connected, const ExpectedKey& expected, std::chrono::seconds timeout) {
    const auto* const type = std::ranges::find_if(
        key_types, [&expected](const KeyType& t) { return t.scan_type == expected.type; });
    if (type == std::end(key_types))
        return fail(ErrorKind::Unsupported, "{} is no type of SSH host keys that is known here",
                    quoted(expected.type));
    const Session session(ssh_new());
    check(session != nullptr, "there is memory for an SSH session");
    const socket_t fd = connected.get();
    // The name is only for libssh's texts; it does not connect.
    if (!set_option(session, SSH_OPTIONS_HOST, "client") || !set_option(session, SSH_OPTIONS_FD, &fd))
        return fail(ErrorKind::System, "libssh does not take a connection");
    (void)connected.release(); // ssh_free() closes it
    const std::string line = MANDOS_TRY(key_line(session, *type, timeout));
    if (line != expected.line)
        return fail(ErrorKind::Denied, "its SSH host key is another one: {}", quoted(line));
    return {};
}

} // namespace mandos::ssh
