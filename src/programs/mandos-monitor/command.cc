// Implements command.h.
#include "programs/mandos-monitor/command.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "adapters/screen/key.h"

namespace mandos::monitor {

using screen::control;
using screen::meta;
using screen::Name;
using screen::named;
using screen::plain;

std::span<const Binding> bindings() {
    static const std::vector<Binding> table{
        {Command::Quit, {plain('q'), plain('Q'), control('C')}, "q Q Ctrl-C", "quit"},
        {Command::Help, {plain('?'), named(Name::F1)}, "? F1", "show or hide this help"},
        {Command::Escape, {named(Name::Escape)}, "Esc", "back: end the help, the filter, the search"},
        {Command::Up, {named(Name::Up), control('P'), plain('k')}, "Up Ctrl-P k", "one up"},
        {Command::Down, {named(Name::Down), control('N'), plain('j')}, "Down Ctrl-N j", "one down"},
        {Command::PageUp, {named(Name::PageUp), meta('v'), plain('b')}, "PgUp Meta-V b", "one page up"},
        {Command::PageDown,
         {named(Name::PageDown), control('V'), plain(' '), plain('f')},
         "PgDn Ctrl-V Space f",
         "one page down"},
        {Command::First, {named(Name::Home), plain('g')}, "Home g", "to the first"},
        {Command::Last, {named(Name::End), plain('G')}, "End G", "to the last"},
        {Command::FirstPending, {plain('p')}, "p", "to the first client that waits for an approval"},
        {Command::Approve, {plain('a')}, "a", "approve"},
        {Command::Deny, {plain('d')}, "d", "deny"},
        {Command::Enable, {plain('+')}, "+", "enable the client"},
        {Command::Disable, {plain('-')}, "-", "disable the client"},
        {Command::StartChecker, {plain('s')}, "s", "start a checker"},
        {Command::StopChecker, {plain('S')}, "S", "stop the checker"},
        {Command::CheckedOk, {plain('C')}, "C", "take the client for checked just now"},
        {Command::Remove, {plain('R'), plain('_'), control('K')}, "R _ Ctrl-K", "remove the client"},
        {Command::Details, {named(Name::Enter)}, "Enter", "show or hide all about the client"},
        {Command::NextOrder, {plain('o')}, "o", "order by name, time left, state"},
        {Command::Search, {plain('/')}, "/", "in the list: filter; in the log: search"},
        {Command::FindOlder, {plain('n')}, "n", "search further, to older lines"},
        {Command::FindNewer, {plain('N')}, "N", "search further, to newer lines"},
        {Command::NextPane, {named(Name::Tab)}, "Tab", "switch between list and log"},
        {Command::ToggleLog, {plain('l'), plain('D')}, "l D", "show or hide the log"},
        {Command::ToggleWrap, {plain('w'), plain('i')}, "w i", "wrap long lines of the log, or cut them"},
        {Command::ToggleVerbose, {plain('v')}, "v", "log each checker too, or not"},
        {Command::Redraw, {control('L')}, "Ctrl-L", "draw the screen anew"},
        {Command::Suspend, {control('Z')}, "Ctrl-Z", "stop; the shell's fg goes on"},
    };
    return table;
}

std::optional<Command> command_of(const screen::Key& key) {
    screen::Key wanted = key;
    if (key == meta('V'))
        wanted = meta('v');
    for (const Binding& binding : bindings())
        if (std::ranges::find(binding.keys, wanted) != binding.keys.end())
            return binding.command;
    return std::nullopt;
}

} // namespace mandos::monitor
