#include "tests/support/ssh_host.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/handle.h"

namespace mandos::support {

namespace {

using Bind = Handle<ssh_bind_struct, ssh_bind_free>;
using Session = Handle<ssh_session_struct, ssh_free>;

ssh_key new_key(const std::string& type) {
    static const std::map<std::string, std::pair<ssh_keytypes_e, int>> kinds{
        {"rsa", {SSH_KEYTYPE_RSA, 2048}},
        {"ecdsa-256", {SSH_KEYTYPE_ECDSA_P256, 256}},
        {"ecdsa-384", {SSH_KEYTYPE_ECDSA_P384, 384}},
        {"ed25519", {SSH_KEYTYPE_ED25519, 0}}};
    ssh_key key = nullptr;
    const auto& [kind, bits] = kinds.at(type);
    check(ssh_pki_generate(kind, bits, &key) == SSH_OK, "libssh makes a host key");
    return key;
}

} // namespace

void serve_ssh(int listener, const std::vector<std::string>& types, int ready_fd) {
    const Bind bind(ssh_bind_new());
    const bool no_config = false;
    check(ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &no_config) == SSH_OK,
          "the system's sshd_config is left alone");
    for (const std::string& type : types)
        check(ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_IMPORT_KEY, new_key(type)) == SSH_OK,
              "libssh takes its own key");
    if (ready_fd >= 0)
        check(write(ready_fd, "\n", 1) == 1, "somebody waits for the host");
    for (;;) {
        const int peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0)
            continue;
        const Session session(ssh_new());
        if (ssh_bind_accept_fd(bind.get(), session.get(), peer) == SSH_OK)
            (void)ssh_handle_key_exchange(session.get()); // the peer leaves as soon as it has seen the key
        ssh_disconnect(session.get());
    }
}

} // namespace mandos::support
