// What plugins say on their standard error, put together for one console: each line preceded by whose it is
// ("Mandos plugin NAME: "), control characters made visible, no plugin saying more than its share. What does
// not end in a line feed and is not gone on with for a moment is a prompt: it is shown as it is, and again
// after each line of somebody else's, so that the person who is asked always sees the question.
// Everything here returns text to be written, possibly none. Used by plugin-runner.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

class PluginVoices {
  public:
    // The plugin NAME wrote PIECE.
    std::string said(const std::string& name, std::string_view piece, Time now);
    // It writes no more.
    std::string ended(const std::string& name, Time now);
    // A whole LINE of the program's own.
    std::string own(std::string_view line);
    // What has become a prompt by now.
    std::string due(Time now);
    // When due() is to be called.
    std::optional<Time> deadline() const;

  private:
    struct Voice {
        std::string line; // begun, not shown
        Time last;        // when something came
        std::size_t budget = limits::plugin_messages;
        Time filled; // when the budget was last looked at
        bool cut = false;
    };
    struct Prompt {
        std::string name;
        std::string text; // as shown
    };

    std::string end_line(const std::string& name, Voice& voice, Time now);
    std::string put(std::string_view line);
    static bool may_say(Voice& voice, std::size_t bytes, Time now);

    std::map<std::string, Voice> voices_;
    std::optional<Prompt> prompt_; // stands in the last line of the console
};

} // namespace mandos::core
