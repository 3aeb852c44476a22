// What the keys mean, as one table that the model obeys and the help shows.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/screen/key.h"

namespace mandos::monitor {

enum class Command {
    Quit,
    Redraw,
    Suspend,
    Help,
    Escape, // ends what is on top: the help, then the filter or the search; nothing there: the help
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    FirstPending,
    Enable,
    Disable,
    Approve,
    Deny,
    Remove,
    StartChecker,
    StopChecker,
    CheckedOk,
    Details,
    NextOrder,
    Search,
    FindOlder,
    FindNewer,
    NextPane,
    ToggleLog,
    ToggleWrap,
    ToggleVerbose,
};

struct Binding {
    Command command;
    std::vector<screen::Key> keys;
    std::string_view key_text; // "Up Ctrl-P k"
    std::string_view help;
};

// In the order of the help.
std::span<const Binding> bindings();

// nullopt: the key means nothing.
std::optional<Command> command_of(const screen::Key& key);

} // namespace mandos::monitor
