// PasswordProcess: a process whose standard output is a password: a plugin, plugin-runner, mandos-client, or
// a copy of this program that asks a person. Its process group is ours, so that it may read the terminal when
// we may, and keys that signal reach it too. It is asked to end when we are gone. Invariant: whoever has one
// reaps it by its number (waitpid(2)); that is not done here. Used by plugin-runner,
// mandos-to-cryptroot-unlock and password-agent. Only for programs with one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace mandos::password_process {

struct PasswordProcess {
    pid_t pid = -1;
    UniqueFd output; // non-blocking
    UniqueFd errors; // non-blocking; none: they are written to ours directly
};

struct User {
    uid_t user = 65534;
    gid_t group = 65534;
    enum class Rights {
        Ours,       // who we are: we are not root and cannot change that
        User,       // USER and GROUP for good, without supplementary groups
        UserAndRoot // the same, and root as effective and saved user and group
    } rights = Rights::Ours;
};

// A program by its path.
struct Program {
    std::string path;
    int directory = -1; // that PATH is below; a descriptor (O_PATH); -1: PATH is whole
    int file = -1;      // the same file (O_PATH), for who may not look into its directory; -1: none
};

struct Command {
    Program program;
    std::vector<std::string> arguments;   // behind the path
    std::vector<std::string> environment; // "NAME=value"
    User user;
    enum class Input { Inherited, Empty } input = Input::Inherited;
    enum class Errors { Inherited, Piped } errors = Errors::Inherited;
};

// The environment of this process.
std::vector<std::string> own_environment();

// Executes it. A script with a directory sees itself as /dev/fd/N/PATH, or /dev/fd/N where its directory is
// closed to the user. An error: no process can be made, or it could not become the user, or execute the file.
Result<PasswordProcess> start(const Command& command);

// A copy of this process that does TASK and ends with the status that it returns.
Result<PasswordProcess> start_copy(const std::function<int()>& task);

// Puts what there is to read from OUTPUT behind the first FILLED bytes of PASSWORD, which grows as is needed.
// OUTPUT is closed at its end. TooMuch: more than LIMIT bytes have come.
enum class Amount { Fits, TooMuch };
Amount read_what_is_there(UniqueFd& output, SecretBytes& password, std::size_t& filled, std::size_t limit);

} // namespace mandos::password_process
