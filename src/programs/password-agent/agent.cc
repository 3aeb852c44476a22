#include "programs/password-agent/agent.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/password_process/password_process.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "programs/password-agent/options.h"
#include "programs/password-agent/questions.h"

namespace mandos::agent {

namespace {

void say(std::string_view line) {
    say_as("password-agent", line);
}

// The program that gets the password. Invariant: its process is gone before this object is.
class Client {
  public:
    explicit Client(password_process::PasswordProcess process) : process_(std::move(process)) {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    static Result<password_process::PasswordProcess> start(const Options& options);

    pollfd waited_for() const { return {.fd = process_.output.get(), .events = POLLIN, .revents = 0}; }
    // A password, when it has ended well and its output has ended; an error: it failed, and how.
    Result<std::optional<SecretBytes>> advance();

  private:
    password_process::PasswordProcess process_;
    std::optional<int> status_; // once it has ended
    SecretBytes output_;
    std::size_t filled_ = 0; // bytes of output_
};

Result<password_process::PasswordProcess> Client::start(const Options& options) {
    password_process::Command command{.program = {.path = options.client.front()},
                                      .arguments = {options.client.begin() + 1, options.client.end()},
                                      .environment = password_process::own_environment(),
                                      .user = {.user = options.user,
                                               .group = options.group,
                                               .rights = geteuid() == 0
                                                             ? password_process::User::Rights::UserAndRoot
                                                             : password_process::User::Rights::Ours},
                                      .input = password_process::Command::Input::Empty};
    std::erase_if(command.environment,
                  [](std::string_view each) { return each.starts_with("MANDOSPLUGINHELPERDIR="); });
    command.environment.push_back(fmt::format("MANDOSPLUGINHELPERDIR={}", options.helper_directory));
    return password_process::start(command);
}

Result<std::optional<SecretBytes>> Client::advance() {
    if (password_process::read_what_is_there(process_.output, output_, filled_, core::limits::password)
        == password_process::Amount::TooMuch)
        return fail(ErrorKind::Exhausted, "it wrote more than {} bytes", core::limits::password);
    int status = 0;
    if (process_.pid > 0 && waitpid(process_.pid, &status, WNOHANG) == process_.pid) {
        process_.pid = -1;
        status_ = status;
    }
    if (!status_)
        return std::nullopt;
    if (WIFSIGNALED(*status_))
        return fail(ErrorKind::System, "it was ended by signal {} ({})", WTERMSIG(*status_),
                    sigdescr_np(WTERMSIG(*status_)));
    if (WEXITSTATUS(*status_) != EXIT_SUCCESS)
        return fail(ErrorKind::System, "it ended with status {}", WEXITSTATUS(*status_));
    if (process_.output)
        return std::nullopt;
    if (filled_ == 0)
        return fail(ErrorKind::System, "it gave no password");
    output_.resize(filled_);
    return std::optional<SecretBytes>(std::move(output_));
}

// It is asked to end, as it may have to put the network back, and killed if it does not.
Client::~Client() {
    if (process_.pid <= 0)
        return;
    process_.output.reset();
    (void)kill(process_.pid, SIGTERM);
    sigset_t child{};
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    const timespec grace{.tv_sec = core::limits::plugin_grace.count(), .tv_nsec = 0};
    if (waitpid(process_.pid, nullptr, WNOHANG) != 0)
        return;
    (void)sigtimedwait(&child, nullptr, &grace); // there is no other child
    if (waitpid(process_.pid, nullptr, WNOHANG) != 0)
        return;
    (void)kill(process_.pid, SIGKILL);
    (void)waitpid(process_.pid, nullptr, 0);
}

class Signals {
  public:
    Signals() {
        (void)sigemptyset(&held_);
        for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
            (void)sigaddset(&held_, number);
        (void)signal(SIGCHLD, SIG_DFL);
        (void)pthread_sigmask(SIG_BLOCK, &held_, nullptr);
        descriptor_.reset(signalfd(-1, &held_, SFD_CLOEXEC | SFD_NONBLOCK));
    }

    int descriptor() const { return descriptor_.get(); }
    // One that asks this program to end; 0: none.
    int take() const {
        int ending = 0;
        signalfd_siginfo got{};
        while (read(descriptor_.get(), &got, sizeof got) == sizeof got)
            if (got.ssi_signo != SIGCHLD)
                ending = static_cast<int>(got.ssi_signo);
        return ending;
    }

  private:
    sigset_t held_{};
    UniqueFd descriptor_;
};

void wait(const Questions& questions, const Client& client, const Signals& signals) {
    std::vector<pollfd> waited = questions.waited_for();
    waited.push_back(client.waited_for());
    waited.push_back({.fd = signals.descriptor(), .events = POLLIN, .revents = 0});
    int milliseconds = -1;
    if (const auto left = questions.deadline())
        milliseconds = static_cast<int>(std::min<std::chrono::milliseconds::rep>(
            std::chrono::ceil<std::chrono::milliseconds>(*left).count() + 1, INT_MAX));
    (void)poll(waited.data(), waited.size(), milliseconds);
}

int serve(Questions& questions, Client& client, const Signals& signals) {
    std::optional<SecretBytes> password;
    while (!questions.none_left()) {
        wait(questions, client, signals);
        if (const int number = signals.take(); number != 0)
            return 128 + number; // as shells say it
        questions.advance();
        if (!password) {
            auto got = client.advance();
            if (!got) {
                say(fmt::format("no password: {}", got.error().text()));
                return EXIT_FAILURE;
            }
            password = *std::move(got);
        }
        if (password)
            questions.answer(*password);
    }
    return EXIT_SUCCESS;
}

} // namespace

int answer_questions(const Options& options) {
    const Signals signals;
    auto questions = Questions::open(options.directory);
    if (!questions) {
        say(questions.error().text());
        return questions.error().kind() == ErrorKind::NotFound || questions.error().code() == ENOTDIR
                   ? EX_OSFILE
                   : EX_OSERR;
    }
    if (questions->seen() == 0) {
        say(fmt::format("there is no question in {}", mandos::quoted(options.directory)));
        return EXIT_FAILURE;
    }
    if (questions->none_left())
        return EXIT_SUCCESS;
    auto started = Client::start(options);
    if (!started) {
        say(fmt::format("{}: {}", mandos::quoted(options.client.front()), started.error().text()));
        return EXIT_FAILURE;
    }
    Client client(*std::move(started));
    return serve(*questions, client, signals);
}

} // namespace mandos::agent
