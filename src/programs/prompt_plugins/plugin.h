// What the plugins that ask a person have in common: what they say, their options as Mandos 1.8 had them, and
// the names of the volume in their environment. A plugin that fails says why in a line on standard error and
// ends with a status of sysexits(3); its standard output is for the password alone.
#pragma once

#include <string_view>
#include <variant>

#include "base/error.h"
#include "core/disk_prompt.h"

namespace mandos::prompt_plugins {

struct Plugin {
    const char* name;
    const char* purpose; // a sentence, for --help
    enum class Words { None, Prompt, PromptAndPrefix };
    Words words = Words::None; // which options about the prompt it takes
    int help_status = 0;       // of --help, --usage and --version

    // "Mandos plugin NAME: LINE", in one piece.
    void say(std::string_view line) const;
    // The same for ERROR; returns STATUS.
    int fail_with(int status, const Error& error) const;
};

enum class Detail { Failures, EachStep }; // --debug

struct Options {
    core::PromptWords words;
    Detail detail = Detail::Failures;
};

// The options, or the exit status where there is nothing left to do: --help and the like have been answered,
// or a wrong option refused. A plugin without options about the prompt never looked at its arguments: it
// takes whatever is not known, since plugin-runner can give options to all plugins.
std::variant<Options, int> read_options(const Plugin& plugin, int argc, char** argv);

// CRYPTTAB_SOURCE and CRYPTTAB_NAME, or what older systems call cryptsource and crypttarget.
core::Volume volume_of_environment();

// What comes first: no core dump, memory locked, standard descriptors open; writing to a pipe that is closed
// fails.
Result<void> prepare_process();

// Ends this process by SIGNAL, so that whoever waits for it knows.
[[noreturn]] void die_of(int signal);

} // namespace mandos::prompt_plugins
