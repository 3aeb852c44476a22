#include "adapters/password_process/password_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace mandos::password_process {

namespace {

struct Pipe {
    UniqueFd reading;
    UniqueFd writing;
};

Result<Pipe> make_pipe(int flags) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail_errno(errno, "cannot make a pipe");
    Pipe pipe{.reading = UniqueFd(ends[0]), .writing = UniqueFd(ends[1])};
    if (fcntl(pipe.reading.get(), F_SETFL, flags) != 0)
        return fail_errno(errno, "cannot make a pipe non-blocking");
    return pipe;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// What the child does, with what can be done there between fork(2) and execve(2). Which step failed, for the
// parent.
enum class Step : int { Become, Execute };
struct Failure {
    Step step = Step::Become;
    int code = 0; // errno
};

// What was ignored when this program was started (by nohup(1), by a shell in the background) stays so; what
// it ignores itself does not.
void forget_signals() {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action{};
        if (sigaction(number, nullptr, &action) == 0
            && (action.sa_handler != SIG_IGN || number == SIGPIPE || number == SIGCHLD))
            (void)signal(number, SIG_DFL);
    }
    sigset_t none{};
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// When the parent goes, so does the child. A change of user takes that back (prctl(2)), so it comes after it.
void follow(pid_t parent) {
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        (void)raise(SIGTERM);
}

bool become(const User& who) {
    switch (who.rights) {
    case User::Rights::Ours:
        return true;
    case User::Rights::User:
        return setgroups(0, nullptr) == 0 && setresgid(who.group, who.group, who.group) == 0
               && setresuid(who.user, who.user, who.user) == 0;
    case User::Rights::UserAndRoot:
        return setgroups(0, nullptr) == 0 && setresgid(who.group, 0, 0) == 0
               && setresuid(who.user, 0, 0) == 0;
    }
    return false;
}

bool redirect(const Command& command, int output, int errors) {
    if (command.input == Command::Input::Empty) {
        const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
            return false;
    }
    return dup2(output, STDOUT_FILENO) >= 0 && (errors < 0 || dup2(errors, STDERR_FILENO) >= 0);
}

// Returns only if it fails. The interpreter of a script opens it by DESCRIPTOR, so that must stay open; the
// kernel says ENOENT where it would not (execveat(2)). Binaries are not given it.
void execute_at(int descriptor, const char* path, int flags, char* const* arguments,
                char* const* environment) {
    // No wrapper in glibc 2.36 takes all of it.
    (void)syscall(SYS_execveat, descriptor, path, arguments, environment, flags);
    if (errno != ENOENT || descriptor < 0)
        return;
    (void)fcntl(descriptor, F_SETFD, 0);
    (void)syscall(SYS_execveat, descriptor, path, arguments, environment, flags);
}

void execute(const Program& program, char* const* arguments, char* const* environment) {
    execute_at(program.directory < 0 ? AT_FDCWD : program.directory, program.path.c_str(), 0, arguments,
               environment);
    // The directory is closed to the user, or it is a link through one that is.
    if (errno == EACCES && program.file >= 0)
        execute_at(program.file, "", AT_EMPTY_PATH, arguments, environment);
}

} // namespace

std::vector<std::string> own_environment() {
    std::vector<std::string> environment;
    for (char** variable = environ; *variable != nullptr; ++variable)
        environment.emplace_back(*variable);
    return environment;
}

Result<PasswordProcess> start(const Command& command) {
    Pipe output = MANDOS_TRY(make_pipe(O_NONBLOCK));
    Pipe errors;
    if (command.errors == Command::Errors::Piped)
        errors = MANDOS_TRY(make_pipe(O_NONBLOCK));
    Pipe report = MANDOS_TRY(make_pipe(0));
    std::vector<std::string> arguments = command.arguments;
    arguments.insert(arguments.begin(), command.program.path);
    std::vector<std::string> environment = command.environment;
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> environment_pointers = pointers_to(environment);

    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0)
        return fail_errno(errno, "cannot make a process");
    if (pid == 0) {
        forget_signals();
        Failure failure;
        if (redirect(command, output.writing.get(), errors.writing.get()) && become(command.user)) {
            follow(parent);
            failure.step = Step::Execute;
            execute(command.program, argument_pointers.data(), environment_pointers.data());
        }
        failure.code = errno;
        (void)write_all(report.writing.get(), std::as_bytes(std::span(&failure, 1)));
        _exit(EXIT_FAILURE);
    }
    report.writing.reset();
    PasswordProcess process{
        .pid = pid, .output = std::move(output.reading), .errors = std::move(errors.reading)};
    // Until it is executed, or has failed.
    const auto reported = read_all(report.reading.get(), sizeof(Failure));
    if (!reported || reported->size() != sizeof(Failure))
        return process;
    Failure failure;
    std::ranges::copy(*reported, std::as_writable_bytes(std::span(&failure, 1)).begin());
    return fail_errno(failure.code, "{}",
                      failure.step == Step::Become ? "cannot become its user" : "cannot be executed");
}

Result<PasswordProcess> start_copy(const std::function<int()>& task) {
    Pipe output = MANDOS_TRY(make_pipe(O_NONBLOCK));
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0)
        return fail_errno(errno, "cannot make a process");
    if (pid == 0) {
        forget_signals();
        follow(parent);
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        _exit(dup2(output.writing.get(), STDOUT_FILENO) < 0 ? EXIT_FAILURE : task());
    }
    return PasswordProcess{.pid = pid, .output = std::move(output.reading), .errors = {}};
}

Amount read_what_is_there(UniqueFd& output, SecretBytes& password, std::size_t& filled, std::size_t limit) {
    constexpr std::size_t first_size = 4096;
    while (output) {
        if (filled == password.size())
            password.resize(std::clamp(2 * password.size(), first_size, limit + 1));
        const auto got =
            read(output.get(), password.reveal().subspan(filled).data(), password.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        if (got <= 0)
            output.reset();
        else
            filled += static_cast<std::size_t>(got);
        if (filled > limit)
            return Amount::TooMuch;
    }
    return Amount::Fits;
}

} // namespace mandos::password_process
