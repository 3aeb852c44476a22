// What a person is asked when a disk wants its passphrase, word for word as Mandos 1.8 asked it. The names of
// the volume come from crypttab(5) by way of the environment: whatever in them is no printable UTF-8 is shown
// as \xHH, and long ones are cut, so that they can do nothing to a terminal and fit into a message to
// Plymouth. Used by the plugins that ask.
#pragma once

#include <optional>
#include <string>

namespace mandos::core {

struct Volume {
    std::string source; // the encrypted device; empty: not known
    std::string name;   // what it is called when it is open; empty: not known
};

struct PromptWords {
    std::optional<std::string> prompt; // --prompt, taken as it is, instead of what is known of the volume
    std::optional<std::string> prefix; // --prefix, likewise, in front of it all
};

// "Enter passphrase to unlock the disk: ", or two lines that name the volume, or "PROMPT: ".
std::string terminal_prompt(const Volume& volume, const PromptWords& words);

// For what draws a place to type into of its own: two lines, no colon, or PROMPT.
std::string splash_prompt(const Volume& volume, const PromptWords& words);

} // namespace mandos::core
