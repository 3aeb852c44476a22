// Questions: what is asked in the directory of systemd's password agents, as it changes: questions come, are
// taken back, are over at their time or when who asked is gone. Invariant: no question is answered twice;
// none is kept that need not be answered any more.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <poll.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "wire/ask_question.h"

namespace mandos::agent {

class Questions {
  public:
    using Time = std::chrono::microseconds; // of CLOCK_MONOTONIC, which questions count by

    // Watches DIRECTORY and reads what is there. NotFound: there is no such directory.
    static Result<Questions> open(const std::string& directory);

    // How many files with questions there were, whatever is in them.
    std::size_t seen() const { return seen_; }
    bool none_left() const { return questions_.empty(); }

    // What to wait for, and until when at the latest.
    std::vector<pollfd> waited_for() const;
    std::optional<Time> deadline() const;
    // After a wait: reads what has changed.
    void advance();

    // Sends PASSWORD to all who ask and have not been tried within the last moment.
    void answer(const SecretBytes& password);

  private:
    struct Question {
        wire::AskQuestion asked;
        UniqueFd process;
        Time next_try{};
    };

    Questions(std::string directory, UniqueFd changes)
        : directory_(std::move(directory)), changes_(std::move(changes)) {}

    void read_all();
    void read(const std::string& name);
    void forget_what_is_over();

    std::string directory_;
    UniqueFd changes_; // inotify(7)
    std::size_t seen_ = 0;
    std::map<std::string, Question> questions_; // by file name
    std::set<std::string> answered_;            // sockets: each question has its own
};

} // namespace mandos::agent
