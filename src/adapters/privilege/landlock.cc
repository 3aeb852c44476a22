#include "adapters/privilege/landlock.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::privilege {

namespace {

// Debian 12's header knows the first two versions of landlock; these are Linux 6.12's (landlock(7)).
struct Handled {
    std::uint64_t files = 0;
    std::uint64_t network = 0;
    std::uint64_t scoped = 0;
};
constexpr std::uint64_t file_rights_of_version_1 = (std::uint64_t{1} << 13) - 1;
constexpr std::uint64_t refer_to_another_directory = std::uint64_t{1} << 13; // version 2
constexpr std::uint64_t truncate_file = std::uint64_t{1} << 14;              // version 3
constexpr std::uint64_t bind_tcp = std::uint64_t{1} << 0;                    // version 4
constexpr std::uint64_t ioctl_of_device = std::uint64_t{1} << 15;            // version 5
constexpr std::uint64_t signals_and_abstract_sockets = 3;                    // version 6

struct Ruleset {
    Handled handled;
    std::size_t size = 0; // bytes of it that this kernel knows
};

Ruleset ruleset_of_version(long version) {
    Ruleset ruleset{.handled = {.files = file_rights_of_version_1}, .size = sizeof(std::uint64_t)};
    if (version >= 2)
        ruleset.handled.files |= refer_to_another_directory;
    if (version >= 3)
        ruleset.handled.files |= truncate_file;
    if (version >= 4) {
        ruleset.handled.network = bind_tcp;
        ruleset.size = 2 * sizeof(std::uint64_t);
    }
    if (version >= 5)
        ruleset.handled.files |= ioctl_of_device;
    if (version >= 6) {
        ruleset.handled.scoped = signals_and_abstract_sockets;
        ruleset.size = 3 * sizeof(std::uint64_t);
    }
    return ruleset;
}

Result<void> let_read_below(int ruleset, const char* directory) {
    const UniqueFd parent(open(directory, O_PATH | O_CLOEXEC));
    if (!parent)
        return {}; // then nothing below it is read either
    const landlock_path_beneath_attr rule{
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        .parent_fd = parent.get(),
    };
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return fail_errno(errno, "cannot allow reading below {}", directory);
    return {};
}

} // namespace

Result<void> read_only_below(std::span<const char* const> directories) {
    const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return {};
    const Ruleset wanted = ruleset_of_version(version);
    const UniqueFd ruleset(
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &wanted.handled, wanted.size, 0)));
    if (!ruleset)
        return fail_errno(errno, "cannot begin rules for files (landlock version {})", version);
    for (const char* directory : directories)
        MANDOS_TRY(let_read_below(ruleset.get(), directory));
    if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
        return fail_errno(errno, "cannot enforce rules for files (landlock version {})", version);
    return {};
}

} // namespace mandos::privilege
