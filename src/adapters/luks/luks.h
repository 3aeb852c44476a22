// LUKS by libcryptsetup: does a passphrase open a device? Nothing is activated or changed; plain files do as
// well as block devices, and device-mapper is not needed.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::luks {

// The number of the keyslot of DEVICE that PASSPHRASE opens, or nothing where it opens none.
// NotFound, Denied: the device cannot be read; Invalid: it is no LUKS volume.
Result<std::optional<int>> opened_keyslot(const std::string& device, const SecretBytes& passphrase);

} // namespace mandos::luks
