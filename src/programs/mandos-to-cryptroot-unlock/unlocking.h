// Unlocking: the password is got at once, and given to each volume that cryptsetup asks for, until the root
// disk is there (the flag file is removed) or a signal comes. The person at the console can answer at any
// time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/time.h"
#include "core/volume_questions.h"
#include "programs/mandos-to-cryptroot-unlock/password_source.h"
#include "programs/mandos-to-cryptroot-unlock/settings.h"

namespace mandos::unlock {

class Unlocking {
  public:
    // SIGNALS (signalfd(2)): SIGCHLD, and those that end it.
    Unlocking(const Settings& settings, UniqueFd signals);

    // Over when there is nothing more to do, and plugin-runner has ended.
    void run();

  private:
    bool is_wanted() const;
    void fetch();
    void take_password();
    void answer_question();
    void wait();

    const Settings& settings_;
    UniqueFd signals_;
    UniqueFd opened_; // what tells that somebody opens the FIFO (inotify(7))
    core::Time next_look_;
    PasswordSource source_;
    core::FetchPauses pauses_;
    core::VolumeQuestions questions_;
    std::optional<SecretBytes> password_;
    std::optional<core::VolumeQuestion> told_; // the last one that a line was said about
    bool wants_another_ = true;
    bool told_to_end_ = false;
};

// "mandos-to-cryptroot-unlock: LINE" on standard error.
void say(std::string_view line);

} // namespace mandos::unlock
