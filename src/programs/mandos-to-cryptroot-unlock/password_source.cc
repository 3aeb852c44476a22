#include "programs/mandos-to-cryptroot-unlock/password_source.h"

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/password_process/password_process.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "core/time.h"
#include "loop/clock.h"

namespace mandos::unlock {

namespace {

// What cryptsetup's own askpass does: it is beside us.
const std::vector<std::string> without_prompts{"--disable=askpass-fifo", "--disable=password-prompt",
                                               "--disable=plymouth"};
constexpr mode_t readable_by_all = 0644;

void pause_for_moment() {
    constexpr timespec moment{.tv_sec = 0, .tv_nsec = 20'000'000};
    (void)nanosleep(&moment, nullptr);
}

} // namespace

Result<void> PasswordSource::start() {
    password_process::Command command{.program = {.path = settings_.runner},
                                      .arguments = without_prompts,
                                      .environment = password_process::own_environment(),
                                      .input = password_process::Command::Input::Empty};
    command.arguments.insert(command.arguments.end(), settings_.runner_options.begin(),
                             settings_.runner_options.end());
    process_ = MANDOS_TRY_IN(mandos::quoted(settings_.runner), password_process::start(command));
    const std::string number = fmt::format("{}\n", process_.pid);
    // Whoever waits for it at the end waits for us too: that it cannot be written is no reason to stop.
    (void)write_file_atomically(settings_.runner_pid, as_bytes(number), readable_by_all);
    return {};
}

// Until there is nothing to read, or nothing more to come.
Result<void> PasswordSource::read_output() {
    if (password_process::read_what_is_there(process_.output, output_, filled_, core::limits::password)
        == password_process::Amount::TooMuch) {
        end();
        return fail(ErrorKind::Exhausted, "it gave more than {} bytes", core::limits::password);
    }
    return {};
}

Result<std::optional<SecretBytes>> PasswordSource::advance() {
    MANDOS_TRY(read_output());
    auto status = reap();
    if (!status && !process_.output && filled_ > 0 && !given_) {
        // Closed by itself, or in the middle of its end?
        pause_for_moment();
        status = reap();
        if (!status)
            return take();
    }
    if (!status)
        return std::nullopt;
    MANDOS_TRY(read_output()); // what came between the last look and its end
    auto password = take();
    const bool was_given = given_ && !password;
    forget();
    if (was_given)
        return std::nullopt;
    if (WIFSIGNALED(*status))
        return fail(ErrorKind::System, "it was ended by signal {} ({})", WTERMSIG(*status),
                    sigdescr_np(WTERMSIG(*status)));
    if (WEXITSTATUS(*status) != EXIT_SUCCESS)
        return fail(ErrorKind::System, "it ended with status {}", WEXITSTATUS(*status));
    if (!password)
        return fail(ErrorKind::System, "it gave no password");
    return password;
}

// Nothing: there is none, or it was taken before.
std::optional<SecretBytes> PasswordSource::take() {
    if (filled_ == 0)
        return std::nullopt;
    given_ = true;
    output_.resize(filled_);
    filled_ = 0;
    return std::exchange(output_, SecretBytes());
}

std::optional<int> PasswordSource::reap() {
    int status = 0;
    if (!is_running() || waitpid(process_.pid, &status, WNOHANG) != process_.pid)
        return std::nullopt;
    process_.pid = -1;
    return status;
}

void PasswordSource::end() {
    if (!is_running())
        return;
    // It gives its plugins their grace, and then ends.
    if (!given_) { // it is about to end otherwise, and a signal would make it hurry
        process_.output.reset();
        (void)kill(process_.pid, SIGTERM);
        (void)kill(process_.pid, SIGCONT);
    }
    const core::Time deadline = loop::now() + core::limits::runner_grace;
    while (waitpid(process_.pid, nullptr, WNOHANG) == 0) {
        if (loop::now() > deadline) {
            (void)kill(process_.pid, SIGKILL);
            (void)waitpid(process_.pid, nullptr, 0);
            break;
        }
        pause_for_moment();
    }
    forget();
}

void PasswordSource::forget() {
    process_ = {};
    output_ = SecretBytes();
    filled_ = 0;
    given_ = false;
    (void)unlink(settings_.runner_pid.c_str());
}

} // namespace mandos::unlock
