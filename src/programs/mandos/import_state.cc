#include "programs/mandos/import_state.h"

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "adapters/openpgp/openpgp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "wire/clients_pickle.h"
#include "wire/legacy_passphrase.h"

namespace mandos::server {

namespace {

// Follows no link and waits for nobody: whoever owns the directory must not choose what root reads.
Result<UniqueFd> open_regular(const std::string& path) {
    UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    if (!fd && errno == ELOOP)
        return fail(ErrorKind::Invalid, "it is a link; expected a file");
    if (!fd)
        return fail_errno(errno, "cannot open it");
    struct stat status{};
    if (fstat(fd.get(), &status) != 0)
        return fail_errno(errno, "cannot look at it");
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::Invalid, "it is no file");
    return fd;
}

Result<wire::ImportedState> read_state(const std::string& path) {
    const UniqueFd fd = MANDOS_TRY(open_regular(path));
    const Bytes content = MANDOS_TRY(read_all(fd.get(), core::limits::state_file));
    return wire::parse_clients_pickle(content);
}

} // namespace

Result<std::optional<wire::ImportedState>> read_clients_pickle(const std::string& state_directory) {
    const std::string path = state_directory + "/clients.pickle";
    Result<wire::ImportedState> state = read_state(path);
    if (!state && state.error().kind() == ErrorKind::NotFound)
        return std::nullopt;
    return MANDOS_TRY_IN(fmt::format("the state of Mandos 1.8, file {}", quoted(path)), std::move(state));
}

Result<Bytes> recover_secret(ByteView encrypted, ByteView configured) {
    const SecretBytes secret = MANDOS_TRY(openpgp::decrypt_with_passphrase(
        encrypted, wire::legacy_passphrase(configured), core::limits::secret));
    const ByteView bytes = secret.reveal();
    return Bytes(bytes.begin(), bytes.end());
}

} // namespace mandos::server
