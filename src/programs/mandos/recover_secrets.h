// Recovers the secrets in the state of Mandos 1.8, many at a time: gpg made each of them take some 0.1 s of a
// processor. Used once, at the first start; its threads have ended when it returns.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"

namespace mandos::server {

struct SealedSecret {
    ByteView encrypted;
    ByteView configured; // as clients.conf had it when it was encrypted
};

// About how long recover_secrets() takes for so many here.
Duration time_to_recover(std::size_t secrets);

// recover_secret() of each of SEALED, in their order, on all processors. AT_WORK is called at once and then
// every second until it is done, on the thread of the caller, with how many are.
std::vector<Result<Bytes>> recover_secrets(std::span<const SealedSecret> sealed,
                                           const std::function<void(std::size_t)>& at_work);

} // namespace mandos::server
