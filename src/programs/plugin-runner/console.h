// Console: standard error, where what plugins say and our own lines come together (core/plugin_voices.h).
// Nothing waits for it, since a password must not: what it does not take at once (a stopped terminal, a pipe
// that nobody reads) is kept up to a limit, and left out beyond.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/plugin_voices.h"
#include "core/time.h"

namespace mandos::runner {

class Console {
  public:
    void said(const std::string& name, std::string_view piece, core::Time now);
    void ended(const std::string& name, core::Time now);
    void say(std::string_view line);
    void show_prompts(core::Time now);
    // When show_prompts() is to be called.
    std::optional<core::Time> deadline() const { return voices_.deadline(); }

    // What to wait for until it can be written to, and then flush(); -1: nothing is kept.
    int waited_for() const;
    void flush();
    // Waits for it after all, for a moment: what is said at the end is to be read.
    void finish();

  private:
    void show(const std::string& text);

    core::PluginVoices voices_;
    std::string kept_;
};

} // namespace mandos::runner
