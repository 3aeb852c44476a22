// Whole small files: read with a limit, written so that a reader sees the old or the new content and never a
// part.
#pragma once

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace mandos {

// Opens PATH for reading; follows links. Errors name the path and are NotFound, Denied or System.
Result<UniqueFd> open_for_reading(const std::string& path);

// All bytes up to the end of FD. Exhausted: more than LIMIT of them.
Result<Bytes> read_all(int fd, std::size_t limit);
// The same for what is secret; no copy is left behind.
Result<SecretBytes> read_all_secret(int fd, std::size_t limit);

// The content of PATH: open_for_reading() and read_all(), errors naming the path.
Result<Bytes> read_file(const std::string& path, std::size_t limit);
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t limit);

// Writes all of BYTES to FD, however many calls it takes.
Result<void> write_all(int fd, ByteView bytes);

// Makes PATH a file with exactly BYTES and MODE: a temporary file in the same directory is written, flushed
// to the disk and renamed, then the directory is flushed. On an error PATH is as before and no temporary file
// is left.
Result<void> write_file_atomically(const std::string& path, ByteView bytes, mode_t mode);

// The directory part of PATH, "." where there is none.
std::string directory_of(const std::string& path);

// Flushes the names in DIRECTORY to the disk (fsync(2)).
Result<void> sync_directory(const std::string& directory);

} // namespace mandos
