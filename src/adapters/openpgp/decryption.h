// What decrypting with a key and with a passphrase have in common. Used by decrypt.cc and
// decrypt_with_passphrase.cc alone.
#pragma once

#include <rnp/rnp.h>

#include "adapters/openpgp/rnp.h"
#include "base/error.h"
#include "base/handle.h"

namespace mandos::openpgp {

using Decryption = Handle<rnp_op_verify_st, rnp_op_verify_destroy>;

// Ready to be executed. Who signed the message does not matter to it.
Decryption new_decryption(const Engine& engine, const Input& input, const Output& output);

// After a successful execution. Invalid: it was not encrypted, or nothing says that it is unchanged.
Result<void> check_intact(const Decryption& decryption);

} // namespace mandos::openpgp
