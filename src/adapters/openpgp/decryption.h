// Decrypting, as it is the same with a key and with a passphrase. Used by decrypt.cc and
// decrypt_with_passphrase.cc alone.
#pragma once

#include <cstddef>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

using Decryption = Handle<rnp_op_verify_st, rnp_op_verify_destroy>;

// What one way of decrypting has to say about an outcome, librnp's CODE, that the other has not.
using Judge = Result<void> (*)(const Decryption& decryption, rnp_result_t code);

// What MESSAGE holds, decrypted with what ENGINE has; who signed it does not matter. Exhausted: it
// is more than LIMIT bytes. Then what JUDGE finds. Invalid: it is no OpenPGP message or not a whole one, is
// not encrypted, or nothing says that it is unchanged.
Result<SecretBytes> run_decryption(const Engine& engine, ByteView message, std::size_t limit, Judge judge);

} // namespace mandos::openpgp
