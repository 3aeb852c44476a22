// askpass-fifo: passes on to standard output what somebody writes into the FIFO that cryptsetup's askpass
// program has for that, as Mandos 1.8's plugin of that name. The FIFO is root's, so root's rights are needed
// (programs/prompt_plugins/rights.h) until it is open.
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <variant>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/rights.h"

namespace mandos::prompt_plugins {

namespace {

constexpr Plugin plugin{.name = "askpass-fifo",
                        .purpose = "Writes what comes out of /lib/cryptsetup/passfifo to standard output."};
const char* const path = "/lib/cryptsetup/passfifo";

// Waits until somebody opens it for writing.
Result<UniqueFd> open_fifo() {
    if (mkfifo(path, S_IRUSR | S_IWUSR) != 0 && errno != EEXIST)
        return fail_errno(errno, "cannot make {}", path);
    UniqueFd fifo(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fifo)
        return fail_errno(errno, "cannot open {}", path);
    struct stat status{};
    if (fstat(fifo.get(), &status) != 0)
        return fail_errno(errno, "cannot look at {}", path);
    if (!S_ISFIFO(status.st_mode))
        return fail(ErrorKind::Invalid, "{} is no FIFO", path);
    return fifo;
}

// Whoever opened it went away without a word. Until the next one comes poll(2) says that nobody is there.
Result<void> wait_for_writer(int fifo) {
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 100'000'000};
    pollfd waited{.fd = fifo, .events = POLLIN, .revents = 0};
    for (;;) {
        if (poll(&waited, 1, -1) < 0 && errno != EINTR)
            return fail_errno(errno, "cannot wait for a password");
        if ((waited.revents & POLLIN) != 0)
            return {};
        (void)nanosleep(&pause, nullptr);
    }
}

int status_of(const Error& error) {
    switch (error.kind()) {
    case ErrorKind::Denied:
        return EX_NOPERM;
    case ErrorKind::NotFound:
    case ErrorKind::Invalid:
        return EX_UNAVAILABLE;
    case ErrorKind::Exhausted:
        return EX_DATAERR;
    case ErrorKind::TimedOut:
    case ErrorKind::PeerClosed:
    case ErrorKind::Unsupported:
    case ErrorKind::Interrupted:
    case ErrorKind::System:
        break;
    }
    return EX_OSERR;
}

Result<SecretBytes> read_password() {
    const UniqueFd fifo = MANDOS_TRY(open_fifo());
    MANDOS_TRY(give_up_rights());
    for (;;) {
        SecretBytes password = MANDOS_TRY_IN(path, read_all_secret(fifo.get(), core::limits::password));
        if (!password.empty())
            return password;
        MANDOS_TRY_IN(path, wait_for_writer(fifo.get()));
    }
}

int run(int argc, char** argv) {
    if (const auto prepared = prepare_process(); !prepared)
        return plugin.fail_with(EX_OSERR, prepared.error());
    const auto options = read_options(plugin, argc, argv);
    if (const int* status = std::get_if<int>(&options))
        return *status;
    const auto password = read_password();
    if (!password)
        return plugin.fail_with(status_of(password.error()), password.error());
    if (const auto written = write_all(STDOUT_FILENO, password->reveal()); !written)
        return plugin.fail_with(EX_IOERR, Error(written.error()));
    return EXIT_SUCCESS;
}

} // namespace

} // namespace mandos::prompt_plugins

int main(int argc, char** argv) {
    return mandos::prompt_plugins::run(argc, argv);
}
