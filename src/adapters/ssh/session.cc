#include "adapters/ssh/session.h"

#include <chrono>
#include <expected>
#include <string>

#include <fmt/core.h>
#include <libssh/libssh.h>

#include "base/error.h"
#include "base/handle.h"
#include "base/quote.h"

namespace mandos::ssh {

namespace {

using Key = Handle<ssh_key_struct, ssh_key_free>;

std::unexpected<Error> failure(const Session& session) {
    // Some of it may be the host's words.
    return fail(ErrorKind::System, "no SSH host key: {}", quoted(ssh_get_error(session.get())));
}

} // namespace

bool set_option(const Session& session, ssh_options_e option, const void* value) {
    return ssh_options_set(session.get(), option, value) == SSH_OK;
}

Result<std::string> key_line(const Session& session, const KeyType& type, std::chrono::seconds timeout) {
    const long seconds = timeout.count();
    const bool no_config = false; // what ~/.ssh/config says about the host is not what it has
    if (!set_option(session, SSH_OPTIONS_TIMEOUT, &seconds)
        || !set_option(session, SSH_OPTIONS_PROCESS_CONFIG, &no_config)
        || !set_option(session, SSH_OPTIONS_HOSTKEYS, type.algorithms)
        || ssh_connect(session.get()) != SSH_OK)
        return failure(session);
    ssh_key raw = nullptr;
    const int found = ssh_get_server_publickey(session.get(), &raw);
    const Key key(raw);
    char* text = nullptr;
    Result<std::string> line = found == SSH_OK && ssh_pki_export_pubkey_base64(raw, &text) == SSH_OK
                                   ? Result<std::string>(fmt::format("{} {}", type.name, text))
                                   : failure(session);
    ssh_string_free_char(text);
    // No ssh_disconnect(): after it, libssh 0.10 would leave a descriptor that was given to it open, while
    // ssh_free() alone closes that and its own.
    return line;
}

} // namespace mandos::ssh
