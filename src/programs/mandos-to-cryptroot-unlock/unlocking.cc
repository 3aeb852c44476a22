#include "programs/mandos-to-cryptroot-unlock/unlocking.h"

#include <array>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "core/volume_questions.h"
#include "loop/clock.h"
#include "programs/mandos-to-cryptroot-unlock/askpass.h"
#include "programs/mandos-to-cryptroot-unlock/settings.h"

namespace mandos::unlock {

namespace {

using Decision = core::VolumeQuestions::Decision;

std::string name_of(const core::VolumeQuestion& question) {
    return question.volume.empty() ? "the volume" : fmt::format("volume {}", mandos::quoted(question.volume));
}

} // namespace

void say(std::string_view line) {
    say_as("mandos-to-cryptroot-unlock", line);
}

Unlocking::Unlocking(const Settings& settings, UniqueFd signals)
    : settings_(settings),
      signals_(std::move(signals)),
      opened_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      source_(settings) {
    // Its directory, since it is not there before it is asked for the first time. Where that cannot be
    // watched, it is looked at now and then all the same.
    (void)inotify_add_watch(opened_.get(), directory_of(settings.fifo).c_str(), IN_OPEN);
}

void Unlocking::run() {
    while (is_wanted()) {
        fetch();
        take_password();
        answer_question();
        wait();
    }
    source_.end();
}

bool Unlocking::is_wanted() const {
    return !told_to_end_ && access(settings_.keep_running.c_str(), F_OK) == 0;
}

void Unlocking::fetch() {
    const auto now = loop::now();
    if (!wants_another_ || source_.is_running() || !pauses_.may_fetch(now))
        return;
    pauses_.fetched(now);
    if (const auto started = source_.start(); !started)
        say(fmt::format("{}; a person has to type the password", started.error().text()));
    else
        wants_another_ = false;
}

void Unlocking::take_password() {
    if (!source_.is_running())
        return;
    auto got = source_.advance();
    if (!got) {
        say(fmt::format("plugin-runner: {}; it is run again later", got.error().text()));
        wants_another_ = true;
    } else if (*got) {
        password_ = **std::move(got);
        next_look_ = loop::now();
    }
}

void Unlocking::answer_question() {
    const auto now = loop::now();
    if (!password_ || now < next_look_)
        return;
    next_look_ = now + core::limits::longest_question_unseen;
    const auto question = who_asks(settings_.askpass, settings_.fifo);
    if (!question)
        return;
    if (questions_.is_refusal(*question) && !(told_ && told_->is_same(*question))) {
        say(fmt::format("{} does not open with the password that it was given", name_of(*question)));
        told_ = *question;
    }
    switch (questions_.decide(*question, *password_)) {
    case Decision::Leave:
        return;
    case Decision::Fetch:
        wants_another_ = wants_another_ || !source_.is_running();
        return;
    case Decision::Give:
        break;
    }
    const auto answered = answer(settings_.fifo, *password_);
    if (answered)
        say(fmt::format("{} was given the password", name_of(*question)));
    else if (answered.error().kind() == ErrorKind::PeerClosed)
        return; // a person was faster; who knows if what was typed is right
    else
        say(fmt::format("{} was not given the password: {}", name_of(*question), answered.error().text()));
    questions_.given(*question, *password_);
}

// The flag's removal has no descriptor to wait for, and is cheap to look for.
void Unlocking::wait() {
    constexpr int between_looks = 50; // milliseconds
    std::array<pollfd, 3> waited{{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = source_.descriptor(), .events = POLLIN, .revents = 0},
                                  {.fd = opened_.get(), .events = POLLIN, .revents = 0}}};
    (void)poll(waited.data(), waited.size(), between_looks);
    std::array<char, 4096> events{};
    while (read(opened_.get(), events.data(), events.size()) > 0)
        next_look_ = loop::now();
    signalfd_siginfo got{};
    while (read(signals_.get(), &got, sizeof got) == sizeof got)
        if (got.ssi_signo != SIGCHLD)
            told_to_end_ = true;
}

} // namespace mandos::unlock
