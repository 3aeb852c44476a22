// The password on its way out: to standard output, byte for byte and nothing else.
#pragma once

#include <cstddef>
#include <optional>

#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::client {

struct Delivery {
    std::size_t bytes = 0;      // written
    std::optional<Error> error; // nothing: all of them
};

// Writes PASSWORD to DESCRIPTOR. It does not wait longer than a time limit for a reader who does not read.
Delivery deliver(const SecretBytes& password, int descriptor);

} // namespace mandos::client
