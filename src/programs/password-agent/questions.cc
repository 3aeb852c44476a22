#include "programs/password-agent/questions.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <expected>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "wire/ask_question.h"

namespace mandos::agent {

namespace {

Questions::Time now() {
    timespec time{};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds(time.tv_sec)
           + std::chrono::duration_cast<Questions::Time>(std::chrono::nanoseconds(time.tv_nsec));
}

bool is_question(std::string_view name) {
    return name.starts_with("ask.");
}

// One datagram: "+", the password, NUL ("-" would take the question back for everybody).
SecretBytes datagram(const SecretBytes& password) {
    SecretBytes message(password.size() + 2);
    message.reveal().front() = std::byte{'+'};
    std::ranges::copy(password.reveal(), message.reveal().begin() + 1);
    return message;
}

Result<void> send_to(const std::string& path, ByteView message) {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return fail_errno(errno, "cannot make a socket");
    sockaddr_un address{.sun_family = AF_UNIX};
    std::ranges::copy(path, std::begin(address.sun_path));
    if (sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), sizeof address)
        < 0)
        return fail_errno(errno, "cannot send the answer to {}", mandos::quoted(path));
    return {};
}

} // namespace

Result<Questions> Questions::open(const std::string& directory) {
    UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!changes
        || inotify_add_watch(changes.get(), directory.c_str(),
                             IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)
               < 0)
        return fail_errno(errno, "cannot watch the directory of questions, {}", mandos::quoted(directory));
    Questions questions(directory, std::move(changes));
    questions.read_all();
    return questions;
}

void Questions::read_all() {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory_, error);
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error))
        if (const std::string name = entry->path().filename(); is_question(name))
            read(name);
}

void Questions::read(const std::string& name) {
    ++seen_;
    questions_.erase(name);
    const auto content = read_file(directory_ + "/" + name, core::limits::question_file);
    auto asked = content ? wire::parse_ask_question(as_text(*content))
                         : Result<wire::AskQuestion>(std::unexpected(content.error()));
    if (!asked) {
        say_as("password-agent",
               fmt::format("question {} is left out: {}", mandos::quoted(name), asked.error().text()));
        return;
    }
    if (answered_.contains(asked->socket) || questions_.size() >= core::limits::questions)
        return;
    // Not pidfd_open(): the header of glibc 2.36 declares it for C only.
    UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, asked->process, 0)));
    if (!process) // who asked is gone
        return;
    questions_.emplace(name, Question{.asked = *std::move(asked), .process = std::move(process)});
    forget_what_is_over();
}

std::vector<pollfd> Questions::waited_for() const {
    std::vector<pollfd> waited{{.fd = changes_.get(), .events = POLLIN, .revents = 0}};
    for (const auto& [name, question] : questions_)
        waited.push_back({.fd = question.process.get(), .events = POLLIN, .revents = 0});
    return waited;
}

std::optional<Questions::Time> Questions::deadline() const {
    std::optional<Time> first;
    for (const auto& [name, question] : questions_)
        for (const Time each : {question.asked.not_after, question.next_try})
            if (each != Time())
                first = std::min(first.value_or(Time::max()), each);
    return first ? std::optional(std::max(*first - now(), Time())) : std::nullopt;
}

void Questions::advance() {
    alignas(inotify_event) std::array<char, 16384> buffer{};
    for (ssize_t got = 0; (got = ::read(changes_.get(), buffer.data(), buffer.size())) > 0;) {
        const char* next = buffer.data();
        while (next < buffer.data() + got) {
            inotify_event event{};
            std::memcpy(&event, next, sizeof event);
            const std::string name = event.len == 0 ? "" : next + sizeof event; // it ends in NUL (inotify(7))
            next += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0)
                read_all();
            else if (!is_question(name))
                continue;
            else if ((event.mask & (IN_MOVED_FROM | IN_DELETE)) != 0)
                questions_.erase(name);
            else
                read(name);
        }
    }
    forget_what_is_over();
}

void Questions::forget_what_is_over() {
    const Time time = now();
    std::erase_if(questions_, [time](const auto& each) {
        const Question& question = each.second;
        pollfd process{.fd = question.process.get(), .events = POLLIN, .revents = 0};
        return (question.asked.not_after != Time() && time > question.asked.not_after)
               || poll(&process, 1, 0) == 1;
    });
}

void Questions::answer(const SecretBytes& password) {
    forget_what_is_over();
    const SecretBytes message = datagram(password);
    const Time time = now();
    for (auto each = questions_.begin(); each != questions_.end();) {
        auto& [name, question] = *each;
        if (time < question.next_try) {
            ++each;
            continue;
        }
        const auto sent = send_to(question.asked.socket, message.reveal());
        if (sent) {
            answered_.insert(question.asked.socket);
            say_as("password-agent", fmt::format("question {} is answered", mandos::quoted(name)));
            each = questions_.erase(each);
            continue;
        }
        if (question.next_try == Time())
            say_as("password-agent",
                   fmt::format("question {}: {}; trying again", mandos::quoted(name), sent.error().text()));
        question.next_try = time + core::limits::question_retry;
        ++each;
    }
}

} // namespace mandos::agent
