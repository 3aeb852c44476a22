#include "adapters/luks/luks.h"

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include <libcryptsetup.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/handle.h"
#include "base/quote.h"
#include "base/secret_bytes.h"

namespace mandos::luks {

namespace {

using Device = Handle<crypt_device, crypt_free>;

// The library prints its own messages otherwise; what failed is in the return value.
void keep_quiet(int /*level*/, const char* /*message*/, void* /*data*/) noexcept {}

Result<Device> open_device(const std::string& path) {
    (void)MANDOS_TRY(open_for_reading(path)); // which says better than crypt_init what is wrong with the path
    crypt_device* raw = nullptr;
    crypt_set_log_callback(nullptr, keep_quiet, nullptr);
    if (const int code = crypt_init(&raw, path.c_str()); code < 0)
        return fail_errno(-code, "cannot open device {}", quoted(path));
    Device device(raw);
    crypt_set_log_callback(raw, keep_quiet, nullptr);
    const int code = crypt_load(raw, nullptr, nullptr);
    if (code == -EINVAL)
        return fail(ErrorKind::Invalid, "device {} is no LUKS volume; see: cryptsetup luksDump",
                    quoted(path));
    if (code < 0)
        return fail_errno(-code, "cannot read the LUKS header of device {}", quoted(path));
    return device;
}

} // namespace

Result<std::optional<int>> opened_keyslot(const std::string& device, const SecretBytes& passphrase) {
    const Device opened = MANDOS_TRY(open_device(device));
    // An empty passphrase has no bytes, but libcryptsetup wants a pointer.
    const std::string_view text = passphrase.empty() ? std::string_view("") : as_text(passphrase.reveal());
    // Without a name nothing is activated: the passphrase is only tried (crypt_activate_by_passphrase,
    // libcryptsetup.h).
    const int slot =
        crypt_activate_by_passphrase(opened.get(), nullptr, CRYPT_ANY_SLOT, text.data(), text.size(), 0);
    if (slot == -EPERM)
        return std::nullopt;
    if (slot < 0)
        return fail_errno(-slot, "cannot try the passphrase on device {}", quoted(device));
    return slot;
}

} // namespace mandos::luks
