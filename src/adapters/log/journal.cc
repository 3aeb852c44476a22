#include "adapters/log/journal.h"

#include <cstdlib>
#include <span>
#include <string>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/log/datagrams.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "wire/journal_entry.h"

namespace mandos::log {

namespace {

// ENTRY in a file that nobody can change any more, which journald expects; empty when none can be made.
UniqueFd sealed_file(const std::string& entry) {
    UniqueFd file(memfd_create("mandos-log", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file || !write_all(file.get(), as_bytes(entry))
        || fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
        return {};
    return file;
}

} // namespace

Datagrams::Outcome Journal::send(std::span<const wire::JournalField> fields) {
    const std::string entry = wire::journal_entry(fields);
    const Datagrams::Outcome sent = socket_.send(entry);
    if (sent != Datagrams::Outcome::TooLong)
        return sent;
    const UniqueFd file = sealed_file(entry);
    return file ? socket_.send_file(file) : Datagrams::Outcome::Full;
}

bool standard_error_is_the_journal() {
    const char* const stream =
        getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): no other threads yet
    struct stat error{};
    return stream != nullptr && fstat(STDERR_FILENO, &error) == 0
           && stream == fmt::format("{}:{}", error.st_dev, error.st_ino);
}

} // namespace mandos::log
