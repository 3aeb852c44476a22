// What the files of this folder share: librnp's objects with owners, and its errors as ours.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace mandos::openpgp {

using Engine = Handle<rnp_ffi_st, rnp_ffi_destroy>;
using Input = Handle<rnp_input_st, rnp_input_destroy>;
using Output = Handle<rnp_output_st, rnp_output_destroy>;
using Key = Handle<rnp_key_handle_st, rnp_key_handle_destroy>;
using Text = Handle<char, rnp_buffer_destroy>;

std::unexpected<Error> fail_rnp(ErrorKind kind, std::string_view what, rnp_result_t code);

// An engine of its own for each call: no key of one call is ever seen by another.
Engine new_engine();

// Reads from BYTES, which must outlive it. Invalid: there are none.
Result<Input> input_from(ByteView bytes);

// librnp as Debian builds it writes its own remarks to standard error, and has no switch for that. While this
// lives, they go nowhere. Standard error is the whole process': no other thread may use it meanwhile.
class LibrarySilenced {
  public:
    LibrarySilenced();
    LibrarySilenced(const LibrarySilenced&) = delete;
    LibrarySilenced& operator=(const LibrarySilenced&) = delete;
    ~LibrarySilenced();

  private:
    UniqueFd standard_error_; // none where it could not be kept: then nothing is silenced
};

// Takes the keys of ARMOURED (or binary) into ENGINE. Invalid: there are none.
Result<void> import_keys(const Engine& engine, ByteView armoured);

// The one primary key in ENGINE. Invalid: there are none or several.
Result<Key> only_primary_key(const Engine& engine);

// Collects what librnp puts out; keeps no more than LIMIT bytes and remembers that there were more.
class SecretSink {
  public:
    explicit SecretSink(std::size_t limit) : limit_(limit) {}
    SecretSink(const SecretSink&) = delete;
    SecretSink& operator=(const SecretSink&) = delete;

    Output output();
    bool exceeded() const { return exceeded_; }
    SecretBytes take();

  private:
    static bool write(void* sink, const void* bytes, std::size_t size) noexcept;

    std::size_t limit_;
    std::size_t filled_ = 0;
    SecretBytes bytes_;
    bool exceeded_ = false;
};

// The text of the member NAME of librnp's own JSON, a hexadecimal number, as BYTES bytes (shorter ones get
// zeros in front: it is an MPI). Invalid: it is not there.
Result<SecretBytes> mpi_of(const Key& key, uint32_t which, std::string_view name, std::size_t bytes);

// The 32 bytes of an Ed25519 public key.
Result<Bytes> ed25519_public(const Key& key);
// The 32 bytes of its seed.
Result<SecretBytes> ed25519_seed(const Key& key);

// Whether KEY is a usable Ed25519 authentication key.
bool is_tls_key(const Key& key);

} // namespace mandos::openpgp
