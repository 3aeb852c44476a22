// Console: standard error, where what plugins say and our own lines come together (core/plugin_voices.h).
// Never waits for it: what it does not take at once (a stopped terminal, a pipe that nobody reads) is left
// out, since a password must not wait for it.
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

  private:
    core::PluginVoices voices_;
};

} // namespace mandos::runner
