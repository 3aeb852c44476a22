#include "programs/mandos-keygen/key_set.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "loop/held_signals.h"

namespace mandos::keygen {

namespace {

bool exists(const std::string& path) {
    struct stat status{};
    return lstat(path.c_str(), &status) == 0;
}

// One file on its way from a temporary name to its own, and back if the others cannot follow.
class Replacement {
  public:
    Replacement(std::string path, ByteView content) : path_(std::move(path)), content_(content) {}
    Replacement(const Replacement&) = delete;
    Replacement& operator=(const Replacement&) = delete;

    // Undoes whatever was done, in the reverse order, unless it was kept.
    ~Replacement() {
        if (!temporary_.empty())
            (void)unlink(temporary_.c_str());
        if (kept_)
            return;
        if (renamed_ && !backup_.empty())
            (void)rename(backup_.c_str(), path_.c_str()); // nothing is left to be done if that fails
        else if (renamed_)
            (void)unlink(path_.c_str());
        else if (!backup_.empty())
            (void)unlink(backup_.c_str());
    }

    Result<void> write_new() {
        temporary_ = path_ + ".new-XXXXXX";
        const UniqueFd fd(mkostemp(temporary_.data(), O_CLOEXEC)); // with mode 0600
        if (!fd) {
            temporary_.clear();
            return fail_errno(errno, "cannot make a file in {}", quoted(directory_of(path_)));
        }
        MANDOS_TRY_IN(fmt::format("file {}", quoted(temporary_)), write_all(fd.get(), content_));
        if (fsync(fd.get()) != 0)
            return fail_errno(errno, "cannot flush file {}", quoted(temporary_));
        return {};
    }

    // A second name for the old file: it is never away, and never copied.
    Result<void> back_up() {
        if (!exists(path_))
            return {};
        constexpr int most_backups = 10'000;
        for (int number = 1; number <= most_backups; ++number) {
            std::string name = fmt::format("{}.~{}~", path_, number);
            if (link(path_.c_str(), name.c_str()) == 0) {
                backup_ = std::move(name);
                return {};
            }
            if (errno != EEXIST)
                return fail_errno(errno, "cannot keep the old {} as {}", quoted(path_), quoted(name));
        }
        return fail(ErrorKind::Exhausted, "there are {} backups of {} already; remove some", most_backups,
                    quoted(path_));
    }

    Result<void> put_in_place(IfThere if_there) {
        // Another mandos-keygen may have been faster: only link(2) refuses to replace what is there.
        if (if_there == IfThere::Refuse) {
            if (link(temporary_.c_str(), path_.c_str()) != 0)
                return fail_errno(errno, "cannot put {} in place", quoted(path_));
            renamed_ = true;
            (void)unlink(std::exchange(temporary_, {}).c_str());
            return {};
        }
        if (rename(temporary_.c_str(), path_.c_str()) != 0)
            return fail_errno(errno, "cannot put {} in place", quoted(path_));
        temporary_.clear();
        renamed_ = true;
        return {};
    }

    void keep() { kept_ = true; }

  private:
    std::string path_;
    ByteView content_;
    std::string temporary_;
    std::string backup_;
    bool renamed_ = false;
    bool kept_ = false;
};

} // namespace

Result<void> refuse_existing(const std::string& directory) {
    const KeyPaths paths(directory);
    for (const std::string& path :
         {paths.openpgp_secret, paths.openpgp_public, paths.tls_private, paths.tls_public})
        if (exists(path))
            return fail(ErrorKind::Denied, "refusing to overwrite {}; use --force to replace the keys",
                        quoted(path));
    return {};
}

Result<void> write_key_set(const KeySet& keys, const std::string& directory, IfThere if_there) {
    if (if_there == IfThere::Refuse)
        MANDOS_TRY(refuse_existing(directory));
    const KeyPaths paths(directory);
    // Nothing that a user or a limit sends ends the process half-way. It does so afterwards: this outlives
    // the files below, which undo.
    const loop::HeldSignals held{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    (void)signal(SIGXFSZ, SIG_IGN); // writing beyond RLIMIT_FSIZE is an error then: EFBIG
    std::array<Replacement, 4> files{{{paths.openpgp_secret, keys.openpgp_secret.reveal()},
                                      {paths.openpgp_public, as_bytes(keys.openpgp_public)},
                                      {paths.tls_private, keys.tls_private.reveal()},
                                      {paths.tls_public, as_bytes(keys.tls_public)}}};
    for (Replacement& file : files)
        MANDOS_TRY(file.write_new());
    for (Replacement& file : files)
        MANDOS_TRY(file.back_up());
    for (Replacement& file : files)
        MANDOS_TRY(file.put_in_place(if_there));
    MANDOS_TRY(sync_directory(directory));
    for (Replacement& file : files)
        file.keep();
    return {};
}

} // namespace mandos::keygen
